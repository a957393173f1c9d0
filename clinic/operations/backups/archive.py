"""The file of a backup: a zip with ``manifest.json`` and the members that it names, each with its size and SHA-256.

Writing and checking such a file. Knows no database.
"""

import hashlib
import lzma
import struct
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from datetime import datetime
from pathlib import Path
from typing import IO, Literal, Self
from zipfile import ZIP_DEFLATED, BadZipFile, LargeZipFile, ZipFile

from pydantic import AwareDatetime, BaseModel, ConfigDict, NonNegativeInt, ValidationError

#: Raised whenever an older portal couldn't read what this one writes.
FORMAT = 1
MANIFEST = "manifest.json"
#: Bytes. Some sixty for each column of each table; a longer one isn't ours.
_MANIFEST_MAX = 4 * 1024 * 1024
CHUNK = 256 * 1024
#: Beyond it a copy takes twice the time for a twentieth less.
_COMPRESSION = 6

#: What ``zipfile`` raises for bytes that it can't make sense of.
_SENSELESS = (
    BadZipFile, LargeZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, KeyError, IndexError, ValueError,
    OverflowError, NotImplementedError, RuntimeError, MemoryError,
)  # fmt: skip


class BackupError(Exception):
    """A backup can't be made, checked or restored; the message is one sentence for the operator."""


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True)


class Member(_Entry):
    """What a member of the zip holds, uncompressed."""

    bytes: NonNegativeInt
    sha256: str


class Table(_Entry):
    """A table by its number of rows; on PostgreSQL also its columns with their types, in the order of the copy."""

    rows: NonNegativeInt
    columns: dict[str, str] = {}


class Sequence(_Entry):
    """Where a sequence of PostgreSQL stands."""

    last: int
    called: bool


class Manifest(_Entry):
    """What a backup is of."""

    format: int
    portal: str
    revision: str
    at: AwareDatetime
    engine: Literal["sqlite", "postgresql"]
    tables: dict[str, Table]
    sequences: dict[str, Sequence] = {}
    members: dict[str, Member]

    @property
    def rows(self) -> int:
        """How many rows all tables have together."""
        return sum(table.rows for table in self.tables.values())


class Contents(_Entry):
    """What a database tells of itself while it is copied."""

    revision: str
    tables: dict[str, Table]
    sequences: dict[str, Sequence] = {}


class MemberWriter:
    """A member that is being written, in chunks however small the pieces are."""

    def __init__(self, into: IO[bytes]) -> None:
        self._into = into
        self._digest = hashlib.sha256()
        self._size = 0
        self._pending = bytearray()

    def write(self, data: bytes | memoryview) -> None:
        """Add some bytes."""
        self._pending += data
        if len(self._pending) >= CHUNK:
            self._flush()

    def _flush(self) -> None:
        self._digest.update(self._pending)
        self._size += len(self._pending)
        self._into.write(self._pending)
        self._pending = bytearray()

    def finish(self) -> Member:
        """Write what is pending and return what the member holds."""
        self._flush()
        return Member(bytes=self._size, sha256=self._digest.hexdigest())


class ArchiveWriter:
    """A backup that is being written: its members one after the other, then ``finish``."""

    def __init__(self, file: IO[bytes]) -> None:
        self._zip = ZipFile(file, "w", ZIP_DEFLATED, compresslevel=_COMPRESSION)
        self._members: dict[str, Member] = {}

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Let go of the file; what went wrong already matters more than what goes wrong here."""
        with suppress(OSError, ValueError) if kind else nullcontext():
            self._zip.close()

    @contextmanager
    def member(self, name: str) -> Iterator[MemberWriter]:
        """Open the next member."""
        with self._zip.open(name, "w", force_zip64=True) as into:
            writer = MemberWriter(into)
            yield writer
            self._members[name] = writer.finish()

    def finish(self, *, portal: str, engine: str, at: datetime, contents: Contents) -> Manifest:
        """Write the manifest, the last member."""
        manifest = Manifest.model_validate(
            {
                "format": FORMAT,
                "portal": portal,
                "engine": engine,
                "at": at,
                "members": self._members,
                **contents.model_dump(),
            }
        )
        self._zip.writestr(MANIFEST, manifest.model_dump_json(indent=1, exclude_defaults=True))
        return manifest


class Archive:
    """A backup that was checked: all of it is there, and as it was written."""

    def __init__(self, file: ZipFile, manifest: Manifest) -> None:
        self._zip = file
        self.manifest = manifest

    def read(self, member: str) -> Iterator[bytes]:
        """Yield what a member holds."""
        return _chunks(self._zip, member)

    def extract(self, member: str, path: Path) -> None:
        """Write a member to a file."""
        with path.open("wb") as into:
            for chunk in self.read(member):
                into.write(chunk)


@contextmanager
def opened(file: IO[bytes], name: str) -> Iterator[Archive]:
    """Check a whole backup, then hand it out; ``BackupError`` (which calls it ``name``) where anything is wrong."""
    try:
        archive = _checked(file, name)
    except OSError as error:
        raise BackupError(f"{name} can't be read ({error.strerror or 'it is damaged'}).") from error
    except _SENSELESS as error:
        raise BackupError(f"{name} is damaged or no backup of the portal: {_words(error)}.") from error
    yield archive


def _words(error: Exception) -> str:
    return (
        "its manifest can't be read"
        if isinstance(error, ValidationError)
        else str(error).rstrip(".") or "it ends early"
    )


def _checked(file: IO[bytes], name: str) -> Archive:
    found = ZipFile(file)
    sizes = {each.filename: each.file_size for each in found.infolist()}
    if any(each.compress_type != ZIP_DEFLATED for each in found.infolist()):
        raise BadZipFile("it is compressed in another way")
    if sizes.get(MANIFEST, _MANIFEST_MAX + 1) > _MANIFEST_MAX:
        raise BadZipFile("it has no manifest")
    text = b"".join(_chunks(found, MANIFEST))
    version = _FormatOnly.model_validate_json(text).format
    if version != FORMAT:
        raise BackupError(
            f"{name} has format {version}, and this version of the portal reads {FORMAT}: use a newer one."
        )
    manifest = Manifest.model_validate_json(text)
    _compare(found, manifest.members, set(sizes) - {MANIFEST})
    return Archive(found, manifest)


class _FormatOnly(_Entry):
    format: int


def _compare(file: ZipFile, members: Mapping[str, Member], present: set[str]) -> None:
    """Raise ``BadZipFile`` where the members aren't those of the manifest."""
    if present != set(members):
        raise BadZipFile("its members aren't those of its manifest")
    for name, member in members.items():
        digest, size = hashlib.sha256(), 0
        for chunk in _chunks(file, name):
            digest.update(chunk)
            size += len(chunk)
        if (size, digest.hexdigest()) != (member.bytes, member.sha256):
            raise BadZipFile(f"{name} isn't what was written")


def _chunks(file: ZipFile, member: str) -> Iterator[bytes]:
    with file.open(member) as source:
        while chunk := source.read(CHUNK):
            yield chunk
