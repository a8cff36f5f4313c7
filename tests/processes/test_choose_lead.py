"""Who will lead: the assessor, somebody who is asked, or, when nobody will, whom managers or coordinator find."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from engine.forms import InvalidAnswers
from tests.processes.walking import ASSESSOR, MANAGER, Walk, scenario_tests

KEY = "choose_lead"
CHOSEN: dict[str, Any] = {"family_wishes": "Somebody from school.", "reasons": "They trust her."}
WHY: dict[str, Any] = {"reasons": "We talked on the telephone."}


def the_assessor_leads(walk: Walk) -> None:
    assert walk.asked("appoint_lead_professional") == (ASSESSOR, ["coordinators"], date(2026, 3, 9))
    walk.do("appoint_lead_professional", lead_professional="nadia", **CHOSEN)
    assert walk.flows[-1] == "check_nominee_to_end_own_lead"
    assert walk.end == "completed"


def somebody_else_is_asked(walk: Walk) -> None:
    walk.do("appoint_lead_professional", lead_professional="owen", **CHOSEN)
    assert walk.asked("answer_lead") == ("owen", ["coordinators"], date(2026, 3, 5))
    assert walk.due("chase_nominee").date() == date(2026, 3, 6)
    walk.fire("chase_nominee")
    walk.fire("nominee_very_late")
    walk.fire("nominee_very_late")
    assert walk.operations() == ["tell_of_no_answer", "tell_coordinators", "tell_coordinators"], "every week"
    walk.do("answer_lead", lead_answer="declined", reason="Leaving in June.")
    walk.do("appoint_lead_professional", lead_professional="priya", **CHOSEN)
    walk.do("answer_lead", lead_answer="accepted")
    assert walk.operations()[-1] == "appoint_nominee"
    assert walk.end == "completed"


def nobody_will_until_the_managers_confer(walk: Walk) -> None:
    walk.do("appoint_lead_professional", nobody=True, **CHOSEN)
    assert walk.asked("confer_on_first_lead") == (MANAGER, ["line_managers"], date(2026, 3, 9))
    walk.do("confer_on_first_lead", lead_decision="name", lead_professional="owen", **WHY)
    assert walk.asked("answer_lead")[0] == "owen"
    walk.do("answer_lead", lead_answer="accepted")
    assert walk.operations() == ["appoint_nominee"]


def the_managers_find_nobody_and_the_coordinator_does(walk: Walk) -> None:
    walk.do("appoint_lead_professional", nobody=True, **CHOSEN)
    walk.do("confer_on_first_lead", lead_decision="coordinator", **WHY)
    assert walk.asked("find_first_lead") == (None, ["coordinators"], date(2026, 3, 9))
    walk.chase("finding", "tell_coordinators", "alert_manager")
    walk.done.clear()
    walk.do("find_first_lead", lead_decision="name", lead_professional="priya", **WHY)
    walk.do("answer_lead", lead_answer="accepted")
    assert walk.operations() == ["appoint_nominee"]


def nobody_can_be_found_so_the_assessor_leads_for_now(walk: Walk) -> None:
    walk.do("appoint_lead_professional", nobody=True, **CHOSEN)
    assert walk.due("confer_late").date() == date(2026, 3, 10)
    walk.fire("confer_late")
    walk.do("find_first_lead", lead_decision="nobody", until="2026-04-01", **WHY)
    assert walk.flows[-1] == "check_first_found_to_end_lead_for_now"
    assert walk.end == "completed"


SCENARIOS = (
    the_assessor_leads, somebody_else_is_asked, nobody_will_until_the_managers_confer,
    the_managers_find_nobody_and_the_coordinator_does, nobody_can_be_found_so_the_assessor_leads_for_now,
)  # fmt: skip

test_scenario, test_every_flow_is_walked = scenario_tests(KEY, SCENARIOS)


def test_somebody_is_chosen_or_nobody_and_always_with_a_reason() -> None:
    walk = Walk(KEY, saved=False)
    with pytest.raises(InvalidAnswers) as refused:
        walk.do("appoint_lead_professional", family_wishes="Anybody")
    assert set(refused.value.errors) == {"lead_professional", "reasons"}
    with pytest.raises(InvalidAnswers) as refused:
        walk.do("appoint_lead_professional", family_wishes="Anybody", nobody=True)
    assert set(refused.value.errors) == {"reasons"}
