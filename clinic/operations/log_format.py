"""How a line of the log is written: the portal's own and those of its server and libraries, alike.

Loads nothing but structlog, so that the server's first process can use it.
"""

from typing import Any

import structlog


def renderer(*, json: bool) -> Any:
    """Return what writes a line: JSON for programs, or text for a developer."""
    if json:
        return structlog.processors.JSONRenderer()
    # Never with local variables, as rich would print them: they hold tokens and what people typed.
    return structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)


def processors(*, json: bool) -> list[Any]:
    """Return what a line passes through before it is written."""
    return [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info if json else structlog.processors.StackInfoRenderer(),
    ]


def handlers(*, json: bool, formatters: tuple[str, ...] = ("generic",)) -> dict[str, Any]:
    """Return the part of a configuration of Python's logging that writes what others log, by ``formatters`` that they name."""
    written = {
        "()": structlog.stdlib.ProcessorFormatter,
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer(json=json)],
        "foreign_pre_chain": [structlog.stdlib.add_logger_name, *processors(json=json)],
    }
    console = {"class": "logging.StreamHandler", "stream": "ext://sys.stderr"}
    return {
        "formatters": dict.fromkeys(formatters, written),
        "handlers": {"console": {**console, "formatter": formatters[0]}},
    }
