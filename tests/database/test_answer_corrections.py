"""An answer corrected afterwards: history keeps both with the reason, the record follows, the process stays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.casework.family_letters import REVIEWED
from engine.commands import answer_corrections, case_processes, family_letters
from engine.commands.answer_corrections import AnswerCorrected
from engine.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.forms import InvalidAnswers
from engine.queries import answer_corrections as answers
from engine.queries import chronology, timeline
from engine.store.meeting_options import letters_to_hand
from engine.store.tables import record
from engine.store.tables.meetings import letters, tac_meetings
from tests.episodes import start_and_walk_to
from tests.worlds import World, open_world


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url) as world:
        yield world


def done(world: World, case_id: UUID, element: str) -> UUID:
    (row,) = world.tasks(case_id, state="completed", element=element)
    return UUID(str(row.id))


def correct(
    world: World, task_id: UUID, question: str, answer: Any, *, by: str = "hana", **more: Any
) -> AnswerCorrected:
    more = {"why": "I mixed up two families."} | more
    asked = {"actor": world.actor(by), "task_id": task_id, "question": question, "answer": answer}
    return answer_corrections.correct(world.engine, **asked, **more)


def shown(world: World, task_id: UUID, by: str = "hana") -> answers.TaskAnswers:
    return answers.read(world.engine, actor=world.actor(by), task_id=task_id)


def instead(world: World, task_id: UUID, question: str) -> str:
    (found,) = [each for each in shown(world, task_id).questions if each.question == question]
    return found.instead


def test_the_history_keeps_both_and_the_record_follows(world: World) -> None:
    case_id = start_and_walk_to(world, "appoint_lead_professional")
    task_id, before = done(world, case_id, "complete_assessment"), world.open_elements(case_id)
    assert correct(world, task_id, "needs", "Sleep and school").in_record
    (kept,) = world.rows(sa.select(record.assessments.c.content).where(record.assessments.c.case_id == case_id))
    assert (kept.content["needs"], kept.content["strengths"]) == ("Sleep and school", "A close family")
    (event,) = world.history(case_id, "answer_corrected")
    assert event.subject_id == task_id
    found = shown(world, task_id)
    (one,) = found.corrections
    assert (one.question, one.was, one.now, one.who) == ("needs", "Sleep", "Sleep and school", "Hana Verity")
    assert one.why == "I mixed up two families."
    assert [each.answer for each in found.questions if each.question == "needs"] == ["Sleep and school"]
    said = [each.what for each in timeline.read(world.engine, actor=world.actor("hana"), case_id=case_id).events]
    (line,) = [each for each in said if "was corrected" in each]
    assert "Complete the assessment" in line and "What is needed?" in line and "I mixed up two families" in line
    assert world.open_elements(case_id) == before
    assert not world.verified().findings


def test_what_was_asked_before_a_diagram_was_started_is_corrected_like_a_task(world: World) -> None:
    case_id = start_and_walk_to(world, "appoint_lead_professional")
    said = {"paused_until": str(world.today + timedelta(days=40)), "reason": "The family are at the hosptial"}
    morgan = world.actor("morgan")
    started = case_processes.start(world.engine, actor=morgan, case_id=case_id, process_key="pause", answers=said)
    found = shown(world, started, by="morgan")
    assert found.is_start and found.answered_by == morgan.name and not found.corrections
    correct(world, started, "reason", "The family are at the hospital", why="A slip", by="morgan")
    (one,) = shown(world, started, by="morgan").corrections
    assert (one.was, one.now, one.why) == ("The family are at the hosptial", "The family are at the hospital", "A slip")
    (day,) = [each for each in found.questions if each.question == "paused_until"]
    assert day.instead
    with pytest.raises(Invalid):
        correct(world, started, "paused_until", str(world.today + timedelta(days=50)), by="morgan")
    with pytest.raises(NotFound):
        correct(world, started, "reason", "Anything", by="piet")
    events = timeline.read(world.engine, actor=morgan, case_id=case_id).events
    led = [each.kind for each in events if each.answers == started]
    assert led == ["answer_corrected", "process_started"]
    assert any(f"in “{found.name}” was corrected" in each.what for each in events)
    assert not world.verified().findings


def test_a_correction_is_itself_corrected_and_an_empty_answer_filled_in(world: World) -> None:
    case_id = start_and_walk_to(world, "appoint_lead_professional")
    task_id = done(world, case_id, "complete_assessment")
    correct(world, task_id, "needs", "Sleep and school")
    assert correct(world, task_id, "needs", "School").in_record
    assert correct(world, task_id, "parenting", "They manage well").in_record
    told = [(each.was, each.now) for each in shown(world, task_id).corrections]
    assert told == [("Sleep", "Sleep and school"), ("Sleep and school", "School"), (None, "They manage well")]


def test_a_choice_and_a_text_of_a_meeting_and_a_review_reach_their_columns(world: World) -> None:
    case_id = start_and_walk_to(world, "close_case")
    notes, review = done(world, case_id, "hold_tac_meeting"), done(world, case_id, "hold_review")
    assert correct(world, notes, "notes", "Everybody but the school spoke.").in_record
    (meeting,) = world.rows(sa.select(tac_meetings.c.notes).where(tac_meetings.c.case_id == case_id))
    assert meeting.notes == "Everybody but the school spoke."
    assert correct(world, review, "outcome", "same").in_record
    held = record.reviews.c.held_on.is_not(None)
    (row,) = world.rows(sa.select(record.reviews.c.outcome).where(record.reviews.c.case_id == case_id, held))
    assert row.outcome == "same"


def test_what_was_recorded_there_since_stays(world: World) -> None:
    case_id = start_and_walk_to(world, "close_case")
    table = tac_meetings
    world.write(sa.update(table).where(table.c.case_id == case_id).values(notes="Typed anew by the clerk."))
    task_id = done(world, case_id, "hold_tac_meeting")
    assert not correct(world, task_id, "notes", "Everybody but the school spoke.").in_record
    (meeting,) = world.rows(sa.select(table.c.notes).where(table.c.case_id == case_id))
    assert meeting.notes == "Typed anew by the clerk."
    assert shown(world, task_id).corrections[0].now == "Everybody but the school spoke."


@pytest.mark.parametrize(
    ("element", "question", "said"),
    [
        ("record_consent", "consent", "Ask for consent again"),
        ("record_consent", "given_by", "Ask for consent again"),
        ("record_consent", "signed_on", "Correct the date"),
        ("complete_assessment", "completed_on", "Correct the date"),
        ("hold_tac_meeting", "family_came", "decided how the case went on"),
        ("hold_tac_meeting", "attended", "became entries of the record"),
        ("arrange_tac_meeting", "venue", "Book the meeting"),
        ("agree_action_plan", "actions", "Change the plan"),
        ("hold_review", "next_step", "decided how the case went on"),
    ],
)
def test_what_decided_something_is_refused_with_what_to_do_instead(
    everything: tuple[World, UUID], element: str, question: str, said: str
) -> None:
    world, case_id = everything
    task_id = done(world, case_id, element)
    assert said in instead(world, task_id, question)
    with pytest.raises(Invalid, match=said) as refused:
        correct(world, task_id, question, "Something else")
    assert refused.value.details["field"] == "question"
    assert not world.history(case_id, "answer_corrected")


@pytest.fixture(scope="module")
def everything() -> Iterator[tuple[World, UUID]]:
    with open_world() as world:
        yield world, start_and_walk_to(world, "close_case")


def test_who_may(world: World) -> None:
    case_id = start_and_walk_to(world, "agree_action_plan")
    task_id = done(world, case_id, "complete_assessment")
    correct(world, task_id, "needs", "Sleep and school", by="morgan")
    with pytest.raises(NotPermitted):
        correct(world, task_id, "needs", "School", by="idris")
    with pytest.raises(NotPermitted):
        shown(world, task_id, by="idris")
    with pytest.raises(Conflict, match="not finished"):
        shown(world, world.task("agree_action_plan", case_id).id)
    with pytest.raises(NotFound):
        shown(world, task_id, by="piet")


def test_the_history_leads_only_those_to_the_answers_who_may_see_them(world: World) -> None:
    case_id = start_and_walk_to(world, "agree_action_plan")
    said = {"paused_until": str(world.today + timedelta(days=40)), "reason": "In hospital"}
    morgan = world.actor("morgan")
    started = case_processes.start(world.engine, actor=morgan, case_id=case_id, process_key="pause", answers=said)
    for who, led in (("morgan", [started]), ("hana", [started]), ("idris", [])):
        seen = timeline.read(world.engine, actor=world.actor(who), case_id=case_id).events
        assert [each.answers for each in seen if each.answers and each.kind == "process_started"] == led, who
        assert any(each.kind == "process_started" for each in seen), "that it was started is no secret"
    with pytest.raises(NotPermitted):
        shown(world, started, by="idris")


def test_what_leads_to_answers_opens_for_whoever_is_led_there(world: World) -> None:
    case_id = start_and_walk_to(world, "close_case")
    correct(world, done(world, case_id, "complete_assessment"), "needs", "Sleep and school")
    led: dict[str, set[str]] = {}
    for who in ("hana", "morgan", "idris", "cleo"):
        seen = {"actor": world.actor(who), "case_id": case_id}
        story = chronology.read(world.engine, **seen, asked=chronology.Asked()).entries
        whole = [*timeline.read(world.engine, **seen).events, *(each.event for each in story)]
        led[who] = {each.kind for each in whole if each.answers}
        for answered in {each.answers for each in whole if each.answers}:
            assert shown(world, answered, by=who).questions
    hers = {"answer_corrected", "assessment_completed", "tac_meeting_held", "review_held"}
    assert led["hana"] >= {"task_completed", *hers}
    assert led["morgan"] == led["cleo"] == led["hana"], "who manages her or coordinates may correct all that she may"
    assert not led["idris"] & hers


def test_letters_that_say_what_was_answered_before_are_found_and_written_anew(world: World) -> None:
    case_id = start_and_walk_to(world, "appoint_lead_professional")
    task_id = done(world, case_id, "complete_assessment")
    first = {each.id: each for each in world.rows(sa.select(letters))}
    assert first and all("What is needed:\nSleep\n" in each.body for each in first.values())
    sent = next(iter(first))
    family_letters.mark_sent(world.engine, actor=world.actor("hana"), case_id=case_id, letter_id=sent, how="post")
    before = {each.question: each.letters for each in shown(world, task_id).questions}
    assert {each.letter_id for each in before["needs"]} == set(first) and not before["completed_on"]
    assert {each.letter_id: each.sent_by for each in before["needs"]}[sent] == "post"
    assert not shown(world, task_id).outdated
    correct(world, task_id, "needs", "Sleep and school")
    correct(world, task_id, "needs", "School\nand sleep")
    found = shown(world, task_id)
    assert {each.letter_id for each in found.outdated} == set(first) and found.may_write
    world.clock.advance(timedelta(minutes=1))
    write = {"actor": world.actor("hana"), "task_id": task_id}
    assert answer_corrections.write_letters(world.engine, **write) == len(first)
    assert answer_corrections.write_letters(world.engine, **write) == 0, "pressed twice"
    assert not shown(world, task_id).outdated
    rows = {each.id: each for each in world.rows(sa.select(letters))}
    assert all(rows[id_].body == each.body for id_, each in first.items()), "what was sent stays"
    new = [each for id_, each in rows.items() if id_ not in first]
    assert len(new) == len(first) and all(each.sent_on is None for each in new)
    assert all("What is needed:\nSchool\nand sleep\n" in each.body for each in new)
    day = f"{world.today.day} {world.today:%B %Y}"
    told = [f"We have corrected something in what you had from us on {day}." in each.body for each in new]
    assert sum(told) == 1, "only to whom the first was sent"
    correct(world, task_id, "needs", "School")
    assert {each.letter_id for each in shown(world, task_id).outdated} == {each.id for each in new}
    assert not world.verified().findings


def test_of_two_questions_answered_alike_the_letter_written_anew_changes_one(world: World) -> None:
    case_id = start_and_walk_to(world, "appoint_lead_professional")
    task_id = done(world, case_id, "complete_assessment")
    told = {each.question: each.letters for each in shown(world, task_id).questions}
    assert told["development"] and told["needs"], "a letter that lacks an answer is named too"
    for question in ("development", "parenting"):
        correct(world, task_id, question, "No worries")
    rewrite(world, task_id)
    (first,) = newest(world)
    assert "How the child develops:\nNo worries\n\nParents and carers:\nNo worries\n" in first.body
    correct(world, task_id, "development", "She talks less than others")
    correct(world, task_id, "parenting", "")
    rewrite(world, task_id)
    (second,) = newest(world)
    assert "How the child develops:\nShe talks less than others\n\nWhat we conclude" in second.body
    assert "Parents and carers" not in second.body and second.instead_of_id == first.id
    assert not shown(world, task_id).outdated
    family_letters.mark_sent(world.engine, actor=world.actor("hana"), case_id=case_id, letter_id=second.id, how="post")
    with world.engine.sessions.read() as connection:
        assert not letters_to_hand(connection, case_id), "no draft that was replaced is handed over"


def test_what_cannot_be_told_apart_stays_and_its_lines_are_named(world: World) -> None:
    case_id = start_and_walk_to(world, "appoint_lead_professional")
    task_id = done(world, case_id, "complete_assessment")
    for question in ("development", "parenting"):
        correct(world, task_id, question, "No worries")
    rewrite(world, task_id)
    (draft,) = newest(world)
    by_hand = draft.body.replace("How the child develops:\n", "").replace("Parents and carers:\n", "")
    write = {"actor": world.actor("hana"), "case_id": case_id, "letter_id": draft.id, "subject": draft.subject}
    family_letters.change(world.engine, **write, body=by_hand)
    correct(world, task_id, "development", "She talks less than others")
    (still,) = shown(world, task_id).outdated
    (unclear,) = still.unclear
    assert unclear.label == "How is the child developing?" and not still.anew
    assert [(line.above, line.words) for line in unclear.lines] == [
        ("Sleep", "No worries"),
        ("No worries", "No worries"),
    ]
    assert answer_corrections.write_letters(world.engine, actor=world.actor("hana"), task_id=task_id) == 0
    right = by_hand.replace("No worries", "She talks less than others", 1)
    family_letters.change(world.engine, **write, body=right)
    assert not shown(world, task_id).outdated


def test_a_later_review_s_letter_is_not_taken_for_this_one_s(world: World) -> None:
    case_id = start_and_walk_to(world, "close_case")
    task_id = done(world, case_id, "hold_review")
    (own,) = [each for each in world.rows(sa.select(letters)) if each.subject == REVIEWED]
    later = {**own._mapping, "id": world.engine.ids.new(), "written_on": world.today + timedelta(days=60)}
    world.write(sa.insert(letters).values(**later))
    correct(world, task_id, "outcome", "worse")
    (old,) = shown(world, task_id).outdated
    assert old.letter_id == own.id


def newest(world: World) -> list[Any]:
    """Return the letters of which no newer one was written."""
    rows = world.rows(sa.select(letters))
    return [each for each in rows if each.id not in {other.instead_of_id for other in rows}]


def rewrite(world: World, task_id: UUID) -> None:
    world.clock.advance(timedelta(minutes=1))
    assert answer_corrections.write_letters(world.engine, actor=world.actor("hana"), task_id=task_id)


def test_the_letter_of_a_review_without_a_meeting_is_written_anew_too(world: World) -> None:
    case_id = start_and_walk_to(world, "close_case")
    task_id = done(world, case_id, "hold_review")
    correct(world, task_id, "outcome", "worse")
    correct(world, task_id, "notes", "Sleeping, but not at weekends")
    (old,) = shown(world, task_id).outdated
    world.clock.advance(timedelta(minutes=1))
    assert answer_corrections.write_letters(world.engine, actor=world.actor("hana"), task_id=task_id) == 1
    bodies = {each.id: each.body for each in world.rows(sa.select(letters).where(letters.c.meeting_id.is_(None)))}
    assert "Things are better for your family.\n\nSleeping\n" in bodies[old.letter_id]
    right = "Things are worse for your family.\n\nSleeping, but not at weekends\n"
    assert any(right in each for each in bodies.values())
    assert not shown(world, task_id).outdated


def test_who_does_not_keep_the_family_is_told_of_letters_but_writes_none(world: World) -> None:
    case_id = start_and_walk_to(world, "choose_review")
    task_id = done(world, case_id, "complete_assessment")
    correct(world, task_id, "needs", "School")
    world.write(sa.update(record.lead_professionals).values(practitioner_id=world.ids["idris"]))
    found = shown(world, task_id)
    assert found.outdated and not found.may_write
    with pytest.raises(NotPermitted):
        answer_corrections.write_letters(world.engine, actor=world.actor("hana"), task_id=task_id)
    assert answer_corrections.write_letters(world.engine, actor=world.actor("morgan"), task_id=task_id)


def test_what_cannot_be_is_refused(world: World) -> None:
    case_id = start_and_walk_to(world, "appoint_lead_professional")
    task_id = done(world, case_id, "complete_assessment")
    for question, answer, why, field in (
        ("needs", "School", " ", "why"), ("needs", "School", "x" * 5_000, "why"), ("needs", "Sleep", "It was", "needs"),
        ("nothing", "School", "It was", "question"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            correct(world, task_id, question, answer, why=why)
        assert refused.value.details["field"] == field
    with pytest.raises(InvalidAnswers) as wrong:
        correct(world, task_id, "needs", "")
    assert set(wrong.value.errors) == {"needs"}
    open_task = world.task("appoint_lead_professional", case_id).id
    with pytest.raises(Conflict):
        correct(world, open_task, "reasons", "Close", by="morgan")


def test_twice_sent_is_once_done_and_two_people_are_told(world: World) -> None:
    case_id = start_and_walk_to(world, "appoint_lead_professional")
    task_id = done(world, case_id, "complete_assessment")
    sent = {"seen": 0, "request_key": "the same page"}
    assert correct(world, task_id, "needs", "School", **sent) == correct(world, task_id, "needs", "School", **sent)
    assert len(world.history(case_id, "answer_corrected")) == 1
    with pytest.raises(Conflict, match="a moment ago"):
        correct(world, task_id, "strengths", "A close family, and an aunt", by="morgan", seen=0)


def test_nothing_is_corrected_on_a_closed_case(world: World) -> None:
    case_id = start_and_walk_to(world, "close_case")
    task_id = done(world, case_id, "complete_assessment")
    world.write(sa.update(record.cases).where(record.cases.c.id == case_id).values(closed_on=world.today))
    assert shown(world, task_id).closed
    with pytest.raises(Conflict, match="closed"):
        correct(world, task_id, "needs", "School")
