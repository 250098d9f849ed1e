"""What the deployment is compared with: the settings, the versions and the documented secrets."""

import re
import tomllib

from chassis.settings import PORTS, Settings
from tests.deploy.kustomization import ROOT

CONTEXTS = [name for name in PORTS if name != "gateway"]
SETTINGS = {f"OA_{name.upper()}" for name in Settings.model_fields}


def image() -> str:
    """Name the image that everything runs, after the project's version."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return f"oa-rental:{project['version']}"


def kafka_version() -> str:
    """Read which broker the embedded system runs."""
    found = re.search(r"<kafka\.version>(.+)</kafka\.version>", (ROOT / "local/kafka/pom.xml").read_text())
    assert found, "local/kafka/pom.xml has no kafka.version"
    return found[1]


def documented_secrets() -> set[tuple[str, str]]:
    """Read the Secrets and their keys from the table in docs/deployment.md."""
    page = (ROOT / "docs/deployment.md").read_text()
    return set(re.findall(r"^\| `([a-z-]+)` \| `([a-z-]+)` \|", page, re.MULTILINE))
