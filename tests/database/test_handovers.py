"""Handing over the lead on a real record: nothing moves before the successor accepts, and no promised date with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.commands import case_processes, lead_professionals, practitioners, user_tasks
from engine.errors import Conflict, Invalid
from engine.forms import InvalidAnswers
from engine.queries import case_file, declines, task_page, timeline
from engine.store.tables import changes, people, record, running
from tests.episodes import start_and_walk_to
from tests.worlds import World, open_world

WEEKS = 26
"""For how long somebody leads by the shipped limits."""


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url) as world:
        yield world


def propose(world: World, case_id: UUID, successor: str = "idris", *, by: str = "hana", in_days: int = 0) -> UUID:
    answers = {
        "successor": str(world.ids[successor]),
        "planned_on": (world.today + timedelta(days=in_days)).isoformat(),
        "reasons": "I move to another team.",
    }
    return case_processes.start(
        world.engine, actor=world.actor(by), case_id=case_id, process_key="handover", answers=answers
    )


def tell(world: World, case_id: UUID, by: str = "hana", agrees: str = "yes") -> None:
    told = {"told_on": world.today.isoformat(), "family_agrees": agrees, "family_view": "We like Idris."}
    world.do("tell_family", by, case_id=case_id, **told)


def leave(world: World, who: str) -> None:
    """Record that yesterday was somebody's last day."""
    yesterday = world.today - timedelta(days=1)
    practitioners.record_leaving(
        world.engine, actor=world.actor("cleo"), practitioner_id=world.ids[who], last_day=yesterday
    )


def leads(world: World, case_id: UUID) -> list[str]:
    """Return who leads the case now, by first name."""
    table = record.lead_professionals
    now = world.rows(
        sa.select(table.c.practitioner_id).where(table.c.case_id == case_id, table.c.to_on.is_(None))
    )
    return [name for name, id_ in world.ids.items() if id_ in {row.practitioner_id for row in now}]


def summary(world: World, case_id: UUID) -> dict[str, str]:
    """Return the parts of the summary for the successor who is asked."""
    (row,) = world.rows(sa.select(changes.handover_summaries).where(changes.handover_summaries.c.case_id == case_id))
    return dict(row.sections)


def proposals(world: World, case_id: UUID) -> list[sa.Row[Any]]:
    table = changes.handovers
    return list(world.rows(sa.select(table).where(table.c.case_id == case_id).order_by(table.c.id)))


def read(world: World, case_id: UUID, by: str) -> case_file.CaseFile:
    return case_file.read(world.engine, actor=world.actor(by), case_id=case_id)


def said(world: World, case_id: UUID, by: str) -> str:
    told = timeline.read(world.engine, actor=world.actor(by), case_id=case_id)
    return " ".join(event.what for event in told.events)


def test_the_lead_moves_when_the_successor_accepts_with_its_tasks_and_their_dates(world: World) -> None:
    case_id = start_and_walk_to(world, "arrange_tac_meeting")
    before = world.task("arrange_tac_meeting", case_id)
    assert before.assignee_id == world.ids["hana"]
    world.clock.advance(timedelta(days=60))
    propose(world, case_id)
    assert "The task “Arrange the TAC meeting”: Hana" in summary(world, case_id)["late"]
    assert leads(world, case_id) == ["hana"]
    shown = read(world, case_id, "hana").handover
    assert shown is not None
    assert (shown.successor, shown.planned_on, shown.accepted_on) == ("Idris Cole", world.today, None)
    tell(world, case_id)
    assert leads(world, case_id) == ["hana"]
    world.do("answer_handover", "idris", case_id=case_id, handover_answer="accepted")
    assert leads(world, case_id) == ["idris"]
    (now,) = world.rows(sa.select(record.lead_professionals).where(record.lead_professionals.c.to_on.is_(None)))
    assert now.planned_end_on == world.today + timedelta(weeks=WEEKS)
    after = world.task("arrange_tac_meeting", case_id)
    assert (after.id, after.assignee_id, after.due_on) == (before.id, world.ids["idris"], before.due_on)
    (row,) = proposals(world, case_id)
    assert (row.accepted_on, row.ended_on, row.cause, row.family_view) == (
        world.today, world.today, "planned", "We like Idris.",
    )  # fmt: skip
    file = read(world, case_id, "idris")
    assert file.handover is None
    assert file.lead is not None
    assert file.lead.name == "Idris Cole"
    story = said(world, case_id, "idris")
    assert "Idris Cole was proposed to lead from" in story
    assert "The family was told who is to lead, and agreed (We like Idris" in story
    assert "The lead was handed over to Idris Cole" in story
    assert not world.verified().findings


def test_nobody_accepts_in_somebody_s_place(world: World) -> None:
    case_id = start_and_walk_to(world, "arrange_tac_meeting")
    propose(world, case_id)
    tell(world, case_id)
    task = world.task("answer_handover", case_id)
    cleo = world.actor("cleo")
    user_tasks.reassign(world.engine, actor=cleo, task_id=task.id, to=cleo.practitioner_id)
    with pytest.raises(Invalid, match="Only Idris Cole can accept to lead") as refused:
        world.do("answer_handover", "cleo", case_id=case_id, handover_answer="accepted")
    assert refused.value.details["field"] == "handover_answer"
    world.do("answer_handover", "cleo", case_id=case_id, handover_answer="declined", reason="no_time_to_lead")
    assert leads(world, case_id) == ["hana"]


def test_until_the_chosen_day_the_old_lead_stays(world: World) -> None:
    case_id = start_and_walk_to(world, "arrange_tac_meeting")
    propose(world, case_id, in_days=9)
    tell(world, case_id)
    world.do("answer_handover", "idris", case_id=case_id, handover_answer="accepted")
    assert leads(world, case_id) == ["hana"]
    assert read(world, case_id, "idris").handover is not None
    world.pass_days(8)
    assert leads(world, case_id) == ["hana"]
    world.pass_days(1)
    assert leads(world, case_id) == ["idris"]
    assert world.incidents() == []


def test_a_successor_who_declines_is_followed_by_another_name(world: World) -> None:
    case_id = start_and_walk_to(world, "arrange_tac_meeting")
    propose(world, case_id, "noor")
    tell(world, case_id)
    world.do("answer_handover", "noor", case_id=case_id, handover_answer="declined", reason="Too far away")
    assert leads(world, case_id) == ["hana"]
    asked = task_page.task(
        world.engine, actor=world.actor("morgan"), task_id=world.task("confer_on_lead", case_id).id
    )
    assert asked.about == (("Noor Bakar declined", "2 March. Too far away"),)
    world.do("confer_on_lead", "morgan", case_id=case_id, lead_decision="other_name", why="Idris has time.")
    again = {"successor": str(world.ids["idris"]), "planned_on": world.today.isoformat(), "reasons": "Near."}
    world.do("propose_handover", "morgan", case_id=case_id, **again)
    tell(world, case_id)
    world.do("answer_handover", "idris", case_id=case_id, handover_answer="accepted")
    assert leads(world, case_id) == ["idris"]
    first, second = sorted(proposals(world, case_id), key=lambda row: row.declined_on is None)
    assert (first.declined_by, first.decline_reason, first.accepted_on) == ("successor", "Too far away", None)
    assert second.accepted_on == world.today


def test_who_confers_reads_who_said_no_how_often_and_why_and_that_nobody_was_found(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_review")
    decline_action(world, case_id)
    for why in ("Too far away", "Still too far"):
        propose(world, case_id, "noor")
        tell(world, case_id)
        world.do("answer_handover", "noor", case_id=case_id, handover_answer="declined", reason=why)
        world.do("confer_on_lead", "morgan", case_id=case_id, lead_decision="lead_goes_on", why="Hana goes on.")
        world.pass_days(1)
    propose(world, case_id, "idris")
    tell(world, case_id, agrees="no")
    world.do("confer_on_lead", "morgan", case_id=case_id, lead_decision="other_name", why="We ask on.")
    world.do("propose_handover", "morgan", case_id=case_id, nobody=True, whom_asked="Everybody near: no room")
    assert "tell_family_of_handover" not in world.open_elements(case_id)
    task = world.task("confer_on_lead", case_id)
    about = dict(task_page.task(world.engine, actor=world.actor("morgan"), task_id=task.id).about)
    first, second, third = (f"{(world.today - timedelta(days=ago)).day} {world.today:%B}" for ago in (2, 1, 0))
    assert about == {
        "Noor Bakar declined twice": f"{first}. Too far away; {second}. Still too far",
        "The family would not have Idris Cole": about["The family would not have Idris Cole"],
        "Nobody was found": f"{third}. Everybody near: no room",
        "Hana Verity declined an action": f"{first}. No therapist until May",
    }
    said = [each.said for each in declines.read(world.engine, actor=world.actor("cleo"), case_id=case_id)]
    assert said == list(about)


def decline_action(world: World, case_id: UUID) -> None:
    (action,) = world.rows(sa.select(record.plan_actions.c.id).where(record.plan_actions.c.case_id == case_id))
    answers = {"action": str(action.id), "why": "No therapist until May"}
    case_processes.start(
        world.engine, actor=world.actor("hana"), case_id=case_id, process_key="action_declined", answers=answers
    )


def test_the_family_s_no_ends_a_proposal(world: World) -> None:
    case_id = start_and_walk_to(world, "arrange_tac_meeting")
    propose(world, case_id)
    tell(world, case_id, agrees="no")
    (row,) = proposals(world, case_id)
    assert (row.declined_by, row.ended_on) == ("family", world.today)
    world.do("confer_on_lead", "morgan", case_id=case_id, lead_decision="lead_goes_on", why="The family wants Hana.")
    assert leads(world, case_id) == ["hana"]
    assert world.instance(case_id, "handover").status == "ended"


def sent_to(world: World, who: str) -> list[str]:
    return [letter.subject for letter in world.mailbox.messages if letter.recipient.startswith(who)]


def test_a_silent_successor_is_reminded_and_then_the_manager_hears_of_it(world: World) -> None:
    case_id = start_and_walk_to(world, "arrange_tac_meeting")
    propose(world, case_id)
    tell(world, case_id)
    world.pass_days(20)
    assert "Please answer whether you will lead" in sent_to(world, "idris")
    assert "A successor has not answered whether they will lead" in sent_to(world, "morgan")
    assert "Whoever you asked to lead has not answered" in sent_to(world, "hana"), "who proposed them"


def test_on_the_last_day_of_an_interim_lead_the_manager_is_asked_what_now(world: World) -> None:
    case_id = start_and_walk_to(world, "arrange_tac_meeting")
    gone = world.today - timedelta(days=1)
    practitioners.record_leaving(
        world.engine, actor=world.actor("morgan"), practitioner_id=world.ids["hana"], last_day=gone
    )
    interim = {"interim_lead": str(world.ids["noor"])}

    def named_for(days: int, by: str) -> None:
        until = (world.today + timedelta(days=days)).isoformat()
        world.do("name_interim_lead", by, case_id=case_id, **interim, until=until)

    named_for(14, "morgan")
    world.pass_days(13)
    assert "name_interim_lead" not in world.open_elements(case_id)
    world.pass_days(1)
    world.pass_days(1)
    assert world.open_elements(case_id).count("name_interim_lead") == 1
    named_for(7, "sunniva")
    assert leads(world, case_id) == ["noor"], "the same person for longer"
    assert world.open_elements(case_id).count("propose_handover") == 1
    world.pass_days(2)
    assert "name_interim_lead" not in world.open_elements(case_id)
    assert without_lead(world, case_id) == set()
    world.pass_days(10)
    assert without_lead(world, case_id) == set(), "nine working days after the day they were first to lead until"
    world.pass_days(1)
    nobody = {"nobody_leads", "nobody_leads_coordinator"}
    assert without_lead(world, case_id) == nobody
    assert read(world, case_id, "cleo").may_appoint_interim, "noor is here, but her time is over"
    for who, moved in (("noor", False), ("idris", True)):
        assert world.open_elements(case_id).count("name_interim_lead") == 1
        lead_professionals.appoint_interim(
            world.engine, actor=world.actor("cleo"), case_id=case_id, practitioner_id=world.ids[who],
            planned_end_on=world.today + timedelta(days=7),
        )  # fmt: skip
        assert leads(world, case_id) == [who] and not read(world, case_id, "cleo").may_appoint_interim
        assert (world.task("arrange_tac_meeting", case_id).assignee_id == world.ids["idris"]) is moved
        assert world.open_elements(case_id).count("name_interim_lead") == 0
        assert world.open_elements(case_id).count("propose_handover") == 1
        world.tick()
        assert without_lead(world, case_id) >= nobody, "naming somebody again takes nothing back"
        world.pass_days(7)
    assert world.open_elements(case_id).count("name_interim_lead") == 1
    assert not world.incidents(case_id)


def without_lead(world: World, case_id: UUID) -> set[str]:
    """Return the reasons in force that tell of a case without a lead."""
    rows = world.rows(sa.select(record.escalations).where(record.escalations.c.case_id == case_id))
    return {row.reason for row in rows if row.ended_on is None and row.reason.startswith(("lead_away", "nobody_"))}


@pytest.mark.parametrize("cause", ["left", "absent"])
def test_a_vacancy_has_an_interim_lead_first_and_then_a_successor(world: World, cause: str) -> None:
    case_id = start_and_walk_to(world, "arrange_tac_meeting")
    before = world.task("arrange_tac_meeting", case_id)
    gone = world.today - timedelta(days=1)
    if cause == "left":
        practitioners.record_leaving(
            world.engine, actor=world.actor("morgan"), practitioner_id=world.ids["hana"], last_day=gone
        )
    else:
        practitioners.record_absence(
            world.engine, actor=world.actor("morgan"), practitioner_id=world.ids["hana"], from_on=world.today
        )
        world.pass_days(13)
        assert world.open_elements(case_id) == ["arrange_tac_meeting"]
        world.pass_days(4)
    until = (world.today + timedelta(days=30)).isoformat()
    world.do("name_interim_lead", "morgan", case_id=case_id, interim_lead=str(world.ids["morgan"]), until=until)
    assert leads(world, case_id) == ["morgan"]
    (now,) = world.rows(sa.select(record.lead_professionals).where(record.lead_professionals.c.to_on.is_(None)))
    assert (now.interim, now.planned_end_on.isoformat()) == (True, until)
    moved = world.task("arrange_tac_meeting", case_id)
    assert (moved.id, moved.assignee_id, moved.due_on) == (before.id, world.ids["morgan"], before.due_on)
    next_lead = {"successor": str(world.ids["idris"]), "planned_on": world.today.isoformat(), "reasons": "Near."}
    holder = world.task("propose_handover", case_id).assignee_id
    who = next((name for name, id_ in world.ids.items() if id_ == holder), "morgan")
    world.do("propose_handover", who, case_id=case_id, **next_lead)
    events = timeline.read(world.engine, actor=world.actor("morgan"), case_id=case_id).events
    began = [each.what for each in events if each.kind == "process_started" and "andover" in each.what]
    assert len(began) == 1, "by a message: there are no answers to look at"
    assert not [each.what for each in events if each.answers and each.kind == "process_started"]
    tell(world, case_id, "morgan")
    world.do("answer_handover", "idris", case_id=case_id, handover_answer="accepted")
    assert leads(world, case_id) == ["idris"]
    (row,) = proposals(world, case_id)
    assert row.cause == cause
    (last,) = world.rows(sa.select(record.lead_professionals).where(record.lead_professionals.c.to_on.is_(None)))
    assert last.interim is False
    assert last.planned_end_on == world.today + timedelta(weeks=WEEKS)


def test_one_handover_at_a_time_and_not_to_who_leads_already(world: World) -> None:
    case_id = start_and_walk_to(world, "arrange_tac_meeting")
    with pytest.raises(InvalidAnswers, match="who is to lead next from the list"):
        propose(world, case_id, "hana")
    propose(world, case_id)
    with pytest.raises(Conflict, match="under way"):
        propose(world, case_id, "noor")
    assert len(proposals(world, case_id)) == 1


def test_while_nobody_leads_there_is_nothing_to_hand_over(world: World) -> None:
    case_id = start_and_walk_to(world, "complete_assessment")
    with pytest.raises(Conflict, match="has not come to it"):
        propose(world, case_id, by="cleo")


@pytest.mark.parametrize(
    "wrong",
    [
        {"declined_on": "today", "declined_by": None, "ended_on": "today"},
        {"declined_on": "today", "declined_by": "family", "ended_on": None},
        {"accepted_on": "today", "declined_on": "today", "declined_by": "family", "ended_on": "today"},
        {"cause": "whim"},
    ],
)
def test_the_database_refuses_a_proposal_that_contradicts_itself(world: World, wrong: dict[str, Any]) -> None:
    case_id = start_and_walk_to(world, "arrange_tac_meeting")
    propose(world, case_id)
    values = {name: world.today if value == "today" else value for name, value in wrong.items()}
    with pytest.raises(Conflict):
        world.write(sa.update(changes.handovers).values(**values))


def test_a_lead_who_leaves_in_the_middle_of_a_handover_starts_no_second_one(world: World) -> None:
    case_id = start_and_walk_to(world, "arrange_tac_meeting")
    propose(world, case_id, in_days=5)
    tell(world, case_id)
    world.do("answer_handover", "idris", case_id=case_id, handover_answer="accepted")
    practitioners.record_leaving(
        world.engine, actor=world.actor("morgan"), practitioner_id=world.ids["hana"],
        last_day=world.today - timedelta(days=1),
    )  # fmt: skip
    interim = {"interim_lead": str(world.ids["noor"]), "until": (world.today + timedelta(days=20)).isoformat()}
    world.do("name_interim_lead", "morgan", case_id=case_id, **interim)
    assert leads(world, case_id) == ["noor"]
    assert world.instance(case_id, "lead_vacant").status == "ended"
    assert "propose_handover" not in world.open_elements(case_id)
    world.pass_days(5)
    assert leads(world, case_id) == ["idris"]
    assert len(world.history(case_id, "handover_done")) == 1
    assert world.incidents() == []


def test_a_successor_who_has_left_by_the_day_is_not_made_lead(world: World) -> None:
    case_id = start_and_walk_to(world, "arrange_tac_meeting")
    propose(world, case_id, in_days=5)
    tell(world, case_id)
    world.do("answer_handover", "idris", case_id=case_id, handover_answer="accepted")
    practitioners.record_leaving(
        world.engine, actor=world.actor("morgan"), practitioner_id=world.ids["idris"], last_day=world.today,
    )  # fmt: skip
    world.pass_days(5)
    assert leads(world, case_id) == ["hana"]
    assert world.incidents() == []
    conferred = {"lead_decision": "other_name", "why": "Noor knows the family."}
    world.do("confer_on_lead", "morgan", case_id=case_id, **conferred)
    noor = {"successor": str(world.ids["noor"]), "planned_on": world.today.isoformat(), "reasons": "She knows them."}
    world.do("propose_handover", "morgan", case_id=case_id, **noor)
    tell(world, case_id)
    world.do("answer_handover", "noor", case_id=case_id, handover_answer="accepted")
    assert leads(world, case_id) == ["noor"]


@pytest.mark.parametrize("told", [True, False], ids=["asked", "not yet asked"])
def test_a_successor_who_leaves_before_the_answer_ends_the_proposal_and_who_asked_hears_of_it(
    world: World, told: bool
) -> None:
    case_id = start_and_walk_to(world, "arrange_tac_meeting")
    propose(world, case_id)
    if told:
        tell(world, case_id)
    leave(world, "idris")
    world.tick()
    assert not {"tell_family", "answer_handover"}.intersection(world.open_elements(case_id))
    assert world.task("confer_on_lead", case_id).assignee_id == world.ids["morgan"]
    assert [row.ended_on for row in proposals(world, case_id)] == [world.today]
    assert read(world, case_id, "hana").handover is None
    world.do("confer_on_lead", "morgan", case_id=case_id, lead_decision="other_name", why="Idris has left.")
    assert "propose_handover" in world.open_elements(case_id) and not world.incidents()
    world.pass_days(9)
    heard = {(each.recipient, each.subject) for each in world.mailbox.messages}
    assert ("hana@northcombe.example", "Who was asked to lead a plan has left") in heard
    assert not [who for who, _ in heard if who.startswith("idris")]


@pytest.mark.parametrize("of_the_team", [True, False], ids=["of the team", "not yet"])
def test_a_successor_who_leaves_before_the_family_is_told_is_not_told_to_it_and_another_is_asked(
    world: World, of_the_team: bool
) -> None:
    case_id = start_and_walk_to(world, "agree_action_plan" if of_the_team else "arrange_tac_meeting")
    propose(world, case_id, in_days=20)
    leave(world, "idris")
    assert read(world, case_id, "hana").handover is None
    world.tick()
    (told,) = [each for each in world.mailbox.messages if each.subject == "Who was asked to lead a plan has left"]
    assert told.recipient.startswith("hana@") and "The lead of today goes on" in told.body
    back = [each for each in world.mailbox.messages if each.subject == "Work has come back from somebody who left"]
    assert bool(back) is of_the_team
    assert "tell_family" not in world.open_elements(case_id)
    practitioners.take_back_leaving(
        world.engine, actor=world.actor("cleo"), practitioner_id=world.ids["idris"], why="A slip"
    )
    world.do("confer_on_lead", "morgan", case_id=case_id, lead_decision="other_name", why="Idris stays after all.")
    again = {"successor": str(world.ids["idris"]), "planned_on": world.today.isoformat(), "reasons": "Near."}
    world.do("propose_handover", "morgan", case_id=case_id, **again)
    assert "The family was told" not in said(world, case_id, "hana")
    tell(world, case_id)
    world.do("answer_handover", "idris", case_id=case_id, handover_answer="accepted")
    assert leads(world, case_id) == ["idris"] and not world.incidents()


@pytest.mark.parametrize("told", [True, False], ids=["asked", "not yet asked"])
def test_whom_a_narrower_consent_leaves_out_is_not_asked_to_lead_any_more(world: World, told: bool) -> None:
    case_id = start_and_walk_to(world, "agree_action_plan")
    propose(world, case_id, "noor")
    if told:
        tell(world, case_id)
    is_left_out(world, case_id, "noor")
    world.mailbox.messages.clear()
    if not told:
        tell(world, case_id)
    world.tick()
    assert "answer_handover" not in world.open_elements(case_id)
    assert world.task("confer_on_lead", case_id).assignee_id == world.ids["morgan"]
    world.pass_days(9)
    heard = [each.subject for each in world.mailbox.messages if each.recipient.startswith("noor@")]
    assert not [subject for subject in heard if "lead" in subject] and not world.incidents()


def is_left_out(world: World, case_id: UUID, who: str) -> None:
    """Record that the family's consent leaves everybody but the health service out, as Noor."""
    assert who == "noor"
    (health,) = world.rows(sa.select(people.agencies.c.id).where(people.agencies.c.name == "Northcombe Health"))
    limited = {
        "consent": "limited", "given_by": "Jo Whitlock", "scope": "Health only", "agencies": [str(health.id)],
        "kinds": ["assessment", "plan", "notes"], "signed_on": world.today.isoformat(),
    }  # fmt: skip
    case_processes.start(
        world.engine, actor=world.actor("hana"), case_id=case_id, process_key="ask_consent_again", answers=limited
    )


@pytest.mark.parametrize(
    ("who", "goes", "said"),
    [
        ("idris", lambda world, _, who: leave(world, who), "Who was asked to lead a plan has left"),
        ("noor", is_left_out, "A family’s consent leaves out who was asked to lead"),
    ],
    ids=["left", "left out"],
)
def test_whoever_accepted_and_is_gone_before_the_day_is_waited_for_no_longer(
    world: World, who: str, goes: Callable[[World, UUID, str], None], said: str
) -> None:
    case_id = start_and_walk_to(world, "agree_action_plan")
    plan = world.task("agree_action_plan", case_id)
    propose(world, case_id, who, in_days=6)
    tell(world, case_id)
    world.do("answer_handover", who, case_id=case_id, handover_answer="accepted")
    world.tick()
    world.mailbox.messages.clear()
    goes(world, case_id, who)
    world.tick()
    (told,) = [each for each in world.mailbox.messages if each.subject == said]
    assert told.recipient.startswith("hana@") and "The line manager is asked to confer" in told.body
    assert len(sent_to(world, who)) <= 1
    assert world.task("confer_on_lead", case_id).assignee_id == world.ids["morgan"]
    assert read(world, case_id, "hana").handover is None
    world.do("confer_on_lead", "morgan", case_id=case_id, lead_decision="lead_goes_on", why="Hana knows them.")
    propose(world, case_id, "morgan", in_days=1)
    tell(world, case_id)
    world.do("answer_handover", "morgan", case_id=case_id, handover_answer="accepted")
    world.pass_days(7)
    now = world.task("agree_action_plan", case_id)
    assert leads(world, case_id) == ["morgan"] and (now.id, now.due_on) == (plan.id, plan.due_on)
    assert not world.incidents() and not world.verified().findings


def test_two_absences_that_overlap_open_one_vacancy(world: World) -> None:
    case_id = start_and_walk_to(world, "arrange_tac_meeting")
    for _ in range(2):
        absence = practitioners.record_absence(
            world.engine, actor=world.actor("morgan"), practitioner_id=world.ids["hana"], from_on=world.today,
            expected_to_on=world.today + timedelta(days=3),
        )  # fmt: skip
        world.pass_days(4)
    assert absence is not None
    table = running.instances
    started = sa.select(table.c.id).where(table.c.case_id == case_id, table.c.process_key == "lead_away")
    assert len(world.rows(started)) == 1
    practitioners.record_absence(
        world.engine, actor=world.actor("morgan"), practitioner_id=world.ids["hana"], from_on=world.today,
        expected_to_on=world.today + timedelta(days=60),
    )  # fmt: skip
    world.pass_days(10)
    # Looked at by now, and not named for: the days count from the absence that lasts.
    assert "name_interim_lead" not in world.open_elements(case_id)
    world.pass_days(7)
    assert world.open_elements(case_id).count("name_interim_lead") == 1
    assert len(world.rows(started)) == 1


def test_a_lead_who_is_back_in_time_needs_nobody_in_between(world: World) -> None:
    case_id = start_and_walk_to(world, "arrange_tac_meeting")
    practitioners.record_absence(
        world.engine, actor=world.actor("morgan"), practitioner_id=world.ids["hana"], from_on=world.today,
        expected_to_on=world.today + timedelta(days=4),
    )  # fmt: skip
    world.pass_days(20)
    assert world.instance(case_id, "lead_away").status == "ended"
    assert "name_interim_lead" not in world.open_elements(case_id)
    assert leads(world, case_id) == ["hana"]


# Whoever leads in between


def leaves(world: World, case_id: UUID) -> None:
    """Let Hana, who leads, leave, and Idris lead in between."""
    practitioners.record_leaving(
        world.engine, actor=world.actor("morgan"), practitioner_id=world.ids["hana"], last_day=world.today
    )
    world.pass_days(1)
    until = (world.today + timedelta(days=60)).isoformat()
    world.do("name_interim_lead", "morgan", case_id=case_id, interim_lead=str(world.ids["idris"]), until=until)


def test_who_leads_in_between_is_proposed_and_accepts_like_any_other(world: World) -> None:
    case_id = start_and_walk_to(world, "arrange_tac_meeting")
    leaves(world, case_id)
    assert leads(world, case_id) == ["idris"]
    proposed = {"successor": str(world.ids["idris"]), "planned_on": world.today.isoformat(), "reasons": "They know him"}
    world.do("propose_handover", "morgan", case_id=case_id, **proposed)
    tell(world, case_id, "idris")
    assert world.task("answer_handover", case_id).assignee_id == world.ids["idris"]
    world.do("answer_handover", "idris", case_id=case_id, handover_answer="accepted")
    table = record.lead_professionals
    rows = world.rows(sa.select(table).where(table.c.case_id == case_id, table.c.to_on.is_(None)))
    assert [(row.practitioner_id, row.interim) for row in rows] == [(world.ids["idris"], False)]
    assert world.task("arrange_tac_meeting", case_id).assignee_id == world.ids["idris"]
    assert world.incidents() == []


def test_who_leads_in_between_may_decline_and_leads_until_somebody_else_is_found(world: World) -> None:
    case_id = start_and_walk_to(world, "arrange_tac_meeting")
    leaves(world, case_id)
    proposed = {"successor": str(world.ids["idris"]), "planned_on": world.today.isoformat(), "reasons": "They know him"}
    world.do("propose_handover", "morgan", case_id=case_id, **proposed)
    tell(world, case_id, "idris")
    world.do("answer_handover", "idris", case_id=case_id, handover_answer="declined", reason="Too far away.")
    assert leads(world, case_id) == ["idris"]
    assert "confer_on_lead" in world.open_elements(case_id)


def test_who_leads_for_good_is_no_successor(world: World) -> None:
    case_id = start_and_walk_to(world, "arrange_tac_meeting")
    with pytest.raises((Invalid, InvalidAnswers)):
        propose(world, case_id, "hana")
