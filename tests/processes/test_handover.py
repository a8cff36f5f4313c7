"""The lead changes: proposed, told, answered, and moved only then; a vacancy goes the same way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from engine.forms import InvalidAnswers
from tests.processes.walking import LEAD, MANAGER, Walk, shipped_process

KEY = "handover"
PROPOSED: dict[str, Any] = {"successor": "owen", "planned_on": "2026-03-02", "reasons": "I move to another team."}
NOBODY: dict[str, Any] = {"nobody": True, "whom_asked": "Owen and Priya: no time"}
TOLD: dict[str, Any] = {"told_on": "2026-03-02", "family_agrees": "yes", "family_view": "Fine with us."}
CONFERRED: dict[str, Any] = {"why": "We talked on the telephone."}
DONE = ["look_at_successor", "move_lead", "tell_members", "tell_coordinators"]


def accepted(walk: Walk) -> None:
    assert walk.asked("tell_family") == (LEAD, ["line_managers"], date(2026, 3, 9))
    walk.do("tell_family", **TOLD)
    assert walk.asked("answer_handover")[::2] == ("owen", date(2026, 3, 9))
    assert [walk.due(chaser).date().day for chaser in ("chase_answer", "answer_late")] == [10, 17]
    walk.do("answer_handover", handover_answer="accepted")
    assert walk.operations() == DONE
    assert walk.end == "completed"


def accepted_for_a_later_day(walk: Walk) -> None:
    walk.do("tell_family", **TOLD)
    walk.do("answer_handover", handover_answer="accepted")
    assert walk.operations() == []
    assert walk.due("wait_for_day").isoformat() == "2026-03-20T00:00:00+00:00"
    walk.fire("wait_for_day")
    assert walk.operations() == DONE
    assert walk.end == "completed"


def the_day_passes_while_people_are_asked(walk: Walk) -> None:
    walk.do("tell_family", **TOLD)
    walk.wait(days=30)
    walk.do("answer_handover", handover_answer="accepted")
    assert walk.operations() == DONE


def declined_and_another_name_found(walk: Walk) -> None:
    walk.do("tell_family", **TOLD)
    walk.do("answer_handover", handover_answer="declined", reason="Too far away.")
    assert walk.asked("confer_on_lead")[0] == MANAGER
    walk.do("confer_on_lead", lead_decision="other_name", **CONFERRED)
    assert walk.asked("propose_handover")[0] == MANAGER
    walk.do("propose_handover", **PROPOSED | {"successor": "priya"})
    walk.do("tell_family", **TOLD)
    assert walk.asked("answer_handover")[0] == "priya"
    walk.do("answer_handover", handover_answer="accepted")
    assert walk.operations() == DONE


def declined_and_the_lead_goes_on(walk: Walk) -> None:
    walk.do("tell_family", **TOLD)
    walk.do("answer_handover", handover_answer="declined", reason="Ill.")
    walk.do("confer_on_lead", lead_decision="lead_goes_on", **CONFERRED)
    assert walk.operations() == []
    assert walk.end == "completed"


def the_family_wants_somebody_else(walk: Walk) -> None:
    walk.do("tell_family", **TOLD | {"family_agrees": "no", "family_view": "We know Priya."})
    assert walk.open_elements == ["confer_on_lead"]
    walk.do("confer_on_lead", lead_decision="other_name", **CONFERRED)
    walk.do("propose_handover", **PROPOSED | {"successor": "priya"})
    walk.do("tell_family", **TOLD)
    walk.do("answer_handover", handover_answer="accepted")
    assert walk.operations() == DONE


def nobody_until_the_coordinator_finds_somebody(walk: Walk) -> None:
    walk.do("tell_family", **TOLD)
    walk.do("answer_handover", handover_answer="declined", reason="Ill.")
    walk.do("confer_on_lead", lead_decision="coordinator", **CONFERRED)
    assert walk.asked("find_lead")[:2] == (None, ["coordinators"])
    walk.chase("finding", "tell_coordinators", "alert_manager")
    walk.done.clear()
    walk.wait(days=1)
    walk.do("find_lead", lead_decision="other_name", **CONFERRED)
    walk.do("propose_handover", **PROPOSED | {"successor": "nadia", "planned_on": str(walk.today)})
    walk.do("tell_family", **TOLD)
    walk.do("answer_handover", handover_answer="accepted")
    assert walk.operations() == DONE


def managers_who_do_not_confer_lose_it_to_the_coordinator(walk: Walk) -> None:
    walk.do("tell_family", **TOLD)
    walk.do("answer_handover", handover_answer="declined", reason="Ill.")
    assert walk.due("confer_late").date() == date(2026, 3, 10)
    walk.fire("confer_late")
    assert walk.open_elements == ["find_lead"]
    walk.do("find_lead", lead_decision="lead_goes_on", **CONFERRED)
    assert walk.operations() == []
    assert walk.end == "completed"


def everybody_is_chased(walk: Walk) -> None:
    assert walk.due("chase_telling").date() == date(2026, 3, 10)
    walk.fire("chase_telling")
    assert walk.operations() == ["tell_line_manager"]
    walk.do("tell_family", **TOLD)
    walk.fire("chase_answer")
    assert walk.operations()[1:] == ["tell_successor"]
    walk.fire("answer_late")
    assert walk.operations()[2:] == ["tell_line_manager"]
    walk.do("answer_handover", handover_answer="accepted")
    assert walk.operations()[3:] == DONE


def the_successor_has_left_by_the_day(walk: Walk) -> None:
    walk.do("tell_family", **TOLD)
    walk.do("answer_handover", handover_answer="accepted")
    walk.successor_gone = True
    walk.wait(days=18)
    walk.fire("wait_for_day")
    assert walk.operations() == ["look_at_successor"]
    assert walk.asked("confer_on_lead")[0] == MANAGER
    walk.successor_gone = False
    walk.do("confer_on_lead", lead_decision="other_name", **CONFERRED)
    walk.do("propose_handover", **PROPOSED | {"successor": "priya", "planned_on": "2026-03-20"})
    walk.do("tell_family", **TOLD)
    walk.do("answer_handover", handover_answer="accepted")
    assert walk.operations()[1:] == DONE


def whoever_accepted_is_gone_before_the_day(walk: Walk) -> None:
    walk.do("tell_family", **TOLD)
    walk.do("answer_handover", handover_answer="accepted")
    walk.wait(days=2)
    walk.send("successor_left")
    assert walk.asked("confer_on_lead")[0] == MANAGER and walk.operations() == []
    walk.do("confer_on_lead", lead_decision="lead_goes_on", **CONFERRED)
    assert walk.end == "completed"


def the_successor_has_left_before_the_family_is_told(walk: Walk) -> None:
    walk.send("successor_left")
    assert walk.open_elements == ["confer_on_lead"] and walk.operations() == []


def the_successor_has_left_without_an_answer(walk: Walk) -> None:
    walk.do("tell_family", **TOLD)
    walk.send("successor_left")
    assert walk.open_elements == ["confer_on_lead"] and "tell_successor" not in walk.operations()


def somebody_leads_in_between(walk: Walk) -> None:
    assert walk.asked("propose_handover") == (MANAGER, ["line_managers", "coordinators"], date(2026, 3, 9))
    walk.fire("proposal_late")
    assert walk.operations() == ["tell_line_manager"]
    for _ in range(2):
        walk.fire("proposal_very_late")
    assert walk.operations()[1:] == ["alert_coordinator"] * 2, "every week, until somebody is named"
    del walk.done[1:]
    walk.wait(days=1)
    walk.do("propose_handover", **PROPOSED | {"planned_on": str(walk.today)})
    walk.do("tell_family", **TOLD)
    walk.do("answer_handover", handover_answer="accepted")
    assert walk.operations()[1:] == DONE
    assert walk.end == "completed"


def the_lead_s_time_is_over(walk: Walk) -> None:
    walk.do("propose_handover", **PROPOSED)
    assert walk.open_elements == ["tell_family"]


def nobody_can_be_found(walk: Walk) -> None:
    assert walk.asked("confer_on_lead")[0] == MANAGER
    walk.do("confer_on_lead", lead_decision="other_name", **CONFERRED)
    walk.do("propose_handover", **NOBODY)
    walk.do("confer_on_lead", lead_decision="coordinator", **CONFERRED)
    walk.do("find_lead", lead_decision="lead_goes_on", **CONFERRED)
    assert walk.operations() == []
    assert walk.end == "completed"


PLANNED = (
    accepted, the_day_passes_while_people_are_asked, declined_and_another_name_found, declined_and_the_lead_goes_on,
    the_family_wants_somebody_else, nobody_until_the_coordinator_finds_somebody,
    managers_who_do_not_confer_lose_it_to_the_coordinator, everybody_is_chased,
    the_successor_has_left_before_the_family_is_told, the_successor_has_left_without_an_answer,
)  # fmt: skip
SCENARIOS: dict[Callable[[Walk], None], dict[str, Any]] = {
    **{scenario: {"begin": PROPOSED} for scenario in PLANNED},
    accepted_for_a_later_day: {"begin": PROPOSED | {"planned_on": "2026-03-20"}},
    whoever_accepted_is_gone_before_the_day: {"begin": PROPOSED | {"planned_on": "2026-03-20"}},
    the_successor_has_left_by_the_day: {"begin": PROPOSED | {"planned_on": "2026-03-20"}},
    nobody_can_be_found: {"begin": NOBODY},
    somebody_leads_in_between: {"start_at": "start_after_vacancy"},
    the_lead_s_time_is_over: {"start_at": "start_after_review"},
}


@pytest.mark.parametrize("saved", [False, True], ids=["live", "saved"])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_scenario(scenario: Callable[[Walk], None], saved: bool) -> None:
    scenario(Walk(KEY, saved=saved, **SCENARIOS[scenario]))


@pytest.mark.parametrize("saved", [False, True], ids=["live", "saved"])
def test_every_flow_is_walked(saved: bool) -> None:
    walked: set[str] = set()
    for scenario, start in SCENARIOS.items():
        walk = Walk(KEY, saved=saved, **start)
        scenario(walk)
        walked.update(walk.flows)
    assert walked == set(shipped_process(KEY).flows)


def test_who_declines_says_why() -> None:
    walk = Walk(KEY, saved=False, begin=PROPOSED)
    walk.do("tell_family", **TOLD)
    with pytest.raises(InvalidAnswers, match="why not"):
        walk.do("answer_handover", handover_answer="declined")


def test_who_finds_nobody_says_whom_they_asked() -> None:
    with pytest.raises(InvalidAnswers, match="whom you asked"):
        Walk(KEY, saved=False, begin={"nobody": True})
