"""A meeting at an address that becomes secret: its place reaches nobody any more; on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.acts import settle
from engine.casework.family_sharing import Sharing
from engine.casework.secret_addresses import LEFT_OUT
from engine.commands import answer_corrections, comments, families, family_letters, user_tasks
from engine.errors import Invalid, NotPermitted
from engine.operations import family_invitations, held_letters, meeting_letters
from engine.queries import answer_corrections as answers
from engine.queries import (
    assessment_document,
    between_meetings,
    calendar_feeds,
    case_file,
    chronology,
    plan_story,
    reply_pages,
    task_drafts,
    task_page,
    timeline,
    worklist,
)
from engine.queries import letters as letter_queries
from engine.queries.case_meetings import Meeting
from engine.store import letter_warnings, locking, meeting_places
from engine.store.tables import record
from engine.work import open_work
from tests.database.test_letters import ADA, TOM, change, family, letters, mails, send, token_of
from tests.database.test_sibling_meetings import offered, sibling_of
from tests.episodes import answers_for, start_and_walk_to
from tests.worlds import World, open_world

HOME = "4 Elm Row, N1 2AB"
KNOWN = replace(ADA, address_secret=False)


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url) as opened:
        yield opened


@pytest.fixture
def case_id(world: World) -> UUID:
    """A case whose meeting is to be at the mother's, where everybody knows that she lives; Idris has it by e-mail."""
    id_ = start_and_walk_to(world, "arrange_tac_meeting")
    family(world, id_, KNOWN, Sharing())
    family(world, id_, TOM, Sharing())
    asked = answers_for(world, "arrange_tac_meeting") | {"venue": HOME}
    world.do("arrange_tac_meeting", "hana", case_id=id_, **asked)
    family_letters.write_to_practitioners(world.engine, actor=world.actor("hana"), case_id=id_)
    send(world, id_, letters(world, id_)["idris"])
    return id_


def keep_secret(world: World, case_id: UUID, member: families.Member = ADA, by: str = "hana") -> None:
    (row,) = world.rows(sa.select(record.family_members.c.id).where(record.family_members.c.name == ADA.name))
    families.keep_member(
        world.engine, actor=world.actor(by), case_id=case_id, member_id=row.id, member=member, sharing=None
    )


def coming(world: World, case_id: UUID, who: str) -> Meeting:
    (meeting,) = case_file.read(world.engine, actor=world.actor(who), case_id=case_id).meetings
    return meeting


def about(world: World, case_id: UUID, element: str, who: str) -> dict[str, str]:
    (task, *_) = [
        each for each in world.tasks(case_id, element=element) if each.assignee_id in (None, world.ids[who])
    ]
    return dict(worklist.task(world.engine, actor=world.actor(who), task_id=task.id).about)


def test_who_reads_of_a_meeting_is_told_its_place_until_that_is_secret(world: World, case_id: UUID) -> None:
    """No mail, entry, feed or page tells it then but to who lives there, and to who leads, to book another place."""
    own, his = (token_of(letters(world, case_id)[name]) for name in ("ada", "tom"))

    def told() -> list[str]:
        pages = [reply_pages.read(world.engine, token=token).place for token in (own, his)]
        feed = calendar_feeds.written(world.engine, actor=world.actor("noor")).replace("\\,", ",")
        seen = [coming(world, case_id, who).venue for who in ("hana", "noor")]
        place = about(world, case_id, "reply_to_invitation", "noor")["Where"]
        return [*pages, *seen, place, "".join(feed.partition("LOCATION:")[2].splitlines()[:1])]

    assert told() == [HOME] * 6
    assert "Elm Row" in "".join(mail.body + mail.calendar for mail in mails(world, idris(world)))
    assert coming(world, case_id, "hana").place_secret == ""
    assert "Take care" not in about(world, case_id, "hold_tac_meeting", "hana")
    keep_secret(world, case_id)
    ask = f"A{meeting_places.ASK[1:]}"
    assert told() == [HOME, ask, HOME, ask, ask, meeting_places.ASK]
    said = coming(world, case_id, "hana").place_secret
    assert said.startswith("This place may tell the address of Ada Whitlock, which is kept secret now")
    assert about(world, case_id, "hold_tac_meeting", "hana")["Take care"] == said
    assert coming(world, case_id, "noor").place_secret == ""


def idris(world: World) -> str:
    """Return the address of Idris."""
    world.tick()
    return next(each.recipient for each in world.mailbox.messages if each.recipient.startswith("idris@"))


def test_no_mail_or_entry_tells_the_place_and_another_day_needs_another_place(world: World, case_id: UUID) -> None:
    keep_secret(world, case_id)
    world.tick()
    world.mailbox.messages.clear()
    to_tom = letters(world, case_id)["tom"]
    with pytest.raises(Invalid, match="address of Ada Whitlock"):
        send(world, case_id, to_tom)
    change(world, case_id, to_tom, to_tom.body.replace(HOME, "you will be told"))
    send(world, case_id, to_tom)
    to_noor = letters(world, case_id)["noor"]
    change(world, case_id, to_noor, to_noor.body.replace(HOME, "ring me"))
    send(world, case_id, to_noor)
    world.do("hold_tac_meeting", "hana", case_id=case_id, family_came="not_held")
    again = {"why": "It is not safe there", "planned_on": str(world.today + timedelta(days=9)), "starts_at": "10:00"}
    with pytest.raises(Invalid, match="The place it had may tell the address of Ada Whitlock") as wrong:
        world.do("rebook_tac_meeting", "hana", case_id=case_id, **again)
    assert wrong.value.details["field"] == "venue"
    world.tick()
    sent = world.mailbox.messages
    assert {each.recipient.split("@")[0] for each in sent if each.calendar} >= {"tom", "noor", "idris"}
    assert [each.subject for each in sent if "elm" in f"{each.subject} {each.body} {each.calendar}".lower()] == []
    world.do("rebook_tac_meeting", "hana", case_id=case_id, **again, venue="Children’s Centre")
    assert "Children’s Centre" in mails(world, TOM.email)[-1].body
    assert coming(world, case_id, "noor").venue == "Children’s Centre"


def test_a_letter_written_while_the_place_is_secret_leaves_it_out_but_for_who_lives_there(
    world: World, case_id: UUID
) -> None:
    keep_secret(world, case_id)
    world.write(sa.update(record.tac_meetings).values(rebooked=1))
    (meeting,) = world.rows(sa.select(record.tac_meetings.c.id))
    with world.engine.sessions.act() as connection:
        case, now = locking.case(connection, case_id), world.engine.clock.now()
        work = open_work(world.engine, connection, case, actor=world.actor("hana"), at=now)
        family_invitations.write_again(work, meeting.id, moved=True)
        meeting_letters.write_to_practitioners(work, meeting.id)
        settle(work)
    found = letters(world, case_id)
    assert f"Where: {HOME}" in found["ada"].body and not found["ada"].secret
    for name in ("tom", "noor"):
        assert f"Where: {meeting_places.ASK}" in found[name].body and not found[name].secret


def test_their_line_manager_keeps_the_letters_and_reads_none_that_tells_the_address(
    world: World, case_id: UUID
) -> None:
    read = {"actor": world.actor("morgan"), "case_id": case_id}
    hers = {each.letter_id: each for each in letter_queries.read_letters(world.engine, **read)}
    assert not any(each.unread for each in hers.values()), "nothing is secret yet"
    keep_secret(world, case_id)
    theirs = letters(world, case_id)
    assert not any(each.unread for each in theirs.values())
    hers = {each.letter_id: each for each in letter_queries.read_letters(world.engine, **read, pages="https://x")}
    for name in ("ada", "tom", "noor"):
        letter = hers[theirs[name].letter_id]
        assert letter.unread and letter.stopped == letter.text == letter_warnings.UNREAD and not letter.page
    assert "elm" not in repr(list(hers.values())).lower()
    said = {"letter_id": theirs["tom"].letter_id, "subject": "x", "body": "y"}
    for act, more in (
        (family_letters.change, said),
        (family_letters.send, {"letter_id": said["letter_id"], "pages": "https://x"}),
        (family_letters.mark_sent, {"letter_id": said["letter_id"], "how": "post"}),
        (family_letters.mark_given, {"letter_ids": [said["letter_id"]], "how": "post"}),
        (family_letters.write_again, {"letter_id": said["letter_id"]}),
        (family_letters.overrule_warning, {"letter_id": said["letter_id"], "why": "It is another"}),
    ):
        with pytest.raises(NotPermitted, match="kept secret"):
            act(world.engine, **read, **more)
    change(world, case_id, theirs["tom"], theirs["tom"].body.replace(HOME, "you will be told"))
    family_letters.change(world.engine, **read, **said, expected_revision=1)
    (now,) = [each for each in letter_queries.read_letters(world.engine, **read) if each.letter_id == said["letter_id"]]
    assert (now.body, now.unread) == ("y", False)


def test_no_answer_note_or_comment_tells_it_to_who_need_not_know(world: World, case_id: UUID) -> None:
    """Neither the pages of answers and drafts nor the record's own; what else was said there stays."""
    hana, morgan = world.actor("hana"), world.actor("morgan")
    (arranged,) = world.tasks(case_id, state="completed", element="arrange_tac_meeting")
    (hold,) = world.tasks(case_id, element="hold_tac_meeting")
    said = "Ring first. She is at 4 Elm Row, behind the shop"
    comments.add(world.engine, actor=hana, case_id=case_id, about=hold.id, text=said)
    asked = answers_for(world, "hold_tac_meeting") | {"notes": f"Sam sleeps better.\nWe met at {HOME}. Noor helps."}
    user_tasks.save_draft(world.engine, actor=hana, task_id=hold.id, answers=asked)
    world.do("hold_tac_meeting", "hana", case_id=case_id, **asked)
    keep_secret(world, case_id)

    def read(who: str) -> str:
        seen = {"actor": world.actor(who), "case_id": case_id}
        found = [
            case_file.read(world.engine, **seen), timeline.read(world.engine, **seen),
            chronology.read(world.engine, **seen, asked=chronology.Asked(kind="everything")),
            *(answers.read(world.engine, actor=seen["actor"], task_id=each.id) for each in (arranged, hold)),
            task_page.task(world.engine, actor=seen["actor"], task_id=hold.id).comments,
            plan_story.read(world.engine, **seen), between_meetings.read(world.engine, **seen),
            assessment_document.read(world.engine, **seen),
        ]  # fmt: skip
        return repr(found)

    assert read("hana").count("Elm Row") > 3
    told = read("morgan")
    assert "elm row" not in told.lower() and "N1 2AB" not in told
    assert told.count(LEFT_OUT) > 3 and "Ring first." in told and "Sam sleeps better." in told and "Noor helps." in told
    wrong = {"task_id": hold.id, "question": "notes", "answer": "We met", "why": "It was wrong"}
    with pytest.raises(Invalid, match="reads and corrects it"):
        answer_corrections.correct(world.engine, actor=morgan, **wrong)
    assert answer_corrections.correct(world.engine, actor=hana, **wrong).in_record
    assert "elm row" not in read("morgan").lower(), "what it was before it was corrected"


def test_a_draft_and_what_a_form_begins_with_leave_it_out_of_what_is_sent_back(world: World, case_id: UUID) -> None:
    world.do("hold_tac_meeting", "hana", case_id=case_id, family_came="not_held")
    (task,) = world.tasks(case_id, element="rebook_tac_meeting")
    typed = {"why": f"Ada is ill. We meet at {HOME}.", "venue": HOME}
    user_tasks.save_draft(world.engine, actor=world.actor("hana"), task_id=task.id, answers=typed)
    keep_secret(world, case_id)
    user_tasks.reassign(world.engine, actor=world.actor("hana"), task_id=task.id, to=world.ids["morgan"])
    page = worklist.task(world.engine, actor=world.actor("morgan"), task_id=task.id)
    assert page.draft == {"why": f"Ada is ill. {LEFT_OUT}", "venue": ""}
    _, revisions = task_drafts.revisions(world.engine, actor=world.actor("morgan"), task_id=task.id)
    assert [each.answers for each in revisions] == [page.draft]


def test_who_leads_hears_once_that_a_place_has_become_secret(world: World, case_id: UUID) -> None:
    def told() -> list[str]:
        world.tick()
        return [each.recipient.split("@")[0] for each in world.mailbox.messages if each.subject == held_letters.PLACE]

    keep_secret(world, case_id, by="cleo")
    keep_secret(world, case_id, replace(ADA, email="ada@example.org"), by="cleo")
    assert told() == ["hana"]
    keep_secret(world, case_id, KNOWN, by="cleo")
    assert told() == ["hana"]
    keep_secret(world, case_id, by="cleo")
    assert told() == ["hana"] * 2, "it was lifted in between"
    kinds = [*held_letters.PLACES]
    assert [len(world.history(case_id, kind)) for kind in kinds] == [2, 1]


def test_a_meeting_whose_place_is_secret_now_is_not_joined(world: World, case_id: UUID) -> None:
    ella = sibling_of(world, case_id)
    (choice,) = offered(world, ella)
    assert HOME in choice.label
    keep_secret(world, case_id)
    (choice,) = offered(world, ella)
    assert "Elm" not in choice.label and meeting_places.ASK in choice.label
    with pytest.raises(Invalid, match="kept secret now: choose a day for this child alone") as wrong:
        world.do("arrange_tac_meeting", "hana", case_id=ella, sibling_meeting=choice.value)
    assert wrong.value.details["field"] == "sibling_meeting"
