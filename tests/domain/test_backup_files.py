"""The file of a backup: whatever happens to it on a disk or a line is noticed, and told in one sentence."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from clinic.operations.backups.archive import (
    FORMAT,
    MANIFEST,
    ArchiveWriter,
    BackupError,
    Contents,
    MemberWriter,
    Table,
    opened,
)

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
MEMBERS = {"tables/users.copy": b"1\tAna\n2\tBoris\n" * 3, "tables/rooms.copy": b""}
CONTENTS = Contents(revision="0018", tables={"users": Table(rows=6, columns={"id": "integer", "name": "text"})})


def written() -> bytes:
    """A small backup."""
    file = io.BytesIO()
    with ArchiveWriter(file) as archive:
        for name, content in MEMBERS.items():
            with archive.member(name) as member:
                member.write(content)
        archive.finish(portal="1.0.0", engine="postgresql", at=AT, contents=CONTENTS)
    return file.getvalue()


def rewritten(change: Callable[[dict[str, Any]], object]) -> bytes:
    """The same with another manifest."""
    source, into = zipfile.ZipFile(io.BytesIO(written())), io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as target:
        manifest = json.loads(source.read(MANIFEST))
        change(manifest)
        for name in MEMBERS:
            target.writestr(name, source.read(name))
        target.writestr(MANIFEST, json.dumps(manifest))
    return into.getvalue()


def read(data: bytes) -> tuple[Any, dict[str, bytes]]:
    """What is read of a backup."""
    with opened(io.BytesIO(data), "copy.zip") as archive:
        return archive.manifest, {name: b"".join(archive.read(name)) for name in archive.manifest.members}


def test_what_is_written_is_read_again():
    manifest, members = read(written())
    assert members == MEMBERS
    assert (manifest.at, manifest.engine, manifest.revision, manifest.rows) == (AT, "postgresql", "0018", 6)
    assert manifest.tables == CONTENTS.tables


def test_a_file_that_was_cut_off_is_noticed_wherever_it_ends():
    whole = written()
    for length in range(len(whole)):
        with pytest.raises(BackupError, match=r"^copy\.zip is damaged or no backup of the portal: .+\.$"):
            read(whole[:length])


@pytest.mark.parametrize("mask", [0x01, 0x80, 0xFF])
def test_a_byte_that_was_flipped_is_noticed_or_does_no_harm(mask):
    """Some bytes of a zip mean nothing, such as the time of a member; all that matters is what is read."""
    whole = written()
    right, noticed = read(whole), 0
    for position in range(len(whole)):
        broken = bytearray(whole)
        broken[position] ^= mask
        try:
            found = read(bytes(broken))
        except BackupError:
            noticed += 1
        else:
            assert found == right
    assert noticed > len(whole) / 2


def test_every_byte_of_the_rows_is_watched():
    """A flip in what is compressed never goes through, even where the sum of the zip is made to fit."""
    source, into = zipfile.ZipFile(io.BytesIO(written())), io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as target:
        for name in (*MEMBERS, MANIFEST):
            target.writestr(name, source.read(name).replace(b"Boris", b"Borid"))
    with pytest.raises(BackupError, match=r"tables/users\.copy isn't what was written"):
        read(into.getvalue())


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda manifest: manifest.update(format=FORMAT + 1), "has format 2, and this version of the portal reads 1"),
        (lambda manifest: manifest.pop("format"), "its manifest can't be read"),
        (lambda manifest: manifest.pop("tables"), "its manifest can't be read"),
        (lambda manifest: manifest.update(engine="mysql"), "its manifest can't be read"),
        (lambda manifest: manifest["members"].pop("tables/rooms.copy"), "its members aren't those of its manifest"),
        (lambda manifest: manifest["members"].update({"more": {"bytes": 0, "sha256": ""}}), "its members aren't those"),
    ],
)
def test_a_manifest_that_is_not_ours_is_refused(change, sentence):
    with pytest.raises(BackupError, match=sentence):
        read(rewritten(change))


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_any_other_file_is_refused(method):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as other:
        other.writestr("letter.txt", b"Dear Ana")
    for data in (file.getvalue(), b"", b"PK", b"SQLite format 3\x00" * 100):
        with pytest.raises(BackupError, match=r"^copy\.zip is damaged or no backup of the portal"):
            read(data)


def raise_after(member: MemberWriter) -> None:
    """Writes some rows, and no more."""
    member.write(b"1\tAna\n")
    raise BufferError


def test_a_file_that_went_wrong_half_way_is_let_go(tmp_path):
    with (tmp_path / "copy.zip").open("w+b") as file:
        with pytest.raises(BufferError), ArchiveWriter(file) as archive, archive.member("tables/users.copy") as member:
            raise_after(member)
        file.seek(0)
        with pytest.raises(BackupError), opened(file, "copy.zip"):
            pass
