"""Sharing stops at once; a manager checks for harm, in time; then the case closes."""

from __future__ import annotations

from datetime import date, timedelta

from tests.processes.walking import LEAD, MANAGER, MORNING, Walk, scenario_tests

KEY = "consent_withdrawn"
CLOSING = {"reason": "consent_withdrawn", "summary": "School goes on helping.", "family_told": "yes"}


def no_harm_feared(walk: Walk) -> None:
    assert walk.operations() == ["stop_sharing"]
    assert walk.asked("check_for_harm") == (MANAGER, ["line_managers"], date(2026, 3, 3))
    walk.do("check_for_harm", finding="no_concern", note="Seen at home.")
    assert walk.asked("close_case")[0] == LEAD
    walk.do("close_case", **CLOSING)
    assert walk.operations() == ["stop_sharing", "close_record"]
    assert walk.end == "completed"


def the_check_is_late(walk: Walk) -> None:
    assert walk.due("harm_check_due") == MORNING + timedelta(hours=24)
    assert walk.due("harm_check_late") == MORNING + timedelta(hours=48)
    walk.fire("harm_check_due")
    assert walk.operations()[-1] == "tell_line_manager"
    walk.fire("harm_check_late")
    assert walk.operations()[-1] == "alert_manager"
    assert walk.open_elements == ["check_for_harm"]
    walk.do("check_for_harm", finding="no_concern", note="Seen at home.")
    walk.do("close_case", **CLOSING)
    assert walk.end == "completed"


def harm_feared(walk: Walk) -> None:
    walk.do("check_for_harm", finding="concern", note="Nobody has seen the baby.")
    assert [timer.element_id for timer in walk.timers.values()] == ["no_answer_in_a_day"]
    assert walk.open_elements == ["acknowledge_concern"]
    walk.do("acknowledge_concern", accepted="yes", acknowledged_on="2026-03-02", note="They go today.")
    assert walk.open_elements == ["close_case"]
    walk.do("close_case", reason="moved_to_social_care", summary="Social care leads.", family_told="yes")
    assert walk.end == "completed"


def social_care_does_not_answer(walk: Walk) -> None:
    walk.do("check_for_harm", finding="concern", note="Nobody has seen the baby.")
    walk.fire("no_answer_in_a_day")
    assert walk.operations()[-1] == "alert_manager"
    walk.do("acknowledge_concern", accepted="no", acknowledged_on="2026-03-02", note="Not their threshold.")
    walk.do("check_for_harm", finding="no_concern", note="Seen since.")
    walk.do("close_case", **CLOSING)
    assert walk.end == "completed"


def a_closing_that_waits_is_chased(walk: Walk) -> None:
    walk.do("check_for_harm", finding="no_concern", note="Seen at home.")
    walk.chase("closing", "remind_lead", "tell_line_manager")
    walk.do("close_case", **CLOSING)
    assert walk.end == "completed"


SCENARIOS = (
    no_harm_feared, the_check_is_late, harm_feared, social_care_does_not_answer, a_closing_that_waits_is_chased,
)  # fmt: skip


test_scenario, test_every_flow_is_walked = scenario_tests(KEY, SCENARIOS)
