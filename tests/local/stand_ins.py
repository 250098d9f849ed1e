"""Services for a Stack whose supervisor is what is tested."""

import sys
from pathlib import Path

from local.services import Service

PROGRAM = Path(__file__).with_name("stand_in.py")


def stand_ins(*names: str) -> tuple[Service, ...]:
    """Describe stand-ins of these names."""
    return tuple(Service(name, (sys.executable, str(PROGRAM))) for name in names)
