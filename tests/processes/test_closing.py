"""A closure is written, signed off or sent back, and waits while a concern is open."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from engine.forms import InvalidAnswers
from tests.processes.walking import LEAD, MANAGER, Walk, shipped_process

KEY = "closing"
WRITTEN: dict[str, Any] = {"reason": "needs_met", "summary": "Sam sleeps.", "family_told": "yes"}


def signed_off(walk: Walk) -> None:
    assert walk.asked("close_case") == (LEAD, ["coordinators"], date(2026, 3, 16))
    walk.do("close_case", **WRITTEN)
    assert walk.asked("sign_off_closure") == (MANAGER, "line_managers,coordinators", date(2026, 3, 9))
    walk.do("sign_off_closure", signed_off="yes")
    assert walk.operations() == ["look_for_closing", "look_for_concern", "close_record"]
    assert walk.end == "completed"


def sent_back_and_written_again(walk: Walk) -> None:
    walk.do("close_case", **WRITTEN)
    walk.do("sign_off_closure", signed_off="no", why="Say what his father thinks.")
    assert walk.open_elements == ["close_case"]
    walk.do("close_case", **WRITTEN)
    walk.do("sign_off_closure", signed_off="yes")
    assert walk.operations()[-1] == "close_record"


def nobody_writes_it_and_nobody_signs_it(walk: Walk) -> None:
    assert walk.due("closing_late").date() == date(2026, 3, 17)
    walk.fire("closing_late")
    assert walk.operations() == ["look_for_closing", "remind_lead"]
    for day in (date(2026, 3, 19), date(2026, 3, 26), date(2026, 4, 2)):
        assert walk.due("closing_very_late").date() == day, "every week, until it is written"
        walk.fire("closing_very_late")
        assert walk.operations()[-1] == "tell_line_manager"
    walk.do("close_case", **WRITTEN)
    walk.fire("sign_off_late")
    assert walk.open_elements == ["sign_off_instead"]
    assert walk.asked("sign_off_instead")[:2] == (None, ["coordinators"])
    for _ in range(2):
        walk.fire("sign_off_very_late")
        assert walk.operations()[-1] == "alert_coordinator"
    walk.do("sign_off_instead", signed_off="yes")
    assert walk.operations()[-1] == "close_record"


def a_concern_is_open(walk: Walk) -> None:
    walk.concerns = 1
    walk.do("close_case", **WRITTEN)
    walk.do("sign_off_closure", signed_off="yes")
    assert walk.current == ("wait_for_concern",)
    walk.concerns = 0
    walk.send("concern_settled")
    assert walk.operations()[-1] == "close_record"
    assert walk.end == "completed"


def what_it_waited_for_takes_its_reason_away(walk: Walk) -> None:
    walk.concerns = 1
    walk.do("close_case", **WRITTEN)
    walk.do("sign_off_closure", signed_off="yes")
    walk.concerns, walk.closure_overtaken = 0, True
    walk.send("concern_settled")
    assert walk.open_elements == ["close_case"] and "close_record" not in walk.operations()


def it_is_being_closed_already(walk: Walk) -> None:
    assert walk.due("wait_for_closing").date() == date(2026, 3, 3)
    for _ in range(2):
        assert walk.open_elements == []
        walk.fire("wait_for_closing")
    assert walk.operations() == ["look_for_closing"] * 3 and walk.open_elements == ["close_case"]


SCENARIOS: dict[Callable[[Walk], None], int] = {
    signed_off: 0,
    sent_back_and_written_again: 0,
    nobody_writes_it_and_nobody_signs_it: 0,
    a_concern_is_open: 0,
    what_it_waited_for_takes_its_reason_away: 0,
    it_is_being_closed_already: 2,
}
"""Scenario -> how often it finds another closing under way."""


@pytest.mark.parametrize("saved", [False, True], ids=["live", "saved"])
def test_every_scenario_and_every_flow(saved: bool) -> None:
    walked: set[str] = set()
    for scenario, others in SCENARIOS.items():
        walk = Walk(KEY, saved=saved, variables={"other_closings": others})
        scenario(walk)
        walked.update(walk.flows)
    assert set(shipped_process(KEY).flows) <= walked


def test_who_sends_it_back_says_what_is_missing() -> None:
    walk = Walk(KEY, saved=False)
    walk.do("close_case", **WRITTEN)
    with pytest.raises(InvalidAnswers, match="what is missing"):
        walk.do("sign_off_closure", signed_off="no")
