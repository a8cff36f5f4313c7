"""A review: with a meeting or collected updates, then what has changed and what comes next."""

from __future__ import annotations

from datetime import date

from tests.processes.walking import LEAD, Walk, scenario_tests

KEY = "review"
OWNERS = ["nadia", "owen", "priya"]
DUE = date(2026, 3, 23)


def write_up(walk: Walk, next_step: str = "continue") -> None:
    assert walk.asked("hold_review") == (LEAD, ["coordinators"], DUE)
    walk.do("hold_review", held_on=str(walk.today), outcome="same", notes="N", next_step=next_step)
    assert walk.open_elements == []
    assert walk.end == "completed"


def with_a_meeting(walk: Walk) -> None:
    # Ten working days before the review people are to be invited.
    assert walk.asked("choose_review") == (LEAD, ["coordinators"], date(2026, 3, 9))
    walk.do("choose_review", way="meeting")
    assert walk.open_elements == ["arrange_tac_meeting"]
    assert walk.asked("arrange_tac_meeting")[2] == date(2026, 3, 9)
    walk.do("arrange_tac_meeting", planned_on=str(DUE), starts_at="4pm", venue="School", invited=OWNERS)
    walk.do("hold_tac_meeting", held_on=str(walk.today), family_came="yes", attended=["nadia"], notes="Better.")
    assert walk.operations() == ["circulate_minutes"]
    write_up(walk)


def with_updates_from_everybody(walk: Walk) -> None:
    walk.do("choose_review", way="updates")
    assert walk.open_elements == ["give_update", "give_update", "give_update", "hold_review"]
    assert walk.asked("give_update")[2] == date(2026, 3, 9)
    for owner in OWNERS:
        walk.do("give_update", item=owner, update="Done.")
    assert walk.open_elements == ["hold_review"]
    write_up(walk, "replan")


def some_do_not_report(walk: Walk) -> None:
    walk.do("choose_review", way="updates")
    walk.do("give_update", item="owen", update="Done.")
    assert walk.due("stop_waiting_for_updates").date() == date(2026, 3, 24)
    walk.fire("stop_waiting_for_updates")
    assert walk.open_elements == ["hold_review"]
    write_up(walk)


def it_is_written_up_before_everybody_reported(walk: Walk) -> None:
    walk.do("choose_review", way="updates")
    write_up(walk, "close")


def nobody_has_anything_to_do(walk: Walk) -> None:
    walk.owners = []
    walk.do("choose_review", way="updates")
    assert walk.open_elements == ["hold_review"]
    write_up(walk)


SCENARIOS = (
    with_a_meeting, with_updates_from_everybody, some_do_not_report, it_is_written_up_before_everybody_reported,
    nobody_has_anything_to_do,
)  # fmt: skip


test_scenario, test_every_flow_is_walked = scenario_tests(KEY, SCENARIOS, variables={"next_review_on": DUE})
