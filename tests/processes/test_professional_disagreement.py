"""Practitioners, then their managers, then senior officers: each has its days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from tests.processes.walking import ASSESSOR, MANAGER, Walk, shipped_process

KEY = "professional_disagreement"
RAISED: dict[str, Any] = {"about": "Whether school mornings come first."}
NOT_SETTLED: dict[str, Any] = {"settled": "no", "outcome": "Health sees it otherwise."}


def settled_by_talking(walk: Walk) -> None:
    assert walk.asked("talk_it_through") == (ASSESSOR, ["line_managers"], date(2026, 3, 4))
    walk.do("talk_it_through", settled="yes", outcome="Mornings first.")
    assert walk.operations() == []
    assert walk.end == "completed"


def settled_by_managers(walk: Walk) -> None:
    walk.do("talk_it_through", **NOT_SETTLED)
    assert walk.done == [("pass_disagreement_on", {"stage": "managers"})]
    assert walk.asked("settle_between_managers")[::2] == (MANAGER, date(2026, 3, 9))
    assert walk.due("managers_take_too_long").date() == date(2026, 3, 10)
    walk.do("settle_between_managers", settled="yes", outcome="Both, week by week.")
    assert walk.end == "completed"


def decided_by_senior_officers(walk: Walk) -> None:
    walk.do("talk_it_through", **NOT_SETTLED)
    walk.do("settle_between_managers", **NOT_SETTLED)
    assert walk.done[-1] == ("pass_disagreement_on", {"stage": "senior_officers"})
    assert walk.asked("decide_disagreement") == (None, ["safeguarding_leads", "coordinators"], date(2026, 3, 4))
    assert walk.due("decision_late").date() == date(2026, 3, 5)
    walk.do("decide_disagreement", outcome="Mornings first, and a review in four weeks.")
    assert walk.operations()[-1] == "tell_members"
    assert walk.end == "completed"


def time_passes_it_on(walk: Walk) -> None:
    assert walk.due("talk_takes_too_long").date() == date(2026, 3, 5)
    walk.fire("talk_takes_too_long")
    assert walk.open_elements == ["settle_between_managers"]
    walk.fire("managers_take_too_long")
    assert walk.open_elements == ["decide_disagreement"]
    walk.fire("decision_late")
    assert walk.operations()[-1] == "alert_manager"
    walk.do("decide_disagreement", outcome="Mornings first.")
    assert walk.end == "completed"


SCENARIOS = (settled_by_talking, settled_by_managers, decided_by_senior_officers, time_passes_it_on)


@pytest.mark.parametrize("saved", [False, True], ids=["live", "saved"])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_scenario(scenario: Callable[[Walk], None], saved: bool) -> None:
    scenario(Walk(KEY, saved=saved, begin=RAISED))


@pytest.mark.parametrize("saved", [False, True], ids=["live", "saved"])
def test_every_flow_is_walked(saved: bool) -> None:
    walked: set[str] = set()
    for scenario in SCENARIOS:
        walk = Walk(KEY, saved=saved, begin=RAISED)
        scenario(walk)
        walked.update(walk.flows)
    assert walked == set(shipped_process(KEY).flows)
