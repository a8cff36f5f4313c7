"""Who sees a case no longer: who led it and has no further part, and who was of the team for one invitation alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.commands import case_processes, practitioners
from engine.errors import NotFound
from engine.queries import case_file, task_page, timeline
from engine.store.tables import record
from tests.episodes import answers_for, start_and_walk_to
from tests.worlds import World, open_world

NO_PART = "You are no longer part of a plan"


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url) as world:
        yield world


def hand_over(world: World, case_id: UUID, to: str, *, by: str = "hana", in_days: int = 0) -> None:
    """Have the lead pass from who has it to somebody who accepts it."""
    on = (world.today + timedelta(days=in_days)).isoformat()
    asked = {"successor": str(world.ids[to]), "planned_on": on, "reasons": "I move to another team."}
    case_processes.start(world.engine, actor=world.actor(by), case_id=case_id, process_key="handover", answers=asked)
    told = {"told_on": world.today.isoformat(), "family_agrees": "yes", "family_view": "Fine."}
    world.do("tell_family", by, case_id=case_id, **told)
    world.do("answer_handover", to, case_id=case_id, handover_answer="accepted")


def write(world: World, table: sa.Table, case_id: UUID, **values: Any) -> UUID:
    id_ = world.engine.ids.new()
    own = {"id": id_, "authority_id": world.authority_id, "case_id": case_id}
    world.write(sa.insert(table).values(**own, **values))
    return id_


def join(world: World, case_id: UUID, who: str, *, days_ago: int = 0) -> None:
    since = world.today - timedelta(days=days_ago)
    write(world, record.case_members, case_id, practitioner_id=world.ids[who], role="member", from_on=since)


def own_an_action(world: World, case_id: UUID, who: str, *, done: bool = False) -> None:
    plan = write(world, record.action_plans, case_id, agreed_on=world.today)
    due = {"due_on": world.today, "first_due_on": world.today, "closed_on": world.today if done else None}
    write(world, record.plan_actions, case_id, plan_id=plan, action="Ring", owner_id=world.ids[who], **due)


def be_asked(world: World, case_id: UUID, who: str, **meeting: Any) -> None:
    """Ask somebody to a meeting of its own, which nobody's task is about."""
    on = world.today + timedelta(days=30)
    id_ = write(world, record.tac_meetings, case_id, planned_on=on, **meeting)
    whom = {"practitioner_id": world.ids[who], "invited_on": world.today}
    write(world, record.invitations, case_id, meeting_id=id_, **whom)


def sees(world: World, case_id: UUID, who: str) -> bool:
    try:
        case_file.read(world.engine, actor=world.actor(who), case_id=case_id)
    except NotFound:
        return False
    return True


def of_team(world: World, case_id: UUID) -> set[str]:
    """Return who is of the team now, by first name."""
    table = record.case_members
    own = (table.c.case_id == case_id) & (table.c.role == "member") & table.c.to_on.is_(None)
    now = {row.practitioner_id for row in world.rows(sa.select(table.c.practitioner_id).where(own))}
    return {name for name, id_ in world.ids.items() if id_ in now}


def story(world: World, case_id: UUID, by: str) -> list[str]:
    told = timeline.read(world.engine, actor=world.actor(by), case_id=case_id)
    return [event.what for event in told.events if event.kind == "member_left"]


def told(world: World) -> list[tuple[str, UUID | None]]:
    world.tick()
    return [(each.subject, each.practitioner_id) for each in world.mailbox.messages]


def led_case(world: World) -> UUID:
    """Return a case that Hana leads and came to be of the team of by leading."""
    case_id = start_and_walk_to(world, "arrange_tac_meeting")
    join(world, case_id, "hana")
    return case_id


def test_who_handed_the_lead_over_no_longer_sees_the_case(world: World) -> None:
    case_id = led_case(world)
    own_an_action(world, case_id, "hana", done=True)
    be_asked(world, case_id, "hana", held_on=world.today)
    be_asked(world, case_id, "hana", called_off_on=world.today)
    hand_over(world, case_id, "idris", in_days=3)
    assert sees(world, case_id, "hana") and "hana" in of_team(world, case_id), "the day has not come"
    world.pass_days(3)
    assert not sees(world, case_id, "hana")
    file = case_file.read(world.engine, actor=world.actor("idris"), case_id=case_id)
    assert "Hana Verity" not in {each.name for each in file.people}
    (row,) = world.rows(
        sa.select(record.case_members).where(
            record.case_members.c.practitioner_id == world.ids["hana"], record.case_members.c.role == "member"
        )
    )
    assert row.to_on == world.today
    left = "Hana Verity left the team: they lead no longer, and have no other part in the plan."
    assert story(world, case_id, "idris") == [left]
    (mine,) = [each for each in world.mailbox.messages if each.subject == NO_PART]
    assert mine.practitioner_id == world.ids["hana"]
    assert "You cannot open the case itself. If you have a question, ask Idris Cole" in mine.body
    assert sees(world, case_id, "morgan"), "who manages who leads now"
    assert not world.verified().findings and not world.incidents()


Part = Callable[[World, UUID], None]
PARTS: dict[str, Part] = {
    "an action to finish": lambda world, case_id: own_an_action(world, case_id, "hana"),
    "a meeting to come": lambda world, case_id: be_asked(world, case_id, "hana"),
}


@pytest.mark.parametrize("part", PARTS)
def test_who_led_and_has_a_further_part_stays_of_the_team(world: World, part: str) -> None:
    case_id = led_case(world)
    PARTS[part](world, case_id)
    hand_over(world, case_id, "idris")
    assert sees(world, case_id, "hana") and of_team(world, case_id) == {"hana", "idris"}
    assert story(world, case_id, "idris") == [] and NO_PART not in {subject for subject, _ in told(world)}


def test_who_was_of_the_team_before_they_led_is_of_it_again(world: World) -> None:
    case_id = start_and_walk_to(world, "arrange_tac_meeting")
    join(world, case_id, "noor", days_ago=1)
    hand_over(world, case_id, "noor")
    hand_over(world, case_id, "idris", by="noor")
    assert sees(world, case_id, "noor") and of_team(world, case_id) == {"noor", "idris"}


def test_a_task_that_is_still_theirs_shows_them_the_case_until_it_is_done(world: World) -> None:
    case_id = led_case(world)
    case_processes.start(
        world.engine, actor=world.actor("hana"), case_id=case_id, process_key="professional_disagreement",
        answers={"about": "The plan", "wanted": "Another day", "other_side_words": "The school"},
    )  # fmt: skip
    task = next(each for each in world.tasks(case_id) if each.element_id != "arrange_tac_meeting")
    assert task.assignee_id == world.ids["hana"]
    hand_over(world, case_id, "idris")
    assert of_team(world, case_id) == {"idris"} and sees(world, case_id, "hana")
    assert "complete" in task_page.task(world.engine, actor=world.actor("hana"), task_id=task.id).can


def test_who_is_invited_again_joins_again(world: World) -> None:
    case_id = led_case(world)
    hand_over(world, case_id, "idris")
    assert not sees(world, case_id, "hana")
    asked = answers_for(world, "arrange_tac_meeting") | {"invited": [str(world.ids["hana"])]}
    world.do("arrange_tac_meeting", "idris", case_id=case_id, **asked)
    assert sees(world, case_id, "hana") and "hana" in of_team(world, case_id)
    rows = world.rows(
        sa.select(record.case_members.c.to_on).where(
            record.case_members.c.practitioner_id == world.ids["hana"], record.case_members.c.role == "member"
        )
    )
    assert sorted(str(row.to_on) for row in rows) == sorted([str(world.today), "None"])


def test_who_said_yes_and_does_not_come_to_lead_is_of_the_team_no_longer(world: World) -> None:
    case_id = start_and_walk_to(world, "arrange_tac_meeting")
    hand_over(world, case_id, "noor", in_days=9)
    assert sees(world, case_id, "noor")
    world.write(sa.update(record.consents).where(record.consents.c.case_id == case_id).values(answer="refused"))
    world.pass_days(9)
    assert "noor" not in of_team(world, case_id), "nothing may be shared with anybody new on the day"
    assert not sees(world, case_id, "noor")


def test_whoever_is_away_may_be_back_until_somebody_leads_for_good(world: World) -> None:
    case_id = led_case(world)
    practitioners.record_absence(
        world.engine, actor=world.actor("morgan"), practitioner_id=world.ids["hana"], from_on=world.today
    )
    world.pass_days(17)
    until = (world.today + timedelta(days=30)).isoformat()
    world.do("name_interim_lead", "morgan", case_id=case_id, interim_lead=str(world.ids["idris"]), until=until)
    join(world, case_id, "idris")
    assert of_team(world, case_id) == {"hana", "idris"}
    asked = {"successor": str(world.ids["noor"]), "planned_on": world.today.isoformat(), "reasons": "Near."}
    holder = world.task("propose_handover", case_id).assignee_id
    who = next((name for name, id_ in world.ids.items() if id_ == holder), "morgan")
    world.do("propose_handover", who, case_id=case_id, **asked)
    told = {"told_on": world.today.isoformat(), "family_agrees": "yes", "family_view": "Fine."}
    world.do("tell_family", "idris", case_id=case_id, **told)
    world.do("answer_handover", "noor", case_id=case_id, handover_answer="accepted")
    assert of_team(world, case_id) == {"noor"}
    assert not sees(world, case_id, "hana") and not sees(world, case_id, "idris")


def test_who_was_of_the_team_for_a_meeting_that_is_only_put_off_stays(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    said = {"paused_until": str(world.today + timedelta(days=20)), "reason": "Sam is in hospital."}
    case_processes.start(world.engine, actor=world.actor("morgan"), case_id=case_id, process_key="pause", answers=said)
    assert of_team(world, case_id) == {"idris", "noor"} and sees(world, case_id, "noor")


def test_who_was_of_the_team_for_a_meeting_that_is_called_off_is_so_no_longer(world: World) -> None:
    case_id = start_and_walk_to(world, "choose_review")
    before = of_team(world, case_id)
    assert before == {"hana", "idris", "noor"}, "who was asked to a meeting that was held, or has an action"
    world.do("choose_review", "hana", case_id=case_id, way="meeting")
    asked = answers_for(world, "arrange_tac_meeting") | {"invited": [str(world.ids[who]) for who in ("noor", "cleo")]}
    world.do("arrange_tac_meeting", "hana", case_id=case_id, **asked)
    assert of_team(world, case_id) == before | {"cleo"}
    case_processes.start(
        world.engine, actor=world.actor("hana"), case_id=case_id, process_key="change_review",
        answers={"way": "updates", "why": "Nobody can come"},
    )  # fmt: skip
    assert of_team(world, case_id) == before
    left = "Cleo Marsh left the team: they are asked to no meeting any more, and have no other part in the plan."
    assert story(world, case_id, "hana") == [left]
    off = ("A meeting you were asked to is called off", world.ids["cleo"])
    assert off in told(world) and (NO_PART, world.ids["cleo"]) not in told(world), "one message is enough"
