"""Two CAFs of one child: the family is asked, the coordinator decides, one plan goes on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from tests.processes.walking import LEAD, Walk, shipped_process

KEY = "merge_cafs"
# Stood in for: the walk offers the same choices for every list.
PROPOSED: dict[str, Any] = {"other_case": "nadia", "why": "School and health each began one."}


def agreed(walk: Walk) -> None:
    assert walk.asked("ask_family") == (LEAD, ["coordinators"], date(2026, 3, 16))
    walk.do("ask_family", merge_agreed="yes", family_view="At last.")
    assert walk.asked("decide_merge")[:2] == (None, ["coordinators"])
    walk.do("decide_merge", continues="this", merged_lead="owen")
    assert walk.operations() == ["merge_cases"]
    assert walk.end == "completed"


def refused(walk: Walk) -> None:
    walk.do("ask_family", merge_agreed="no", family_view="We like both.")
    assert walk.operations() == []
    assert walk.end == "completed"


def chased(walk: Walk) -> None:
    assert walk.due("answer_late").date() == date(2026, 3, 17)
    assert walk.due("answer_very_late").date() == date(2026, 3, 19)
    walk.chase("answer", "remind_lead", "tell_coordinators")
    walk.do("ask_family", merge_agreed="yes", family_view="At last.")
    walk.chase("decision", "tell_coordinators", "alert_coordinator")
    walk.do("decide_merge", continues="this", merged_lead="owen")
    assert walk.end == "completed"


def not_now(walk: Walk) -> None:
    walk.do("ask_family", merge_agreed="yes", family_view="At last.")
    walk.do("decide_merge", continues="both")
    assert walk.operations() == ["tell_not_merged"]
    assert walk.end == "completed"


def closed_before_the_family_is_asked(walk: Walk) -> None:
    walk.send("other_caf_closed")
    assert (walk.open_elements, walk.operations()) == ([], ["tell_not_merged"])
    assert walk.end == "completed"


def closed_before_it_is_decided(walk: Walk) -> None:
    walk.do("ask_family", merge_agreed="yes", family_view="At last.")
    walk.send("other_caf_closed")
    assert (walk.open_elements, walk.operations()) == ([], ["tell_not_merged"])
    assert walk.end == "completed"


SCENARIOS = (agreed, refused, chased, not_now, closed_before_the_family_is_asked, closed_before_it_is_decided)


@pytest.mark.parametrize("saved", [False, True], ids=["live", "saved"])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_scenario(scenario: Callable[[Walk], None], saved: bool) -> None:
    scenario(Walk(KEY, saved=saved, begin=PROPOSED))


@pytest.mark.parametrize("saved", [False, True], ids=["live", "saved"])
def test_every_flow_is_walked(saved: bool) -> None:
    walked: set[str] = set()
    for scenario in SCENARIOS:
        walk = Walk(KEY, saved=saved, begin=PROPOSED)
        scenario(walk)
        walked.update(walk.flows)
    assert walked == set(shipped_process(KEY).flows)
