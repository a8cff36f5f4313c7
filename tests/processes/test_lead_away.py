"""The lead is away: after some working days it is looked at again, and somebody is named only when nobody is there."""

from __future__ import annotations

from datetime import date

import pytest

from tests.processes.walking import Walk, shipped_process

KEY = "lead_away"
AWAY = {"away_from": date(2026, 3, 4)}


@pytest.mark.parametrize("saved", [False, True], ids=["live", "saved"])
@pytest.mark.parametrize(("missing", "end"), [(False, "end_lead_back"), (True, "end_lead_needed")])
def test_scenario(missing: bool, end: str, saved: bool) -> None:
    walk = Walk(KEY, saved=saved, variables=AWAY, start_at="start_lead_away")
    assert walk.due("wait_for_return").date() == date(2026, 3, 19)
    walk.lead_missing = missing
    walk.wait(days=17)
    walk.fire("wait_for_return")
    assert walk.operations() == ["look_at_lead"]
    assert walk.end == "completed"
    assert walk.flows[-1] == f"check_lead_to_{end}"


def away_again(walk: Walk) -> None:
    """They were back, and went away again before anybody looked: the days count from then."""
    walk.lead_missing, walk.away_from = True, date(2026, 3, 16)
    walk.wait(days=17)
    walk.fire("wait_for_return")
    assert walk.flows[-1] == "check_lead_to_wait_for_return"
    assert walk.due("wait_for_return").date() == date(2026, 3, 31)
    walk.wait(days=12)
    walk.fire("wait_for_return")
    assert walk.flows[-1] == "check_lead_to_end_lead_needed"


@pytest.mark.parametrize("saved", [False, True], ids=["live", "saved"])
def test_away_again(saved: bool) -> None:
    away_again(Walk(KEY, saved=saved, variables=AWAY, start_at="start_lead_away"))


def test_every_flow_is_walked() -> None:
    walked: set[str] = set()
    for missing in (False, True):
        walk = Walk(KEY, saved=True, variables=AWAY, start_at="start_lead_away")
        walk.lead_missing = missing
        walk.wait(days=17)
        walk.fire("wait_for_return")
        walked.update(walk.flows)
    walk = Walk(KEY, saved=True, variables=AWAY, start_at="start_lead_away")
    away_again(walk)
    walked.update(walk.flows)
    assert walked == set(shipped_process(KEY).flows)
