"""From consent to closure, and every way off the straight road."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from engine.forms import InvalidAnswers
from tests.processes.support import GOES_ON, OFFERED
from tests.processes.walking import ASSESSOR, LEAD, Walk, scenario_tests

KEY = "caf_episode"
INVITED = ["nadia", "owen", "priya"]
ACTION = {"outcome": "Sleeps well", "action": "Visit weekly", "owner": "nadia"}


WELL = dict.fromkeys(("healthy", "safe", "learning", "positive_impact", "free_from_poverty"), "yes")
WRITTEN = {"strengths": "A", "needs": "B", "conclusions": "C", "completed_on": "2026-03-02"}
NEEDY = WELL | {
    "healthy": "no", "learning": "no", "services_needed": "yes", "can_provide": "no", "harm_suspected": "no",
}  # fmt: skip


def identify(walk: Walk, **answers: str) -> None:
    walk.do("complete_checklist", **NEEDY | answers)


def consent(walk: Walk, answer: str = "given") -> None:
    identify(walk)
    walk.do("search_for_existing", found="none")
    said: dict[str, Any] = {"signed_on": "2026-03-02", "given_by": "Sam's mother"}
    said |= {"scope": "Not the father's health.", "kinds": ["plan"]} if answer == "limited" else {}
    walk.do("record_consent", consent=answer, **said)


def to_the_first_meeting(walk: Walk, *, planned_on: str = "2026-03-17") -> None:
    consent(walk)
    walk.do("complete_assessment", **WRITTEN, signed_by="Jo")
    walk.do("appoint_lead_professional", family_wishes="Nadia", lead_professional="nadia", reasons="They trust her.")
    walk.do("arrange_tac_meeting", planned_on=planned_on, starts_at="4pm", venue="School", invited=INVITED)


def to_the_plan(walk: Walk) -> None:
    to_the_first_meeting(walk)
    for practitioner in INVITED:
        walk.do("reply_to_invitation", item=practitioner, reply="attending")
    came: dict[str, Any] = {"family_came": "yes", "attended": ["nadia"], **GOES_ON}
    walk.do("hold_tac_meeting", held_on=str(walk.today), notes="Sam spoke first.", **came)


def agree(walk: Walk, **answers: Any) -> None:
    action = ACTION | {"due_on": str(walk.today)}
    walk.do("agree_action_plan", outcomes=[{"outcome": "Sleeps well"}], actions=[action], **answers)


def review(walk: Walk, next_step: str, outcome: str = "same", **answers: Any) -> None:
    walk.fire("wait_for_review")
    walk.do("choose_review", way="updates")
    walk.do("hold_review", held_on=str(walk.today), outcome=outcome, notes="N", next_step=next_step, **answers)


def close(walk: Walk) -> None:
    walk.do("close_case", reason="needs_met", summary="Sam sleeps.", family_told="yes")
    walk.do("sign_off_closure", signed_off="yes")
    assert walk.operations()[-1] == "close_record"
    assert walk.end == "completed"


def the_straight_road(walk: Walk) -> None:
    assert walk.asked("complete_checklist") == (ASSESSOR, ["case_workers"], date(2026, 3, 4))
    to_the_plan(walk)
    assert walk.asked("agree_action_plan")[0] == LEAD
    agree(walk, next_review_on="2026-04-20")
    assert walk.operations() == [
        "remind_lead", "tell_coordinators", "circulate_minutes", "send_plan_to_family", "tell_members",
        "set_next_review",
    ]  # fmt: skip
    # Fifteen working days before Monday 20 April, over Easter.
    assert walk.due("wait_for_review").isoformat() == "2026-03-26T00:00:00+00:00"
    review(walk, "close", outcome="better")
    close(walk)


def the_assessment_is_signed_and_copied(walk: Walk) -> None:
    consent(walk)
    with pytest.raises(InvalidAnswers, match="who of the family has signed it"):
        walk.do("complete_assessment", **WRITTEN)
    walk.do("complete_assessment", **WRITTEN, signed_by="Sam's mother")
    assert walk.operations() == ["remind_lead", "tell_coordinators"]
    assert walk.open_elements == ["appoint_lead_professional"]


def consent_refused(walk: Walk) -> None:
    identify(walk)
    walk.do("search_for_existing", found="none")
    assert walk.asked("record_consent") == (ASSESSOR, ["case_workers"], date(2026, 3, 9))
    walk.do("record_consent", consent="refused", reason="Not now.", signed_on="2026-03-02", **OFFERED)
    assert walk.done == [("look_for_concern", {}), ("close_record", {})]
    assert walk.instance.variables["closure_reason"] == "consent_refused"
    assert walk.flows[-1] == "check_identified_to_end_without_assessment"
    assert walk.end == "completed"


def consent_limited(walk: Walk) -> None:
    consent(walk, "limited")
    assert walk.open_elements == ["complete_assessment"]
    assert walk.asked("complete_assessment")[2] == date(2026, 3, 16)


@pytest.mark.parametrize(("days", "due_on"), [(0, 23), (14, 23), (20, 23), (21, 23), (22, 24)])
def test_the_first_meeting_is_promised_from_the_assessment_however_late_a_lead_is(days: int, due_on: int) -> None:
    walk = Walk(KEY, saved=False)
    consent(walk)
    walk.do("complete_assessment", **WRITTEN, signed_by="Jo")
    walk.clock.advance(timedelta(days=days))
    walk.do("appoint_lead_professional", family_wishes="Nadia", lead_professional="nadia", reasons="They trust her.")
    assert walk.asked("arrange_tac_meeting")[2] == date(2026, 3, due_on)


def one_task_for_each_practitioner(walk: Walk) -> None:
    to_the_first_meeting(walk)
    replies = [task for task in walk.open.values() if task.element_id == "reply_to_invitation"]
    assert sorted(task.variables["practitioner"] for task in replies) == INVITED
    assert walk.open_elements.count("hold_tac_meeting") == 1
    assert walk.asked("reply_to_invitation")[2] == date(2026, 3, 12)
    assert walk.asked("hold_tac_meeting")[2] == date(2026, 3, 17)


def nobody_replies_and_the_meeting_is_held(walk: Walk) -> None:
    to_the_first_meeting(walk)
    walk.do("reply_to_invitation", item="owen", reply="apologies", report="Doing well in class.")
    came: dict[str, Any] = {"family_came": "yes", "attended": [], **GOES_ON}
    walk.do("hold_tac_meeting", held_on=str(walk.today), notes="The family came.", **came)
    assert walk.open_elements == ["agree_action_plan"]


def the_meeting_is_not_written_up(walk: Walk) -> None:
    to_the_first_meeting(walk)
    assert walk.due("record_very_late").date() == date(2026, 3, 24)
    walk.fire("record_very_late")
    assert walk.operations()[-1] == "tell_line_manager"
    assert "hold_tac_meeting" in walk.open_elements


def the_first_meeting_ends(walk: Walk, how: str) -> None:
    to_the_first_meeting(walk)
    came = {"family_came": "yes", "attended": ["nadia"]}
    walk.do("hold_tac_meeting", held_on=str(walk.today), notes="Sam spoke first.", ends_with=how, **came)
    assert "agree_action_plan" not in walk.open_elements


def the_first_meeting_closes_the_case(walk: Walk) -> None:
    the_first_meeting_ends(walk, "close")
    close(walk)


def the_first_meeting_steps_up(walk: Walk) -> None:
    the_first_meeting_ends(walk, "step_up")
    walk.do("acknowledge_concern", accepted="no", acknowledged_on=str(walk.today), note="Not their threshold.")
    walk.do("check_for_harm", finding="no_concern", note="The team can help.")
    agree(walk)
    review(walk, "step_up", outcome="worse")
    walk.do("acknowledge_concern", accepted="no", acknowledged_on=str(walk.today), note="Not their threshold.")
    walk.do("check_for_harm", finding="no_concern", note="Support is working.")
    assert walk.open_elements == []
    assert walk.due("wait_for_review").date() > walk.today


def reviews_go_round(walk: Walk) -> None:
    to_the_plan(walk)
    agree(walk)
    review(walk, "continue", outcome="worse")
    review(walk, "replan", outcome="worse")
    assert walk.thrown[-1] == "plan_to_change"
    assert walk.operations().count("send_plan_to_family") == 1
    assert walk.due("wait_for_review").date() > walk.today


def social_care_takes_it_on(walk: Walk) -> None:
    to_the_plan(walk)
    agree(walk)
    review(walk, "step_up", outcome="worse")
    assert walk.open_elements == ["acknowledge_concern"]
    walk.do("acknowledge_concern", accepted="yes", acknowledged_on=str(walk.today), note="They take it on.")
    close(walk)


def social_care_does_not_take_it_on(walk: Walk) -> None:
    to_the_plan(walk)
    agree(walk)
    review(walk, "step_up", outcome="worse")
    walk.do("acknowledge_concern", accepted="no", acknowledged_on=str(walk.today), note="Not their threshold.")
    walk.do("check_for_harm", finding="no_concern", note="Support is working.")
    assert walk.due("wait_for_review").date() > walk.today
    review(walk, "close")
    close(walk)


SCENARIOS = (
    the_straight_road, the_assessment_is_signed_and_copied, consent_refused, consent_limited,
    one_task_for_each_practitioner, nobody_replies_and_the_meeting_is_held, the_meeting_is_not_written_up,
    the_first_meeting_closes_the_case, the_first_meeting_steps_up,
    reviews_go_round, social_care_takes_it_on, social_care_does_not_take_it_on,
)  # fmt: skip


test_scenario, test_every_flow_is_walked = scenario_tests(KEY, SCENARIOS)


def test_the_state_stays_small_over_many_reviews() -> None:
    walk = Walk(KEY, saved=True)
    to_the_plan(walk)
    agree(walk)
    sizes = []
    for _ in range(30):
        review(walk, "continue")
        sizes.append(len(walk.instance.progress().state))
    assert max(sizes) - min(sizes) < 200
