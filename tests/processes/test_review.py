"""A review: with a meeting or collected updates, then what has changed and what comes next."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from engine.forms import InvalidAnswers
from tests.processes.support import GOES_ON
from tests.processes.walking import LEAD, Scenario, Walk, flows_of, shipped_process

KEY = "review"
OWNERS = ["nadia", "owen", "priya"]
DUE = date(2026, 3, 23)
REPORT = {"action_id": "nadia", "progress": "Done."}
"""The walk's lists hold the same three choices everywhere."""


def write_up(walk: Walk, next_step: str = "continue", **answers: str) -> None:
    assert walk.asked("hold_review") == (LEAD, ["coordinators"], DUE)
    walk.do("hold_review", held_on=str(walk.today), outcome="same", notes="N", next_step=next_step, **answers)
    assert walk.open_elements == []
    assert walk.end == "completed"


def with_a_meeting(walk: Walk) -> None:
    # Ten working days before the review people are to be invited.
    assert walk.asked("choose_review") == (LEAD, ["coordinators"], date(2026, 3, 9))
    walk.do("choose_review", way="meeting")
    assert walk.open_elements == ["arrange_tac_meeting"]
    assert walk.asked("arrange_tac_meeting")[2] == date(2026, 3, 9)
    walk.do("arrange_tac_meeting", planned_on=str(DUE), starts_at="4pm", venue="School", invited=OWNERS)
    came = {"family_came": "yes", "attended": ["nadia"]}
    walk.do("hold_tac_meeting", held_on=str(walk.today), notes="Better.", **came, **GOES_ON)
    assert walk.operations() == ["look_at_consent", "circulate_minutes"]
    write_up(walk)


def with_updates_from_everybody(walk: Walk) -> None:
    walk.do("choose_review", way="updates")
    assert walk.open_elements == ["give_update", "give_update", "give_update", "hold_review"]
    assert walk.asked("give_update")[2] == date(2026, 3, 9)
    for owner in OWNERS:
        walk.do("give_update", item=owner, updates=[REPORT])
    assert walk.open_elements == ["hold_review"]
    write_up(walk, "replan")


def some_do_not_report(walk: Walk) -> None:
    walk.do("choose_review", way="updates")
    walk.do("give_update", item="owen", updates=[REPORT])
    assert walk.due("stop_waiting_for_updates").date() == date(2026, 3, 24)
    walk.fire("stop_waiting_for_updates")
    assert walk.open_elements == ["hold_review"]
    write_up(walk)


def who_says_nothing_is_reminded(walk: Walk) -> None:
    walk.do("choose_review", way="updates")
    walk.do("give_update", item="owen", updates=[REPORT])
    assert walk.due("update_late").date() == date(2026, 3, 10)
    assert walk.due("update_very_late").date() == date(2026, 3, 20)
    walk.chase("update", "chase_updates", "chase_updates")
    assert walk.open_elements.count("give_update") == 2
    write_up(walk)


def it_is_written_up_before_everybody_reported(walk: Walk) -> None:
    walk.do("choose_review", way="updates")
    write_up(walk, "close")


def nobody_has_anything_to_do(walk: Walk) -> None:
    walk.owners = []
    walk.do("choose_review", way="updates")
    assert walk.open_elements == ["hold_review"]
    write_up(walk)


def updates_instead_of_the_meeting(walk: Walk) -> None:
    walk.do("choose_review", way="meeting")
    walk.do("arrange_tac_meeting", planned_on=str(DUE), starts_at="4pm", venue="School", invited=OWNERS)
    walk.send("review_way_changed", way="updates", owners=["owen"])
    assert walk.open_elements == ["give_update", "hold_review"]
    walk.do("give_update", item="owen", updates=[REPORT])
    write_up(walk)


def a_meeting_instead_of_updates(walk: Walk) -> None:
    walk.do("choose_review", way="updates")
    walk.do("give_update", item="owen", updates=[REPORT])
    walk.send("review_way_changed", way="meeting", owners=[])
    assert walk.open_elements == ["arrange_tac_meeting"]
    walk.do("arrange_tac_meeting", planned_on=str(DUE), starts_at="4pm", venue="School", invited=OWNERS)
    came = {"family_came": "yes", "attended": ["nadia"]}
    walk.do("hold_tac_meeting", held_on=str(walk.today), notes="Better.", **came, **GOES_ON)
    write_up(walk)


def the_lead_goes_on(walk: Walk) -> None:
    walk.lead_due = True
    walk.do("choose_review", way="updates")
    write_up(walk, lead_still_right="yes", lead_until="2026-09-01")
    assert walk.flows[-1] == "check_lead_stays_to_end_review"


def somebody_else_should_lead(walk: Walk) -> None:
    walk.lead_due = True
    walk.do("choose_review", way="updates")
    write_up(walk, "replan", lead_still_right="no")
    assert walk.flows[-1] == "check_lead_stays_to_end_with_another_lead"
    assert walk.instance.variables["next_step"] == "replan"


def nothing_may_be_shared_until_the_family_agrees_again(walk: Walk) -> None:
    assert walk.open_elements == [] and walk.current == ("wait_for_consent",)
    walk.send("consent_given_again")
    with_a_meeting(walk)


SCENARIOS = (
    updates_instead_of_the_meeting, a_meeting_instead_of_updates, the_lead_goes_on, somebody_else_should_lead,
    with_a_meeting, with_updates_from_everybody, some_do_not_report, who_says_nothing_is_reminded,
    it_is_written_up_before_everybody_reported,
    nobody_has_anything_to_do,
)  # fmt: skip


REVIEW: dict[str, Any] = {"next_review_on": DUE}
WALKS = [
    *((each, REVIEW) for each in SCENARIOS),
    (nothing_may_be_shared_until_the_family_agrees_again, REVIEW | {"shared": False}),
]


@pytest.mark.parametrize("saved", [False, True], ids=["live", "saved"])
@pytest.mark.parametrize(("scenario", "given"), WALKS)
def test_scenario(scenario: Scenario, given: dict[str, Any], saved: bool) -> None:
    flows_of(KEY, scenario, saved, tuple(given.items()))


@pytest.mark.parametrize("saved", [False, True], ids=["live", "saved"])
def test_every_flow_is_walked(saved: bool) -> None:
    walked = [flows_of(KEY, scenario, saved, tuple(given.items())) for scenario, given in WALKS]
    assert set(shipped_process(KEY).flows) <= frozenset[str]().union(*walked)


def test_whether_the_lead_is_still_right_is_asked_when_their_time_is_over_and_not_before() -> None:
    walk = Walk(KEY, saved=False, variables={"next_review_on": DUE})
    walk.lead_due = True
    walk.do("choose_review", way="updates")
    with pytest.raises(InvalidAnswers, match="whether the lead is still the right one"):
        write_up(walk)
    write_up(walk, "close")
