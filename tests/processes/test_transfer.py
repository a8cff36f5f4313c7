"""The family moves: with consent the papers go and the new area takes over; without it nothing is sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from tests.processes.walking import LEAD, MANAGER, Walk, shipped_process

KEY = "transfer"
MOVES: dict[str, Any] = {"area": "Leeds", "moves_on": "2026-04-01"}
YES: dict[str, Any] = {"transfer_consent": "yes", "given_by": "Jo", "asked_on": "2026-03-02"}
NO: dict[str, Any] = {"transfer_consent": "no", "reason": "A fresh start.", "asked_on": "2026-03-02"}
SENT: dict[str, Any] = {
    "sent": "yes", "sent_to": "Early help, Leeds", "sent_what": ["assessment", "plan"], "sent_on": "2026-03-02",
}  # fmt: skip
RECEIVED: dict[str, Any] = {"received": "yes", "received_by": "Ana Bell", "received_on": "2026-03-02"}


def with_consent(walk: Walk) -> None:
    assert walk.asked("ask_consent_to_send") == (LEAD, ["line_managers"], date(2026, 3, 9))
    walk.do("ask_consent_to_send", **YES)
    assert walk.asked("send_papers")[0] == LEAD
    walk.do("send_papers", **SENT)
    assert walk.operations() == []
    assert walk.due("wait_for_review").date() == date(2026, 3, 30)
    walk.fire("wait_for_review")
    assert walk.asked("confirm_transfer")[0] == MANAGER
    walk.do("confirm_transfer", **RECEIVED)
    assert walk.done == [("close_record", {"closure_reason": "moved_authority"})]
    assert walk.end == "completed"


def what_has_not_arrived_is_sent_again(walk: Walk) -> None:
    walk.do("ask_consent_to_send", **YES)
    walk.do("send_papers", **SENT)
    walk.fire("wait_for_review")
    walk.do("confirm_transfer", received="no")
    assert walk.operations() == []
    assert walk.open_elements == ["send_papers"]
    walk.do("send_papers", **SENT)
    walk.fire("wait_for_review")
    walk.do("confirm_transfer", **RECEIVED)
    assert walk.end == "completed"


def papers_that_went_before_it_was_recorded_are_asked_about_from_their_day(walk: Walk) -> None:
    walk.do("ask_consent_to_send", **YES)
    walk.do("send_papers", **{**SENT, "sent_on": "2026-02-20"})
    assert walk.due("wait_for_review").date() == date(2026, 3, 20)
    walk.fire("wait_for_review")
    walk.do("confirm_transfer", **RECEIVED)
    assert walk.end == "completed"


def without_consent_it_closes(walk: Walk) -> None:
    walk.do("ask_consent_to_send", **NO)
    assert walk.asked("decide_without_papers")[0] == MANAGER
    walk.do("decide_without_papers", move_decision="close", why="They have moved.")
    assert walk.done == [("close_record", {"closure_reason": "moved_authority"})]
    assert walk.end == "completed"


def without_consent_it_stays(walk: Walk) -> None:
    walk.do("ask_consent_to_send", **NO)
    walk.do("decide_without_papers", move_decision="stay", why="They may come back.")
    assert walk.operations() == []
    assert walk.end == "completed"


def the_yes_is_taken_back_before_anything_is_sent(walk: Walk) -> None:
    walk.do("ask_consent_to_send", **YES)
    walk.do("send_papers", sent="no", why_not_sent="They will take the papers themselves.")
    assert walk.open_elements == ["decide_without_papers"]
    walk.do("decide_without_papers", move_decision="close", why="They have moved.")
    assert walk.end == "completed"


def the_new_area_does_not_take_it_on(walk: Walk) -> None:
    walk.do("ask_consent_to_send", **YES)
    walk.do("send_papers", **SENT)
    walk.fire("wait_for_review")
    walk.do("confirm_transfer", received="stays", why_stays="They came back in the holidays.")
    assert walk.operations() == []
    assert walk.end == "completed"


def everybody_is_chased(walk: Walk) -> None:
    assert walk.due("consent_late").date() == date(2026, 3, 10)
    assert walk.due("consent_very_late").date() == date(2026, 3, 12)
    walk.chase("consent", "remind_lead", "tell_line_manager")
    walk.do("ask_consent_to_send", **YES)
    walk.chase("papers", "remind_lead", "tell_line_manager")
    walk.do("send_papers", **SENT)
    walk.fire("wait_for_review")
    walk.chase("receipt", "tell_line_manager", "alert_manager")
    walk.do("confirm_transfer", **RECEIVED)
    assert walk.end == "completed"


def the_manager_is_chased_too(walk: Walk) -> None:
    walk.do("ask_consent_to_send", **NO)
    walk.chase("decision", "tell_line_manager", "tell_manager_above")
    walk.do("decide_without_papers", move_decision="stay", why="They may come back.")
    assert walk.end == "completed"


SCENARIOS = (
    with_consent, what_has_not_arrived_is_sent_again, without_consent_it_closes, without_consent_it_stays,
    the_yes_is_taken_back_before_anything_is_sent, the_new_area_does_not_take_it_on, everybody_is_chased,
    the_manager_is_chased_too, papers_that_went_before_it_was_recorded_are_asked_about_from_their_day,
)  # fmt: skip


@pytest.mark.parametrize("saved", [False, True], ids=["live", "saved"])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_scenario(scenario: Callable[[Walk], None], saved: bool) -> None:
    scenario(Walk(KEY, saved=saved, begin=MOVES))


@pytest.mark.parametrize("saved", [False, True], ids=["live", "saved"])
def test_every_flow_is_walked(saved: bool) -> None:
    walked: set[str] = set()
    for scenario in SCENARIOS:
        walk = Walk(KEY, saved=saved, begin=MOVES)
        scenario(walk)
        walked.update(walk.flows)
    assert walked == set(shipped_process(KEY).flows)
