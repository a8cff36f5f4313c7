"""The family is assessed again, now or on a day that is agreed; the plan goes on meanwhile."""

from __future__ import annotations

from datetime import date, timedelta

from tests.processes.walking import LEAD, Walk, scenario_tests

KEY = "reassess"


def assess(walk: Walk) -> None:
    walk.do(
        "assess_again", strengths="Sam walks to school.", needs="Sleep.", conclusions="Much is better.",
        child_comment="I like it.", parent_comment="He is calmer.", signed_by="Jo", completed_on=str(walk.today),
    )  # fmt: skip


def now(walk: Walk) -> None:
    assert walk.asked("agree_reassessment") == (LEAD, ["coordinators"], date(2026, 3, 9))
    walk.do("agree_reassessment", assess_again="yes", why="Much has changed.")
    assert walk.asked("assess_again") == (LEAD, ["coordinators"], date(2026, 3, 16))
    assess(walk)
    assert walk.operations() == ["remind_lead", "tell_coordinators"]
    assert walk.end == "completed"


def not_now(walk: Walk) -> None:
    again_on = walk.today + timedelta(days=60)
    walk.do("agree_reassessment", assess_again="not_now", why="A new baby.", ask_again_on=str(again_on))
    assert walk.open_elements == []
    assert walk.due("wait_to_ask_again").date() == again_on
    walk.fire("wait_to_ask_again")
    assert walk.open_elements == ["agree_reassessment"]
    walk.do("agree_reassessment", assess_again="yes", why="Now.")
    assess(walk)


def chased(walk: Walk) -> None:
    walk.chase("asking", "remind_lead", "tell_line_manager")
    walk.do("agree_reassessment", assess_again="yes", why="Much has changed.")
    walk.chase("assessment", "remind_lead", "tell_line_manager")
    assess(walk)
    assert walk.end == "completed"


test_scenario, test_every_flow_is_walked = scenario_tests(KEY, (now, not_now, chased))
