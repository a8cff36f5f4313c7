"""A team meeting: arranged, invited to, held with the family, or booked again without them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from engine.forms import InvalidAnswers
from tests.processes.walking import LEAD, Walk, scenario_tests

KEY = "tac_meeting"
INVITED = ["nadia", "owen", "priya"]
FAMILY = [{"person": "nadia", "invite": "yes"}, {"person": "owen", "invite": "no", "why_not": "Four years old."}]
ACTION = {"action": "Visit weekly", "outcome": "Sam sleeps", "owner": "owen", "due_on": "2026-04-01"}
ENDS = {"ends_with": "actions", "actions": [ACTION], "next_on": "2026-05-12"}


def arrange(walk: Walk, **more: Any) -> None:
    walk.do("arrange_tac_meeting", planned_on="2026-03-17", starts_at="4pm", venue="School", invited=INVITED, **more)


def hold(walk: Walk, family_came: str = "yes") -> None:
    said = {"attended": ["nadia"], "notes": "Sam spoke first.", **ENDS} if family_came == "yes" else {}
    on = {} if family_came == "not_held" else {"held_on": str(walk.today)}
    walk.do("hold_tac_meeting", family_came=family_came, **on, **said)


def everybody_replies(walk: Walk) -> None:
    assert walk.asked("arrange_tac_meeting") == (LEAD, ["coordinators"], date(2026, 3, 23))
    arrange(walk)
    assert walk.asked("reply_to_invitation")[2] == date(2026, 3, 12)
    assert walk.asked("hold_tac_meeting")[2] == date(2026, 3, 17)
    for practitioner in INVITED:
        walk.do("reply_to_invitation", item=practitioner, reply="attending")
    assert walk.open_elements == ["hold_tac_meeting"]
    hold(walk)
    assert walk.operations() == ["circulate_minutes"]
    assert walk.end == "completed"


def each_of_the_family_answers(walk: Walk) -> None:
    arrange(walk, family=FAMILY)
    assert walk.asked("record_family_replies") == (LEAD, ["coordinators"], date(2026, 3, 12))
    walk.fire("family_replies_late")
    assert walk.operations() == ["remind_lead"]
    assert "record_family_replies" in walk.open_elements
    walk.do("record_family_replies", replies=[{"person": "nadia", "reply": "coming", "brings": "Her sister"}])
    assert "record_family_replies" not in walk.open_elements
    hold(walk)
    assert walk.end == "completed"


def the_family_has_not_answered_when_it_is_written_up(walk: Walk) -> None:
    arrange(walk, family=FAMILY)
    hold(walk)
    assert walk.open_elements == []
    assert walk.end == "completed"


def nobody_replies_in_time(walk: Walk) -> None:
    arrange(walk)
    assert walk.due("reply_late").date() == date(2026, 3, 13)
    walk.fire("reply_late")
    assert walk.due("reply_very_late").date() == date(2026, 3, 16)
    walk.fire("reply_very_late")
    assert walk.operations() == ["chase_replies", "chase_replies"]
    assert walk.open_elements.count("reply_to_invitation") == len(INVITED)
    assert walk.due("stop_waiting_for_replies").date() == date(2026, 3, 18)
    walk.fire("stop_waiting_for_replies")
    assert walk.open_elements == ["hold_tac_meeting"]
    hold(walk)
    assert walk.end == "completed"


def everybody_has_answered_and_reports_are_owed(walk: Walk) -> None:
    arrange(walk)
    for practitioner in INVITED:
        walk.do("reply_to_invitation", item=practitioner, reply="apologies")
    assert walk.due("reports_owed").date() == date(2026, 3, 13)
    walk.fire("reports_owed")
    assert walk.operations() == ["chase_reports"]
    assert walk.open_elements == ["hold_tac_meeting"]
    hold(walk)
    assert walk.end == "completed"


def it_is_written_up_before_everybody_replied(walk: Walk) -> None:
    arrange(walk)
    walk.do("reply_to_invitation", item="owen", reply="apologies", report="Doing well in class.")
    hold(walk)
    assert walk.open_elements == []
    assert walk.end == "completed"


def it_is_not_written_up(walk: Walk) -> None:
    arrange(walk)
    assert (walk.due("record_late").date(), walk.due("record_very_late").date()) == (
        date(2026, 3, 18), date(2026, 3, 24),
    )  # fmt: skip
    walk.chase("record", "remind_lead", "tell_line_manager")
    assert walk.due("record_very_late").date() == date(2026, 3, 31), "said again every week"
    assert "hold_tac_meeting" in walk.open_elements


def the_family_does_not_come(walk: Walk) -> None:
    arrange(walk)
    for day in ("2026-03-24", "2026-03-31"):
        hold(walk, "no")
        assert walk.open_elements == ["rebook_tac_meeting"]
        assert walk.asked("rebook_tac_meeting")[2] == date(2026, 3, 16)
        walk.do("rebook_tac_meeting", why="The bus did not come.", planned_on=day, starts_at="4pm")
        assert walk.open_elements.count("reply_to_invitation") == len(INVITED)
        assert walk.asked("hold_tac_meeting")[2] == date.fromisoformat(day)
    hold(walk)
    assert walk.end == "completed"


def it_is_not_held_and_no_other_day_is_found(walk: Walk) -> None:
    arrange(walk)
    hold(walk, "not_held")
    assert walk.due("rebook_late").date() == date(2026, 3, 17)
    walk.fire("rebook_late")
    assert walk.operations() == ["tell_line_manager"]
    assert walk.open_elements == ["rebook_tac_meeting"]


def it_is_called_off(walk: Walk) -> None:
    arrange(walk, family=FAMILY)
    walk.send("meeting_called_off", family_came="no", rebook_from=walk.today)
    assert walk.open_elements == ["rebook_tac_meeting"]


def consent_is_taken_back_and_given_again(walk: Walk) -> None:
    arrange(walk)
    walk.send("meeting_called_off", family_came="no", rebook_from=walk.today)
    walk.send("sharing_stopped")
    assert walk.open_elements == []
    walk.send("consent_given_again")
    assert walk.open_elements == ["rebook_tac_meeting"]


def it_joins_a_sibling_s(walk: Walk) -> None:
    walk.do("arrange_tac_meeting", sibling_meeting="nadia")
    assert walk.open_elements == ["hold_tac_meeting"]
    hold(walk)
    assert walk.end == "completed"


SCENARIOS = (
    everybody_replies, each_of_the_family_answers, the_family_has_not_answered_when_it_is_written_up,
    nobody_replies_in_time, everybody_has_answered_and_reports_are_owed, it_is_written_up_before_everybody_replied,
    it_is_not_written_up, the_family_does_not_come,
    it_is_not_held_and_no_other_day_is_found, it_is_called_off,
    consent_is_taken_back_and_given_again, it_joins_a_sibling_s,
)  # fmt: skip


test_scenario, test_every_flow_is_walked = scenario_tests(KEY, SCENARIOS, variables={"arrange_by": date(2026, 3, 23)})


@pytest.mark.parametrize(
    ("ending", "said"),
    [
        ({}, "what was agreed"),
        ({"ends_with": "actions", "actions": [ACTION]}, "the next date"),
        ({"ends_with": "actions", "next_on": "2026-05-12"}, "at least one action"),
        (ENDS | {"actions": [ACTION | {"owner": ""}]}, "who will do it"),
        (ENDS | {"actions": [ACTION | {"due_on": ""}]}, "date the action is due"),
        ({"ends_with": "no_actions", "next_on": "2026-05-12"}, "why no action was agreed"),
    ],
)
def test_a_meeting_ends_with_a_next_date_and_actions_or_the_reason(ending: dict[str, Any], said: str) -> None:
    walk = Walk(KEY, saved=False, variables={"arrange_by": date(2026, 3, 23)})
    arrange(walk)
    with pytest.raises(InvalidAnswers) as refused:
        walk.do("hold_tac_meeting", held_on=str(walk.today), family_came="yes", notes="Sam spoke first.", **ending)
    assert said in " ".join(refused.value.errors.values())


@pytest.mark.parametrize("decided", ["close", "step_up"])
def test_closing_or_stepping_up_needs_no_next_date(decided: str) -> None:
    walk = Walk(KEY, saved=False, variables={"arrange_by": date(2026, 3, 23)})
    arrange(walk)
    walk.do("hold_tac_meeting", held_on=str(walk.today), family_came="yes", notes="Sam is well.", ends_with=decided)
    assert walk.end == "completed"
