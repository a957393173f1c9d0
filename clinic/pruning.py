"""Removing what is kept no longer, in short transactions: whoever wants to write waits for one of them at most.

Each domain says which of its own rows are old (``Old``). Knows none of them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Delete, Update, delete, select, update

from clinic.db import Base, affected, session, transaction

#: Rows of one transaction.
ROWS_AT_ONCE = 1000
#: Behind the name of a table: texts in it that were removed, while their rows stay.
TEXTS = ".texts"


@dataclass(frozen=True)
class Old:
    """Rows of a table, whose key is ``id``, that are kept no longer."""

    kind: type[Base]
    which: ColumnElement[bool]
    #: What is written over parts of them, where the rows themselves stay; ``which`` must leave out those that have it.
    values: Mapping[str, object] = field(default_factory=dict)


def prune(old: Iterable[Old]) -> dict[str, int]:
    """Delete these rows, or write over them; return how many there were, by table, without those that had none.

    What was written over is counted by itself (``TEXTS``).
    """
    counts: dict[str, int] = {}
    for each in old:
        if count := _prune(each):
            name = each.kind.__tablename__ + (TEXTS if each.values else "")
            counts[name] = counts.get(name, 0) + count
    return counts


def _prune(old: Old) -> int:
    key = old.kind.__table__.c["id"]
    count, last = 0, 0
    while True:
        # Found before the transaction begins: on SQLite nobody else writes while it is open.
        found = select(key).where(old.which, key > last).order_by(key).limit(ROWS_AT_ONCE)
        ids = session().scalars(found).all()
        if not ids:
            return count
        last = ids[-1]
        statement: Delete | Update = update(old.kind).values(old.values) if old.values else delete(old.kind)
        with transaction():
            # Asked again: somebody may have used one meanwhile.
            count += affected(statement.where(key.in_(ids), old.which).execution_options(synchronize_session=False))
