"""A service that does nothing but answer: the supervisor cannot tell it from a real one.

OA_STAND_IN=deaf ignores SIGTERM; OA_STAND_IN=broken dies before it is ready.
"""

import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Ready(BaseHTTPRequestHandler):
    """Answers 200 to everything."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keep the log for what matters."""


def main() -> None:
    """Serve until SIGTERM, or beyond it."""
    behaviour = os.environ.get("OA_STAND_IN", "")
    if behaviour == "broken":
        sys.exit("the stand-in is broken")
    deaf = behaviour == "deaf"
    signal.signal(signal.SIGTERM, signal.SIG_IGN if deaf else signal.SIG_DFL)
    ThreadingHTTPServer(("127.0.0.1", int(os.environ["OA_PORT"])), Ready).serve_forever()


if __name__ == "__main__":
    main()
