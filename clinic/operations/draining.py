"""Whether this process is about to stop: a load balancer that asks sends nobody here any more."""

from types import FrameType

_draining = False


def begin(_number: int = 0, _frame: FrameType | None = None) -> None:
    """Say from now on that the process is about to stop (a handler of signals)."""
    global _draining  # noqa: PLW0603 - it is a fact about the whole process
    _draining = True


def begun() -> bool:
    """Return whether the process is about to stop."""
    return _draining
