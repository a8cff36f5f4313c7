"""Letters: copies of the assessment, drafts that are changed and sent, private pages for answers; on both databases."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from icalendar import Calendar

from engine.acts import settle
from engine.casework import letter_templates, reply_tokens
from engine.casework.family_sharing import Sharing
from engine.commands import (
    authorities,
    case_processes,
    families,
    family_letters,
    mail_agreements,
    replies,
    restrictions,
    team_places,
)
from engine.errors import Conflict, Invalid, NotFound
from engine.operations import meeting_days, meeting_reminders
from engine.operations.invitations import call_off_invitations
from engine.queries import letters as letter_queries
from engine.queries import mail_agreements as mail_queries
from engine.queries import reply_pages, task_page, timeline, waiting_letters
from engine.queries.letters import CaseLetter
from engine.signing_in import TooManyTries
from engine.store import locking
from engine.store.outbox import Claimed
from engine.store.tables import keeping, meetings, people, record, running
from engine.work import open_work
from tests.episodes import answers_for, start_and_walk_to
from tests.worlds import World, open_world

PAGES = "https://here.example/reply"
ADA = families.Member(name="Ada Whitlock", relationship="Mother", address="4 Elm Row\nN1 2AB", address_secret=True)
TOM = families.Member(
    name="Tom Whitlock", relationship="Father", address="9 Oak Way\nN3 4CD", email="tom@example.org"
)  # fmt: skip
TOLD_A_PART = Sharing(told="part", part="The dates of visits", decided_by="court", reason="A court order")
TOLD_NOTHING = Sharing(told="nothing", decided_by="court", reason="A court order")


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url) as opened:
        yield opened


def family(world: World, case_id: UUID, member: families.Member, sharing: Sharing, id_: UUID | None = None) -> UUID:
    return families.keep_member(
        world.engine, actor=world.actor("hana"), case_id=case_id, member_id=id_, member=member, sharing=sharing,
        request_key=None,
    )  # fmt: skip


@pytest.fixture
def case_id(world: World) -> UUID:
    """A case whose meeting is to be arranged; mother and father live at two addresses, hers is secret."""
    id_ = start_and_walk_to(world, "arrange_tac_meeting")
    family(world, id_, ADA, Sharing())
    family(world, id_, TOM, Sharing())
    return id_


def arrange(world: World, case_id: UUID) -> None:
    world.do("arrange_tac_meeting", "hana", case_id=case_id, **answers_for(world, "arrange_tac_meeting"))


def letters(world: World, case_id: UUID, kind: str = "invitation") -> dict[str, CaseLetter]:
    """Return the newest letter of a kind to each, by first name."""
    found = letter_queries.read_letters(world.engine, actor=world.actor("hana"), case_id=case_id, pages=PAGES)
    return {each.addressee.split()[0].lower(): each for each in reversed(found) if each.kind_key == kind}


def change(world: World, case_id: UUID, letter: CaseLetter, body: str, revision: int | None = None) -> int:
    return family_letters.change(
        world.engine, actor=world.actor("hana"), case_id=case_id, letter_id=letter.letter_id, subject=letter.subject,
        body=body, expected_revision=revision,
    ).revision  # fmt: skip


def send(world: World, case_id: UUID, letter: CaseLetter) -> str:
    return family_letters.send(
        world.engine, actor=world.actor("hana"), case_id=case_id, letter_id=letter.letter_id, pages=PAGES
    )


def token_of(letter: CaseLetter) -> str:
    return letter.text.partition(f"{PAGES}/")[2][:48]


def test_each_of_the_family_gets_a_copy_of_the_assessment_to_be_handed_over(world: World) -> None:
    case_id = start_and_walk_to(world, "complete_assessment")
    family(world, case_id, ADA, Sharing())
    family(world, case_id, TOM, TOLD_A_PART)
    gran = families.Member(name="Gran Hill", relationship="Grandmother", email="gran@example.org")
    family(world, case_id, gran, TOLD_NOTHING)
    told = answers_for(world, "complete_assessment") | {"needs": "Calm mornings", "parent_comment": "I am tired"}
    with pytest.raises(Invalid, match="kept secret") as wrong:
        world.do("complete_assessment", "hana", case_id=case_id, **told | {"child_comment": "We live at 4 elm row"})
    assert wrong.value.details["field"] == "child_comment"
    world.do("complete_assessment", "hana", case_id=case_id, **told)
    copies = letters(world, case_id, "assessment")
    assert set(copies) == {"ada", "jo", "tom"}, "who agreed has one too"
    assert "Calm mornings" in copies["ada"].body and "I am tired" in copies["ada"].body
    assert "Hana Verity\nAssessor" in copies["ada"].body
    assert "The dates of visits" in copies["tom"].body and "Calm mornings" not in copies["tom"].body
    assert all(copy.waits and copy.sent_on is None for copy in copies.values())
    (waiting,) = waiting_letters.mine(world.engine, actor=world.actor("hana"))
    assert (waiting.case_id, waiting.count) == (case_id, len(copies))
    family_letters.mark_sent(
        world.engine, actor=world.actor("hana"), case_id=case_id, letter_id=copies["ada"].letter_id, how="hand"
    )
    (sending,) = letters(world, case_id, "assessment")["ada"].sendings
    assert (sending.how, sending.by, sending.at) == ("hand", "Hana Verity", world.engine.clock.now())
    assert waiting_letters.mine(world.engine, actor=world.actor("hana"))[0].count == len(copies) - 1


def test_nothing_is_e_mailed_before_somebody_has_looked_at_it(world: World, case_id: UUID) -> None:
    arrange(world, case_id)
    world.tick()
    assert "tom@example.org" not in {message.recipient for message in world.mailbox.messages}
    invitation = letters(world, case_id)["tom"]
    assert invitation.waits and invitation.email == "tom@example.org"
    assert change(world, case_id, invitation, invitation.body + "\n\nThe bus stops there.", 0) == 1
    assert send(world, case_id, invitation) == "tom@example.org"
    (queued,) = world.rows(sa.select(keeping.outbox).where(keeping.outbox.c.recipient == "tom@example.org"))
    token = token_of(letters(world, case_id)["tom"])
    assert "METHOD:REQUEST" in queued.calendar and token not in queued.body
    world.tick()
    (mail,) = [message for message in world.mailbox.messages if message.recipient == "tom@example.org"]
    assert token not in mail.body and "The bus stops there." not in mail.body
    assert re.search(r"\bJo\b", mail.body) is None
    assert "Elm Row" not in mail.body + mail.calendar + mail.subject
    sent = letters(world, case_id)["tom"]
    assert (sent.sent_by, [each.recipient for each in sent.sendings]) == ("email", ["tom@example.org"])
    with pytest.raises(Conflict, match="sent already"):
        change(world, case_id, sent, "Something else")


def tom_s_page(world: World) -> str:
    """Return the token of the page that the last e-mail to Tom tells of, once it has left."""
    world.tick()
    mails = [each.body for each in world.mailbox.messages if each.recipient == "tom@example.org"]
    return mails[-1].partition(f"{PAGES}/letter/")[2][:48]


def test_by_e_mail_goes_the_address_of_a_page_that_ends(world: World, case_id: UUID) -> None:
    arrange(world, case_id)
    invitation = letters(world, case_id)["tom"]
    send(world, case_id, invitation)
    token = tom_s_page(world)
    assert letters(world, case_id)["tom"].opened_at is None
    read = replies.read_letter(world.engine, token=token)
    assert read.subject == invitation.subject and "Dear Tom Whitlock" in read.body
    answers = letters(world, case_id)["tom"]
    assert f"/reply/{token_of(answers)}" in read.body and (answers.reading, answers.in_full) == ("open", False)
    assert answers.opened_at == world.engine.clock.now() and answers.reading_until == read.until
    for wrong in (f"{token[:-1]}x", token_of(answers)):
        with pytest.raises(NotFound):
            replies.read_letter(world.engine, token=wrong)
    (tom,) = world.rows(sa.select(record.family_members.c.id).where(record.family_members.c.name == TOM.name))
    family(world, case_id, TOM, TOLD_NOTHING, tom.id)
    with pytest.raises(NotFound):
        replies.read_letter(world.engine, token=token)
    family(world, case_id, TOM, Sharing(), tom.id)
    family_letters.close_page(
        world.engine, actor=world.actor("hana"), case_id=case_id, letter_id=invitation.letter_id
    )
    with pytest.raises(NotFound):
        replies.read_letter(world.engine, token=token)
    send(world, case_id, invitation)
    later = tom_s_page(world)
    assert later != token and replies.read_letter(world.engine, token=later)
    world.clock.advance(timedelta(days=29))
    with pytest.raises(NotFound):
        replies.read_letter(world.engine, token=later)


def test_who_wants_letters_in_full_by_e_mail_has_them_at_that_address_only(world: World, case_id: UUID) -> None:
    arrange(world, case_id)
    (tom,) = world.rows(sa.select(record.family_members.c.id).where(record.family_members.c.name == TOM.name))
    today = world.engine.clock.now().date()
    whose: dict[str, Any] = {"actor": world.actor("hana"), "case_id": case_id, "member_id": tom.id}
    with pytest.raises(Invalid, match="who agreed"):
        mail_agreements.agree(world.engine, **whose, agreed_by=" ", agreed_on=today)
    with pytest.raises(Invalid, match="not to come"):
        mail_agreements.agree(world.engine, **whose, agreed_by="Tom", agreed_on=today + timedelta(days=1))
    mail_agreements.agree(world.engine, **whose, agreed_by="Tom, on the telephone", agreed_on=today)
    (choice,) = mail_queries.read(world.engine, actor=world.actor("hana"), case_id=case_id)
    assert (choice.agreed_by, choice.agreed_on, choice.recorded_by) == ("Tom, on the telephone", today, "Hana Verity")
    letter = letters(world, case_id)["tom"]
    assert letter.in_full
    send(world, case_id, letter)
    world.tick()
    (mail,) = [each for each in world.mailbox.messages if each.recipient == "tom@example.org"]
    assert f"{PAGES}/{token_of(letters(world, case_id)['tom'])}" in mail.body and "Dear Tom Whitlock" in mail.body
    family(world, case_id, replace(TOM, email="new@example.org"), Sharing(), tom.id)
    assert not letters(world, case_id)["tom"].in_full
    (choice,) = mail_queries.read(world.engine, actor=world.actor("hana"), case_id=case_id)
    assert choice.agreed_on is None
    family(world, case_id, TOM, Sharing(), tom.id)
    mail_agreements.end(world.engine, **whose)
    assert not letters(world, case_id)["tom"].in_full
    with pytest.raises(Conflict):
        mail_agreements.end(world.engine, **whose)


def test_two_who_change_one_letter_do_not_write_over_each_other(world: World, case_id: UUID) -> None:
    arrange(world, case_id)
    letter = letters(world, case_id)["ada"]
    assert change(world, case_id, letter, "One", 0) == 1
    with pytest.raises(Conflict, match="a moment ago"):
        change(world, case_id, letter, "Two", 0)
    assert letters(world, case_id)["ada"].body == "One"
    assert change(world, case_id, letter, "One", 1) == 1, "the same words are no change"
    cleo = {"actor": world.actor("cleo"), "case_id": case_id, "letter_id": letter.letter_id, "subject": "Come"}
    with pytest.raises(Conflict, match="a moment ago"):
        family_letters.change(world.engine, **cleo, body="Two")  # a page that goes out of sight says no revision
    assert letters(world, case_id)["ada"].before is None
    assert family_letters.change(world.engine, **cleo, body="Two", expected_revision=1).revision == 2
    now = letters(world, case_id)["ada"]
    assert now.body == "Two" and now.before is not None, "nobody's words are lost"
    assert (now.before.by, now.before.body, now.before.subject) == ("Cleo Marsh", "One", letter.subject)
    assert family_letters.change(world.engine, **cleo, body="Three").revision == 3
    now = letters(world, case_id)["ada"]
    assert now.before is not None and now.before.body == "One", "her own she may change"


@pytest.mark.parametrize("written", ["They live at 4 Elm Row.", "Come to N12AB", "4 ELM  ROW", "in Elm Row"])
def test_a_letter_that_gives_away_an_address_kept_secret_is_kept_but_not_sent(
    world: World, case_id: UUID, written: str
) -> None:
    arrange(world, case_id)
    known = letters(world, case_id)
    for name in ("tom", "ada"):
        change(world, case_id, known[name], written)
    assert "Ada Whitlock, which is kept secret" in letters(world, case_id)["tom"].secret
    assert letters(world, case_id)["ada"].secret == "", "her own address is no secret to her"
    with pytest.raises(Invalid, match="kept secret"):
        send(world, case_id, known["tom"])
    assert not world.rows(sa.select(keeping.outbox).where(keeping.outbox.c.recipient == "tom@example.org"))


def test_a_warning_that_may_be_another_place_is_overruled_with_a_reason_until_the_words_or_the_address_change(
    world: World, case_id: UUID
) -> None:
    arrange(world, case_id)
    to_tom = letters(world, case_id)["tom"].letter_id
    hana = {"actor": world.actor("hana"), "case_id": case_id, "letter_id": to_tom}

    def overrule(why: str) -> None:
        family_letters.overrule_warning(world.engine, why=why, **hana)

    with pytest.raises(Conflict, match="no warning"):
        overrule("Nothing there")
    change(world, case_id, letters(world, case_id)["tom"], "Elm Row School, at ten.")
    assert "may tell the address of Ada Whitlock" in letters(world, case_id)["tom"].secret
    with pytest.raises(Invalid, match="what place it is"):
        overrule("  ")
    for _ in range(2):
        overrule("The school is called after its road")
    kept = letters(world, case_id)["tom"]
    assert kept.secret == "" and kept.overruled is not None
    assert (kept.overruled.by, kept.overruled.why) == ("Hana Verity", "The school is called after its road")
    assert len(world.history(case_id, "address_warning_overruled")) == 1
    assert send(world, case_id, kept) == "tom@example.org"
    told = [each.what for each in timeline.read(world.engine, actor=world.actor("hana"), case_id=case_id).events]
    assert any("overruled (The school is called after its road)" in each for each in told)
    again = family_letters.write_again(world.engine, **hana)
    new = next(each for each in letter_queries.read_letters(world.engine, actor=hana["actor"], case_id=case_id)
               if each.letter_id == again)  # fmt: skip
    assert "may tell" in new.secret, "each letter is looked at for itself"
    hana["letter_id"] = again
    change(world, case_id, new, "Come to 4 Elm Row.")
    with pytest.raises(Invalid, match="This holds the address"):
        overrule("It is the school's")


def test_a_letter_is_not_sent_to_nobody_nor_to_who_is_to_be_told_nothing(world: World, case_id: UUID) -> None:
    arrange(world, case_id)
    known = letters(world, case_id)
    with pytest.raises(Invalid, match="no e-mail address"):
        send(world, case_id, known["ada"])
    (tom,) = world.rows(sa.select(meetings.letters.c.member_id).where(meetings.letters.c.addressee == TOM.name))
    family(world, case_id, TOM, TOLD_NOTHING, tom.member_id)
    with pytest.raises(Invalid, match="told nothing"):
        send(world, case_id, known["tom"])
    assert not letters(world, case_id)["tom"].waits


def test_a_letter_not_sent_goes_to_where_somebody_lives_now(world: World, case_id: UUID) -> None:
    arrange(world, case_id)
    (row,) = world.rows(sa.select(meetings.letters.c.member_id).where(meetings.letters.c.addressee == ADA.name))
    moved = families.Member(name=ADA.name, relationship="Mother", address="The refuge", address_secret=True)
    family(world, case_id, moved, Sharing(), row.member_id)
    assert letters(world, case_id)["ada"].address == "The refuge"


def test_practitioners_have_letters_with_the_child_s_first_name_only(world: World, case_id: UUID) -> None:
    arrange(world, case_id)
    write = family_letters.write_to_practitioners
    assert write(world.engine, actor=world.actor("hana"), case_id=case_id) == 2
    assert write(world.engine, actor=world.actor("hana"), case_id=case_id) == 0
    to_idris = letters(world, case_id)["idris"]
    assert to_idris.practitioner and "the support for Sam" in to_idris.body
    assert "Whitlock" not in to_idris.subject + to_idris.body and not to_idris.secret
    assert reply_tokens.MARK not in to_idris.text and token_of(to_idris)


def mails(world: World, to: str) -> list[Claimed]:
    """Return what reached an address, after all that waits has left."""
    world.tick()
    return [message for message in world.mailbox.messages if message.recipient == to]


def event_of(calendar: str) -> tuple[str, int]:
    """Return what a calendar entry asks for, and its sequence."""
    read = Calendar.from_ical(calendar)
    (event,) = read.walk("VEVENT")
    return str(read["method"]), int(str(event["sequence"]))


@pytest.fixture
def invited(world: World, case_id: UUID) -> str:
    """E-mail the father and a practitioner, Idris, their invitations; return Idris's address."""
    arrange(world, case_id)
    family_letters.write_to_practitioners(world.engine, actor=world.actor("hana"), case_id=case_id)
    known = letters(world, case_id)
    change(world, case_id, known["idris"], known["idris"].body + "\n\nSam Whitlock sleeps badly.")
    send(world, case_id, known["tom"])
    return send(world, case_id, known["idris"])


def test_an_e_mail_to_a_practitioner_names_no_child_and_holds_no_letter(
    world: World, case_id: UUID, invited: str
) -> None:
    mail = mails(world, invited)[-1]
    whole = mail.subject + mail.body + mail.calendar
    assert "Sam" not in whole and "Whitlock" not in whole and "sleeps" not in whole
    assert f"Our reference is {world.case(case_id).reference}." in mail.body
    assert f"{PAGES}/{token_of(letters(world, case_id)['idris'])}" in mail.body and "Where: School" in mail.body
    assert event_of(mail.calendar) == ("REQUEST", 0)


@pytest.mark.parametrize("pages", [True, False], ids=["with private pages", "without"])
def test_an_e_mail_of_no_kind_names_a_child(world: World, case_id: UUID, pages: bool) -> None:
    """Each e-mail that goes in place of a letter is sent once, about a meeting at a place that names the child."""
    address = {"service_address": PAGES.removesuffix("/reply") if pages else ""}
    own = {"name": "Northcombe Council", "nation": "england-and-wales", "profile": address}
    authorities.change(world.engine, actor=world.actor("piet"), **own)
    asked = answers_for(world, "arrange_tac_meeting") | {"venue": "At Sam’s home"}
    world.do("arrange_tac_meeting", "hana", case_id=case_id, **asked)
    family_letters.write_to_practitioners(world.engine, actor=world.actor("hana"), case_id=case_id)
    for name in ("tom", "idris"):
        send(world, case_id, letters(world, case_id)[name])
    world.do("hold_tac_meeting", "hana", case_id=case_id, family_came="not_held")
    again = {"why": "The school is shut", "planned_on": str(world.today + timedelta(days=9)), "starts_at": "10:00"}
    world.do("rebook_tac_meeting", "hana", case_id=case_id, **again)
    with world.engine.sessions.act() as connection:
        case, now = locking.case(connection, case_id), world.engine.clock.now()
        work = open_work(world.engine, connection, case, actor=world.actor("hana"), at=now)
        meeting_days.call_off_meetings(work, why="The school is shut")
        settle(work)
    world.tick()
    sent = [each for each in world.mailbox.messages if each.case_id == case_id]
    named = [each.subject for each in sent if re.search(r"\bSam\b", f"{each.subject} {each.body} {each.calendar}")]
    assert named == []
    of_meetings = letter_templates.MAILS - {"mail_helped"}  # sent when a case closes
    usual = {letter_templates.sample(key, letter_templates.usual(key)).subject for key in of_meetings}
    assert usual <= {each.subject for each in sent}
    off = next(each for each in sent if each.recipient == TOM.email and each.subject == "A meeting is called off")
    assert "The meeting about the support for your family on" in off.body and "You need not come. Our ref" in off.body
    assert ("Read it on this page" in off.body) == pages
    assert "The meeting about Sam" in letters(world, case_id, "called_off")["tom"].body, "the letter itself may"


def test_a_meeting_that_moves_moves_in_the_calendars_it_was_sent_to(
    world: World, case_id: UUID, invited: str
) -> None:
    """All at one instant: what was written first leaves first."""
    world.do("hold_tac_meeting", "hana", case_id=case_id, family_came="not_held")
    again = {"why": "The school is shut", "planned_on": str(world.today + timedelta(days=9)), "starts_at": "10:00"}
    world.do("rebook_tac_meeting", "hana", case_id=case_id, **again)
    for address in (invited, "tom@example.org"):
        entries = [event_of(mail.calendar) for mail in mails(world, address) if mail.calendar]
        assert entries == [("REQUEST", 0), ("CANCEL", 1), ("REQUEST", 2)], "off at once, as its day is still to come"
    noor = [mail for mail in world.mailbox.messages if mail.recipient.startswith("noor@")]
    assert not any(mail.calendar for mail in noor), "no entry was sent to her"


def test_a_meeting_that_is_called_off_leaves_the_calendars(world: World, case_id: UUID, invited: str) -> None:
    with world.engine.sessions.act() as connection:
        work = open_work(
            world.engine, connection, locking.case(connection, case_id), actor=world.actor("hana"),
            at=world.engine.clock.now(),
        )  # fmt: skip
        meeting_days.call_off_meetings(work, why="The school is shut")
        settle(work)
    for address in (invited, "tom@example.org"):
        last = [mail for mail in mails(world, address) if mail.calendar][-1]
        assert event_of(last.calendar) == ("CANCEL", 1)
        assert "Sam" not in last.calendar + last.subject


def test_who_is_asked_no_more_has_no_entry_any_more_and_hears_of_no_new_day(
    world: World, case_id: UUID, invited: str
) -> None:
    with world.engine.sessions.act() as connection:
        work = open_work(
            world.engine, connection, locking.case(connection, case_id), actor=world.actor("hana"),
            at=world.engine.clock.now(),
        )  # fmt: skip
        call_off_invitations(work, [world.ids["idris"]], why="They have left")
        settle(work)
    world.do("hold_tac_meeting", "hana", case_id=case_id, family_came="not_held")
    again = {"why": "The school is shut", "planned_on": str(world.today + timedelta(days=9)), "starts_at": "10:00"}
    world.do("rebook_tac_meeting", "hana", case_id=case_id, **again)
    entries = [event_of(mail.calendar) for mail in mails(world, invited) if mail.calendar]
    assert entries == [("REQUEST", 0), ("CANCEL", 1)]


def test_who_is_taken_out_of_the_team_has_no_entry_any_more(world: World, case_id: UUID, invited: str) -> None:
    world.clock.advance(timedelta(minutes=1))
    team_places.end_place(
        world.engine, actor=world.actor("hana"), case_id=case_id, practitioner_id=world.ids["idris"], why="By mistake"
    )
    entries = [event_of(mail.calendar) for mail in mails(world, invited) if mail.calendar]
    assert entries == [("REQUEST", 0), ("CANCEL", 1)]


def test_whom_a_limited_consent_leaves_out_has_no_entry_any_more(world: World, case_id: UUID, invited: str) -> None:
    (school,) = world.rows(sa.select(people.agencies.c.id).where(people.agencies.c.name == "Northcombe School"))
    said = {
        "consent": "limited", "given_by": "Jo Whitlock", "scope": "The school only", "agencies": [str(school.id)],
        "kinds": ["assessment", "plan", "notes"], "signed_on": world.today.isoformat(),
    }  # fmt: skip
    case_processes.start(
        world.engine, actor=world.actor("hana"), case_id=case_id, process_key="ask_consent_again", answers=said
    )
    entries = [event_of(mail.calendar) for mail in mails(world, invited) if mail.calendar]
    assert entries == [("REQUEST", 0), ("CANCEL", 1)]


def test_several_letters_are_given_together(world: World, case_id: UUID) -> None:
    arrange(world, case_id)
    both = [letters(world, case_id)[name].letter_id for name in ("ada", "tom")]
    give: dict[str, Any] = {"actor": world.actor("hana"), "case_id": case_id, "letter_ids": both}
    with pytest.raises(Invalid, match="how the letter was sent"):
        family_letters.mark_given(world.engine, how="pigeon", **give)
    assert letters(world, case_id)["ada"].waits
    family_letters.mark_given(world.engine, how="hand", **give)
    assert not any(letters(world, case_id)[name].waits for name in ("ada", "tom"))


def test_a_letter_that_was_sent_is_written_again_with_its_private_page(world: World, case_id: UUID) -> None:
    arrange(world, case_id)
    first = letters(world, case_id)["tom"]
    token = token_of(first)
    send(world, case_id, first)
    world.clock.advance(timedelta(minutes=1))
    new = family_letters.write_again(
        world.engine, actor=world.actor("hana"), case_id=case_id, letter_id=first.letter_id
    )
    again = letters(world, case_id)["tom"]
    assert again.letter_id == new and again.waits and token_of(again) == token


def test_one_of_the_family_answers_on_a_private_page(world: World, case_id: UUID) -> None:
    arrange(world, case_id)
    token = token_of(letters(world, case_id)["tom"])
    stored = [str(value) for row in world.rows(sa.select(meetings.reply_links)) for value in row]
    assert token not in " ".join(stored), "no token is kept"
    page = reply_pages.read(world.engine, token=token)
    assert (page.on, page.place, page.reply, page.family) == (world.today + timedelta(days=14), "School", "none", True)
    assert "Sam" not in repr(page) and "Whitlock" not in repr(page)
    said = {"reply": "coming", "brings": "My sister", "needs": "An interpreter for Welsh"}
    replies.answer(world.engine, token=token, answers=said)
    (row,) = world.rows(sa.select(meetings.family_invitations).where(meetings.family_invitations.c.reply == "coming"))
    assert (row.brings, row.needs, row.replied_on) == ("My sister", "An interpreter for Welsh", world.today)
    replies.answer(world.engine, token=token, answers={"reply": "coming", "needs": "A creche", "views": "He is tired"})
    replies.answer(world.engine, token=token, answers={"reply": "not_coming", "views": "I want to help"})
    replies.answer(world.engine, token=token, answers={"reply": "not_coming", "needs": "A creche"})
    (row,) = world.rows(sa.select(meetings.family_invitations).where(meetings.family_invitations.c.reply != "none"))
    kept = ("My sister", "An interpreter for Welsh. A creche", "He is tired\n\nI want to help")
    assert (row.brings, row.needs, row.views) == kept, "the page does not show what was noted, so it stays"
    assert reply_pages.read(world.engine, token=token).reply == "not_coming"
    world.tick()
    told = [message.recipient.split("@")[0] for message in world.mailbox.messages if "private page" in message.subject]
    assert told == ["hana"] * 4
    assert world.open_elements(case_id).count("record_family_replies") == 1


def test_a_practitioner_answers_on_a_private_page_and_is_not_asked_any_more(world: World, case_id: UUID) -> None:
    arrange(world, case_id)
    family_letters.write_to_practitioners(world.engine, actor=world.actor("hana"), case_id=case_id)
    token = token_of(letters(world, case_id)["idris"])
    with pytest.raises(Invalid, match="in your place"):
        replies.answer(world.engine, token=token, answers={"reply": "substitute"})
    said = {"reply": "substitute", "substitute": "Fay Moss, school nurse", "report": "Sam sleeps in class"}
    replies.answer(world.engine, token=token, answers=said)
    (row,) = world.rows(sa.select(meetings.invitations).where(meetings.invitations.c.reply == "substitute"))
    assert (row.substitute, row.report) == ("Fay Moss, school nurse", "Sam sleeps in class")
    waiting = [task.assignee_id for task in world.tasks(case_id, element="reply_to_invitation")]
    assert waiting == [world.ids["noor"]]


def test_whom_somebody_brings_or_sends_stands_where_the_meeting_is_held_and_in_its_notes(
    world: World, case_id: UUID
) -> None:
    arrange(world, case_id)
    family_letters.write_to_practitioners(world.engine, actor=world.actor("hana"), case_id=case_id)
    written = letters(world, case_id)
    said = {"reply": "coming", "brings": "My sister May", "needs": "A lift"}
    replies.answer(world.engine, token=token_of(written["tom"]), answers=said)
    sends = {"reply": "substitute", "substitute": "Fay Moss, school nurse", "report": "Sam sleeps in class"}
    replies.answer(world.engine, token=token_of(written["idris"]), answers=sends)
    task = task_page.task(
        world.engine, actor=world.actor("hana"), task_id=world.task("hold_tac_meeting", case_id).id
    )  # fmt: skip
    assert "Tom Whitlock will come, and brings “My sister May” (needs: A lift)" in dict(task.about)["Family"]
    assert (task.prefill or {})["came_with"] == "My sister May, with Tom Whitlock"
    idris = str(world.ids["idris"])
    (offered,) = [each.label for each in task.options["invited"] if each.value == idris]
    assert offered.endswith("(Fay Moss, school nurse in their place)") and idris in (task.prefill or {})["attended"]
    came = [{"person": row["person"], "came": "yes"} for row in (task.prefill or {})["family"]]
    held = answers_for(world, "hold_tac_meeting") | {"family": came, "attended": [idris]}
    world.do("hold_tac_meeting", "hana", case_id=case_id, **held)
    notes = letters(world, case_id, "notes")["tom"].body
    assert "Who came of those who work with you:\n- Fay Moss, school nurse, in place of Idris Cole\n" in notes
    assert "May" not in letters(world, case_id, "notes")["ada"].body, "nobody reads whom another of the family brought"


@pytest.mark.parametrize("why", ["wrong", "closed", "over", "moved", "case closed"])
def test_a_private_page_is_not_there_any_more(world: World, case_id: UUID, why: str) -> None:
    arrange(world, case_id)
    letter = letters(world, case_id)["tom"]
    token = token_of(letter)
    if why == "wrong":
        token = token[:-2] + ("AA" if token[-2:] != "AA" else "BB")
    elif why == "closed":
        family_letters.close_page(
            world.engine, actor=world.actor("hana"), case_id=case_id, letter_id=letter.letter_id
        )
    elif why == "over":
        world.clock.advance(timedelta(days=15))
    elif why == "moved":
        world.do("hold_tac_meeting", "hana", case_id=case_id, family_came="not_held")
        again = {"why": "The school is shut", "planned_on": str(world.today + timedelta(days=9)), "starts_at": "10:00"}
        world.do("rebook_tac_meeting", "hana", case_id=case_id, **again)
        assert token_of(letters(world, case_id)["tom"]) != token
    else:
        with world.engine.sessions.act() as connection:
            closed = {"closed_on": world.today}
            connection.execute(sa.update(running.instances.metadata.tables["cases"]).values(**closed))
    if why != "case closed":
        with pytest.raises(NotFound):
            reply_pages.read(world.engine, token=token)
    with pytest.raises(NotFound):
        replies.answer(world.engine, token=token, answers={"reply": "coming"})


def test_whoever_guesses_pages_is_stopped(world: World) -> None:
    for _ in range(30):
        with pytest.raises(NotFound):
            replies.open_page(world.engine, token="a guess", address="203.0.113.9")
    with pytest.raises(TooManyTries):
        replies.open_page(world.engine, token="a guess", address="203.0.113.9")
    assert len(world.rows(sa.select(people.sign_in_failures.c.id))) == 30


def test_who_owes_an_answer_or_a_report_is_reminded_and_their_manager_told_the_day_before(
    world: World, case_id: UUID
) -> None:
    arrange(world, case_id)
    world.do("reply_to_invitation", "idris", case_id=case_id, reply="apologies")
    world.pass_days(10)
    told = [(message.recipient.split("@")[0], message.subject) for message in world.mailbox.messages]
    assert ("idris", meeting_reminders.REPORT) in told
    assert ("noor", meeting_reminders.SUBJECT) in told
    assert ("sunniva", meeting_reminders.MANAGER) not in told, "there is time yet"
    world.pass_days(1)
    told = [(message.recipient.split("@")[0], message.subject) for message in world.mailbox.messages]
    assert told.count(("sunniva", meeting_reminders.MANAGER)) == 1, "of Noor's own agency"
    assert told.count(("morgan", meeting_reminders.MANAGER)) == 1


def test_of_a_restricted_case_no_manager_hears_who_owes_something(world: World, case_id: UUID) -> None:
    arrange(world, case_id)
    restrictions.restrict(world.engine, actor=world.actor("cleo"), case_id=case_id, reason="She works for the council")
    world.pass_days(12)
    told = {each.recipient.split("@")[0]: each for each in world.mailbox.messages if "owes a team" in each.subject}
    assert told.keys() == {"cleo"}
    assert told["cleo"].subject == meeting_reminders.COORDINATOR and "the case says who it is" in told["cleo"].body


def test_who_owes_a_report_is_reminded_when_everybody_has_answered(world: World, case_id: UUID) -> None:
    arrange(world, case_id)
    for name in ("idris", "noor"):
        world.do("reply_to_invitation", name, case_id=case_id, reply="apologies", report="Fine" * (name == "noor"))
    world.pass_days(12)
    told = [(message.recipient.split("@")[0], message.subject) for message in world.mailbox.messages]
    assert told.count(("idris", meeting_reminders.REPORT)) == 1
    assert told.count(("morgan", meeting_reminders.MANAGER)) == 1, "of Idris's own agency"
    assert not {("noor", meeting_reminders.REPORT), ("sunniva", meeting_reminders.MANAGER)} & set(told)


def test_of_two_copies_of_the_plan_the_newest_waits(world: World, case_id: UUID) -> None:
    arrange(world, case_id)
    world.clock.advance(timedelta(days=14))
    came: dict[str, Any] = {"family": world.family_that_came(case_id), "held_on": str(world.today)}
    held = {**answers_for(world, "hold_tac_meeting"), **came}
    world.do("hold_tac_meeting", "hana", case_id=case_id, **held)
    world.do("agree_action_plan", "hana", case_id=case_id, **answers_for(world, "agree_action_plan"))
    plan = letters(world, case_id, "plan")["ada"]
    assert plan.waits
    world.clock.advance(timedelta(minutes=1))
    again = family_letters.write_again(
        world.engine, actor=world.actor("hana"), case_id=case_id, letter_id=plan.letter_id
    )
    found = letter_queries.read_letters(world.engine, actor=world.actor("hana"), case_id=case_id)
    waiting = {each.letter_id: each.waits for each in found if each.kind_key == "plan" and each.addressee == ADA.name}
    assert waiting == {again: True, plan.letter_id: False}
