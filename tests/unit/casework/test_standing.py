"""Whether work reaches somebody, at each boundary of a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from engine.casework.standing import Cover, Standing

TODAY = date(2026, 3, 2)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("last_day", "gone"), [(None, False), (TODAY - DAY, True), (TODAY, False), (TODAY + DAY, False)]
)
def test_somebody_has_left_once_their_last_day_is_over(last_day: date | None, gone: bool) -> None:
    standing = Standing("Hana Verity", last_day=last_day)
    assert standing.has_left(TODAY) is gone
    assert bool(standing.refusal(TODAY)) is gone


@pytest.mark.parametrize(
    ("from_on", "to_on", "away"),
    [
        (None, None, False),
        (TODAY, None, True),
        (TODAY, TODAY, True),
        (TODAY + DAY, None, False),
        (TODAY - 3 * DAY, TODAY - DAY, False),
    ],
)
def test_somebody_is_away_from_the_first_to_the_last_day(from_on: date | None, to_on: date | None, away: bool) -> None:
    standing = Standing("Hana Verity", away_from=from_on, away_to=to_on)
    assert standing.is_away(TODAY) is away
    assert bool(standing.warning(TODAY)) is away and not standing.refusal(TODAY)


def test_the_words_name_who_covers_and_until_when() -> None:
    standing = Standing("Hana Verity", away_from=TODAY, away_to=TODAY + 4 * DAY, cover=Cover(name="Noor Bakar"))
    expected = "Hana Verity is away until 6 March. Noor Bakar covers for them and does their tasks."
    assert standing.warning(TODAY) == expected
    away_too = replace(standing, cover=Cover(name="Noor Bakar", is_away=True, away_to=TODAY + DAY))
    assert away_too.warning(TODAY) == (
        "Hana Verity is away until 6 March. Nobody covers for them: Noor Bakar, who covers, is away too until 3 March."
    )
    assert "cannot sign in" in Standing("Hana Verity", has_account=False).refusal(TODAY)
