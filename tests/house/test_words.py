"""What ``docs/voice.md`` asks of every text that people read, as far as a program can tell."""

from __future__ import annotations

import re
from functools import cache

import pytest

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
    (vietnamese,) = (translations.read(path) for path in translations.catalogs())
    said = [str(message.string) for message in vietnamese if message.id]
    assert said
    assert [text for text in said if NOT_VIETNAMESE.search(text) or TWO_PLEAS.search(text)] == []
