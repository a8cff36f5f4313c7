"""Both practitioners, then both their managers, then senior officers: each stage has its days and its people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from tests.processes.walking import ASSESSOR, MANAGER, Walk, shipped_process

KEY = "professional_disagreement"
RAISED: dict[str, Any] = {"about": "Whether school mornings come first.", "other_side": "owen"}
SETTLED: dict[str, Any] = {"settled": "yes", "outcome": "Both, week by week."}
NOT_SETTLED: dict[str, Any] = {"settled": "no", "outcome": "Health sees it otherwise."}


def sides(walk: Walk, element_id: str, name: str) -> set[str]:
    """Return who each open task of an element is for."""
    return {task.variables[name] for task in walk.open.values() if task.element_id == element_id}


def both(walk: Walk, element_id: str, *answers: dict[str, Any]) -> None:
    for each in answers:
        walk.do(element_id, **each)


def settled_by_talking(walk: Walk) -> None:
    assert sides(walk, "talk_it_through", "side") == {ASSESSOR, "owen"}
    assert walk.asked("talk_it_through")[1:] == (["line_managers"], date(2026, 3, 4))
    walk.do("talk_it_through", **SETTLED)
    assert walk.open_elements == ["talk_it_through"]
    walk.do("talk_it_through", **SETTLED)
    assert walk.operations() == ["look_at_disagreement", "tell_disagreement_sides"]
    assert walk.end == "completed"


def one_side_says_no_and_both_managers_settle_it(walk: Walk) -> None:
    walk.do("talk_it_through", **NOT_SETTLED)
    assert walk.done[-1] == ("pass_disagreement_on", {"stage": "managers"})
    assert sides(walk, "settle_between_managers", "manager") == {MANAGER, "owen"}
    assert walk.asked("settle_between_managers")[1:] == (["line_managers", "coordinators"], date(2026, 3, 9))
    assert walk.due("managers_take_too_long").date() == date(2026, 3, 10)
    both(walk, "settle_between_managers", SETTLED, SETTLED)
    assert walk.operations()[-1] == "tell_disagreement_sides"
    assert walk.end == "completed"


def decided_by_senior_officers(walk: Walk) -> None:
    walk.do("talk_it_through", **NOT_SETTLED)
    both(walk, "settle_between_managers", SETTLED, NOT_SETTLED)
    assert walk.done[-1] == ("pass_disagreement_on", {"stage": "senior_officers"})
    assert walk.asked("decide_disagreement") == (None, ["senior_officers"], date(2026, 3, 4))
    walk.chase("decision", "alert_manager", "alert_coordinator")
    walk.do("decide_disagreement", outcome="Mornings first, and a review in four weeks.")
    assert walk.operations()[-2:] == ["tell_disagreement_sides", "tell_members"]
    assert walk.end == "completed"


def time_passes_it_on(walk: Walk) -> None:
    assert walk.due("talk_takes_too_long").date() == date(2026, 3, 5)
    walk.fire("talk_takes_too_long")
    assert set(walk.open_elements) == {"settle_between_managers"}
    walk.do("settle_between_managers", **SETTLED)
    walk.fire("managers_take_too_long")
    assert walk.open_elements == ["decide_disagreement"]
    walk.do("decide_disagreement", outcome="Mornings first.")
    assert walk.end == "completed"


SCENARIOS = (
    settled_by_talking, one_side_says_no_and_both_managers_settle_it, decided_by_senior_officers, time_passes_it_on,
)  # fmt: skip


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
