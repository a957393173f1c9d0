"""Backups of a database and back: what is refused, what a full disk or a lost database leaves, which copies are removed."""

from __future__ import annotations

import json
import os
import resource
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask_migrate import downgrade, upgrade
from sqlalchemy import Engine, event, inspect, text
from sqlalchemy.exc import DBAPIError

from clinic import clock, records, scheduling
from clinic.audit import AuditAction
from clinic.db import Base, session
from clinic.operations import backups
from clinic.operations.backups import BackupError
from clinic.operations.database_errors import UNREACHABLE
from clinic.operations.readiness import known_revisions

#: The last revision that has no word for a backup, and where the lines of the audit wait there that have one.
WITHOUT_BACKUPS, SET_ASIDE = "0019", "audit_events_kept_0020"


def rows(engine: Engine) -> dict[str, list[Any]]:
    """Every row of every table."""
    session().rollback()
    found = {}
    with engine.connect() as connection:
        for table in sorted(inspect(engine).get_table_names()):
            if "_trigrams" in table:  # says what stands in users once more, in SQLite's own way
                continue
            found[table] = sorted(map(str, connection.execute(text(f"SELECT * FROM {table}"))))  # noqa: S608
    return found


def but_for_the_audit(found: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """What a backup itself doesn't add to."""
    return {name: lines for name, lines in found.items() if name != "audit_events"}


def rewritten(file: Path, into: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    """A backup with another manifest, which tells no lie about its members."""
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as target:
        manifest = json.loads(source.read("manifest.json"))
        change(manifest)
        for name in manifest["members"]:
            target.writestr(name, source.read(name))
        target.writestr("manifest.json", json.dumps(manifest))
    return into


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Lets no file of this process become longer, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


# --- making one -------------------------------------------------------------------------------------------------------


def test_a_backup_tells_what_it_is_of_and_only_its_owner_may_read_it(engine, tmp_path):
    file = tmp_path / "copy.zip"
    made = backups.back_up(engine, file)
    assert backups.verify(file) == made
    assert (made.engine, made.revision) == (engine.dialect.name, known_revisions()[0])
    assert made.tables.keys() == Base.metadata.tables.keys()
    assert made.tables["users"].rows == 5
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [file], "nothing is left beside it"


def test_who_copied_everything_is_written_down(engine, tmp_path, cast, clock_at):
    clock_at("2026-03-02 09:00")
    backups.back_up(engine, tmp_path / "copy.zip")
    [line] = records.audit_trail(cast.actor("esther")).results
    assert (line["action"], line["actor_role"]) == (AuditAction.BACKUP_MADE, "operator")
    assert line["details"] == {"moment": "2026-03-02T02:00:00+00:00"}


def test_a_file_that_is_there_is_never_written_over(engine, tmp_path):
    file = tmp_path / "clinic.db"
    file.write_text("precious")
    with pytest.raises(BackupError, match="is there already"):
        backups.back_up(engine, file)
    with pytest.raises(BackupError, match="There is no folder"):
        backups.back_up(engine, tmp_path / "nowhere" / "copy.zip")
    assert file.read_text() == "precious"


def test_a_disk_without_hard_links_writes_over_nothing_either(engine, tmp_path, monkeypatch):
    def none(_path: Path, _target: Path) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "hardlink_to", none)
    file = tmp_path / "copy.zip"
    backups.back_up(engine, file)
    assert backups.verify(file).rows

    def another_run(_path: Path, _target: Path) -> None:
        (tmp_path / "other.zip").write_text("theirs")
        raise PermissionError

    monkeypatch.setattr(Path, "hardlink_to", another_run)
    with pytest.raises(BackupError, match="is there already"):
        backups.back_up(engine, tmp_path / "other.zip")
    assert (tmp_path / "other.zip").read_text() == "theirs"


@pytest.mark.parametrize("change", ["ADD COLUMN note TEXT", "RENAME COLUMN floor TO level"])
def test_a_table_that_could_not_be_restored_has_no_backup(engine, tmp_path, change):
    with engine.begin() as connection:
        connection.execute(text(f"ALTER TABLE rooms {change}"))
    with pytest.raises(BackupError, match=r"The columns of rooms aren't those that revision \d+ has: .*(note|level)"):
        backups.back_up(engine, tmp_path / "copy.zip")
    assert list(tmp_path.iterdir()) == [], "so no older one is removed for it"
    assert "rooms has other columns" in (backups.why_unrestorable(engine) or "")


def test_a_table_of_an_older_revision_neither(engine, tmp_path):
    downgrade(revision=WITHOUT_BACKUPS)
    backups.back_up(engine, tmp_path / "copy.zip")
    assert backups.verify(tmp_path / "copy.zip").revision == WITHOUT_BACKUPS
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE rooms ADD COLUMN note TEXT"))
    with pytest.raises(BackupError, match=f"The columns of rooms aren't those that revision {WITHOUT_BACKUPS} has"):
        backups.back_up(engine, tmp_path / "other.zip")


def test_two_runs_of_one_second_write_over_nothing(engine, tmp_path):
    file = tmp_path / "clinic.zip"

    @event.listens_for(engine, "engine_connect")
    def twin(_connection: Any) -> None:
        file.write_text("the other run's")

    with pytest.raises(BackupError, match="is there already"):
        backups.back_up(engine, file)
    assert file.read_text() == "the other run's"


def test_an_unfinished_folder_that_vanishes_spoils_no_backup(engine, tmp_path):
    (tmp_path / ".clinic-backup-gone").symlink_to(tmp_path / "nowhere")
    made, _manifest, _removed = backups.back_up_to_folder(engine, tmp_path, 2)
    assert made.exists()


def test_a_full_disk_leaves_no_half_of_a_backup(engine, tmp_path):
    with (
        files_of_at_most(4096),
        pytest.raises(BackupError, match=r"^(The backup can't be made|The database refuses).*\.$"),
    ):
        backups.back_up(engine, tmp_path / "copy.zip")
    assert list(tmp_path.iterdir()) == []
    with Path("/dev/full").open("wb", buffering=0) as full, pytest.raises(BackupError, match="No space left on device"):
        backups.back_up_to_stream(engine, full)


def test_a_database_that_is_away_is_told_in_one_sentence(engine, database, tmp_path):
    if engine.dialect.name == "postgresql":
        engine.dispose()
        with database.away(), pytest.raises(BackupError, match=UNREACHABLE.partition(":")[0]):
            backups.back_up(engine, tmp_path / "copy.zip")
    else:
        Path(str(engine.url.database)).write_bytes(b"SQLite format 3\x00" + b"x" * 5000)
        engine.dispose()
        with pytest.raises(BackupError, match=r"^The database refuses: .+\.$"):
            backups.back_up(engine, tmp_path / "copy.zip")
    assert list(tmp_path.iterdir()) == []


def test_a_database_without_tables_has_no_backup(engine, tmp_path):
    downgrade(revision="base")
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    with pytest.raises(BackupError, match=r"^The database is empty"):
        backups.back_up(engine, tmp_path / "copy.zip")


def test_the_oldest_copies_of_a_folder_are_removed_and_nothing_else(engine, tmp_path, clock_at):
    others = {"clinic-2019.zip", "clinic-20190101T000000Z.zip.age", "letter.txt", "old-clinic-20190101T000000Z.zip"}
    for name in others:
        (tmp_path / name).write_text("ours no less")
    unfinished, present = tmp_path / ".clinic-backup-killed", tmp_path / ".clinic-backup-at-it"
    for folder in (unfinished, present):
        folder.mkdir()
    now = clock_at("2026-03-02 09:00")
    for folder, age in ((unfinished, timedelta(days=2)), (present, timedelta(hours=2))):
        os.utime(folder, ((now - age).timestamp(), (now - age).timestamp()))
    made = []
    for hour in (9, 10, 11, 12):
        clock_at(f"2026-03-02 {hour:02}:00")
        made.append(backups.back_up_to_folder(engine, tmp_path, 2))
    assert [len(removed) for _file, _manifest, removed in made] == [0, 0, 1, 1]
    names = {"clinic-20260302T040000Z.zip", "clinic-20260302T050000Z.zip"}
    assert {path.name for path in tmp_path.iterdir()} == others | names | {present.name}
    clock_at("2026-03-01 09:00")
    back, _manifest, _removed = backups.back_up_to_folder(engine, tmp_path, 1)
    assert {path.name for path in tmp_path.glob("clinic-2026*")} == {back.name}, (
        "a clock that went back loses no new copy"
    )


def test_a_backup_that_fails_removes_no_older_one(engine, tmp_path, clock_at):
    clock_at("2026-03-02 09:00")
    backups.back_up_to_folder(engine, tmp_path, 1)
    before = set(tmp_path.iterdir())
    clock_at("2026-03-02 10:00")
    with files_of_at_most(4096), pytest.raises(BackupError):
        backups.back_up_to_folder(engine, tmp_path, 1)
    assert set(tmp_path.iterdir()) == before


# --- restoring one ----------------------------------------------------------------------------------------------------


def test_data_is_only_replaced_where_that_is_said_and_the_portal_is_closed(engine, tmp_path, cast):
    file = tmp_path / "copy.zip"
    backups.back_up(engine, file)
    before = rows(engine)
    for said, sentence in (
        ({"is_closed": True}, "The database has data"),
        ({"is_closed": False}, "The database has data"),
        ({"is_closed": False, "replace": True}, "close the portal first"),
    ):
        with pytest.raises(BackupError, match=sentence):
            backups.restore(engine, file, **said)
    assert rows(engine) == before
    assert not backups.restore(engine, file, is_closed=True, replace=True).needs_upgrade
    assert but_for_the_audit(rows(engine)) == but_for_the_audit(before)
    [line] = records.audit_trail(cast.actor("esther")).results
    assert line["action"] == AuditAction.BACKUP_RESTORED


def _other_engine(manifest: dict[str, Any]) -> None:
    manifest["engine"] = {"sqlite": "postgresql", "postgresql": "sqlite"}[manifest["engine"]]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda manifest: manifest.update(revision="9999"), r"at revision 9999, which this version .* doesn't know"),
        (lambda manifest: manifest.update(format=2), "has format 2"),
        (_other_engine, "and DATABASE_URL is a database of"),
        (lambda manifest: manifest["tables"]["users"].update(rows=4), r"isn't what"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_lost(engine, tmp_path, change, sentence):
    backups.back_up(engine, tmp_path / "copy.zip")
    before = rows(engine)
    with pytest.raises(BackupError, match=sentence):
        backups.restore(
            engine, rewritten(tmp_path / "copy.zip", tmp_path / "other.zip", change), is_closed=True, replace=True
        )
    assert rows(engine) == before


def test_a_damaged_backup_is_refused_and_nothing_is_lost(engine, tmp_path):
    file = tmp_path / "copy.zip"
    backups.back_up(engine, file)
    before, whole = rows(engine), file.read_bytes()
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 0x01
    for data in (whole[:-1], whole[: len(whole) // 2], bytes(flipped)):
        file.write_bytes(data)
        with pytest.raises(BackupError, match="is damaged"):
            backups.restore(engine, file, is_closed=True, replace=True)
        with pytest.raises(BackupError, match="is damaged"):
            backups.verify(file)
    assert rows(engine) == before


def test_a_restore_that_fails_half_way_leaves_everything_as_it_was(engine, engine_name, tmp_path, cast):
    """People are left out of a backup that is whole otherwise; or the disk is full of what is half written."""
    backups.back_up(engine, tmp_path / "copy.zip")
    before = rows(engine)
    if engine_name == "postgresql":
        broken = _without_users(tmp_path / "copy.zip", tmp_path / "broken.zip")
        with pytest.raises(BackupError, match="violates foreign key constraint"):
            backups.restore(engine, broken, is_closed=True, replace=True)
    else:
        # Enough for the copy that is checked, and too little for the log that it goes through into the database.
        with zipfile.ZipFile(tmp_path / "copy.zip") as file:
            size = file.getinfo("clinic.db").file_size
        with files_of_at_most(size), pytest.raises(BackupError, match=r"^The database refuses: .*disk.*\.$"):
            backups.restore(engine, tmp_path / "copy.zip", is_closed=True, replace=True)
    assert rows(engine) == before
    scheduling.book(
        cast.actor("ana"), doctor_id=cast.chen, department_id=cast.cardiology,
        on=clock.today() + timedelta(days=3), at=scheduling.SLOT_TIMES[0],
    )  # fmt: skip


def _without_users(file: Path, into: Path) -> Path:
    """A backup of PostgreSQL that has no users and says so."""
    from clinic.operations.backups.archive import ArchiveWriter, Contents, Table, opened  # noqa: PLC0415

    with file.open("rb") as source, opened(source, "copy") as archive, into.open("wb") as target:
        manifest = archive.manifest
        users = Table(rows=0, columns=manifest.tables["users"].columns)
        contents = Contents(revision=manifest.revision, tables={**manifest.tables, "users": users})
        with ArchiveWriter(target) as writer:
            for name in manifest.members:
                with writer.member(name) as member:
                    for chunk in () if name == "tables/users.copy" else archive.read(name):
                        member.write(chunk)
            writer.finish(portal="1.0.0", engine="postgresql", at=manifest.at, contents=contents)
    return into


def test_a_backup_of_an_older_revision_is_restored_and_brought_up(engine, tmp_path):
    """With the lines of the audit that the way back has set aside, which still nobody changes."""
    backups.back_up(engine, tmp_path / "newest.zip")
    actions = text("SELECT deed FROM audit_events")
    downgrade(revision=WITHOUT_BACKUPS)
    before = rows(engine)
    assert backups.back_up(engine, tmp_path / "older.zip").revision == WITHOUT_BACKUPS
    assert rows(engine) == before, "a revision that has no word for it keeps no line of it"
    upgrade()
    assert backups.restore(engine, tmp_path / "older.zip", is_closed=True, replace=True).needs_upgrade
    assert rows(engine) == before
    with pytest.raises(DBAPIError, match="keeps its rows"), engine.begin() as connection:
        connection.execute(text(f"DELETE FROM {SET_ASIDE}"))  # noqa: S608
    upgrade()
    with engine.connect() as connection:
        assert connection.scalars(actions).all() == [AuditAction.BACKUP_MADE]


@pytest.mark.usefixtures("cast")
def test_what_is_not_the_portals_is_never_dropped(engine, engine_name, tmp_path):
    """On PostgreSQL, where others may have put a table beside the portal's. It is in no backup; a SQLite file is the portal's own."""
    backups.back_up(engine, tmp_path / "copy.zip")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE payroll (id INTEGER)"))
    if engine_name == "postgresql":
        with pytest.raises(BackupError, match=r"the portal's \(payroll\): restore into an empty database"):
            backups.restore(engine, tmp_path / "copy.zip", is_closed=True, replace=True)
        assert "payroll" in inspect(engine).get_table_names()
    assert "payroll" not in backups.back_up(engine, tmp_path / "beside-payroll.zip").tables


def test_rights_that_were_given_outlast_a_restore(engine, engine_name, tmp_path):
    backups.back_up(engine, tmp_path / "copy.zip")
    if engine_name == "sqlite":
        backups.restore(engine, tmp_path / "copy.zip", is_closed=True, replace=True)
        return
    with engine.begin() as connection:
        connection.execute(text("GRANT SELECT, INSERT ON appointments TO PUBLIC"))
        connection.execute(text("GRANT USAGE ON SEQUENCE appointments_id_seq TO PUBLIC"))
        connection.execute(text("GRANT SELECT (full_name, id) ON users TO PUBLIC"))
    backups.restore(engine, tmp_path / "copy.zip", is_closed=True, replace=True)
    query = "SELECT relname, privilege_type FROM pg_class, aclexplode(relacl) WHERE grantee = 0 AND relname ~ '^appointments'"
    with engine.connect() as connection:
        given = {tuple(row) for row in connection.execute(text(query))}
    assert given == {("appointments", "SELECT"), ("appointments", "INSERT"), ("appointments_id_seq", "USAGE")}
    query = "SELECT attname FROM pg_attribute, aclexplode(attacl) WHERE attrelid = 'users'::regclass AND grantee = 0"
    with engine.connect() as connection:
        assert set(connection.scalars(text(query))) == {"full_name", "id"}
