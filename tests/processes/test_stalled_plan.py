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
REFERRAL = {"reason": "Two agencies disagree.", "tried": "The managers met.", "papers_sent_on": "2026-03-02"}


def resolved(walk: Walk) -> None:
    assert walk.asked("discuss_stalled_plan") == (MANAGER, ["line_managers"], date(2026, 3, 9))
    walk.do("discuss_stalled_plan", decision="resolved", **TALK)
    assert walk.operations() == ["end_stalled_plan"]
    assert walk.end == "completed"


def the_manager_is_reminded(walk: Walk) -> None:
    assert walk.due("chase_discussion").date() == date(2026, 3, 10)
    walk.fire("chase_discussion")
    assert walk.operations() == ["tell_line_manager"]
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


def the_family_agrees_to_mag(walk: Walk) -> None:
    walk.do("discuss_stalled_plan", decision="refer_to_mag", **TALK)
    assert walk.asked("ask_consent_for_mag")[0] == LEAD
    walk.do("ask_consent_for_mag", mag_consent="yes", given_by="Sam's mother", asked_on="2026-03-02")
    assert walk.asked("refer_to_mag")[0] == LEAD
    walk.do("refer_to_mag", **REFERRAL)
    assert walk.asked("decide_in_mag")[:2] == (None, ["mag_members"])
    walk.do("decide_in_mag", decided_on="2026-03-02", decision="Housing attends every meeting.")
    assert walk.operations() == ["end_stalled_plan"]
    assert walk.end == "completed"


def without_a_yes_nothing_leaves(walk: Walk) -> None:
    for answer in ("no", "no_answer", "not_asked"):
        walk.do("discuss_stalled_plan", decision="refer_to_mag", **TALK)
        said = {} if answer == "not_asked" else {"asked_on": "2026-03-02"}
        said |= {"given_by": "Sam's mother"} if answer == "no" else {}
        walk.do("ask_consent_for_mag", mag_consent=answer, **said)
        assert walk.open_elements == ["take_anonymous_advice"]
        assert walk.asked("take_anonymous_advice")[0] == MANAGER
        walk.do("take_anonymous_advice", **ADVICE | {"next_step_on": str(walk.today)})
        walk.fire("wait_for_next_step")
    walk.do("discuss_stalled_plan", decision="resolved", **TALK)
    assert walk.end == "completed"


SCENARIOS = (
    resolved, the_manager_is_reminded, support_is_looked_at_again, the_family_agrees_to_mag,
    without_a_yes_nothing_leaves,
)  # fmt: skip


test_scenario, test_every_flow_is_walked = scenario_tests(KEY, SCENARIOS)


def test_support_needs_a_day_to_look_again() -> None:
    with pytest.raises(InvalidAnswers, match="the day you will look again"):
        Walk(KEY, saved=False).do("discuss_stalled_plan", decision="support_agreed", **TALK)
