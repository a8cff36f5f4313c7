"""A closure is written, signed off or sent back, and waits while a concern is open."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from engine.forms import InvalidAnswers
from tests.processes.walking import LEAD, MANAGER, Walk, scenario_tests

KEY = "closing"
WRITTEN: dict[str, Any] = {"reason": "needs_met", "summary": "Sam sleeps.", "family_told": "yes"}


def signed_off(walk: Walk) -> None:
    assert walk.asked("close_case") == (LEAD, ["coordinators"], date(2026, 3, 16))
    walk.do("close_case", **WRITTEN)
    assert walk.asked("sign_off_closure") == (MANAGER, "line_managers,coordinators", date(2026, 3, 9))
    walk.do("sign_off_closure", signed_off="yes")
    assert walk.operations() == ["look_for_concern", "close_record"]
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
    assert walk.operations() == ["remind_lead"]
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


SCENARIOS = (signed_off, sent_back_and_written_again, nobody_writes_it_and_nobody_signs_it, a_concern_is_open)

test_scenario, test_every_flow_is_walked = scenario_tests(KEY, SCENARIOS)


def test_who_sends_it_back_says_what_is_missing() -> None:
    walk = Walk(KEY, saved=False)
    walk.do("close_case", **WRITTEN)
    with pytest.raises(InvalidAnswers, match="what is missing"):
        walk.do("sign_off_closure", signed_off="no")
