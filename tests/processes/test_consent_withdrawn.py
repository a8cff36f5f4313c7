"""Sharing stops at once; a manager checks for harm, in time; then the case closes, or the family agrees again."""

from __future__ import annotations

from datetime import date, timedelta

from tests.processes.walking import LEAD, MANAGER, MORNING, Walk, scenario_tests

KEY = "consent_withdrawn"
CLOSING = {"reason": "consent_withdrawn", "summary": "School goes on helping.", "family_told": "yes"}
STOPPED = ["stop_sharing"]
CLOSED = ["look_for_concern", "close_record"]


def no_harm_feared(walk: Walk) -> None:
    assert walk.operations() == STOPPED
    assert walk.asked("check_for_harm") == (MANAGER, ["line_managers"], date(2026, 3, 3))
    walk.do("check_for_harm", finding="no_concern", note="Seen at home.")
    assert walk.asked("close_case")[0] == LEAD
    walk.do("close_case", **CLOSING)
    assert walk.asked("sign_off_closure")[0] == MANAGER, "as every closure, it is signed off"
    walk.do("sign_off_closure", signed_off="yes")
    assert walk.operations() == [*STOPPED, "look_at_consent", "look_for_closing", *CLOSED]
    assert walk.end == "completed"


def the_check_is_late(walk: Walk) -> None:
    assert walk.due("harm_check_due") == MORNING + timedelta(hours=24)
    assert walk.due("harm_check_late") == MORNING + timedelta(hours=48)
    walk.fire("harm_check_due")
    assert walk.operations()[-1] == "tell_line_manager"
    for days in (2, 4, 6):
        assert walk.due("harm_check_late") == MORNING + timedelta(days=days)
        walk.fire("harm_check_late")
        assert walk.operations()[-1] == "alert_manager"
    assert walk.operations().count("alert_manager") == 3, "until it is done"
    assert walk.open_elements == ["check_for_harm"]
    closes(walk)


def harm_feared(walk: Walk) -> None:
    walk.do("check_for_harm", finding="concern", note="Nobody has seen the baby.")
    assert "answer_due" in [timer.element_id for timer in walk.timers.values()]
    assert walk.open_elements == ["acknowledge_concern"]
    walk.do("acknowledge_concern", accepted="yes", acknowledged_on="2026-03-02", note="They go today.")
    assert walk.open_elements == ["close_case"]
    walk.do("close_case", reason="moved_to_social_care", summary="Social care leads.", family_told="yes")
    walk.do("sign_off_closure", signed_off="yes")
    assert walk.end == "completed"


def social_care_does_not_answer(walk: Walk) -> None:
    walk.do("check_for_harm", finding="concern", note="Nobody has seen the baby.")
    walk.fire("answer_due")
    assert walk.operations()[-1] == "alert_manager"
    walk.do("acknowledge_concern", accepted="no", acknowledged_on="2026-03-02", note="Not their threshold.")
    closes(walk)


def the_family_agrees_again_before_the_check_is_done(walk: Walk) -> None:
    assert walk.open_elements == ["check_for_harm"], "the check stays as it is"
    walk.sharing_again = True
    walk.do("check_for_harm", finding="no_concern", note="Seen at home.")
    assert walk.operations() == [*STOPPED, "look_at_consent", "take_closure_back"]
    assert walk.end == "completed"


def the_family_agrees_again_while_the_case_closes(walk: Walk) -> None:
    walk.do("check_for_harm", finding="no_concern", note="Seen at home.")
    walk.do("close_case", **CLOSING)
    walk.send("consent_given_again")
    assert walk.open_elements == []
    assert walk.operations()[-1] == "take_closure_back"
    assert "close_record" not in walk.operations()
    assert walk.end == "completed"


def closes(walk: Walk) -> None:
    walk.do("check_for_harm", finding="no_concern", note="Seen at home.")
    walk.do("close_case", **CLOSING)
    walk.do("sign_off_closure", signed_off="yes")
    assert walk.end == "completed"


SCENARIOS = (
    no_harm_feared, the_check_is_late, harm_feared, social_care_does_not_answer,
    the_family_agrees_again_before_the_check_is_done, the_family_agrees_again_while_the_case_closes,
)  # fmt: skip


test_scenario, test_every_flow_is_walked = scenario_tests(KEY, SCENARIOS)
