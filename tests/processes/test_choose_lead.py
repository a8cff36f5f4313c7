"""Who will lead: the assessor, or somebody who is asked first and may decline."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.processes.walking import ASSESSOR, Walk, scenario_tests

KEY = "choose_lead"
CHOSEN: dict[str, Any] = {"family_wishes": "Somebody from school.", "reasons": "They trust her."}


def the_assessor_leads(walk: Walk) -> None:
    assert walk.asked("appoint_lead_professional") == (ASSESSOR, ["coordinators"], date(2026, 3, 9))
    walk.do("appoint_lead_professional", lead_professional="nadia", **CHOSEN)
    assert walk.flows[-1] == "check_nominee_to_end_own_lead"
    assert walk.end == "completed"


def somebody_else_is_asked(walk: Walk) -> None:
    walk.do("appoint_lead_professional", lead_professional="owen", **CHOSEN)
    assert walk.asked("answer_lead") == ("owen", ["coordinators"], date(2026, 3, 5))
    walk.fire("chase_nominee")
    assert walk.operations() == ["tell_line_manager"]
    walk.do("answer_lead", lead_answer="declined", reason="Leaving in June.")
    walk.do("appoint_lead_professional", lead_professional="priya", **CHOSEN)
    walk.do("answer_lead", lead_answer="accepted")
    assert walk.operations()[-1] == "appoint_nominee"
    assert walk.end == "completed"


test_scenario, test_every_flow_is_walked = scenario_tests(KEY, (the_assessor_leads, somebody_else_is_asked))
