"""A concern is answered, or the manager hears within 24 clock hours."""

from __future__ import annotations

from tests.processes.walking import MANAGER, Walk, scenario_tests

KEY = "safeguarding_concern"
ANSWER = {"acknowledged_on": "2026-03-02", "note": "They will visit."}


def taken_on(walk: Walk) -> None:
    assert walk.asked("acknowledge_concern")[:2] == (None, ["safeguarding_leads", "line_managers"])
    walk.do("acknowledge_concern", accepted="yes", **ANSWER)
    assert walk.end == "completed"
    assert walk.operations() == []


def no_answer_in_a_day(walk: Walk) -> None:
    assert walk.due("no_answer_in_a_day").isoformat() == "2026-03-03T09:00:00+00:00"
    walk.fire("no_answer_in_a_day")
    assert walk.operations() == ["alert_manager"]
    assert walk.open_elements == ["acknowledge_concern"]
    walk.do("acknowledge_concern", accepted="yes", **ANSWER)
    assert walk.end == "completed"


def not_taken_on_and_no_longer_worried(walk: Walk) -> None:
    walk.do("acknowledge_concern", accepted="no", **ANSWER)
    assert "no_answer_in_a_day" not in {timer.element_id for timer in walk.timers.values()}
    assert walk.asked("check_for_harm")[0] == MANAGER
    walk.do("check_for_harm", finding="no_concern", note="Seen at school today.")
    assert walk.end == "completed"


def not_taken_on_and_put_again(walk: Walk) -> None:
    walk.do("acknowledge_concern", accepted="no", **ANSWER)
    walk.wait(days=1)
    walk.do("check_for_harm", finding="concern", note="The bruises are new.")
    assert walk.open_elements == ["acknowledge_concern"]
    assert walk.due("no_answer_in_a_day").isoformat() == "2026-03-04T09:00:00+00:00"
    walk.do("acknowledge_concern", accepted="yes", **ANSWER)
    assert walk.end == "completed"


def the_check_is_not_made(walk: Walk) -> None:
    walk.do("acknowledge_concern", accepted="no", **ANSWER)
    assert walk.due("harm_check_due").isoformat() == "2026-03-03T09:00:00+00:00"
    assert walk.due("harm_check_late").isoformat() == "2026-03-04T09:00:00+00:00"
    walk.fire("harm_check_due")
    assert walk.operations() == ["alert_manager"]
    walk.fire("harm_check_late")
    assert walk.operations() == ["alert_manager", "alert_coordinator"]
    assert walk.open_elements == ["check_for_harm"]
    walk.do("check_for_harm", finding="no_concern", note="Seen at school today.")
    assert walk.timers == {}
    assert walk.end == "completed"


SCENARIOS = (
    taken_on, no_answer_in_a_day, not_taken_on_and_no_longer_worried, not_taken_on_and_put_again,
    the_check_is_not_made,
)  # fmt: skip


test_scenario, test_every_flow_is_walked = scenario_tests(KEY, SCENARIOS)
