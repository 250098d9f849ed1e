"""What the caller is told when its request got no answer. The difference: can it have had an effect?"""

from chassis.problems import Problem, unavailable

WITHOUT_EFFECT = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
RETRY_AFTER = "2"


def not_sent(service: str) -> Problem:
    """No connection: the owner is down, or too many requests wait for it."""
    return unavailable(f"The {service} service cannot be reached; it got nothing of the request.")


def no_answer(service: str, method: str) -> Problem:
    """The connection broke before an answer."""
    if method in WITHOUT_EFFECT:
        return unavailable(f"The {service} service broke the connection.")
    return _unknown(503, f"The {service} service broke the connection before it answered.")


def too_late(service: str, method: str) -> Problem:
    """The owner got the request, and no answer came in time."""
    late = f"The {service} service did not answer in time."
    if method in WITHOUT_EFFECT:
        detail = f"{late} Please try again shortly."
        return Problem(504, "timeout", "No answer in time", detail, Retry_After=RETRY_AFTER)
    return _unknown(504, late)


def too_slow() -> Problem:
    """The caller did not send its body in time."""
    return Problem(408, "request-timeout", "Request timeout", "The body did not arrive in time.")


def _unknown(status: int, what: str) -> Problem:
    detail = f"{what} Outcome unknown: the request may have been carried out. Look before you send it again."
    return Problem(status, "outcome-unknown", "The outcome is unknown", detail, Retry_After=RETRY_AFTER)
