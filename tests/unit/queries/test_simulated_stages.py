"""At which stage of its episode a case of a simulated caseload counts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.queries.simulated_stages import ELSEWHERE, ORDER, STEPS, stage_of

PROCESSES = Path(__file__).parents[3] / "processes"


@pytest.mark.parametrize(
    ("steps", "stage"),
    [
        ({"identify_need", "complete_checklist"}, "First questions"),
        ({"identify_need", "record_consent"}, "Consent"),
        ({"agree_to_begin", "search_for_existing"}, "First questions"),
        ({"take_summary"}, "Assessment"),
        ({"complete_assessment"}, "Assessment"),
        ({"choose_lead", "appoint_lead_professional"}, "Lead being chosen"),
        ({"hold_first_meeting", "hold_tac_meeting"}, "First TAC meeting"),
        ({"deliver_plan", "agree_plan", "agree_action_plan"}, "Plan being agreed"),
        ({"deliver_plan", "wait_for_review"}, "Plan under way"),
        ({"deliver_plan", "review_plan", "meet_for_review", "hold_tac_meeting"}, "Review"),
        ({"deliver_plan", "refer_to_social_care", "acknowledge_concern"}, "With social care"),
        ({"deliver_plan", "close_plan", "close_case"}, "Closing"),
        ({"something_of_ours"}, ELSEWHERE),
        (set(), ELSEWHERE),
    ],
)
def test_a_case_is_at_the_stage_of_the_step_that_says_most(steps: set[str], stage: str) -> None:
    assert stage_of(steps) == stage
    assert stage in ORDER


def test_every_step_that_makes_a_stage_is_one_of_a_shipped_diagram() -> None:
    elements = set(re.findall(r' id="(\w+)"', "".join(path.read_text() for path in PROCESSES.glob("*.bpmn"))))
    assert {each for ids in STEPS.values() for each in ids} - elements == set()
