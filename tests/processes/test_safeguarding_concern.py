"""A concern is answered, or the managers hear within 24 clock hours, and the coordinator from then on."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.processes.walking import LEAD, MANAGER, MORNING, Scenario, Walk, flows_of, shipped_process

KEY = "safeguarding_concern"
TOLD = ["remind_lead", "alert_manager"]
ANSWER = {"acknowledged_on": "2026-03-02", "note": "They will visit."}
THEIR_PLAN = {"linked_plan": "child_in_need", "key_worker": "Lea Stone"}


def taken_on(walk: Walk) -> None:
    assert walk.asked("acknowledge_concern")[:2] == (None, ["safeguarding_leads", "line_managers"])
    walk.do("acknowledge_concern", accepted="yes", **ANSWER)
    assert walk.end == "completed"
    assert walk.operations() == TOLD


def beside_a_plan_that_closes(walk: Walk) -> None:
    walk.do("acknowledge_concern", accepted="yes", **ANSWER)
    assert walk.operations() == TOLD
    assert walk.asked("decide_with_social_care")[:2] == (LEAD, ["line_managers"])
    walk.fire("plan_undecided")
    assert walk.operations()[-1] == "tell_line_manager"
    walk.do("decide_with_social_care", plan_with_social_care="close", why="Their social worker leads.", **THEIR_PLAN)
    walk.do("close_case", reason="moved_to_social_care", summary="Social care leads.", family_told="yes")
    walk.do("sign_off_closure", signed_off="yes")
    assert walk.operations()[-1] == "close_record"
    assert walk.end == "completed"


def beside_a_plan_that_goes_on(walk: Walk) -> None:
    walk.do("acknowledge_concern", accepted="yes", **ANSWER)
    walk.do("decide_with_social_care", plan_with_social_care="goes_on", why="School mornings stay ours.", **THEIR_PLAN)
    assert walk.operations() == TOLD
    assert walk.end == "completed"


def nobody_gets_an_answer(walk: Walk) -> None:
    assert walk.asked("acknowledge_concern")[2] == walk.due("answer_due").date() == date(2026, 3, 3)
    walk.fire("answer_due")
    assert walk.operations() == ["alert_manager"]
    for days in (2, 4, 6):
        assert walk.due("answer_late") == MORNING + timedelta(days=days)
        walk.fire("answer_late")
    assert walk.operations() == ["alert_manager", *["alert_coordinator"] * 3], "until there is an answer"
    assert walk.open_elements == ["acknowledge_concern"]
    walk.do("acknowledge_concern", accepted="yes", **ANSWER)
    assert walk.end == "completed"


def not_taken_on_and_no_longer_worried(walk: Walk) -> None:
    walk.do("acknowledge_concern", accepted="no", **ANSWER)
    assert "answer_due" not in {timer.element_id for timer in walk.timers.values()}
    assert walk.asked("check_for_harm")[0] == MANAGER
    walk.do("check_for_harm", finding="no_concern", note="Seen at school today.")
    assert walk.end == "completed"


def not_taken_on_and_put_again(walk: Walk) -> None:
    walk.do("acknowledge_concern", accepted="no", **ANSWER)
    walk.wait(days=1)
    walk.do("check_for_harm", finding="concern", note="The bruises are new.")
    assert walk.open_elements == ["acknowledge_concern"]
    assert walk.due("answer_due").isoformat() == "2026-03-04T09:00:00+00:00"
    walk.do("acknowledge_concern", accepted="yes", **ANSWER)
    assert walk.end == "completed"


def the_check_is_not_made(walk: Walk) -> None:
    walk.do("acknowledge_concern", accepted="no", **ANSWER)
    assert walk.due("harm_check_due").isoformat() == "2026-03-03T09:00:00+00:00"
    walk.fire("harm_check_due")
    assert walk.operations() == ["alert_manager"]
    for days in (2, 4):
        assert walk.due("harm_check_late") == MORNING + timedelta(days=days)
        walk.fire("harm_check_late")
    assert walk.operations() == ["alert_manager", "alert_coordinator", "alert_coordinator"], "until it is done"
    assert walk.open_elements == ["check_for_harm"]
    walk.do("check_for_harm", finding="no_concern", note="Seen at school today.")
    assert walk.timers == {}
    assert walk.end == "completed"


CALLED: tuple[Scenario, ...] = (
    taken_on, nobody_gets_an_answer, not_taken_on_and_no_longer_worried, not_taken_on_and_put_again,
    the_check_is_not_made,
)  # fmt: skip
BESIDE: tuple[Scenario, ...] = (beside_a_plan_that_closes, beside_a_plan_that_goes_on)
PLAYED = [*((scenario, ()) for scenario in CALLED), *((scenario, (("beside_plan", True),)) for scenario in BESIDE)]


@pytest.mark.parametrize("saved", [False, True], ids=["live", "saved"])
@pytest.mark.parametrize(("scenario", "given"), PLAYED)
def test_scenario(scenario: Scenario, given: tuple[tuple[str, bool], ...], saved: bool) -> None:
    flows_of(KEY, scenario, saved, given)


@pytest.mark.parametrize("saved", [False, True], ids=["live", "saved"])
def test_every_flow_is_walked(saved: bool) -> None:
    walked = frozenset[str]().union(*(flows_of(KEY, scenario, saved, given) for scenario, given in PLAYED))
    assert set(shipped_process(KEY).flows) <= walked
