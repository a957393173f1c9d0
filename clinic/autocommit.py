"""The same connections in autocommit, for what only reads PostgreSQL (docs/decisions/0021-how-transactions-end.md)."""

from functools import lru_cache
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.engine import Connection


class _Autocommitting(Connection):
    """A connection that is in autocommit until it goes back into the pool.

    An engine that is told the isolation level sees to it by an event, and from then on looks for the listeners of six others
    at each statement.
    """

    def __init__(self, engine: Engine, *args: Any, **kwargs: Any) -> None:
        super().__init__(engine, *args, **kwargs)
        self.execution_options(isolation_level="AUTOCOMMIT")


@lru_cache(maxsize=8)
def in_autocommit(engine: Engine) -> Engine:
    """Return the engine with the same connections in autocommit."""
    reading = engine.execution_options()
    reading._connection_cls = _Autocommitting
    return reading
