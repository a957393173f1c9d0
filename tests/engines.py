"""On which databases a test runs.

Whatever takes `engine_name`, by way of `app`, `database`, `live_server` or others, has two variants: `[sqlite]` and
`[postgresql]`. The domain, races and migrations run both, always. Pages and the API reach the database through the domain
alone, so one of the two is enough day by day: which one, a hash of the test's name settles once and for all, about half
of them each. Tests in the browser run on SQLite. `pytest.mark.engine("both")` makes an exception. `--engines=both`, as in `make test-all`, runs every variant. Who names an
engine, as by `-k postgresql`, has that one.
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from pathlib import Path

import pytest

ENGINES = ("sqlite", "postgresql")
TESTS = Path(__file__).parent
#: The folders whose tests run on one engine, and the one if it isn't settled by their names.
ON_ONE: dict[str, str | None] = {"api": None, "web": None, "e2e": "sqlite"}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds --engines."""
    parser.addoption(
        "--engines",
        choices=("one", "both"),
        default="one",
        help="the databases that tests of pages and of the API run on: one each (the default), or both",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Registers what tests are marked with."""
    config.addinivalue_line(
        "markers", "engine(name): run on this database where tests of the folder run on one, or on both"
    )
    config.addinivalue_line("markers", "long: takes seconds, so it begins before the others")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out second engines, and lets what takes long begin first."""
    if config.getoption("engines") == "one":
        engines = defaultdict[str, set[str]](set)
        for item in items:
            engines[whole_name(item)].add(engine_of(item))
        left_out = [item for item in items if len(engines[whole_name(item)]) > 1 and not is_chosen(item)]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def is_chosen(item: pytest.Item) -> bool:
    """Whether a variant of a test runs when each runs on one engine."""
    folder = item.path.relative_to(TESTS).parts[0]
    marker = item.get_closest_marker("engine")
    wanted = marker.args[0] if marker else ON_ONE.get(folder, "both")
    return wanted == "both" or engine_of(item) == (wanted or by_name(whole_name(item)))


def engine_of(item: pytest.Item) -> str:
    """The engine of a variant; nothing for a test that asks for no database."""
    call = getattr(item, "callspec", None)
    return str(call.params.get("engine_name", "")) if call else ""


def whole_name(item: pytest.Item) -> str:
    """The name that the variants of a test share."""
    engine = engine_of(item)
    return item.nodeid.replace(engine, "") if engine else item.nodeid


def by_name(name: str) -> str:
    """One of the engines, the same in every process and on every machine."""
    return ENGINES[zlib.crc32(name.encode()) % len(ENGINES)]


@pytest.fixture(params=ENGINES)
def engine_name(request: pytest.FixtureRequest) -> str:
    """The database that the test runs on: first SQLite, then PostgreSQL."""
    engine: str = request.param
    return engine
