"""Errors of the fields of a command, collected so that a person learns of all of them at once."""

from clinic.errors import InvalidInput, Text
from clinic.i18n import N_
from clinic.text.normalization import FORBIDDEN, LINE_BREAKS, SPACES, composed, is_name, one_line, without_invisible


class ValidationErrors:
    """What is wrong with the fields of a command, collected so that a person learns it all at once."""

    def __init__(self) -> None:
        self.by_field: dict[str, list[Text | str]] = {}

    def add(self, field: str, message: str, **params: object) -> None:
        """Note one fault of ``field``."""
        self.by_field.setdefault(field, []).append(Text(message, params))

    def text(self, field: str, value: str | None, *, most: int, required: bool = False, line: bool = False) -> str:
        """Return ``value`` tidied (trimmed, one kind of line break and space, composed accents), noting what is wrong.

        ``most`` is its greatest length in characters. A ``line`` is a name or the like: on one line, with a letter in it,
        without web addresses, since names stand in mails to others; see ``one_line``.
        """
        tidy = SPACES.sub(" ", LINE_BREAKS.sub("\n", value or "")).strip()
        if FORBIDDEN.search(tidy):
            self.add(field, N_("This text has characters that we can't save."))
            return ""
        if not without_invisible(tidy).strip():
            tidy = ""
        whole = composed(tidy, most)
        tidy = one_line(whole or "") if line else whole or ""
        if line and tidy and not is_name(tidy):
            self.add(field, N_("Please write this on one line, in visible letters, without web addresses."))
        if required and whole == "":
            self.add(field, N_("Please fill this in."))
        if whole is None or len(whole) > most:
            self.add(field, N_("Please use at most %(most)d characters."), most=most)
        return tidy

    def raise_if_any(self) -> None:
        """Raise ``InvalidInput`` if anything is wrong."""
        if self.by_field:
            raise InvalidInput.of(self.by_field)
