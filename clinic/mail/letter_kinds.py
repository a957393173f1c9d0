"""The kinds of letters: which facts one tells, and what its template and its calendar entry are made of.

Each domain registers its own as it is imported; none is known here. The register is closed when the portal starts.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol

from clinic.mail import letters
from clinic.mail.letter_facts import Facts, check_facts, from_json, to_json
from clinic.mail.letters import Written

#: The key of the version beside the facts.
VERSION = "version"


class OtherVersion(Exception):
    """A letter that another version of the portal has queued and can write, this one can't."""


class Writer(Protocol):
    """Makes a letter of what the outbox has kept; ``OtherVersion`` where a later version has queued it."""

    def write(self, stored: Mapping[str, object], language: str) -> Written:
        """Return the letter as it reads."""

    def subject(self, stored: Mapping[str, object], language: str) -> str:
        """Return the subject alone, for much less than the letter costs."""

    def notice(self, stored: Mapping[str, object], language: str) -> str:
        """Return what the letter tells, as a page shows it (``letters.write_notice``)."""

    def entry(self, stored: Mapping[str, object], language: str, to: str) -> str | None:
        """Return the iCalendar entry that goes with it to an address."""

    def is_outdated(self, stored: Mapping[str, object]) -> bool:
        """Return whether what it tells isn't so any more, or comes too late."""

    def after_unsent(
        self, stored: Mapping[str, object], unsent: Sequence[Mapping[str, object]]
    ) -> Mapping[str, object]:
        """Return what it tells whoever never got the letters of its thread that were ``unsent``, the oldest first."""


def _as_they_are(facts: object) -> Mapping[str, object]:
    return vars(facts)


def _never(_facts: object) -> bool:
    return False


def _all_the_same(facts: Facts, _unsent: Sequence[Facts]) -> Facts:
    return facts


@dataclass(frozen=True)
class LetterKind(Generic[Facts]):
    """One kind of letter, written by ``templates/mail/<name>.txt``; a ``Writer``."""

    name: str
    facts: type[Facts]
    #: Returns what the template asks for besides what it has always (``letters.write``).
    context: Callable[[Facts], Mapping[str, object]] = _as_they_are
    #: Makes the iCalendar entry, in a language, for the address that it is mailed to.
    calendar: Callable[[Facts, str, str], bytes] | None = None
    #: Names what it is about, where letters follow each other: one that has left supersedes those before it. The kinds of a
    #: thread have the same facts.
    thread: Callable[[Facts], str] | None = None
    #: Whether what it tells isn't so any more, or comes too late: asked as it is to leave.
    outdated: Callable[[Facts], bool] = _never
    #: Makes its facts those for whoever never got earlier letters of the thread.
    following: Callable[[Facts, Sequence[Facts]], Facts] = _all_the_same
    #: Raised where facts get another meaning, so that a worker of the version before leaves them to one of this.
    version: int = 1

    def stored(self, facts: Facts) -> Mapping[str, object]:
        """Return facts as the outbox keeps them."""
        return {VERSION: self.version, **to_json(facts)}

    def write(self, stored: Mapping[str, object], language: str) -> Written:
        """See ``Writer``."""
        return letters.write(self.name, language, self.context(self._read(stored)))

    def subject(self, stored: Mapping[str, object], language: str) -> str:
        """See ``Writer``."""
        return letters.write_subject(self.name, language, self.context(self._read(stored)))

    def notice(self, stored: Mapping[str, object], language: str) -> str:
        """See ``Writer``."""
        return letters.write_notice(self.name, language, self.context(self._read(stored)))

    def entry(self, stored: Mapping[str, object], language: str, to: str) -> str | None:
        """See ``Writer``."""
        return None if self.calendar is None else self.calendar(self._read(stored), language, to).decode()

    def is_outdated(self, stored: Mapping[str, object]) -> bool:
        """See ``Writer``."""
        return self.outdated(self._read(stored))

    def after_unsent(
        self, stored: Mapping[str, object], unsent: Sequence[Mapping[str, object]]
    ) -> Mapping[str, object]:
        """See ``Writer``."""
        return stored if not unsent else self.stored(self.following(self._read(stored), [*map(self._read, unsent)]))

    def _read(self, stored: Mapping[str, object]) -> Facts:
        version = stored[VERSION]
        if isinstance(version, int) and version > self.version:
            raise OtherVersion(f"The letter {self.name} was queued by a later version of the portal.")
        return from_json(self.facts, stored)


class Register:
    """The kinds of letters by their names."""

    def __init__(self) -> None:
        self._kinds: dict[str, Writer] = {}
        self._closed = False

    def add(self, kind: LetterKind[Facts]) -> LetterKind[Facts]:
        """Let letters of a kind be written, and return it.

        ``RuntimeError`` for a name that is taken or once closed, ``TypeError`` for facts that can't be kept.
        """
        if self._closed or kind.name in self._kinds:
            raise RuntimeError(f"the letter {kind.name} is registered twice, or after the start")
        check_facts(kind.facts)
        self._kinds[kind.name] = kind
        return kind

    def close(self, templates: Collection[str]) -> None:
        """Take no more; ``RuntimeError`` unless each kind has its template and each template its kind."""
        if unmatched := self._kinds.keys() ^ set(templates):
            raise RuntimeError(f"a letter without its kind or its template: {', '.join(sorted(unmatched))}")
        self._closed = True

    def find(self, name: str) -> Writer:
        """Return the kind of a letter in the outbox; ``OtherVersion`` where this version of the portal knows none."""
        kind = self._kinds.get(name)
        if kind is None:
            raise OtherVersion(f"This version of the portal knows no letter {name}.")
        return kind


_register = Register()
register, kind_of = _register.add, _register.find


def close_register() -> None:
    """Take no more kinds, for the portal starts: every letter can be written (``Register.close``)."""
    _register.close(letters.template_names())
