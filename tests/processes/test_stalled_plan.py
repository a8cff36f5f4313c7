"""The line manager first, then the multi agency group, and only with the family's yes."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from engine.forms import InvalidAnswers
from tests.processes.walking import LEAD, MANAGER, Walk, scenario_tests

KEY = "stalled_plan"
TALK: dict[str, Any] = {"discussed_on": "2026-03-02", "tried": "Letters and calls.", "next_step": "The school rings."}
ADVICE = {"advice": "Try the school nurse.", "next_step": "Ask again.", "next_step_on": "2026-03-16"}
PAPERS = {"reason": "Two agencies disagree.", "tried": "Talks.", "discussed_on": "2026-03-02", "asked": "Who leads."}
ACCEPTED = {"papers_whole": "yes", "mag": "nadia", "meeting_on": "2026-03-18"}
DECIDED = {"mag_outcome": "decided", "decided_on": "2026-03-02", "decision": "Housing attends every meeting."}


def resolved(walk: Walk) -> None:
    assert walk.asked("discuss_stalled_plan") == (MANAGER, ["line_managers"], date(2026, 3, 9))
    walk.do("discuss_stalled_plan", decision="resolved", **TALK)
    assert walk.operations() == ["end_stalled_plan"]
    assert walk.end == "completed"


def the_manager_is_reminded(walk: Walk) -> None:
    assert walk.due("chase_discussion").date() == date(2026, 3, 10)
    walk.fire("chase_discussion")
    walk.fire("discussion_very_late")
    assert walk.operations() == ["tell_line_manager", "tell_manager_above"]
    assert walk.open_elements == ["discuss_stalled_plan"]
    walk.do("discuss_stalled_plan", decision="resolved", **TALK)
    assert walk.end == "completed"


def support_is_looked_at_again(walk: Walk) -> None:
    walk.do("discuss_stalled_plan", decision="support_agreed", next_step_on="2026-03-30", **TALK)
    assert walk.open_elements == []
    # Local midnight after the clocks went forward on 29 March.
    assert walk.due("wait_for_next_step").isoformat() == "2026-03-30T00:00:00+01:00"
    walk.fire("wait_for_next_step")
    walk.do("discuss_stalled_plan", decision="resolved", **TALK)
    assert walk.end == "completed"


def ask(walk: Walk, answer: str) -> None:
    said = {} if answer == "not_asked" else {"asked_on": "2026-03-02"}
    said |= {"given_by": "Sam's mother"} if answer in ("yes", "no") else {}
    walk.do("ask_consent_for_mag", mag_consent=answer, **said)


def the_family_agrees_to_mag(walk: Walk) -> None:
    walk.do("discuss_stalled_plan", decision="refer_to_mag", **TALK)
    assert walk.asked("ask_consent_for_mag")[0] == LEAD
    ask(walk, "yes")
    assert walk.open_elements == ["refer_to_mag"]
    walk.do("refer_to_mag", **PAPERS)
    walk.do("screen_papers", **ACCEPTED)
    walk.do("decide_in_mag", **DECIDED)
    assert walk.operations()[-1] == "end_stalled_plan"
    assert walk.end == "completed"


def a_family_that_said_no_is_not_asked_again_by_itself(walk: Walk) -> None:
    walk.do("discuss_stalled_plan", decision="refer_to_mag", **TALK)
    ask(walk, "no")
    assert walk.open_elements == ["take_anonymous_advice"]
    assert walk.asked("take_anonymous_advice")[0] == MANAGER
    walk.do("take_anonymous_advice", **ADVICE)
    assert walk.due("wait_after_advice").date() == date(2026, 3, 16)
    walk.fire("wait_after_advice")
    assert walk.open_elements == ["discuss_stalled_plan"]
    walk.do("discuss_stalled_plan", decision="resolved", **TALK)
    assert walk.end == "completed"


def a_family_without_an_answer_is_asked_again(walk: Walk) -> None:
    walk.do("discuss_stalled_plan", decision="refer_to_mag", **TALK)
    for answer in ("no_answer", "not_asked"):
        ask(walk, answer)
        assert walk.open_elements == ["take_anonymous_advice"]
        walk.do("take_anonymous_advice", **ADVICE | {"next_step_on": str(walk.today)})
        walk.fire("wait_after_advice")
        assert walk.open_elements == ["ask_consent_for_mag"]


def the_manager_hears_that_the_family_was_not_asked(walk: Walk) -> None:
    walk.do("discuss_stalled_plan", decision="refer_to_mag", **TALK)
    assert walk.due("consent_late").date() == date(2026, 3, 10)
    assert walk.due("chase_consent").date() == date(2026, 3, 12)
    walk.fire("consent_late")
    walk.fire("chase_consent")
    assert walk.operations() == ["remind_lead", "tell_line_manager"]
    assert walk.open_elements == ["ask_consent_for_mag"]


def advice_that_nobody_takes_is_chased(walk: Walk) -> None:
    walk.do("discuss_stalled_plan", decision="refer_to_mag", **TALK)
    ask(walk, "no")
    assert walk.due("advice_late").date() == date(2026, 3, 10)
    assert walk.due("advice_very_late").date() == date(2026, 3, 12)
    walk.chase("advice", "tell_line_manager", "tell_manager_above")
    walk.do("take_anonymous_advice", **ADVICE | {"next_step_on": str(walk.today)})
    assert walk.open_elements == []


def the_family_takes_back_its_yes(walk: Walk) -> None:
    walk.do("discuss_stalled_plan", decision="refer_to_mag", **TALK)
    ask(walk, "yes")
    walk.do("refer_to_mag", **PAPERS)
    walk.send("mag_consent_withdrawn")
    assert walk.open_elements == ["take_anonymous_advice"]
    assert {timer.element_id for timer in walk.timers.values()} == {"advice_late", "advice_very_late"}
    walk.do("take_anonymous_advice", **ADVICE)
    walk.fire("wait_after_advice")
    assert walk.open_elements == ["discuss_stalled_plan"]


SCENARIOS = (
    resolved, the_manager_is_reminded, support_is_looked_at_again, the_family_agrees_to_mag,
    a_family_that_said_no_is_not_asked_again_by_itself, a_family_without_an_answer_is_asked_again,
    the_manager_hears_that_the_family_was_not_asked,
    advice_that_nobody_takes_is_chased, the_family_takes_back_its_yes,
)  # fmt: skip


test_scenario, test_every_flow_is_walked = scenario_tests(KEY, SCENARIOS)


def test_support_needs_a_day_to_look_again() -> None:
    with pytest.raises(InvalidAnswers, match="the day you will look again"):
        Walk(KEY, saved=False).do("discuss_stalled_plan", decision="support_agreed", **TALK)
