"""When measurements of a vital sign say no more than one of them. Pure."""

from collections.abc import Collection, Mapping
from decimal import Decimal

from clinic.records.vitals import NORMAL_FROM_AGE, normal_ranges

#: How far an adult's values lie apart by the time of day, the device and the counting alone: temperature by the body's
#: daily rhythm, saturation by what oximeters are accurate to (ISO 80601-2-61), breaths by counting half a minute.
DAILY_VARIATION: Mapping[str, Decimal] = {
    "respiratory_rate": Decimal(2),
    "oxygen_saturation": Decimal(2),
    "temperature": Decimal("0.5"),
    "height": Decimal(1),
}


def is_steady(key: str, values: Collection[tuple[Decimal, ...]], age: int | None) -> bool:
    """Return whether the measurements of a sign are all equal, or normal and no further apart than by the time of day.

    Each of ``values`` holds the numbers of one measurement. Of children only equal ones are steady: they grow.
    """
    if len(set(values)) <= 1:
        return True
    variation = DAILY_VARIATION.get(key)
    if variation is None or age is None or age < NORMAL_FROM_AGE:
        return False
    ranges = normal_ranges(key, age)
    if not all(value in each for measured in values for each, value in zip(ranges, measured, strict=False)):
        return False
    return all(max(measured) - min(measured) <= variation for measured in zip(*values, strict=True))
