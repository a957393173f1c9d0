"""What ``docs/voice.md`` asks of every text that people read, as far as a program can tell."""

from __future__ import annotations

import ast
import re
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest

from clinic.accounts import LINK_LASTS
from clinic.accounts.known_devices import NETWORK_KNOWN_FOR
from clinic.accounts.sign_in_limits import BY_ACCOUNT, BY_ACCOUNT_ELSEWHERE, BY_NETWORK, BY_SITE
from clinic.config import Settings
from clinic.limits import SIGN_INS_BY_ADDRESS, SITE_TIMES
from clinic.scheduling import IDEMPOTENCY_KEPT_HOURS, MOST_DAYS, MOST_DOCTORS, SLOT_TIMES
from clinic.settings import BookingRules, ClinicSettings
from tools import translations

#: Numbers in examples are no rule's: "Please enter a date, such as 31/05/2026."
EXAMPLE = re.compile(r"(?:such as|for example) [\d/:. ]*\d")
NUMBER = r"(?:\d+|two|three|four|five|six|seven|eight|nine|ten|half an?|quarter of an?)"
UNIT = r"(?:minute|hour|day|week|month|year|digit|character|choice)s?"
RULE = re.compile(rf"\b{NUMBER} {UNIT}\b|\b(?:one|for a) year\b|\b\d\d:\d\d\b", re.IGNORECASE)
#: Turns that no English-speaking receptionist takes, and sounds that the portal doesn't make.
NOT_OURS = re.compile(r"!|successful|\banew\b|\bgood any more\b", re.IGNORECASE)


@cache
def texts() -> list[str]:
    """Every text in English; of one with a plural, the plural."""
    return [
        message.id if isinstance(message.id, str) else message.id[1] for message in translations.collect() if message.id
    ]


def test_numbers_of_rules_are_parameters():
    """They come from the constant that the rule itself uses, so that a text can't go on saying what no longer holds."""
    assert [text for text in texts() if RULE.search(EXAMPLE.sub("", text))] == []


#: A length of time in what a program's text says, other than as an example in quotes; and the first and last slot.
STATED = re.compile(rf"\b{NUMBER} (?:minute|hour|day|week)s?\b|\b(?:08:00|16:30)\b", re.IGNORECASE)
QUOTED = re.compile(r""""[^"]*"|'[0-9:]*'""")


def stated_in(source: str) -> list[str]:
    """What texts and docstrings of a module say of a rule's number."""
    texts = (node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant))
    return [match[0] for text in texts if isinstance(text, str) for match in STATED.finditer(QUOTED.sub("", text))]


def test_numbers_of_rules_stand_in_no_docstring(root: Path):
    """Docstrings of the API are its document; the others name the constant. ``limits`` is the home of its own."""
    modules = [path for path in (root / "clinic").rglob("*.py") if not {"seed", "triage"} & set(path.parts)]
    found = {path.name: stated_in(path.read_text(encoding="utf-8")) for path in modules if path.name != "limits.py"}
    assert {name: texts for name, texts in found.items() if texts} == {}
    assert stated_in('def cancel():\n    """Cancel until 24 hours before."""') == ["24 hours"]


#: What the documents say of rules, by the constants; a document is no template, so this is how it keeps to them.
HOURS = f"{BookingRules().notice_hours} hours"
MINUTE = timedelta(minutes=1)
LINK = f"{LINK_LASTS // timedelta(hours=1)} hours"
SIGN_INS = int(SIGN_INS_BY_ADDRESS.removesuffix(" per 15 minutes"))
RULES_IN_DOCS: dict[str, list[str]] = {
    "docs/glossary.md": [],
    "docs/lifecycle.md": [f"patient and doctor at least {HOURS} before the start"],
    "docs/api.md": [
        f"cancels it until {HOURS} before",
        f"A day has always {len(SLOT_TIMES)} entries, from {SLOT_TIMES[0]:%H:%M} to {SLOT_TIMES[-1]:%H:%M}",
        f"from today to {BookingRules().horizon_days} days ahead",
        f"up to {MOST_DOCTORS} doctors and {MOST_DAYS} days at once",
        f"kept for {IDEMPOTENCY_KEPT_HOURS} hours",
        f"good for {LINK} and once",
        f"{BY_ACCOUNT.most} in {BY_ACCOUNT.within // MINUTE} minutes |",
        f"{BY_ACCOUNT_ELSEWHERE.most} in {BY_ACCOUNT_ELSEWHERE.within // timedelta(hours=1)} hours |",
        f"{BY_NETWORK.most}, {BY_SITE.most} in {BY_SITE.within // MINUTE} minutes |",
        f"{SIGN_INS}, {SIGN_INS * SITE_TIMES} in 15 minutes |",
        f"both of these from one IPv6 /48 | {SITE_TIMES} times as many |",
        f"a session ends {Settings.model_fields['api_session_days'].default} days after its sign-in",
        f"where it wasn't used in {NETWORK_KNOWN_FOR.days} days",
        f"The refresh token is good for {'seven' if ClinicSettings().refresh_lasts.days == 7 else '?'} days",
    ],
}


@pytest.mark.parametrize("name", RULES_IN_DOCS)
def test_numbers_of_rules_in_documents_are_those_of_the_rules(root: Path, name: str):
    text = " ".join((root / name).read_text(encoding="utf-8").split())
    for sentence in RULES_IN_DOCS[name]:
        text = text.replace(sentence, "")
    assert [text[max(0, match.start() - 40) : match.end() + 20] for match in STATED.finditer(text)] == []


@pytest.mark.parametrize(
    "text",
    [
        "up to 24 hours before",
        "The link is good for seven days.",
        "from 08:00 to 16:30",
        "At most one year.",
        "Half an hour",
    ],
)
def test_a_number_of_a_rule_is_seen(text: str):
    assert RULE.search(EXAMPLE.sub("", text))


def test_texts_are_plain_english():
    assert [text for text in texts() if NOT_OURS.search(text)] == []


#: What is labelled by another word elsewhere: the other word, which is ours.
LABELS = {"State": "Status", "States": "Statuses", "Condition": "Status"}


def test_labels_have_one_word_for_one_thing():
    assert {label: LABELS[label] for label in texts() if label in LABELS} == {}


#: Tones stand on the main vowel (huỷ, not hủy), and each thing has one word.
NOT_VIETNAMESE = re.compile(
    r"\b(?:hủy|xóa|tùy|khóa|hòa|liên kết|trên mạng|ban quản trị|chỉ số sinh tồn)\b|(?<!đặt )\blịch khám\b|!",
    re.IGNORECASE,
)
TWO_PLEAS = re.compile(r"vui lòng[^.!?]*vui lòng", re.IGNORECASE)


def test_vietnamese_has_one_word_for_one_thing():
    """As in the table of ``docs/voice.md``."""
    vietnamese = translations.read(next(path for path in translations.catalogs() if "vi" in path.parts))
    said = [str(message.string) for message in vietnamese if message.id]
    assert said
    assert [text for text in said if NOT_VIETNAMESE.search(text) or TWO_PLEAS.search(text)] == []
