"""Finding by what people type: its words, what they are found in, and the condition for a column. Knows no table.

A column that is searched holds its text ``folded`` (``clinic.text.normalization``), so that accents, case, apostrophes and look-alike
letters don't matter. Every word must stand somewhere in it, in whatever order.
"""

import re

from sqlalchemy import ColumnElement, Index, and_, false, literal_column
from sqlalchemy.orm import InstrumentedAttribute

from clinic.text.normalization import folded, like_pattern

#: Nobody types more different words for one name; each is a condition of its own, of which a database takes so many.
WORDS_MOST = 40
#: Parts that are shorter have no trigram: they are looked for in every row.
TRIGRAM = 3
_BETWEEN_WORDS = re.compile(r"[\W_]+")

Column = ColumnElement[str] | ColumnElement[str | None] | InstrumentedAttribute[str] | InstrumentedAttribute[str | None]


def search_words(text: str) -> list[str]:
    """Return the different words that a search for ``text`` looks for: letters and digits, folded.

    >>> search_words("Nhung, ĐỖ"), search_words("D’Amour")
    (['nhung', 'do'], ['d', 'amour'])
    """
    return list(dict.fromkeys(_BETWEEN_WORDS.sub(" ", folded(text)).split()))


def matches(text: str, wanted: str) -> bool:
    """Return whether every word of ``wanted`` stands somewhere in ``text``; nothing matches without any word.

    >>> matches("Đỗ Thị Hồng Nhung", "nhung do"), matches("Đỗ Thị Hồng Nhung", "nhung mai")
    (True, False)
    """
    words, key = search_words(wanted), folded(text)
    return 0 < len(words) <= WORDS_MOST and all(word in key for word in words)


def contains(column: Column, part: str) -> ColumnElement[bool]:
    """Return the condition for a ``column`` that holds ``part`` as it stands."""
    return column.like(like_pattern(part), escape="/")


def unindexed(column: InstrumentedAttribute[str] | InstrumentedAttribute[str | None]) -> ColumnElement[str]:
    """Return a ``column`` of text without its index: what is searched without one, or for too short a part.

    PostgreSQL can't see from a prepared statement that it would read an index of trigrams from end to end.
    """
    return column.op("||")(literal_column("''"))


def trigram_index(name: str, column: str | ColumnElement[str], *, pending_kb: int = 0) -> Index:
    """Return the index by which PostgreSQL (extension pg_trgm) finds any part of a text, of three characters or more.

    New entries are sorted in at once, or ``pending_kb`` of them together, which each search reads until then.
    """
    return Index(
        name,
        column,
        postgresql_using="gin",
        postgresql_ops={getattr(column, "name", column): "gin_trgm_ops"},
        postgresql_with={"gin_pending_list_limit": str(pending_kb)} if pending_kb else {"fastupdate": "off"},
    ).ddl_if(dialect="postgresql")


def contains_words(column: Column, wanted: str) -> ColumnElement[bool]:
    """Return the condition for a ``column`` of folded text in which every word of ``wanted`` stands, as ``matches``."""
    words = search_words(wanted)
    return and_(*(contains(column, word) for word in words)) if 0 < len(words) <= WORDS_MOST else false()
