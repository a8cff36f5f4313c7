"""A team meeting: arranged, invited to, held with the family, or booked again without them."""

from __future__ import annotations

from datetime import date

from tests.processes.walking import LEAD, Walk, scenario_tests

KEY = "tac_meeting"
INVITED = ["nadia", "owen", "priya"]


def arrange(walk: Walk) -> None:
    walk.do("arrange_tac_meeting", planned_on="2026-03-17", starts_at="4pm", venue="School", invited=INVITED)


def hold(walk: Walk, family_came: str = "yes") -> None:
    said = {"attended": ["nadia"], "notes": "Sam spoke first."} if family_came == "yes" else {}
    walk.do("hold_tac_meeting", held_on=str(walk.today), family_came=family_came, **said)


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


def nobody_replies_in_time(walk: Walk) -> None:
    arrange(walk)
    assert walk.due("stop_waiting_for_replies").date() == date(2026, 3, 18)
    walk.fire("stop_waiting_for_replies")
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
    assert walk.due("chase_meeting_record").date() == date(2026, 3, 24)
    walk.fire("chase_meeting_record")
    assert walk.operations() == ["tell_line_manager"]
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


def it_joins_a_sibling_s(walk: Walk) -> None:
    walk.do("arrange_tac_meeting", sibling_meeting="nadia")
    assert walk.open_elements == ["hold_tac_meeting"]
    hold(walk)
    assert walk.end == "completed"


SCENARIOS = (
    everybody_replies, nobody_replies_in_time, it_is_written_up_before_everybody_replied, it_is_not_written_up,
    the_family_does_not_come, it_joins_a_sibling_s,
)  # fmt: skip


test_scenario, test_every_flow_is_walked = scenario_tests(KEY, SCENARIOS, variables={"arrange_by": date(2026, 3, 23)})
