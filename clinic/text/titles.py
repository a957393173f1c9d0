"""Titles before a doctor's name. Knows no language that is read: whoever writes "Dr" translates it."""

#: Words in front of a Vietnamese doctor's or person's name that are no part of it.
TITLES = frozenset({"dr", "dr.", "prof", "prof.", "bs", "bs.", "ths", "ts", "pgs", "gs", "bscki", "bsckii"})


def name_after_dr(name: str) -> str | None:
    """Return what stands behind "Dr" in a doctor's name; None where the clinic has written another title, which stays.

    The clinic may have written "Dr" before the name already.

    >>> name_after_dr("Dr Mai Lan"), name_after_dr("Mai Lan"), name_after_dr("BS. Mai Lan")
    ('Mai Lan', 'Mai Lan', None)
    """
    first, _, rest = name.partition(" ")
    if first.casefold() in ("dr", "dr.") and rest:
        return rest
    return None if first.casefold() in TITLES else name
