"""What the demo clinic's plan may run out of."""

from __future__ import annotations

from random import Random

import pytest

from clinic.seed.everyday import _People
from clinic.seed.others import OTHERS


@pytest.mark.parametrize("child", [False, True])
def test_nobody_comes_twice_on_a_day_when_everybody_comes_already(child: bool) -> None:
    people = _People(Random(1), {plan.key: {5} for plan in OTHERS})  # noqa: S311 - no secret
    with pytest.raises(LookupError, match="working day 5"):
        people.draw(5, child=child)
