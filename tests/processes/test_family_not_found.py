"""The family cannot be reached: looked for, and then decided for the child, never closed by silence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from engine.forms import InvalidAnswers
from tests.processes.walking import LEAD, MANAGER, MORNING, Walk, shipped_process

KEY = "family_not_found"
MISSING: dict[str, Any] = {"last_contact_on": "2026-02-10", "tried": "Two visits, five calls."}
NOT_FOUND: dict[str, Any] = {"found": "no", "tried": "The school has not seen Sam."}


SEEN: dict[str, Any] = {"finding": "no_concern", "note": "The nursery has seen Sam today."}
ANSWER: dict[str, Any] = {"acknowledged_on": "2026-03-02", "note": "They will visit."}


def found_again(walk: Walk) -> None:
    assert walk.asked("look_again") == (LEAD, ["line_managers"], date(2026, 3, 16))
    walk.do("look_again", found="yes", tried="Grandmother knew.")
    assert walk.open_elements == ["check_for_harm"]
    walk.do("check_for_harm", **SEEN)
    assert walk.end == "completed"


def looked_for_until_a_fixed_day(walk: Walk) -> None:
    walk.do("check_for_harm", **SEEN)
    walk.do("look_again", **NOT_FOUND)
    assert walk.asked("decide_on_missing") == (MANAGER, ["line_managers"], date(2026, 3, 4))
    walk.do("decide_on_missing", missing_decision="keep_looking", why="Seen in town.", look_again_on="2026-03-09")
    assert walk.due("wait_to_look_again").date() == date(2026, 3, 9)
    walk.fire("wait_to_look_again")
    walk.do("look_again", found="yes", tried="At an aunt's.")
    assert walk.end == "completed"


def fear_of_harm_goes_to_social_care_and_looking_goes_on(walk: Walk) -> None:
    walk.do("check_for_harm", **SEEN)
    walk.do("look_again", **NOT_FOUND)
    walk.do("decide_on_missing", missing_decision="concern", why="Nobody has seen Sam.")
    assert walk.open_elements == ["acknowledge_concern"]
    walk.do("acknowledge_concern", accepted="no", **ANSWER)
    walk.do("check_for_harm", **SEEN)
    assert walk.open_elements == ["look_again"]
    walk.do("look_again", found="yes", tried="They rang back.")
    assert walk.end == "completed"


def the_check_finds_harm_while_the_lead_looks(walk: Walk) -> None:
    assert walk.asked("check_for_harm") == (MANAGER, ["line_managers"], date(2026, 3, 3))
    walk.do("check_for_harm", finding="concern", note="Nobody has seen Sam for a month.")
    assert walk.open_elements == ["acknowledge_concern", "look_again"]
    walk.do("acknowledge_concern", accepted="no", **ANSWER)
    walk.do("check_for_harm", **SEEN)
    walk.do("look_again", found="yes", tried="Grandmother knew.")
    assert walk.end == "completed"


def the_check_is_late(walk: Walk) -> None:
    assert walk.due("harm_check_due") == MORNING + timedelta(hours=24)
    assert walk.due("harm_check_late") == MORNING + timedelta(hours=48)
    walk.fire("harm_check_due")
    assert walk.operations() == ["tell_line_manager"]
    for days in (2, 4):
        assert walk.due("harm_check_late") == MORNING + timedelta(days=days)
        walk.fire("harm_check_late")
    assert walk.operations() == ["tell_line_manager", "alert_manager", "alert_manager"], "until it is done"
    assert walk.open_elements == ["check_for_harm", "look_again"]
    walk.do("check_for_harm", **SEEN)
    assert walk.thrown == ["concern_settled"], "a closure that waited for the check goes on"
    walk.do("look_again", found="yes", tried="Grandmother knew.")
    assert walk.end == "completed"


def closed_without_a_sign_of_harm(walk: Walk) -> None:
    walk.do("check_for_harm", **SEEN)
    walk.do("look_again", **NOT_FOUND)
    walk.do("decide_on_missing", missing_decision="close", why="Abroad with relatives, school told.")
    assert walk.done == [("close_record", {"closure_reason": "family_not_found"})]
    assert walk.end == "completed"


def everybody_is_chased(walk: Walk) -> None:
    walk.do("check_for_harm", **SEEN)
    walk.fire("search_takes_too_long")
    assert walk.operations() == ["tell_line_manager"]
    walk.do("look_again", **NOT_FOUND)
    walk.fire("decision_late")
    assert walk.operations() == ["tell_line_manager", "alert_manager"]
    walk.do("decide_on_missing", missing_decision="close", why="Abroad.")
    assert walk.end == "completed"


SCENARIOS = (
    found_again, looked_for_until_a_fixed_day, fear_of_harm_goes_to_social_care_and_looking_goes_on,
    the_check_finds_harm_while_the_lead_looks, the_check_is_late, closed_without_a_sign_of_harm, everybody_is_chased,
)  # fmt: skip


@pytest.mark.parametrize("saved", [False, True], ids=["live", "saved"])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_scenario(scenario: Callable[[Walk], None], saved: bool) -> None:
    scenario(Walk(KEY, saved=saved, begin=MISSING))


@pytest.mark.parametrize("saved", [False, True], ids=["live", "saved"])
def test_every_flow_is_walked(saved: bool) -> None:
    walked: set[str] = set()
    for scenario in SCENARIOS:
        walk = Walk(KEY, saved=saved, begin=MISSING)
        scenario(walk)
        walked.update(walk.flows)
    assert walked >= set(shipped_process(KEY).flows)


def test_who_keeps_looking_says_until_when() -> None:
    walk = Walk(KEY, saved=False, begin=MISSING)
    walk.do("look_again", **NOT_FOUND)
    with pytest.raises(InvalidAnswers, match="the day you decide again"):
        walk.do("decide_on_missing", missing_decision="keep_looking", why="Seen in town.")
