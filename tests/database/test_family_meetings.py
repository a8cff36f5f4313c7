"""The family at a team meeting: each has an invitation and a letter, and gets notes and plan; on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.acts import settle
from engine.calling_off import call_off_invitations, call_off_meetings
from engine.casework.family_sharing import Sharing
from engine.commands import families, family_letters
from engine.errors import Invalid, NotPermitted
from engine.queries import case_file, task_page
from engine.queries import letters as letter_queries
from engine.store import locking
from engine.store.tables import meetings, record
from engine.work import open_work
from tests.episodes import agreed, answers_for, start_and_walk_to
from tests.worlds import World, open_world

ADA = families.Member(
    name="Ada Whitlock", relationship="Mother", parental_responsibility=True, phone="", address="4 Elm Row\nN1 2AB",
    address_secret=True,
)  # fmt: skip
TOM = families.Member(
    name="Tom Whitlock", relationship="Father", parental_responsibility=True, phone="", address="9 Oak Way\nN3 4CD",
    address_secret=False,
)  # fmt: skip
TOLD_A_PART = Sharing(told="part", part="The dates of visits", decided_by="court", reason="A court order")
TOLD_NOTHING = Sharing(told="nothing", decided_by="court", reason="A court order")


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url) as opened:
        yield opened


@pytest.fixture
def case_id(world: World) -> UUID:
    """A case whose meeting is to be arranged; mother and father live at two addresses, hers is secret."""
    id_ = start_and_walk_to(world, "arrange_tac_meeting")
    (who_agreed,) = ids(world).values()
    _keep(world, id_, ADA, Sharing(), member_id=UUID(who_agreed))
    _keep(world, id_, TOM, TOLD_A_PART)
    return id_


def _keep(
    world: World, case_id: UUID, member: families.Member, sharing: Sharing, *, member_id: UUID | None = None
) -> UUID:
    return families.keep_member(
        world.engine, actor=world.actor("hana"), case_id=case_id, member_id=member_id, member=member, sharing=sharing,
        request_key=None,
    )  # fmt: skip


def ids(world: World) -> dict[str, str]:
    rows = world.rows(sa.select(record.family_members.c.id, record.family_members.c.name))
    return {row.name.split()[0].lower(): str(row.id) for row in rows}


def letters(world: World, kind: str) -> dict[str, sa.Row[Any]]:
    query = sa.select(meetings.letters).where(meetings.letters.c.kind == kind)
    return {row.addressee: row for row in world.rows(query.order_by(meetings.letters.c.id))}


def invited(world: World) -> dict[str | None, sa.Row[Any]]:
    names = {id_: name for name, id_ in ids(world).items()} | {"None": "child"}
    return {names[str(row.member_id)]: row for row in world.rows(sa.select(meetings.family_invitations))}


def arrange(world: World, case_id: UUID, **more: Any) -> None:
    world.do("arrange_tac_meeting", "hana", case_id=case_id, **answers_for(world, "arrange_tac_meeting") | more)


def hold(world: World, case_id: UUID, **more: Any) -> None:
    who = ids(world)
    came = [{"person": who["ada"], "came": "yes"}, {"person": who["tom"], "came": "no", "views": "I want to help"}]
    held = {**answers_for(world, "hold_tac_meeting"), "family": came, **more}
    world.do("hold_tac_meeting", "hana", case_id=case_id, **held)


def test_a_meeting_that_would_ask_nobody_of_the_family_is_not_arranged(world: World) -> None:
    alone = world.start_case()
    judged = {"competence": "Hana, today: Sam understands", "second_judgement": "Idris, today: so think I"}
    for step in ("record_consent", "complete_assessment", "appoint_lead_professional"):
        own = {"whose": "young_person", **judged} if step == "record_consent" else {}
        world.do(step, "hana", case_id=alone, **answers_for(world, step) | own)
    task = world.task("arrange_tac_meeting", alone)
    shown = task_page.task(world.engine, actor=world.actor("hana"), task_id=task.id)
    assert ("The family", "No parent or carer is written down yet") in shown.about
    with pytest.raises(Invalid, match="Write down a parent or carer first") as wrong:
        arrange(world, alone, family=shown.prefill["family"])
    assert wrong.value.details["field"] == "family"
    with pytest.raises(Invalid, match="Write down a parent or carer first"):
        arrange(world, alone)
    _keep(world, alone, ADA, Sharing())
    arrange(world, alone, family=shown.prefill["family"])
    assert invited(world)["ada"].invited


def consent_of(world: World, case_id: UUID, name: str, **answers: Any) -> None:
    said = {"consent": "given", "given_by": name, "signed_on": world.today.isoformat(), **answers}
    world.do("record_consent", "hana", case_id=case_id, **said)


@pytest.mark.parametrize("name", ["ada  whitlock", "Ada", "Mrs Ada Whitlock", "Sam's MOTHER"])
def test_a_parent_who_agrees_and_is_written_down_is_not_written_down_again(world: World, name: str) -> None:
    case_id = world.start_case()
    _keep(world, case_id, ADA, Sharing())
    consent_of(world, case_id, name)
    assert set(ids(world)) == {"ada"}


def test_a_parent_who_agrees_is_of_the_family_from_then_on(world: World) -> None:
    case_id = world.start_case()
    _keep(world, case_id, TOM, TOLD_NOTHING)
    consent_of(world, case_id, " Jo  Whitlock ", whose="parent")
    rows = world.rows(sa.select(record.family_members.c.name))
    assert sorted(row.name for row in rows) == ["Jo Whitlock", "Tom Whitlock"]
    (_of_tom, of_jo) = world.history(case_id, "family_member_kept")
    assert str(of_jo.subject_id) == ids(world)["jo"]


def test_neither_a_young_person_who_agrees_nor_who_refuses_is_written_down(world: World) -> None:
    own = world.start_case(born=date(2011, 3, 2))
    consent_of(world, own, "Sam Whitlock", whose="young_person", competence="Hana Verity, today: Sam understands")
    refusing = world.start_case()
    offered = {"offered_by": "Nobody", "offered": "They want none"}
    consent_of(world, refusing, "Jo Whitlock", consent="refused", **offered)
    assert ids(world) == {}


def test_parents_at_two_addresses_get_two_letters_with_what_each_may_be_told(world: World, case_id: UUID) -> None:
    arrange(world, case_id, agenda="Sam's nights")
    to_ada, to_tom = letters(world, "invitation")["Ada Whitlock"], letters(world, "invitation")["Tom Whitlock"]
    assert (to_ada.address, to_ada.address_secret, to_tom.address) == (ADA.address, True, TOM.address)
    for letter in (to_ada, to_tom):
        assert "Monday 16 March 2026 at 4:00pm" in letter.body and "School" in letter.body
        assert "You may bring somebody you trust" in letter.body and "say whether you will come" in letter.body
    assert "Sam's nights" in to_ada.body and "Sam's nights" not in to_tom.body
    assert "What can be shared with you: The dates of visits." in to_tom.body
    assert "Elm Row" not in to_tom.body and "Oak Way" not in to_ada.body
    child = invited(world)["child"]
    assert (child.invited, child.why_not) == (False, "8 years old: others bring what they wish")


def test_who_is_to_be_told_nothing_is_not_asked_and_a_reason_is_needed(world: World, case_id: UUID) -> None:
    _keep(world, case_id, families.Member(name="Gran Hill", relationship="Grandmother"), TOLD_NOTHING)
    who = ids(world)
    for row, said in (
        ({"person": who["gran"], "invite": "yes"}, "told nothing"),
        ({"person": who["ada"], "invite": "no"}, "Say why Ada Whitlock"),
    ):
        with pytest.raises(Invalid, match=said if "told" in said else "."):
            arrange(world, case_id, family=[row])
    arrange(world, case_id, family=[{"person": "child", "invite": "yes", "needs": "A picture card"}])
    assert set(letters(world, "invitation")) == {"Ada Whitlock", "Tom Whitlock", "Sam"}
    assert "We have noted: A picture card." in letters(world, "invitation")["Sam"].body
    assert "A court order" in invited(world)["gran"].why_not


@pytest.mark.parametrize("field", ["venue", "agenda"])
def test_an_address_kept_secret_is_refused_in_place_and_agenda(world: World, case_id: UUID, field: str) -> None:
    with pytest.raises(Invalid, match="kept secret"):
        arrange(world, case_id, **{field: "At 4 elm row"})


def test_a_secret_address_without_a_number_is_told_by_its_first_part(world: World, case_id: UUID) -> None:
    refuge = replace(ADA, name="Mia Whitlock", address="Rose Cottage, Northcombe")
    _keep(world, case_id, refuge, Sharing())
    with pytest.raises(Invalid, match="kept secret"):
        arrange(world, case_id, venue="We meet in Rose Cottage")
    arrange(world, case_id, venue="Northcombe School")


def test_each_answers_and_is_there_or_not_and_gets_notes_and_plan(world: World, case_id: UUID) -> None:
    arrange(world, case_id)
    who = ids(world)
    replies = [
        {"person": who["ada"], "reply": "coming", "brings": "Her sister"},
        {"person": who["tom"], "reply": "not_coming", "views": "I miss Sam"},
    ]
    written = letters(world, "invitation")
    copies = [
        {"letter": str(written["Ada Whitlock"].id), "how": "hand"},
        {"letter": str(written["Tom Whitlock"].id), "how": "not_yet"},
    ]
    world.do("record_family_replies", "hana", case_id=case_id, replies=replies, copies=copies)
    given = {name: (row.sent_by, row.sent_on) for name, row in letters(world, "invitation").items()}
    assert given["Ada Whitlock"] == ("hand", world.today)
    assert given["Tom Whitlock"] == ("", None)
    assert (invited(world)["tom"].reply, invited(world)["tom"].views) == ("not_coming", "I miss Sam")
    world.clock.advance(timedelta(days=14))
    action = {
        "action": "Agree a bedtime", "owner": str(world.ids["idris"]), "due_on": "2026-04-20", "outcome": "Sam sleeps"
    }  # fmt: skip
    hold(world, case_id, ends_with="actions", actions=[action], no_actions_why="")
    assert {name: row.attended for name, row in invited(world).items()} == {"ada": True, "tom": False, "child": None}
    notes = letters(world, "notes")
    to_ada = notes["Ada Whitlock"].body
    assert "Everybody spoke." in to_ada and "Idris Cole: Agree a bedtime" in to_ada
    assert "Everybody spoke." not in notes["Tom Whitlock"].body
    world.do("agree_action_plan", "hana", case_id=case_id, **answers_for(world, "agree_action_plan"))
    assert "Hana Verity: Agree a bedtime" in letters(world, "plan")["Ada Whitlock"].body
    assert "Agree a bedtime" not in letters(world, "plan")["Tom Whitlock"].body


def test_what_somebody_of_the_family_wrote_themself_stays_when_their_answer_is_recorded(world: World, case_id) -> None:
    arrange(world, case_id)
    who = ids(world)
    table = meetings.family_invitations
    said = {"reply": "coming", "brings": "Her sister", "views": "He sleeps badly", "needs": "A ramp"}
    world.write(sa.update(table).where(table.c.member_id == UUID(who["ada"])).values(**said, replied_on=world.today))
    replies = [{"person": who["ada"], "reply": "none"}, {"person": who["tom"], "reply": "not_coming", "views": "Sam"}]
    world.do("record_family_replies", "hana", case_id=case_id, replies=replies)
    ada, tom = invited(world)["ada"], invited(world)["tom"]
    assert {name: getattr(ada, name) for name in said} == said and ada.replied_on == world.today
    assert (tom.reply, tom.views) == ("not_coming", "Sam")


def test_the_plan_takes_what_the_meeting_agreed(world: World, case_id: UUID) -> None:
    arrange(world, case_id)
    action = {
        "action": "Agree a bedtime", "owner": str(world.ids["idris"]), "due_on": "2026-04-20", "outcome": "Sam sleeps"
    }  # fmt: skip
    hold(world, case_id, ends_with="actions", actions=[action], no_actions_why="")
    task = world.task("agree_action_plan", case_id)
    known = task_page.task(world.engine, actor=world.actor("hana"), task_id=task.id).prefill or {}
    assert known["actions"] == [action]
    assert known["next_review_on"] == agreed(world)["next_on"]
    (kept,) = world.rows(sa.select(meetings.meeting_actions))
    assert (kept.action, kept.due_on) == ("Agree a bedtime", date(2026, 4, 20))


@pytest.mark.parametrize(
    ("ending", "field"),
    [
        ({"ends_with": "", "next_on": ""}, "ends_with"),
        ({"ends_with": "no_actions", "next_on": ""}, "next_on"),
        ({"ends_with": "no_actions", "no_actions_why": ""}, "no_actions_why"),
        ({"ends_with": "actions", "actions": []}, "actions"),
        ({"ends_with": "no_actions", "next_on": "2026-03-02"}, "next_on"),
    ],
)
def test_a_meeting_does_not_end_without_a_next_date_and_actions(
    world: World, case_id: UUID, ending: dict[str, Any], field: str
) -> None:
    arrange(world, case_id)
    with pytest.raises(Invalid) as refused:
        hold(world, case_id, **ending)
    assert field in {refused.value.details.get("field"), *(refused.value.details.get("errors") or {})}


def test_somebody_who_was_asked_cannot_be_left_out_of_who_came(world: World, case_id: UUID) -> None:
    arrange(world, case_id)
    with pytest.raises(Invalid, match="each of the family"):
        hold(world, case_id, family=[])
    with pytest.raises(Invalid, match="who was there"):
        hold(world, case_id, family=[{"person": each, "came": "no"} for name, each in ids(world).items()])


def _act(world: World, case_id: UUID, act: Any) -> Any:
    with world.engine.sessions.act() as connection:
        case = locking.case(connection, case_id)
        work = open_work(world.engine, connection, case, actor=world.actor("hana"), at=world.engine.clock.now())
        found = act(work)
        settle(work)
    return found


def test_a_meeting_that_is_called_off_is_told_and_booked_again(world: World, case_id: UUID) -> None:
    arrange(world, case_id)
    _act(world, case_id, lambda work: call_off_meetings(work, why="The school is shut"))
    assert set(letters(world, "called_off")) == {"Ada Whitlock", "Tom Whitlock"}
    assert world.open_elements(case_id) == ["rebook_tac_meeting"]
    again = {"why": "The school is shut", "planned_on": "2026-03-20", "starts_at": "10:00"}
    world.do("rebook_tac_meeting", "hana", case_id=case_id, **again)
    (meeting,) = world.rows(sa.select(record.tac_meetings))
    assert (meeting.planned_on, meeting.called_off_on) == (date(2026, 3, 20), None)
    bodies = [row.body for row in world.rows(sa.select(meetings.letters.c.body))]
    assert sum("is on another day now" in body for body in bodies) == 2
    assert world.open_elements(case_id).count("reply_to_invitation") == 2


def test_who_has_left_is_not_asked_any_more(world: World, case_id: UUID) -> None:
    arrange(world, case_id)
    gone = _act(world, case_id, lambda work: call_off_invitations(work, [world.ids["noor"]], why="They have left"))
    assert gone == (world.ids["noor"],)
    assert [task.assignee_id for task in world.tasks(case_id, element="reply_to_invitation")] == [world.ids["idris"]]
    world.tick()
    told = {(message.recipient.split("@")[0], message.subject) for message in world.mailbox.messages}
    assert ("hana", "Somebody you invited to a meeting will not come any more") in told
    (case,) = [case_file.read(world.engine, actor=world.actor("hana"), case_id=case_id)]
    assert [guest.name for guest in case.meetings[0].invited] == ["Idris Cole"]


def test_a_letter_is_posted_by_who_keeps_the_family(world: World, case_id: UUID) -> None:
    arrange(world, case_id)
    hana, idris = world.actor("hana"), world.actor("idris")
    waiting = letter_queries.read_letters(world.engine, actor=hana, case_id=case_id)
    to_whom = {(each.addressee, each.sent_on) for each in waiting if each.kind_key == "invitation"}
    assert to_whom == {("Ada Whitlock", None), ("Tom Whitlock", None)}
    letter_id = next(each.letter_id for each in waiting if each.kind_key == "invitation")
    family_letters.mark_sent(world.engine, actor=hana, case_id=case_id, letter_id=letter_id, how="post")
    letter = letter_queries.read_letter(world.engine, actor=hana, case_id=case_id, letter_id=letter_id)
    assert (letter.sent_by, letter.sent_on) == ("post", world.today)
    with pytest.raises(NotPermitted):
        family_letters.mark_sent(world.engine, actor=idris, case_id=case_id, letter_id=letter_id, how="post")
    with pytest.raises(NotPermitted):
        letter_queries.read_letters(world.engine, actor=idris, case_id=case_id)


def test_what_is_left_to_do_afterwards_is_asked_and_kept(world: World, case_id: UUID) -> None:
    arrange(world, case_id)
    hold(world, case_id)
    assert "finish_tac_meeting" in world.open_elements(case_id)
    copies = [
        {"letter": str(row.id), "how": "hand"} for row in letters(world, "notes").values()
    ]  # fmt: skip
    said = {"family_has_it": "yes", "after": ["The next date is in everybody's diary"], "copies": copies}
    world.do("finish_tac_meeting", "hana", case_id=case_id, **said)
    assert {row.sent_by for row in letters(world, "notes").values()} == {"hand"}
    (meeting,) = world.rows(sa.select(record.tac_meetings))
    assert [line["said"] for line in meeting.checklists["after"] if line["done"]] == said["after"]
