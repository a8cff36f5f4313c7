"""One meeting for two children of a family: the second joins the first one's day and nobody is asked twice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.acts import settle
from engine.casework.family_sharing import Sharing
from engine.commands import case_processes, consents, families, family_letters
from engine.errors import Invalid
from engine.operations import held_letters
from engine.operations.closures import close_record
from engine.options import options_for
from engine.queries import case_file, letters, task_page, waiting_letters
from engine.store import locking
from engine.store.tables import meetings, record
from engine.work import open_work
from tests.episodes import STRAIGHT_ROAD, answers_for, start_and_walk_to
from tests.processes.walking import shipped_form
from tests.worlds import World, build_world, open_world


@pytest.fixture
def world() -> World:
    return build_world()


def sibling_of(world: World, case_id: UUID) -> UUID:
    """Open a case for Ella, of the same family, and walk it to the arranging of its meeting."""
    (family,) = world.rows(
        sa.select(record.children.c.family_id)
        .join(record.cases, record.cases.c.child_id == record.children.c.id)
        .where(record.cases.c.id == case_id)
    )
    ella = world.start_case(given_name="Ella", family_id=family.family_id)
    for element in STRAIGHT_ROAD:
        if element == "arrange_tac_meeting":
            return ella
        if element in world.open_elements(ella):
            world.do(element, "hana", case_id=ella, **answers_for(world, element))
    raise AssertionError("no meeting to arrange")


def offered(world: World, case_id: UUID) -> list[Any]:
    with world.engine.sessions.read() as connection:
        form = shipped_form("arrange_tac_meeting")
        found = options_for(connection, form, authority_id=world.authority_id, case_id=case_id)
    return list(found["sibling_meetings"])


def meeting_of(world: World, case_id: UUID) -> sa.Row[Any]:
    (row,) = world.rows(sa.select(record.tac_meetings).where(record.tac_meetings.c.case_id == case_id))
    return row


def replies(world: World, case_id: UUID) -> dict[str, str]:
    names = {id_: name for name, id_ in world.ids.items()}
    rows = world.rows(sa.select(record.invitations).where(record.invitations.c.case_id == case_id))
    return {names[row.practitioner_id]: row.reply for row in rows}


def test_a_child_joins_a_siblings_meeting_and_nobody_is_asked_twice(world: World) -> None:
    sam = start_and_walk_to(world, "hold_tac_meeting")
    world.do("reply_to_invitation", "idris", case_id=sam, reply="attending", report="Sam only")
    ella = sibling_of(world, sam)
    (choice,) = offered(world, ella)
    assert choice.label == "Monday 16 March, 16:00, School, for Sam"
    assert offered(world, sam) == []
    joined = {"sibling_meeting": choice.value, "also_invited": [str(world.ids["noor"]), str(world.ids["sunniva"])]}
    world.do("arrange_tac_meeting", "hana", case_id=ella, **joined)
    hers, his = meeting_of(world, ella), meeting_of(world, sam)
    assert (hers.planned_on, hers.starts_at, hers.venue) == (his.planned_on, his.starts_at, his.venue)
    asked = [task.assignee_id for task in world.tasks(ella, element="reply_to_invitation")]
    assert asked == [world.ids["sunniva"]]
    assert replies(world, ella) == {"idris": "attending", "noor": "none", "sunniva": "none"}
    # Noor answers once, for both; what is reported of one child stays with that child.
    world.do("reply_to_invitation", "noor", case_id=sam, reply="apologies", report="Sam reads well")
    assert replies(world, ella)["noor"] == "apologies"
    reports = world.rows(sa.select(record.invitations.c.report).where(record.invitations.c.case_id == ella))
    assert {row.report for row in reports} == {""}
    world.do("hold_tac_meeting", "hana", case_id=ella, **answers_for(world, "hold_tac_meeting"))
    assert meeting_of(world, ella).held_on == world.today
    assert meeting_of(world, sam).held_on is None, "each child's meeting is written up for itself"


def test_without_consent_or_another_family_there_is_nothing_to_join(world: World) -> None:
    sam = start_and_walk_to(world, "hold_tac_meeting")
    ella = sibling_of(world, sam)
    assert len(offered(world, ella)) == 1
    stranger = start_and_walk_to(world, "arrange_tac_meeting")
    assert offered(world, stranger) == []
    refused = sa.update(record.consents).where(record.consents.c.case_id == sam).values(answer="refused")
    (chosen,) = offered(world, ella)
    world.write(refused)
    assert offered(world, ella) == []
    with pytest.raises(Invalid):
        world.do("arrange_tac_meeting", "hana", case_id=ella, sibling_meeting=chosen.value)


TOM = families.Member(
    name="Tom Whitlock", relationship="Father", parental_responsibility=True, phone="", email="tom@example.invalid",
    address="9 Oak Way\nN3 4CD", address_secret=False,
)  # fmt: skip
NOTHING = Sharing(told="nothing", decided_by="court", reason="A court order")


def keep_tom(world: World, case_id: UUID, sharing: Sharing, *, id_: UUID | None = None) -> UUID:
    """Write Tom down on a case, or change what he may be told of that child."""
    return families.keep_member(
        world.engine, actor=world.actor("hana"), case_id=case_id, member_id=id_, member=TOM, sharing=sharing,
        request_key=None,
    )  # fmt: skip


def about(world: World, case_id: UUID, element: str) -> dict[str, str]:
    (task,) = world.tasks(case_id, element=element)
    said = dict(task_page.task(world.engine, actor=world.actor("hana"), task_id=task.id).about)
    return {name: value for name, value in said.items() if name != "What sharing rests on"}


def letter_to(world: World, case_id: UUID, name: str, kind: str) -> sa.Row[Any]:
    letters = meetings.letters
    query = sa.select(letters).where(letters.c.case_id == case_id, letters.c.kind == kind, letters.c.addressee == name)
    (found,) = world.rows(query)
    return found


def test_a_brothers_objection_is_said_where_a_sisters_meeting_would_join_his(world: World) -> None:
    sam = start_and_walk_to(world, "hold_tac_meeting")
    tom = keep_tom(world, sam, NOTHING)
    ella = sibling_of(world, sam)
    assert about(world, ella, "arrange_tac_meeting") == {
        "Sam’s meeting": "It cannot ask Tom Whitlock, who is to be told nothing of Sam"
    }
    (choice,) = offered(world, ella)
    with pytest.raises(Invalid, match="Tom Whitlock is to be told nothing of Sam, who is spoken of too") as refused:
        family = [{"person": str(tom), "invite": "yes"}]
        world.do("arrange_tac_meeting", "hana", case_id=ella, sibling_meeting=choice.value, family=family)
    assert refused.value.details["field"] == "family[0].invite"
    world.do("arrange_tac_meeting", "hana", case_id=ella, sibling_meeting=choice.value)
    invitations = meetings.family_invitations
    (his,) = world.rows(sa.select(invitations).where(invitations.c.case_id == ella, invitations.c.member_id == tom))
    assert not his.invited
    assert his.why_not == "They are to be told nothing of Sam, who is spoken of too"


def test_a_sisters_meeting_joins_none_to_which_somebody_comes_who_is_to_be_told_nothing_of_her(world: World) -> None:
    sam = start_and_walk_to(world, "arrange_tac_meeting")
    tom = keep_tom(world, sam, Sharing())
    world.do("arrange_tac_meeting", "hana", case_id=sam, **answers_for(world, "arrange_tac_meeting"))
    ella = sibling_of(world, sam)
    keep_tom(world, ella, NOTHING, id_=tom)
    assert about(world, ella, "arrange_tac_meeting") == {
        "Sam’s meeting": "It asks Tom Whitlock, who is to be told nothing of Ella. Choose another day"
    }
    (choice,) = offered(world, ella)
    with pytest.raises(Invalid, match="Tom Whitlock is asked to that meeting, and is to be told nothing of Ella"):
        world.do("arrange_tac_meeting", "hana", case_id=ella, sibling_meeting=choice.value)


def test_the_notes_of_a_joint_meeting_do_not_tell_a_parent_of_the_other_child(world: World) -> None:
    sam = start_and_walk_to(world, "arrange_tac_meeting")
    tom = keep_tom(world, sam, Sharing())
    world.do("arrange_tac_meeting", "hana", case_id=sam, **answers_for(world, "arrange_tac_meeting"))
    ella = sibling_of(world, sam)
    (choice,) = offered(world, ella)
    world.do("arrange_tac_meeting", "hana", case_id=ella, sibling_meeting=choice.value)
    # The objection comes after both are arranged: each meeting asks Tom by then.
    keep_tom(world, ella, NOTHING, id_=tom)
    said = about(world, sam, "hold_tac_meeting")
    assert said["Spoken of too"] == "Ella"
    assert said["Take care"].startswith("Tom Whitlock is to be told nothing of Ella. Speak of it when they are not")
    hers = about(world, ella, "hold_tac_meeting")
    assert hers["Take care"].startswith("Tom Whitlock is to be told nothing of Ella. Speak of this child when they")
    assert hers["Spoken of too"] == "Sam"
    task = world.task("hold_tac_meeting", sam)
    rows = task_page.task(world.engine, actor=world.actor("hana"), task_id=task.id).options["relatives"]
    assert "Tom Whitlock, Father; to be told nothing of Ella" in [row.label for row in rows]
    answers = answers_for(world, "hold_tac_meeting")
    agreed = ("Read with Sam", "Take Ella to the clinic")
    due = {"owner": str(world.ids["hana"]), "due_on": answers["next_on"]}
    answers |= {"ends_with": "actions", "actions": [{"outcome": "Calm", "action": what, **due} for what in agreed]}
    family = [{"person": row.value, "came": "no" if row.value == str(tom) else "yes"} for row in rows]
    world.do("hold_tac_meeting", "hana", case_id=sam, **answers | {"notes": "Ella is afraid", "family": family})
    world.pass_days(1)
    his, others = (letter_to(world, sam, name, "notes") for name in ("Tom Whitlock", "Jo Whitlock"))
    assert "Read with Sam" in his.body
    assert "Ella" not in his.body
    assert his.sent_on is None, "somebody looks at it first"
    assert "Ella is afraid" in others.body
    assert "Take Ella to the clinic" in others.body


def test_who_was_asked_before_it_was_decided_that_they_are_told_nothing_is_said_at_the_meeting(world: World) -> None:
    sam = start_and_walk_to(world, "arrange_tac_meeting")
    tom = keep_tom(world, sam, Sharing())
    world.do("arrange_tac_meeting", "hana", case_id=sam, **answers_for(world, "arrange_tac_meeting"))
    assert "Take care" not in about(world, sam, "hold_tac_meeting")
    keep_tom(world, sam, NOTHING, id_=tom)
    assert about(world, sam, "hold_tac_meeting")["Take care"] == (
        "Tom Whitlock is to be told nothing of Sam. They were asked before that was decided: tell them that they are "
        "not to come. They get no copy of the notes"
    )


def test_neither_notes_nor_plan_name_a_sister_met_for_alone_by_any_of_her_names(world: World) -> None:
    """Tom is to be told nothing of Isabella Rose, known as Izzy; she has a case, and no meeting with Sam's."""
    sam = start_and_walk_to(world, "hold_tac_meeting")
    tom = keep_tom(world, sam, Sharing())
    (family,) = world.rows(sa.select(record.family_members.c.family_id).where(record.family_members.c.id == tom))
    izzy = world.start_case(given_name="Isabella Rose", family_id=family.family_id)
    known = sa.update(record.children).where(record.children.c.given_name == "Isabella Rose").values(known_as="Izzy")
    world.write(known)
    keep_tom(world, izzy, NOTHING, id_=tom)
    answers = answers_for(world, "hold_tac_meeting")
    due = {"owner": str(world.ids["hana"]), "due_on": answers["next_on"]}
    named = ("Take Izzy to swimming", "ring ISABELLA's school", "Give rose her tea")
    agreed = [
        {"outcome": outcome, "action": what, **due}
        for outcome, what in [("Calm", "Read with Sam Whitlock"), *(("Izzy sleeps", what) for what in named)]
    ]
    answers |= {"ends_with": "actions", "actions": agreed, "notes": "Isabella came up"}
    world.do("hold_tac_meeting", "hana", case_id=sam, **answers)
    world.do("agree_action_plan", "hana", case_id=sam, **answers_for(world, "agree_action_plan") | {"actions": agreed})
    world.pass_days(1)
    for kind in ("notes", "plan"):
        his, others = (letter_to(world, sam, name, kind) for name in ("Tom Whitlock", "Jo Whitlock"))
        assert "Read with Sam Whitlock" in his.body, kind
        assert not re.search("izzy|isabella|rose", his.body, re.IGNORECASE), kind
        assert his.sent_on is None, "somebody looks at it first"
        assert all(line in others.body for line in named), kind


def test_a_plan_written_before_he_was_kept_from_her_reaches_him_in_no_way(world: World) -> None:
    """Post, e-mail and page stop it once the decision is made; somebody may find that another Ella is meant."""
    sam = start_and_walk_to(world, "hold_tac_meeting")
    tom = keep_tom(world, sam, Sharing())
    (family,) = world.rows(sa.select(record.family_members.c.family_id).where(record.family_members.c.id == tom))
    ella = world.start_case(given_name="Ella", family_id=family.family_id)
    answers = answers_for(world, "hold_tac_meeting")
    due = {"owner": str(world.ids["hana"]), "due_on": answers["next_on"]}
    agreed = [{"outcome": "Calm", "action": "Take Ella to the clinic", **due}]
    answers |= {"ends_with": "actions", "actions": agreed, "notes": "Sam sleeps badly"}
    world.do("hold_tac_meeting", "hana", case_id=sam, **answers)
    world.do("agree_action_plan", "hana", case_id=sam, **answers_for(world, "agree_action_plan") | {"actions": agreed})
    plan, notes = (letter_to(world, sam, "Tom Whitlock", kind) for kind in ("plan", "notes"))
    assert "Ella" in plan.body and not held(world, sam, plan.id).secret
    keep_tom(world, ella, NOTHING, id_=tom)
    found = held(world, sam, plan.id)
    assert found.secret.startswith("This names Ella, and Tom Whitlock is to be told nothing of Ella. Take it out")
    assert found.names_child and not found.secret_is_sure
    assert not held(world, sam, letter_to(world, sam, "Jo Whitlock", "plan").id).secret, "hers says it"
    asked = {"actor": world.actor("hana"), "case_id": sam, "letter_id": plan.id}
    with pytest.raises(Invalid, match="names Ella"):
        family_letters.mark_sent(world.engine, **asked, how="post")
    with pytest.raises(Invalid, match="names Ella"):
        family_letters.send(world.engine, **asked, pages="https://caf.example/reply")
    with pytest.raises(Invalid, match="Say why they may read it"):
        family_letters.overrule_warning(world.engine, **asked, why=" ")
    family_letters.overrule_warning(world.engine, **asked, why="The doctor is called Ella too")
    assert not held(world, sam, plan.id).secret
    family_letters.mark_sent(world.engine, **asked, how="post")
    assert "Ella" in notes.body and held(world, sam, notes.id).secret


def test_who_leads_a_brothers_plan_hears_of_a_letter_that_is_held_back_for_a_sisters_sake(stored: World) -> None:
    """It was sent, and can be read on a private page, when Tom is kept from Ella on her case, which Morgan keeps."""
    world = stored
    sam = start_and_walk_to(world, "hold_tac_meeting")
    tom = keep_tom(world, sam, Sharing())
    (family,) = world.rows(sa.select(record.family_members.c.family_id).where(record.family_members.c.id == tom))
    ella = world.start_case(given_name="Ella", family_id=family.family_id, by="morgan")
    world.do("hold_tac_meeting", "hana", case_id=sam, **answers_for(world, "hold_tac_meeting") | {"notes": "With Ella"})
    notes = letter_to(world, sam, "Tom Whitlock", "notes")
    whose = {"actor": world.actor("hana"), "case_id": sam, "letter_id": notes.id}
    family_letters.send(world.engine, **whose, pages="https://caf.example/reply")
    world.tick()

    def told() -> list[str]:
        world.tick()
        return [each.recipient.split("@")[0] for each in world.mailbox.messages if each.subject == held_letters.SUBJECT]

    def counted() -> tuple[int, int]:
        mine = waiting_letters.mine(world.engine, actor=world.actor("hana"))
        page = case_file.read(world.engine, actor=world.actor("hana"), case_id=sam)
        return sum(each.held for each in mine), page.letters_held

    asked = {"case_id": ella, "member_id": tom, "member": TOM}
    for sharing in (replace(NOTHING, told="part", part="School"), NOTHING, Sharing()):
        families.keep_member(world.engine, actor=world.actor("morgan"), sharing=sharing, **asked)
        assert set(told()) == {"hana"}
        assert counted() == ((0, 0) if sharing == Sharing() else (1, 1))
    assert told() == ["hana"] * 2, "for either reason once, and not of what may be read again"
    for reason in ("A court order", "A court order, and a letter of the court"):
        again = replace(NOTHING, reason=reason)
        families.keep_member(world.engine, actor=world.actor("morgan"), sharing=again, **asked)
        assert len(told()) == 3, "it was lifted in between; another reason alone is nothing new"
    assert not any("Ella" in f"{each.subject} {each.body}" for each in world.mailbox.messages)
    assert counted() == (1, 1)
    family_letters.overrule_warning(world.engine, **whose, why="The doctor is called Ella too")
    assert counted() == (0, 0)
    (event, *_) = world.history(sam, held_letters.HELD)
    assert (event.subject_id, event.practitioner_id) == (notes.id, None)


def test_no_letter_tells_where_a_sister_lives_whose_address_became_secret(world: World) -> None:
    sam = start_and_walk_to(world, "hold_tac_meeting")
    keep_tom(world, sam, Sharing())
    child = sa.select(record.children.c.family_id).join(record.cases, record.cases.c.child_id == record.children.c.id)
    (family,) = world.rows(child.where(record.cases.c.id == sam))
    world.start_case(given_name="Ella", family_id=family.family_id)
    said = "Ella is fetched from 14 Heron Way, HS3 4QT"
    world.do("hold_tac_meeting", "hana", case_id=sam, **answers_for(world, "hold_tac_meeting") | {"notes": said})
    notes = letter_to(world, sam, "Jo Whitlock", "notes")
    assert said in notes.body and not held(world, sam, notes.id).secret
    hers = sa.update(record.children).where(record.children.c.given_name == "Ella")
    world.write(hers.values(address="14 Heron Way\nHillshire\nHS3 4QT", address_secret=True))
    found = held(world, sam, notes.id)
    assert found.secret == "This holds the address of Ella, which is kept secret. Take it out" and found.secret_is_sure
    with pytest.raises(Invalid, match="address of Ella"):
        asked = {"actor": world.actor("hana"), "case_id": sam, "letter_id": notes.id}
        family_letters.mark_sent(world.engine, **asked, how="hand")


def held(world: World, case_id: UUID, letter_id: UUID) -> letters.CaseLetter:
    return letters.read_letter(world.engine, actor=world.actor("hana"), case_id=case_id, letter_id=letter_id)


@pytest.fixture
def stored(database_url: str) -> Iterator[World]:
    with open_world(database_url) as world:
        yield world


def one_meeting_for_two(world: World) -> tuple[UUID, UUID]:
    """Arrange Sam's meeting and have Ella's go with it; Sunniva is asked to hers alone. Return both cases' ids."""
    sam = start_and_walk_to(world, "hold_tac_meeting")
    ella = sibling_of(world, sam)
    (choice,) = offered(world, ella)
    alone = [str(world.ids["sunniva"])]
    world.do("arrange_tac_meeting", "hana", case_id=ella, sibling_meeting=choice.value, also_invited=alone)
    return sam, ella


def is_booked_by_itself(world: World, ella: UUID) -> None:
    """Ella's meeting is hers alone: her lead has been told and asked for its day, her guests have heard of it."""
    assert (meeting_of(world, ella).joined_id, meeting_of(world, ella).called_off_on) == (None, None)
    assert "hold_tac_meeting" not in world.open_elements(ella)
    said = about(world, ella, "rebook_tac_meeting")
    assert said["Why by itself"].startswith("The brother’s or sister’s meeting that it went with is not held then.")
    assert said["Meeting"] == "Monday 16 March, 4:00pm"
    subjects = {each.subject for each in world.mailbox.messages if each.subject.startswith("A meeting")}
    assert "A meeting that went with a brother’s or sister’s is to be booked by itself" in subjects
    anew = [each for each in world.mailbox.messages if "booked anew" in each.subject]
    assert len(anew) == 3, "Idris, Noor and Sunniva"
    his = letter_to(world, ella, "Jo Whitlock", "called_off")
    assert "is booked anew. Do not come before you hear again" in his.body and "brother" not in his.body
    assert "The meeting about Ella and the support for your family on" in his.body, "Tom has another about Sam"
    (event,) = world.history(ella, "tac_meeting_let_go")
    assert event.practitioner_id is None, "who did what to Sam's record is not Ella's"


def test_a_sisters_meeting_stands_alone_when_the_brothers_falls_with_his_consent(stored: World) -> None:
    world = stored
    sam, ella = one_meeting_for_two(world)
    consents.withdraw(world.engine, actor=world.actor("hana"), case_id=sam, why="Mother, for Sam alone")
    world.tick()
    is_booked_by_itself(world, ella)
    before = meeting_of(world, ella)
    same = {"planned_on": str(before.planned_on), "starts_at": "16:00", "why": "The room is still ours"}
    world.do("rebook_tac_meeting", "hana", case_id=ella, **same)
    asked = {task.assignee_id for task in world.tasks(ella, element="reply_to_invitation")}
    assert asked == {world.ids[name] for name in ("idris", "noor", "sunniva")}
    letter = letter_to(world, ella, "Jo Whitlock", "invitation")
    assert "You are invited to a meeting" in letter.body, "it is on no other day"
    assert meeting_of(world, ella).rebooked == 0
    assert meeting_of(world, sam).called_off_on == world.today


def test_a_pause_calls_off_the_meeting_it_covers_and_lets_the_sisters_stand_alone(stored: World) -> None:
    world = stored
    sam, ella = one_meeting_for_two(world)
    until = meeting_of(world, sam).planned_on + timedelta(days=1)
    said = {"paused_until": str(until), "reason": "Sam is in hospital."}
    case_processes.start(world.engine, actor=world.actor("morgan"), case_id=sam, process_key="pause", answers=said)
    world.tick()
    assert meeting_of(world, sam).called_off_on == world.today
    hers = case_file.read(world.engine, actor=world.actor("hana"), case_id=ella)
    assert hers.meetings[0].booked_anew and (hers.next is None or hers.next.what != "TAC meeting")
    assert "rebook_tac_meeting" in world.open_elements(sam) and "hold_tac_meeting" not in world.open_elements(sam)
    assert "is called off. You need not come" in letter_to(world, sam, "Jo Whitlock", "called_off").body
    is_booked_by_itself(world, ella)


def test_a_pause_that_is_over_before_the_meeting_leaves_it(stored: World) -> None:
    world = stored
    sam, ella = one_meeting_for_two(world)
    said = {"paused_until": str(meeting_of(world, sam).planned_on), "reason": "Sam is in hospital."}
    case_processes.start(world.engine, actor=world.actor("morgan"), case_id=sam, process_key="pause", answers=said)
    world.tick()
    assert meeting_of(world, sam).called_off_on is None and meeting_of(world, ella).joined_id is not None
    assert "hold_tac_meeting" in world.open_elements(sam)


def test_closing_tells_the_guests_of_both_meetings(stored: World) -> None:
    world = stored
    sam, ella = one_meeting_for_two(world)
    with world.engine.sessions.act() as connection:
        work = open_work(world.engine, connection, locking.case(connection, sam), actor=None, at=world.clock.now())
        close_record(work, {"closure_reason": "moved_away"}, {})
        settle(work)
    world.tick()
    assert meeting_of(world, sam).called_off_on == world.today
    off = [each for each in world.mailbox.messages if each.subject == "A meeting you were asked to is called off"]
    assert len(off) == 2, "Idris and Noor"
    assert "is called off. You need not come" in letter_to(world, sam, "Jo Whitlock", "called_off").body
    is_booked_by_itself(world, ella)


def test_a_sisters_meeting_is_asked_about_when_the_brothers_moves(stored: World) -> None:
    world = stored
    sam, ella = one_meeting_for_two(world)
    world.do("hold_tac_meeting", "hana", case_id=sam, family_came="not_held")
    world.tick()
    is_booked_by_itself(world, ella)
    later = {"planned_on": "2026-03-23", "starts_at": "10:00", "why": "The hall is flooded"}
    for each in (sam, ella):
        world.do("rebook_tac_meeting", "hana", case_id=each, **later)
        world.tick()
    assert len(world.history(ella, "tac_meeting_let_go")) == 1
    assert {meeting_of(world, each).planned_on.isoformat() for each in (sam, ella)} == {"2026-03-23"}
    assert "is on another day now" in letter_to(world, ella, "Jo Whitlock", "invitation").body


def test_a_meeting_whose_day_has_passed_is_written_up_whatever_becomes_of_the_brothers(stored: World) -> None:
    world = stored
    sam, ella = one_meeting_for_two(world)
    world.pass_days(15)
    consents.withdraw(world.engine, actor=world.actor("hana"), case_id=sam, why="Mother, for Sam alone")
    world.tick()
    assert not world.history(ella, "tac_meeting_let_go")
    assert "hold_tac_meeting" in world.open_elements(ella)
