"""What a person's own words show: an emergency, something that shouldn't wait, a child, a field of medicine.

``assess`` compares the words with a lexicon (``data/``; docs/triage.md says how it is reviewed). It can show that
something is urgent; it can never show that nothing is, and whoever answers a person must not say so. No database, no
network, nothing is kept.

``tokenizer.py`` a text as words             ``terms.py``     words and phrases, and where they stand
``lexicon.py``   the data files, checked     ``matching.py``  which rules a text fulfils
"""

from collections.abc import Mapping
from dataclasses import dataclass

from clinic.triage.lexicon import SELF_HARM, Emergency, Field, FirstAid, Lexicon, LexiconError, lexicon
from clinic.triage.matching import Matcher

HIGH, MEDIUM, LOW = "high", "medium", "low"


@dataclass(frozen=True)
class Assessment:
    """What a text shows. ``fields`` has how often each field of medicine is meant, by its key."""

    emergencies: tuple[Emergency, ...]
    soon: bool
    child: bool
    fields: Mapping[str, int]

    @property
    def urgency(self) -> str:
        """How urgent the words show it to be; ``LOW`` means that they show nothing, never that nothing is urgent."""
        return HIGH if self.emergencies else MEDIUM if self.soon else LOW

    @property
    def self_harm(self) -> bool:
        """Whether the person writes of harming themselves."""
        return any(emergency.key == SELF_HARM for emergency in self.emergencies)

    @property
    def only_self_harm(self) -> bool:
        """Whether that is the only emergency that the words show."""
        return self.self_harm and len(self.emergencies) == 1

    @property
    def first_aid(self) -> tuple[FirstAid, ...]:
        """What to do until help comes: what suits every emergency that the words show."""
        lists = [emergency.first_aid for emergency in self.emergencies if emergency.key != SELF_HARM]
        known = lexicon().first_aid
        return tuple(known[key] for key in known if lists and all(key in keys for keys in lists))


def assess(text: str) -> Assessment:
    """Return what ``text`` shows."""
    words = lexicon()
    matcher = Matcher(text, words)
    return Assessment(
        emergencies=tuple(each for each in words.emergencies if matcher.count(each.rules)),
        soon=bool(matcher.count(words.soon)),
        child=matcher.is_of_child(),
        # "Blood pressure" is no emergency, but it is Cardiology's.
        fields={field.key: matcher.count(field.complaints, harmless=True) for field in words.fields},
    )


__all__ = [
    "HIGH",
    "LOW",
    "MEDIUM",
    "Assessment",
    "Emergency",
    "Field",
    "FirstAid",
    "Lexicon",
    "LexiconError",
    "assess",
    "lexicon",
]
