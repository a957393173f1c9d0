"""What the domain says when it refuses: a stable code for programs, one sentence for people, the fields at fault.

Knows no HTTP: ``clinic.http_errors`` has the only table of status codes. Texts are English message ids with named
parameters; a delivery translates them with the ``gettext`` it hands in.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from clinic.i18n import N_

TOO_MANY = N_("You've tried too often. Please wait a moment and try again.")

Gettext = Callable[[str], str]


@dataclass(frozen=True)
class Text:
    """A message id and its parameters."""

    message: str
    params: Mapping[str, object] = field(default_factory=dict)

    def translated(self, gettext: Gettext) -> str:
        """Return the sentence in the language of ``gettext``."""
        sentence = gettext(self.message)
        return sentence % self.params if self.params else sentence


FieldTexts = Mapping[str, Sequence[Text | str]]


class DomainError(Exception):
    """A refusal. ``code`` is stable, ``message`` a message id, ``errors`` the texts of each field at fault.

    ``extra`` is what a program needs to go on from it, by names of its own.
    """

    default_code = "error"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        field: str | None = None,
        errors: FieldTexts | None = None,
        params: Mapping[str, Any] | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.field = field
        self.params = dict(params or {})
        self.extra = dict(extra or {})
        self.errors: dict[str, list[Text]] = {
            name: [text if isinstance(text, Text) else Text(text) for text in texts]
            for name, texts in (errors or {}).items()
        }
        if field and field not in self.errors:
            self.errors[field] = [Text(message, self.params)]

    def text(self, gettext: Gettext) -> str:
        """Return the message in the language of ``gettext``."""
        return Text(self.message, self.params).translated(gettext)

    def field_texts(self, gettext: Gettext) -> dict[str, list[str]]:
        """Return the texts of every field at fault in the language of ``gettext``."""
        return {name: [text.translated(gettext) for text in texts] for name, texts in self.errors.items()}


class InvalidInput(DomainError):
    """What was sent can't be right, whatever the state of the clinic."""

    default_code = "validation_error"

    @classmethod
    def of(cls, errors: FieldTexts) -> Self:
        """Build the refusal of one or more fields."""
        return cls(N_("Please correct the marked fields."), errors=errors)


class Unauthenticated(DomainError):
    """Nobody is signed in, or the proof of it is not good."""

    default_code = "not_authenticated"


class Forbidden(DomainError):
    """The person's role may not do this at all."""

    default_code = "permission_denied"


class ProofRequired(Forbidden):
    """The person may do this, but has to show first that it is still them."""

    default_code = "proof_required"


class ConfirmationRequired(Forbidden):
    """The person may do this, but it has to be known first that the account is theirs."""

    default_code = "confirmation_required"


class NotFound(DomainError):
    """There is no such thing, or it belongs to somebody else."""

    default_code = "not_found"


class Conflict(DomainError):
    """Right in itself, but not in the present state: taken, too late, already done."""

    default_code = "conflict"


class Stale(DomainError):
    """The thing was changed by somebody else since the caller read it."""

    default_code = "stale"


class TooManyTries(DomainError):
    """It was tried too often; ``seconds`` is how long to wait until the next try, ``advice`` what helps besides."""

    default_code = "too_many_requests"

    def __init__(self, seconds: int, *, advice: str = "") -> None:
        super().__init__(TOO_MANY)
        self.seconds = seconds
        self.advice = advice

    def text(self, gettext: Gettext) -> str:
        """Return the message with the advice in the language of ``gettext``."""
        return f"{super().text(gettext)} {self.advice and gettext(self.advice)}".strip()


#: The version that a caller read: None where they don't say, ``ANY_VERSION`` where whatever is there will do.
ExpectedVersion = int | Literal["*"] | None
ANY_VERSION: Literal["*"] = "*"


def check_version(expected: ExpectedVersion, present: int, message: str) -> None:
    """Raise ``Stale`` unless the ``present`` version, 0 where there is nothing yet, is what the caller expects.

    ``ANY_VERSION`` is refused where there is nothing (RFC 9110, 13.1.1: ``If-Match: *``).
    """
    if expected is None or (present if expected == ANY_VERSION else expected == present):
        return
    raise Stale(message)
