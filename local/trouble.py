"""What went wrong, told to a person."""


class Trouble(Exception):  # noqa: N818 - it reads as what it is: raise Trouble("...")
    """One sentence that names the problem and what to do about it; `up` prints it instead of a traceback."""
