"""Ends what a vanished supervisor left running: a process of its own, on nothing but the standard library.

It reads "PID SIGNAL" for each process that starts and "PID" for each that ended. When the pipe closes, the
supervisor is gone, however it went.
"""

import os
import signal
import sys
import time

PATIENCE = 3.0


def main() -> None:
    """Remember what runs until the pipe closes, then end it."""
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    running: dict[int, int] = {}
    for line in sys.stdin:
        pid, *number = map(int, line.split())
        if number:
            running[pid] = number[0]
        else:
            running.pop(pid, None)
    end(running)


def end(running: dict[int, int]) -> None:
    """Send each process group the signal it asked for, and SIGKILL to what is still there later."""
    left = {pid for pid, number in running.items() if send(pid, number)}
    deadline = time.monotonic() + PATIENCE
    while left and time.monotonic() < deadline:
        time.sleep(0.02)
        left = {pid for pid in left if send(pid, 0)}
    for pid in left:
        send(pid, signal.SIGKILL)


def send(pid: int, number: int) -> bool:
    """Signal a process group; False when it is gone."""
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


if __name__ == "__main__":
    main()
