"""Exit with 0 where the service of this container can serve; the image's HEALTHCHECK runs it."""  # noqa: INP001

import os
import sys
from http.client import HTTPConnection, HTTPException

GATEWAY = 8080
SECONDS = 3


def main() -> None:
    """Ask the service beside us, as a caller would."""
    port = int(os.environ.get("OA_PORT", GATEWAY))
    connection = HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        connection.request("GET", "/health/ready")
        status = connection.getresponse().status
    except (OSError, HTTPException) as error:
        sys.exit(f"port {port} does not answer: {error!r}")
    if status != 200:
        sys.exit(f"port {port} answers {status}")


if __name__ == "__main__":
    main()
