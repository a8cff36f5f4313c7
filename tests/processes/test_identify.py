"""Before anything is assessed: is an assessment needed, is there another plan, does the family agree?"""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.processes.support import OFFERED
from tests.processes.walking import ASSESSOR, Walk, scenario_tests

KEY = "identify"
WELL = dict.fromkeys(("healthy", "safe", "learning", "positive_impact", "free_from_poverty"), "yes")
NEEDY = WELL | {
    "healthy": "no", "learning": "no", "services_needed": "yes", "can_provide": "no", "harm_suspected": "no",
}  # fmt: skip
REFUSED: dict[str, Any] = {"consent": "refused", "reason": "Not now.", "signed_on": "2026-03-02", **OFFERED}
ANSWERED: dict[str, Any] = {"acknowledged_on": "2026-03-02", "note": "They said so."}


def checklist(walk: Walk, **answers: str) -> None:
    walk.do("complete_checklist", **NEEDY | answers)


def to_consent(walk: Walk) -> None:
    checklist(walk)
    walk.do("search_for_existing", found="none")


def closed(walk: Walk, reason: str) -> None:
    assert walk.operations()[-2:] == ["look_for_concern", "close_record"]
    assert walk.instance.variables["closure_reason"] == reason
    assert walk.end == "completed"


def the_family_agrees(walk: Walk) -> None:
    assert walk.asked("complete_checklist") == (ASSESSOR, ["case_workers"], date(2026, 3, 4))
    to_consent(walk)
    assert walk.asked("record_consent") == (ASSESSOR, ["case_workers"], date(2026, 3, 9))
    walk.do("record_consent", consent="given", signed_on="2026-03-02", given_by="Sam's mother")
    assert walk.flows[-1] == "check_consent_to_end_identified"
    assert walk.instance.variables.get("closure_reason") is None


def the_family_refuses(walk: Walk) -> None:
    to_consent(walk)
    walk.do("record_consent", **REFUSED)
    closed(walk, "consent_refused")


def refused_while_concerns_are_open(walk: Walk) -> None:
    walk.concerns = 2
    to_consent(walk)
    walk.do("record_consent", **REFUSED)
    for left in (1, 0):
        assert walk.current == ("wait_for_concern",)
        walk.concerns = left
        walk.send("concern_settled")
    closed(walk, "consent_refused")


def no_assessment_is_needed(walk: Walk) -> None:
    checklist(walk, **WELL | {"services_needed": "no"})
    assert walk.instance.variables["caf_route"] == "not_needed"
    walk.do("confirm_no_caf", confirmed="yes", why="All is well.")
    closed(walk, "not_needed")


def one_agency_could_help_but_an_assessment_is_wanted(walk: Walk) -> None:
    checklist(walk, can_provide="yes")
    assert walk.instance.variables["caf_route"] == "single_agency"
    assert walk.asked("confirm_no_caf")[2] == date(2026, 3, 4)
    walk.do("confirm_no_caf", confirmed="no", why="The school has to be there.")
    assert walk.open_elements == ["search_for_existing"]
    assert walk.instance.variables["closure_reason"] is None


def there_is_another_plan(walk: Walk) -> None:
    checklist(walk)
    walk.do("search_for_existing", found="other_plan", linked_plan="sen", key_worker="Ida Fell")
    closed(walk, "other_plan")


def harm_is_suspected_and_social_care_takes_it_on(walk: Walk) -> None:
    checklist(walk, harm_suspected="yes")
    assert walk.operations()[0] == "open_concern"
    walk.do("acknowledge_concern", accepted="yes", **ANSWERED)
    closed(walk, "moved_to_social_care")


def social_care_has_the_child_and_another_concern_is_open(walk: Walk) -> None:
    checklist(walk, harm_suspected="yes")
    walk.concerns = 1
    walk.do("acknowledge_concern", accepted="yes", **ANSWERED)
    assert walk.current == ("wait_for_concern",)
    walk.concerns = 0
    walk.send("concern_settled")
    closed(walk, "moved_to_social_care")


def harm_is_suspected_and_social_care_does_not_take_it_on(walk: Walk) -> None:
    checklist(walk, harm_suspected="yes")
    walk.do("acknowledge_concern", accepted="no", **ANSWERED)
    walk.do("check_for_harm", finding="no_concern", note="Support is working.")
    assert walk.open_elements == ["search_for_existing"]
    assert walk.instance.variables["closure_reason"] is None


def what_waits_is_chased(walk: Walk) -> None:
    chased(walk, "checklist")
    checklist(walk, **WELL | {"services_needed": "no"})
    chased(walk, "confirming")
    walk.do("confirm_no_caf", confirmed="no", why="The school has to be there.")
    chased(walk, "search")
    walk.do("search_for_existing", found="none")
    chased(walk, "consent")
    walk.do("record_consent", consent="given", signed_on="2026-03-02", given_by="Sam's mother")
    assert walk.flows[-1] == "check_consent_to_end_identified"


def chased(walk: Walk, what: str) -> None:
    walk.chase(what, "remind_lead", "tell_line_manager")
    walk.fire(f"{what}_very_late")
    assert walk.operations()[-1] == "tell_line_manager", "every week, until it is answered"


SCENARIOS = (
    the_family_agrees, the_family_refuses, refused_while_concerns_are_open, no_assessment_is_needed,
    one_agency_could_help_but_an_assessment_is_wanted, there_is_another_plan,
    harm_is_suspected_and_social_care_takes_it_on, social_care_has_the_child_and_another_concern_is_open,
    harm_is_suspected_and_social_care_does_not_take_it_on, what_waits_is_chased,
)  # fmt: skip

test_scenario, test_every_flow_is_walked = scenario_tests(KEY, SCENARIOS)
