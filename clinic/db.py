"""The database: base class, transactions, column types, and what a violated constraint is called.

Works the same on SQLite and PostgreSQL. Knows no domain.
"""

import functools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, ParamSpec, TypeVar, cast, get_type_hints

from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import ColumnElement, DateTime, Engine, MetaData, Row, Select, Time, event, inspect
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Connection, CursorResult, Dialect
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, ORMExecuteState, Session
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.util import _deep_deannotate
from sqlalchemy.types import TypeDecorator
from sqlalchemy.util import EMPTY_DICT

from clinic.autocommit import in_autocommit

P = ParamSpec("P")
T = TypeVar("T")

#: A select of whatever columns, and a row of it.
AnySelect = Select[*tuple[Any, ...]]
AnyRow = Row[*tuple[Any, ...]]
#: What a list is ordered by: columns, plain or ``.desc()``.
Order = Sequence[ColumnElement[Any] | InstrumentedAttribute[Any]]

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Base of all tables; its naming convention gives every constraint a name that both databases keep."""

    metadata = MetaData(naming_convention=NAMING)


#: Last in the ``__table_args__`` of a history, whose rows the database refuses to change or delete; and of a table whose
#: rows it refuses to delete. A migration makes the triggers (decision 4); tests hold both to each other.
APPEND_ONLY: dict[str, Any] = {"info": {"refuses": ("DELETE", "UPDATE")}}
NEVER_DELETED: dict[str, Any] = {"info": {"refuses": ("DELETE",)}}

_writing: ContextVar[bool] = ContextVar("writing", default=False)
#: What is called once the present transaction is committed (``on_commit``).
_on_commit: ContextVar[list[Callable[[], None]] | None] = ContextVar("on_commit", default=None)
#: Whether whatever is written now will be taken back (``rolled_back``).
_rehearsing: ContextVar[bool] = ContextVar("rehearsing", default=False)
#: For how many seconds the present transaction waits for SQLite's one writer, None for as long as any.
_waits: ContextVar[float | None] = ContextVar("waits", default=None)
#: What is read from in the place of the session's own database (``reading_from``).
_instead: ContextVar[Engine | None] = ContextVar("instead", default=None)


class _Session(FlaskSession):
    """Reads PostgreSQL in autocommit and writes in a transaction, SQLite in a transaction always (decision 21)."""

    def get_bind(self, *args: Any, **kwargs: Any) -> Engine | Connection:
        """Return what the present statement is to be executed by."""
        bind = super().get_bind(*args, **kwargs)
        if isinstance(bind, Engine) and bind.dialect.name != "sqlite" and not _writing.get():
            return in_autocommit(_instead.get() or bind)
        return bind


db = SQLAlchemy(model_class=Base, disable_autonaming=True, session_options={"class_": _Session})


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware in Python, stored in UTC (SQLite keeps no zone, so it is taken off and put on again)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        """What a value is in Python."""
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


#: A time of day to the second, stored as ``HH:MM:SS`` on SQLite, so that one literal is right on both databases.
ClockTime = Time().with_variant(
    sqlite.TIME(  # type: ignore[no-untyped-call] # SQLAlchemy has no types for it
        storage_format="%(hour)02d:%(minute)02d:%(second)02d",
        regexp=re.compile(r"(\d+):(\d+):(\d+)"),
    ),
    "sqlite",
)


def session() -> Session:
    """Return the session of this request or command."""
    return db.session()


@contextmanager
def reading_from(engine: Engine) -> Iterator[None]:
    """Read from another PostgreSQL database with the same tables; what writes still goes to the session's own."""
    token = _instead.set(engine)
    try:
        yield
    finally:
        _instead.reset(token)


@contextmanager
def waiting_at_most(seconds: float) -> Iterator[None]:
    """Let transactions in here wait for SQLite's one writer no longer than this; then they are ``DatabaseUnavailable``."""
    token = _waits.set(seconds)
    try:
        yield
    finally:
        _waits.reset(token)


def longest_wait() -> float | None:
    """Return for how many seconds a transaction waits that begins now, None for as long as any."""
    return _waits.get()


@contextmanager
def transaction(*, rehearsed_too: bool = False) -> Iterator[Session]:
    """Run a command's work in one transaction: the outermost commits, any exception rolls everything back.

    What was read before is over by then, so that the command sees what is committed now and, on SQLite, can take the
    write lock at its begin instead of failing later. ``rehearsed_too``: what counts tries stays in a rehearsal as well.
    """
    current = session()
    if _writing.get():
        yield current
        return
    if current.new or current.dirty or current.deleted:
        raise RuntimeError("a command began while the session held changes of nobody's command")
    current.rollback()
    token = _writing.set(True)
    if _rehearsing.get() and not rehearsed_too:
        # It stays open for what follows, and ``rolled_back`` ends it.
        yield current
        return
    calls: list[Callable[[], None]] = []
    waiting = _on_commit.set(calls)
    try:
        yield current
        current.commit()
    except BaseException:
        current.rollback()
        raise
    finally:
        _on_commit.reset(waiting)
        _writing.reset(token)
    for call in calls:
        call()


def write_at_once(statement: UpdateBase, values: Mapping[str, object]) -> None:
    """Run one statement that writes as a transaction of its own, committed before this returns.

    PostgreSQL makes it one by itself, on the connection that the request has read by: three messages fewer than with
    BEGIN and COMMIT, and no other connection. On SQLite what was read is over before. Within a command, or a rehearsal, it
    belongs to that one's transaction.
    """
    if _writing.get() or _rehearsing.get() or _instead.get() is not None:
        with transaction() as current:
            current.execute(statement, values)
        return
    if db.engine.dialect.name == "sqlite":
        # Not by the session, whose transaction costs more than the statement.
        session().rollback()
        token = _writing.set(True)
        try:
            with db.engine.begin() as connection:
                connection.execute(statement, values)
        finally:
            _writing.reset(token)
        return
    if session().connection().invalidated:
        session().rollback()
    session().connection().execute(statement, values)


def on_commit(call: Callable[[], None]) -> None:
    """Call something once the present transaction is committed, never if that is rolled back or only rehearsed.

    It must not raise: what was done is done by then.
    """
    waiting = _on_commit.get()
    if waiting is not None:
        waiting.append(call)


def is_writing() -> bool:
    """Return whether a transaction is open that may write."""
    return _writing.get()


def is_rehearsing() -> bool:
    """Return whether a command is only tried, and all of it will be taken back (``rolled_back``)."""
    return _rehearsing.get()


def _refuse_to_write(where: str) -> None:
    if not _writing.get():
        raise RuntimeError(f"{where} outside a transaction: it would be committed at once, or not at all")


@event.listens_for(Session, "before_flush")
def _flush_in_transaction(_session: Session, _context: object, _instances: object) -> None:
    _refuse_to_write("a flush")


@event.listens_for(Session, "do_orm_execute")
def _write_in_transaction(state: ORMExecuteState) -> None:
    if state.is_insert or state.is_update or state.is_delete:
        _refuse_to_write("a statement that writes")
    elif not state.is_orm_statement and is_writing() and state.session.autoflush:
        # The ORM does so before statements of its own: a command sees what it has changed (``built_once``).
        state.session.flush()


@contextmanager
def rolled_back() -> Iterator[None]:
    """Run commands in a transaction that is never committed: they see and refuse what they would, and nothing stays.

    It begins where the first command begins its own: what a command does before (hashing a password takes long on
    purpose) keeps no writer waiting in a rehearsal either.
    """
    current = session()
    if _writing.get():
        waiting = _on_commit.set(None)
        try:
            with current.begin_nested() as savepoint:
                yield
                savepoint.rollback()
        finally:
            _on_commit.reset(waiting)
        return
    current.rollback()
    writing, rehearsing = _writing.set(False), _rehearsing.set(True)
    try:
        yield
    finally:
        current.rollback()
        _rehearsing.reset(rehearsing)
        _writing.reset(writing)


def atomic(command: Callable[P, T]) -> Callable[P, T]:
    """Make ``command`` one transaction (see ``transaction``)."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        with transaction():
            return command(*args, **kwargs)

    return run


SelectType = TypeVar("SelectType", bound=AnySelect)


def holding(query: SelectType) -> SelectType:
    """Return ``query`` keeping the rows that it finds from being changed until the present transaction ends.

    Others may keep the same rows at the same time. Whoever changes one (``with_for_update``) is waited for, and what the
    query finds is what they made of it: conditions like "is active" belong into the query.
    """
    return query.with_for_update(read=True, key_share=True)


def built_once(query: SelectType) -> SelectType:
    """Return a select of columns as one that the ORM has no part in, for what is built once and asked often.

    The text and the rows are the same. What the ORM does at each execution is for objects, and a third of the time.
    """
    core = _deep_deannotate(query)
    core._propagate_attrs = EMPTY_DICT
    # Where an attribute has another name than its column, only the ORM knows it.
    return core if core.selected_columns.keys() == query.selected_columns.keys() else query


RowType = TypeVar("RowType", bound=Mapping[str, object])


@dataclass(frozen=True)
class ReadModel(Generic[RowType]):
    """A select with the declared type of its rows: a ``TypedDict`` with a key for each column and no other.

    ``TypeError`` where they differ, so that a column that is added in one place alone is found when the portal starts.
    """

    kind: type[RowType]
    select: AnySelect

    def __post_init__(self) -> None:
        """Compare the columns with the keys."""
        columns, keys = set(self.select.selected_columns.keys()), set(get_type_hints(self.kind))
        if columns != keys:
            raise TypeError(f"{self.kind.__name__} and its select differ: {', '.join(sorted(columns ^ keys))}")

    def shape(self, row: AnyRow) -> RowType:
        """Return a row of the select as what it is declared to be."""
        return dict(row._mapping)  # type: ignore[return-value] # the keys are compared above


_SQLITE_UNIQUE = re.compile(r"UNIQUE constraint failed: (?:index '(?P<index>[^']+)'|(?P<columns>.+))")
_SQLITE_CHECK = re.compile(r"CHECK constraint failed: (?P<name>\w+)")


def translate_violation(error: IntegrityError) -> str | None:
    """Return the name of the constraint that refused a statement, or None if the database doesn't tell.

    PostgreSQL reports the name. SQLite reports the name of a check or of an index over an expression, but only the
    columns of any other unique index, so the name is looked up among our own tables.
    """
    diagnostics = getattr(error.orig, "diag", None)
    if diagnostics is not None:
        name: str | None = diagnostics.constraint_name
        return name
    text = str(error.orig)
    if check := _SQLITE_CHECK.search(text):
        return check["name"]
    unique = _SQLITE_UNIQUE.search(text)
    if unique is None:
        return None
    if unique["index"]:
        return unique["index"]
    return _unique_index_over(tuple(part.strip() for part in unique["columns"].split(",")))


def _unique_index_over(columns: tuple[str, ...]) -> str | None:
    """Return the name of our unique index or constraint over ``columns`` (``table.column`` each)."""
    table = Base.metadata.tables.get(columns[0].partition(".")[0])
    if table is None:
        return None
    names = tuple(column.partition(".")[2] for column in columns)
    for index in table.indexes:
        if index.unique and tuple(column.name for column in index.columns) == names:
            return str(index.name)
    key = table.primary_key
    return str(key.name) if tuple(column.name for column in key.columns) == names else None


def flush(refusals: Mapping[str, Exception]) -> None:
    """Write what the session holds; where this violates a constraint that ``refusals`` names, raise what stands there.

    Any other violation is nobody's mistake but the portal's, and is raised as it is.
    """
    try:
        session().flush()
    except IntegrityError as error:
        refusal = refusals.get(translate_violation(error) or "")
        if refusal is None:
            raise
        raise refusal from error


def affected(statement: UpdateBase) -> int:
    """Run a statement that changes or deletes rows in the present transaction; return how many there were."""
    return cast("CursorResult[Any]", session().execute(statement)).rowcount


MAX_ID = 2**31 - 1  # the greatest id that a table's key can hold


def changed_columns(row: Base) -> set[str]:
    """Return which attributes of a row differ from what is stored; one that was set to what it is already does not."""
    return {attribute.key for attribute in inspect(row).attrs if attribute.history.has_changes()}


def row_id(value: int) -> int:
    """Return ``value`` if a key can hold it, else an id that no row has."""
    return value if 0 < value <= MAX_ID else 0
