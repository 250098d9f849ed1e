"""How much of the machine others used meanwhile: a figure from a busy machine should say that it is one."""

import os
import resource
import time

import psutil


class Neighbours:
    """Ours is this process and every child it has waited for: all of the stack, once it has stopped."""

    def __init__(self) -> None:
        self.began, self.busy, self.ours = time.monotonic(), _machine_seconds(), _our_seconds()

    def share(self) -> float:
        """The others' part of all the machine's CPU time since then."""
        used = (_machine_seconds() - self.busy) - (_our_seconds() - self.ours)
        return max(0.0, used) / ((time.monotonic() - self.began) * (os.cpu_count() or 1))


def _machine_seconds() -> float:
    times = psutil.cpu_times()
    return float(times.user + times.nice + times.system + times.irq + times.softirq + times.steal)


def _our_seconds() -> float:
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(used.ru_utime + used.ru_stime for used in both)
