"""Transactions: the outermost command commits, anything that fails undoes everything, and SQLite behaves like a server."""

from __future__ import annotations

from contextvars import Context
from threading import Barrier, Thread

import pytest
from sqlalchemy import event, func, select, text

from clinic.db import atomic, db, session, transaction
from clinic.directory.models import Room
from clinic.errors import Conflict

pytestmark = pytest.mark.usefixtures("app_context")


def add(number: str) -> None:
    """Add a room in the present transaction."""
    session().add(Room(room_number=number))
    session().flush()


def rooms() -> list[str]:
    """The rooms that stand committed, as somebody else sees them, who is in no command."""
    engine = db.engine

    def look() -> list[str]:
        with engine.connect() as connection:
            return list(connection.scalars(select(Room.room_number).order_by(Room.room_number)))

    return Context().run(look)


def test_only_the_outermost_command_commits():
    @atomic
    def inner() -> None:
        add("2")

    @atomic
    def outer() -> None:
        add("1")
        inner()
        assert rooms() == []
        add("3")

    outer()
    assert rooms() == ["1", "2", "3"]


def test_what_fails_in_the_inner_command_undoes_the_outer_one_too():
    @atomic
    def inner() -> None:
        add("2")
        raise Conflict("Taken.", code="slot_taken")

    @atomic
    def outer() -> None:
        add("1")
        inner()

    with pytest.raises(Conflict):
        outer()
    assert rooms() == []


def test_what_fails_after_the_inner_command_undoes_it_too():
    @atomic
    def inner() -> None:
        add("1")

    @atomic
    def outer() -> None:
        inner()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        outer()
    assert rooms() == []


def test_a_failed_command_leaves_nothing_for_the_next_one():
    @atomic
    def fails() -> None:
        add("1")
        raise Conflict("Taken.")

    @atomic
    def works() -> None:
        add("2")

    with pytest.raises(Conflict):
        fails()
    works()
    assert rooms() == ["2"]


def test_a_command_answers_and_keeps_its_name():
    @atomic
    def number(first: int, *, second: int) -> int:
        """Add."""
        return first + second

    assert (number(1, second=2), number.__name__, number.__doc__) == (3, "number", "Add.")


def test_a_command_refuses_to_begin_with_changes_of_nobodys():
    """They would be committed with it, or lost with it: either way somebody forgot a command."""
    session().add(Room(room_number="stray"))
    with pytest.raises(RuntimeError, match="changes of nobody's command"), transaction():
        pass
    session().rollback()
    with transaction():
        add("1")
    assert rooms() == ["1"]


def test_a_command_sees_what_was_committed_since_the_last_look(app):
    """An open read transaction would show the past; a command begins a new one."""
    assert session().scalar(select(func.count()).select_from(Room)) == 0

    def somebody_else() -> None:
        with app.app_context(), transaction():
            add("1")

    thread = Thread(target=somebody_else)
    thread.start()
    thread.join(30)
    with transaction() as current:
        assert current.scalar(select(func.count()).select_from(Room)) == 1


# --- savepoints -------------------------------------------------------------------------------------------------------


def test_a_savepoint_undoes_its_part_and_no_more():
    """On SQLite the driver begins no transaction for a savepoint: without our BEGIN its release would commit."""
    with transaction() as current:
        add("before")
        with pytest.raises(Conflict), current.begin_nested():  # noqa: PT012 - the block is what is undone
            add("inside")
            raise Conflict("Taken.")
        assert rooms() == []
        add("after")
    assert rooms() == ["after", "before"]


def test_a_released_savepoint_is_undone_with_its_transaction():
    with pytest.raises(Conflict), transaction() as current:  # noqa: PT012 - the block is what is undone
        with current.begin_nested():
            add("inside")
        raise Conflict("Taken.")
    assert rooms() == []


def test_a_savepoint_is_the_first_thing_and_still_no_commit():
    with pytest.raises(Conflict), transaction() as current:  # noqa: PT012 - the block is what is undone
        with current.begin_nested():
            current.execute(text("INSERT INTO rooms (room_number, floor, is_active, created_at)"
                                 " VALUES ('raw', 1, true, CURRENT_TIMESTAMP)"))  # fmt: skip
        raise Conflict("Taken.")
    assert rooms() == []


# --- many at once -----------------------------------------------------------------------------------------------------


def test_eight_threads_with_fifty_writes_each_lose_none(app):
    """Each write reads first, as commands do. With a plain BEGIN, SQLite would answer "database is locked" at once
    to whoever wants to write after somebody else has; BEGIN IMMEDIATE waits its turn.
    """
    threads, writes = 8, 50
    together, problems = Barrier(threads), []

    def worker(name: int) -> None:
        try:
            with app.app_context():
                together.wait(30)
                for number in range(writes):
                    with transaction() as current:
                        current.scalar(select(func.count()).select_from(Room))
                        add(f"{name}-{number}")
        except Exception as problem:  # noqa: BLE001 - whatever it is, it belongs into the report
            problems.append(repr(problem))

    workers = [Thread(target=worker, args=(name,)) for name in range(threads)]
    for thread in workers:
        thread.start()
    for thread in workers:
        thread.join(120)
    assert problems == []
    assert len(rooms()) == threads * writes


def test_readers_dont_wait_for_a_writer(app):
    seen: list[int] = []

    def read() -> None:
        with app.app_context():
            seen.append(session().scalar(select(func.count()).select_from(Room)) or 0)

    with transaction():
        add("1")
        thread = Thread(target=read)
        thread.start()
        thread.join(10)
    assert seen == [0]


def test_sqlite_is_opened_with_foreign_keys_and_a_journal_that_survives(app, make_app, engine_name):
    if engine_name == "postgresql":
        assert db.engine.dialect.name == "postgresql"
        return
    # Another application than the tests', which leave the file to the operating system for speed.
    with make_app().app_context(), db.engine.connect() as connection:
        told = {
            pragma: connection.exec_driver_sql(f"PRAGMA {pragma}").scalar()
            for pragma in ("foreign_keys", "journal_mode", "synchronous", "busy_timeout")
        }
    assert told == {"foreign_keys": 1, "journal_mode": "wal", "synchronous": 2, "busy_timeout": 15000}


def test_only_commands_take_the_write_lock(app):
    """A read begins without it, so that pages never queue behind each other."""
    begun: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("BEGIN"):
            begun.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        session().scalar(select(func.count()).select_from(Room))
        with transaction():
            add("1")
        session().scalar(select(func.count()).select_from(Room))
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    sqlite = db.engine.dialect.name == "sqlite"
    assert begun == (["BEGIN", "BEGIN IMMEDIATE", "BEGIN"] if sqlite else [])
