"""How mails are written: ``templates/mail/<kind>.txt`` into subject, text and HTML, in the reader's language.

The text is the one source; the HTML is the same words in the clinic's dress. Knows no transport, and of the outbox only how long a subject may be.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

from babel.support import NullTranslations, Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from clinic import contact, settings
from clinic.i18n import N_
from clinic.mail.models import SUBJECT_MAX
from clinic.settings import LinkedPage
from clinic.text.formats import written_date, written_money
from clinic.text.titles import name_after_dr

ROOT = Path(__file__).resolve().parent.parent

#: A name with more digits than these holds something else.
_DIGITS_IN_NAME = 3
#: The block of a template that the person may read on a page too.
NOTICE = "notice"
#: What stands in a masked address in a secret's place.
MASK = "\N{HORIZONTAL ELLIPSIS}"
_ADDRESS = re.compile(r"https?://\S+")
#: A part of an address that nobody could guess.
_SECRET = re.compile(r"(?:(?<=[^/]/)|(?<==))[\w~-]{20,}")


@dataclass(frozen=True)
class Written:
    """A mail as it is read: one line of subject, and plain text."""

    subject: str
    text: str


@cache
def _translations(language: str) -> NullTranslations:
    return Translations.load(ROOT / "translations", [language])


def translate(language: str, message: str, **values: str) -> str:
    """Return a message id in ``language``, its named parameters filled in."""
    return str(_translations(language).gettext(message)) % values


def doctor_in(language: str, name: str) -> str:
    """Return a doctor's name with "Dr" written in ``language``."""
    bare = name_after_dr(name)
    return name if bare is None else translate(language, N_("Dr %(name)s"), name=bare)


def greeting(language: str, name: str) -> str:
    """Return how a mail begins: by the name, unless that says what no name does.

    Anybody may register with another person's e-mail and with an offer or a phone number as the name, which would reach
    them in the clinic's own words.
    """
    if "@" in name or sum(map(str.isdigit, name)) > _DIGITS_IN_NAME:
        return translate(language, N_("Hello,"))
    return translate(language, N_("Dear %(name)s,"), name=name)


@cache
def _environment(language: str, *, html: bool) -> Environment:
    """Return the environment that renders in ``language``; HTML is escaped, plain text is not."""
    environment = Environment(
        loader=FileSystemLoader(ROOT.parent / "templates"),
        autoescape=html,  # noqa: S701 - plain text has nothing to escape
        undefined=StrictUndefined,
        # A worker goes on with the templates that it knows while another version's files are laid down.
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
        keep_trailing_newline=True,
    )
    environment.install_gettext_translations(_translations(language), newstyle=True)  # type: ignore[attr-defined] # the extension adds it

    def day(value: date) -> str:
        # A subject is ASCII where it can be, and a plain text breaks its lines itself.
        return written_date(value, language).replace("\N{NO-BREAK SPACE}", " ")

    def doctor(name: str) -> str:
        return doctor_in(language, name)

    def hour(value: time | datetime) -> str:
        return value.strftime("%H:%M")

    def money(value: Any) -> str:
        return written_money(value, language)

    environment.filters.update(day=day, hour=hour, money=money, doctor=doctor)
    return environment


def template_names() -> frozenset[str]:
    """Return the names of the templates that are a mail, and no part of others."""
    found = (ROOT.parent / "templates" / "mail").glob("*.txt")
    return frozenset(path.stem for path in found if not path.name.startswith("_"))


def write(kind: str, language: str, context: Mapping[str, object]) -> Written:
    """Write the mail ``kind``; the first line of its template is the subject."""
    source = _render(f"mail/{kind}.txt", language, context)
    subject, _, rest = source.partition("\n")
    return Written(_subject(subject), rest.strip() + "\n")


def _subject(line: str) -> str:
    # A name with a line break in it must not become a header of its own.
    return " ".join(line.split())[:SUBJECT_MAX]


def write_subject(kind: str, language: str, context: Mapping[str, object]) -> str:
    """Return the subject of the mail ``kind``; the rest of its template isn't run."""
    template = _environment(language, html=False).get_template(f"mail/{kind}.txt")
    pieces = list[str]()
    for piece in template.generate({**_known(language), **context}):
        pieces.append(piece)
        if "\n" in piece:
            break
    return _subject("".join(pieces).partition("\n")[0])


def write_notice(kind: str, language: str, context: Mapping[str, object]) -> str:
    """Return what the mail ``kind`` tells, without how it begins and ends: its block "notice", else its subject."""
    template = _environment(language, html=False).get_template(f"mail/{kind}.txt")
    block = template.blocks.get(NOTICE)
    if block is None:
        return write(kind, language, context).subject
    return " ".join("".join(block(template.new_context({**_known(language), **context}))).split())


def as_html(written: Written, language: str) -> str:
    """Return the same mail in the clinic's dress."""
    parts = {"language": language, "subject": written.subject, "paragraphs": _paragraphs(written.text)}
    return _render("mail/letter.html", language, parts)


def _render(template: str, language: str, context: Mapping[str, object]) -> str:
    environment = _environment(language, html=template.endswith(".html"))
    return environment.get_template(template).render({**_known(language), **context})


def _known(language: str) -> Mapping[str, object]:
    """Return what every template may ask for."""
    clinic = settings.current()
    return {
        "clinic_name": clinic.clinic_name,
        "clinic_address": contact.words_in(language, clinic.contact.address),
        "contact": clinic.contact,
        "link": _link,
        "greeting": partial(greeting, language),
    }


def _link(page: str, **values: object) -> str:
    """Return the full address of a page (a value of ``LinkedPage``); for templates."""
    return settings.link(LinkedPage(page), **values)


class Part(NamedTuple):
    """A piece of a line, and the address that it leads to ("" if nowhere)."""

    text: str
    href: str = ""


def _paragraphs(text: str) -> list[list[list[Part]]]:
    """Return a text as paragraphs of lines of parts; links are addresses of the portal and the clinic's own, no other."""
    reached = _reached()
    link = re.compile("|".join([rf"{re.escape(settings.current().frontend_url)}/\S+", *map(re.escape, reached)]))

    def parts(line: str) -> list[Part]:
        found, end = [], 0
        for match in link.finditer(line):
            words = match.group()
            found += [Part(line[end : match.start()]), Part(words, reached.get(words, words))]
            end = match.end()
        return [*found, Part(line[end:])]

    return [[parts(line) for line in block.split("\n")] for block in text.strip().split("\n\n")]


def _reached() -> dict[str, str]:
    """Return where the clinic's phone, e-mail and map lead, by how they stand in a text."""
    reached = settings.current().contact
    return {
        **({reached.phone: contact.tel(reached.phone)} if reached.phone else {}),
        **({reached.email: f"mailto:{reached.email}"} if reached.email else {}),
        **({reached.map_url: reached.map_url} if reached.map_url else {}),
    }


def masked(text: str) -> str:
    """Return the text of a mail without the secrets in its addresses, for whoever reads it and isn't its receiver.

    >>> masked("Choose it here: https://clinic.example/reset-password/MQ/xV3pQ9sJk2LmN8rT5wYz7A")
    'Choose it here: https://clinic.example/reset-password/MQ/…'
    """
    return _ADDRESS.sub(lambda address: _SECRET.sub(MASK, address[0]), text)
