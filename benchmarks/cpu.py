"""CPU time and memory of processes, as the kernel counts them: they keep still even on a busy machine."""

import psutil


def cpu_seconds(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def tree_cpu_seconds(pid: int) -> float:
    """The process, its living descendants, and its children that have ended (PostgreSQL's backends do)."""
    root = psutil.Process(pid)
    ended = root.cpu_times()
    living = sum(_seconds_or_none(child) for child in root.children(recursive=True))
    return float(ended.user + ended.system + ended.children_user + ended.children_system + living)


def _seconds_or_none(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)


def resident_mb(pid: int) -> float:
    return float(psutil.Process(pid).memory_info().rss) / 1_000_000
