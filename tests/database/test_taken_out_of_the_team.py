"""Who leads takes somebody out of the team: they see the case no longer, and what they had to do is with who leads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.casework.permissions import Actor
from engine.commands import (
    case_processes,
    family_letters,
    practitioners,
    stalled_plans,
    team_places,
    user_tasks,
)
from engine.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.queries import access_log, case_file, chronology, letters
from engine.store.tables import record, running
from tests.database.test_leaving_the_team import (
    NO_PART,
    hand_over,
    join,
    of_team,
    own_an_action,
    sees,
    story,
    told,
)
from tests.episodes import answers_for, start_and_walk_to
from tests.worlds import World, open_world

WITH_LEAD = "Somebody is no longer part of a plan you lead"


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url) as world:
        yield world


def take_out(
    world: World, case_id: UUID, who: str, *, by: str = "hana", actor: Actor | None = None, **more: Any
) -> None:
    given = {"why": "Invited by mistake", **more}
    team_places.end_place(
        world.engine, actor=actor or world.actor(by), case_id=case_id, practitioner_id=world.ids[who], **given
    )


def owners(world: World, case_id: UUID) -> set[str]:
    rows = world.rows(sa.select(record.plan_actions.c.owner_id).where(record.plan_actions.c.case_id == case_id))
    return {name for row in rows for name, id_ in world.ids.items() if id_ == row.owner_id}


def holders(world: World, case_id: UUID, element: str) -> set[str]:
    tasks = world.tasks(case_id, element=element)
    return {name for task in tasks for name, id_ in world.ids.items() if id_ == task.assignee_id}


def test_who_is_taken_out_sees_the_case_no_longer_and_their_work_is_with_who_leads(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    own_an_action(world, case_id, "noor")
    assert sees(world, case_id, "noor") and holders(world, case_id, "reply_to_invitation") == {"idris", "noor"}
    take_out(world, case_id, "noor", request_key="once and no more")
    assert not sees(world, case_id, "noor") and of_team(world, case_id) == {"idris"}
    assert owners(world, case_id) == {"hana"}, "an action is never without an owner"
    assert holders(world, case_id, "reply_to_invitation") == {"idris"}
    file = case_file.read(world.engine, actor=world.actor("hana"), case_id=case_id)
    assert "Noor Bakar" not in {each.name for each in file.people}
    assert [each.name for each in file.meetings[0].invited] == ["Idris Cole"]
    said = "Noor Bakar is no longer part of the team; who leads has 1 action of theirs now (Invited by mistake)."
    assert story(world, case_id, "hana") == [said]
    asked = {"actor": world.actor("hana"), "case_id": case_id, "asked": chronology.Asked(kind="people")}
    assert said in {each.event.what for each in chronology.read(world.engine, **asked).entries}
    world.tick()
    (mine,) = [each for each in world.mailbox.messages if each.subject == NO_PART]
    assert mine.practitioner_id == world.ids["noor"] and "ask Hana Verity" in mine.body
    assert WITH_LEAD not in {subject for subject, _ in told(world)}, "who leads did it"
    readers = access_log.readers(world.engine, actor=world.actor("morgan"), case_id=case_id)
    assert "Noor Bakar" in {each.name for each in readers}, "that they looked stays"
    take_out(world, case_id, "noor", request_key="once and no more")
    with pytest.raises(Conflict, match="Noor Bakar is no longer part of the team"):
        take_out(world, case_id, "noor")
    assert len(world.history(case_id, "member_left")) == 1
    assert not world.verified().findings and not world.incidents()


def test_who_is_invited_again_is_of_the_team_again(world: World) -> None:
    case_id = start_and_walk_to(world, "choose_review")
    take_out(world, case_id, "noor")
    assert not sees(world, case_id, "noor")
    world.do("choose_review", "hana", case_id=case_id, way="meeting")
    world.do("arrange_tac_meeting", "hana", case_id=case_id, **answers_for(world, "arrange_tac_meeting"))
    assert sees(world, case_id, "noor") and "noor" in of_team(world, case_id)


def test_no_invitation_waits_for_them_and_who_comes_all_the_same_is_of_the_team_again(world: World) -> None:
    case_id, hana = start_and_walk_to(world, "hold_tac_meeting"), world.actor("hana")
    family_letters.write_to_practitioners(world.engine, actor=hana, case_id=case_id)
    before = letters.read_letters(world.engine, actor=hana, case_id=case_id)
    take_out(world, case_id, "noor")
    now = letters.read_letters(world.engine, actor=hana, case_id=case_id)
    waited, waits = ({each.addressee for each in found if each.waits} for found in (before, now))
    assert waited - waits == {"Noor Bakar"}
    (theirs,) = [each for each in now if each.addressee == "Noor Bakar" and each.kind_key == "invitation"]
    assert theirs.stopped == "Noor Bakar is not asked to this meeting any more", "neither printed nor sent"
    assert not any(each.stopped for each in [*before, *now] if each.letter_id != theirs.letter_id)
    letter = {"actor": hana, "case_id": case_id, "letter_id": theirs.letter_id}
    for send in (
        partial(family_letters.send, world.engine, pages="https://caf.example.org", **letter),
        partial(family_letters.mark_sent, world.engine, how="post", **letter),
        partial(family_letters.mark_given, world.engine, actor=hana, case_id=case_id,
                letter_ids=[theirs.letter_id], how="hand"),
    ):  # fmt: skip
        with pytest.raises(Invalid, match=theirs.stopped):
            send()
    file = case_file.read(world.engine, actor=hana, case_id=case_id)
    assert file.letters_waiting == len([each for each in now if each.waits])
    came = answers_for(world, "hold_tac_meeting") | {"others": [{"person": str(world.ids["noor"])}]}
    world.do("hold_tac_meeting", "hana", case_id=case_id, **came)
    assert "noor" in of_team(world, case_id) and sees(world, case_id, "noor")
    (meeting,) = case_file.read(world.engine, actor=hana, case_id=case_id).meetings
    assert {each.name: each.attended for each in meeting.invited} == {"Idris Cole": True, "Noor Bakar": True}


@pytest.mark.parametrize("delegate", [True, False])
def test_a_task_they_had_is_with_who_leads(world: World, delegate: bool) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    task = world.task("hold_tac_meeting", case_id)
    user_tasks.reassign(
        world.engine, actor=world.actor("hana"), task_id=task.id, to=world.ids["idris"], delegate=delegate
    )
    take_out(world, case_id, "idris", by="morgan")
    (now,) = world.tasks(case_id, element="hold_tac_meeting")
    assert (now.assignee_id, now.delegated_by, now.due_on) == (world.ids["hana"], None, task.due_on)
    assert not sees(world, case_id, "idris")
    assert (WITH_LEAD, world.ids["hana"]) in told(world), "her manager did it"


def test_what_they_asked_a_colleague_to_do_does_not_come_back_to_them(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    task = world.task("hold_tac_meeting", case_id)
    for by, to in (("hana", "idris"), ("idris", "noor")):
        user_tasks.reassign(
            world.engine, actor=world.actor(by), task_id=task.id, to=world.ids[to], delegate=by == "idris"
        )
    take_out(world, case_id, "idris")
    user_tasks.release(world.engine, actor=world.actor("noor"), task_id=task.id)
    assert world.task("hold_tac_meeting", case_id).assignee_id is None and not sees(world, case_id, "idris")


def test_a_task_that_is_done_for_them_while_they_are_away_is_with_who_leads_too(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    practitioners.record_absence(
        world.engine, actor=world.actor("morgan"), practitioner_id=world.ids["idris"], from_on=world.today,
        expected_to_on=world.today + timedelta(days=20), covered_by=world.ids["noor"],
    )  # fmt: skip
    tasks, task = running.user_tasks, world.task("hold_tac_meeting", case_id)
    meant = {"meant_for_id": world.ids["idris"], "assignee_id": world.ids["morgan"]}
    world.write(sa.update(tasks).where(tasks.c.id == task.id).values(**meant))
    take_out(world, case_id, "idris")
    assert holders(world, case_id, "hold_tac_meeting") == {"hana"}


WHO_MAY = {"hana": True, "morgan": True, "cleo": True, "idris": False, "noor": False}


@pytest.mark.parametrize("by", WHO_MAY)
def test_who_leads_does_it_and_who_stands_above(world: World, by: str) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    if WHO_MAY[by]:
        take_out(world, case_id, "noor", by=by)
    else:
        with pytest.raises(NotPermitted):
            take_out(world, case_id, "noor", by=by)
    assert ("noor" in of_team(world, case_id)) is not WHO_MAY[by]
    people = case_file.read(world.engine, actor=world.actor(by), case_id=case_id).people
    offered = {each.name for each in people if each.may_take_out}
    assert offered == ({"Idris Cole"} if WHO_MAY[by] else set())


def test_so_does_who_stands_in_for_who_leads(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    practitioners.record_absence(
        world.engine, actor=world.actor("morgan"), practitioner_id=world.ids["hana"], from_on=world.today,
        expected_to_on=world.today + timedelta(days=20), covered_by=world.ids["idris"],
    )  # fmt: skip
    stands_in = replace(world.actor("idris"), covers=frozenset({world.ids["hana"]}))
    take_out(world, case_id, "noor", actor=stands_in)
    assert not sees(world, case_id, "noor") and (WITH_LEAD, world.ids["hana"]) in told(world)


def test_a_stranger_learns_of_no_such_case(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    with pytest.raises(NotFound):
        take_out(world, case_id, "noor", by="piet")


def asked_to_lead(world: World) -> UUID:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    hand_over(world, case_id, "idris", in_days=9)
    return case_id


REFUSED: dict[str, tuple[Callable[[World], UUID], str, str]] = {
    "who leads": (lambda world: start_and_walk_to(world, "hold_tac_meeting"), "hana", "propose a handover"),
    "who assesses": (lambda world: start_and_walk_to(world, "complete_assessment"), "hana", "Who assesses"),
    "who is to lead": (asked_to_lead, "idris", "Idris Cole is asked to lead this plan"),
}


@pytest.mark.parametrize("who", REFUSED)
def test_who_leads_assesses_or_is_to_lead_stays(world: World, who: str) -> None:
    begun, name, said = REFUSED[who]
    case_id = begun(world)
    if name == "hana":
        join(world, case_id, name)
    with pytest.raises(Conflict, match=said):
        take_out(world, case_id, name, by="cleo")
    assert name in of_team(world, case_id)


def test_it_takes_a_reason_and_somebody_of_the_team(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    for why in (" ", "x" * 3_000):
        with pytest.raises(Invalid) as refused:
            take_out(world, case_id, "noor", why=why)
        assert refused.value.details["field"] == "why"
    with pytest.raises(NotFound):
        take_out(world, case_id, "ada")
    assert of_team(world, case_id) == {"idris", "noor"}


def test_while_nobody_leads_somebody_is_named_first(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    practitioners.record_leaving(
        world.engine, actor=world.actor("morgan"), practitioner_id=world.ids["hana"],
        last_day=world.today - timedelta(days=1),
    )  # fmt: skip
    with pytest.raises(Conflict, match="Appoint an interim lead first"):
        take_out(world, case_id, "noor", by="cleo")
    assert "noor" in of_team(world, case_id)


@pytest.mark.parametrize("who", ["morgan", "cleo"])
def test_who_sees_the_case_by_their_office_keeps_that_alone(world: World, who: str) -> None:
    case_id = start_and_walk_to(world, "choose_review")
    join(world, case_id, who)
    stalled_plans.report(
        world.engine, actor=world.actor("hana"), case_id=case_id, reason="team_not_working", why="Nobody rings"
    )
    assert holders(world, case_id, "discuss_stalled_plan") == {"morgan"}
    take_out(world, case_id, who)
    assert who not in of_team(world, case_id) and sees(world, case_id, who)
    assert holders(world, case_id, "discuss_stalled_plan") == {"morgan"}, "the manager's own question"


def test_a_disagreement_they_raised_goes_on_with_who_leads(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    case_processes.start(
        world.engine, actor=world.actor("idris"), case_id=case_id, process_key="professional_disagreement",
        answers={"about": "The plan", "wanted": "Another day", "other_side": str(world.ids["noor"])},
    )  # fmt: skip
    assert "noor" in holders(world, case_id, "talk_it_through")
    take_out(world, case_id, "noor")
    assert "noor" not in holders(world, case_id, "talk_it_through") and not sees(world, case_id, "noor")
