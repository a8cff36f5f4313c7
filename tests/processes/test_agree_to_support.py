"""Where support begins without an assessment: another plan is looked for, the family is asked, or the case closes."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from engine.forms import InvalidAnswers
from tests.processes.support import OFFERED
from tests.processes.walking import ASSESSOR, Walk, scenario_tests

KEY = "agree_to_support"
SIGNED: dict[str, Any] = {"signed_on": "2026-03-02", "given_by": "Sam's mother"}
LED = {"linked_plan": "sen", "key_worker": "Ola Grant, SEN team, 01632 960111"}


def the_family_agrees(walk: Walk) -> None:
    assert walk.asked("search_for_existing") == (ASSESSOR, ["case_workers"], date(2026, 3, 4))
    walk.do("search_for_existing", found="none")
    assert walk.asked("record_consent") == (ASSESSOR, ["case_workers"], date(2026, 3, 9))
    walk.do("record_consent", consent="given", **SIGNED)
    assert walk.operations() == []
    assert walk.end == "completed"


def a_case_is_kept_beside_a_plan_that_leads(walk: Walk) -> None:
    walk.do("search_for_existing", found="beside", why_beside="Her brothers need help at home.", **LED)
    walk.do("record_consent", consent="limited", scope="Not the father's health.", kinds=["plan"], **SIGNED)
    assert walk.operations() == []
    assert walk.end == "completed"


def another_plan_leads(walk: Walk) -> None:
    walk.do("search_for_existing", found="other_plan", **LED)
    assert walk.operations() == ["look_for_concern", "close_record"]
    assert walk.end == "completed"


def a_refusal_waits_for_social_care(walk: Walk) -> None:
    walk.do("search_for_existing", found="none")
    walk.concerns = 1
    walk.do("record_consent", consent="refused", signed_on="2026-03-02", **OFFERED)
    assert walk.operations() == ["look_for_concern"]
    walk.concerns = 0
    walk.send("concern_settled")
    assert walk.operations()[1:] == ["look_for_concern", "close_record"]
    assert walk.end == "completed"


def what_waits_is_chased(walk: Walk) -> None:
    for task, what in (("search_for_existing", "search"), ("record_consent", "consent")):
        walk.chase(what, "remind_lead", "tell_line_manager")
        walk.fire(f"{what}_very_late")
        assert walk.operations()[-1] == "tell_line_manager", "every week, until it is answered"
        assert walk.open_elements == [task]
        walk.do(task, **({"found": "none"} if what == "search" else {"consent": "given", **SIGNED}))
    assert walk.end == "completed"


SCENARIOS = (
    the_family_agrees, a_case_is_kept_beside_a_plan_that_leads, another_plan_leads, a_refusal_waits_for_social_care,
    what_waits_is_chased,
)  # fmt: skip


test_scenario, test_every_flow_is_walked = scenario_tests(KEY, SCENARIOS)


@pytest.mark.parametrize("lacks", ["offered_by", "offered"])
def test_a_refusal_says_which_help_is_offered_instead(lacks: str) -> None:
    walk = Walk(KEY, saved=False)
    walk.do("search_for_existing", found="none")
    with pytest.raises(InvalidAnswers):
        walk.do("record_consent", consent="refused", signed_on="2026-03-02", **{**OFFERED, lacks: ""})


@pytest.mark.parametrize("lacks", ["why_beside", "key_worker", "linked_plan"])
def test_a_case_beside_another_plan_needs_its_reason(lacks: str) -> None:
    answers = {"found": "beside", "why_beside": "Her brothers.", **LED}
    del answers[lacks]
    with pytest.raises(InvalidAnswers):
        Walk(KEY, saved=False).do("search_for_existing", **answers)
