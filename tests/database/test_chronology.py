"""The story of a case: chosen by kind, person and period, with what counted most marked and why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.commands import attachments, between_meetings, family_letters, significant_events
from engine.commands import plan_actions as progress
from engine.errors import Conflict, Invalid, NotFound
from engine.queries import case_file, chronology, letters, timeline
from engine.queries.chronology import KINDS, Asked, Chronology
from engine.store.tables.record import plan_actions
from tests.episodes import answers_for, start_and_walk_to
from tests.worlds import World, open_world


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url) as world:
        yield world


def read(world: World, case_id: UUID, by: str = "hana", **asked: Any) -> Chronology:
    return chronology.read(world.engine, actor=world.actor(by), case_id=case_id, asked=Asked(**asked))


def kinds(found: Chronology) -> set[str]:
    return {each.event.kind for each in found.entries}


def test_the_story_is_chosen_by_kind_person_and_period(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    story, everything = read(world, case_id), read(world, case_id, kind="everything")
    assert "task_completed" in kinds(everything) - kinds(story) and "assessment_completed" in kinds(story)
    assert kinds(read(world, case_id, kind="consent")) <= {"consent_recorded", "members_told", "members_not_told"}
    assert "tac_meeting_arranged" in kinds(read(world, case_id, kind="meetings"))
    hers = read(world, case_id, who=world.ids["hana"]).entries
    assert {each.event.who for each in hers} == {world.actor("hana").name}
    assert read(world, case_id, from_on=world.today + timedelta(days=1)).entries == ()
    assert read(world, case_id, to_on=world.today).entries == story.entries
    assert world.actor("hana").name in [name for _, name in story.people]


def test_a_letter_and_an_action_are_named_to_who_may_see_them(world: World) -> None:
    case_id = start_and_walk_to(world, "choose_review")
    hana = {"actor": world.actor("hana"), "case_id": case_id}
    letter = letters.read_letters(world.engine, **hana)[0]
    family_letters.mark_sent(world.engine, **hana, letter_id=letter.letter_id, how="hand")
    (action,) = world.rows(sa.select(plan_actions).where(plan_actions.c.case_id == case_id))
    progress.report(world.engine, **hana, action_id=action.id, progress="Agreed", done=True)
    for who, reader in (("hana", letter.addressee), ("idris", "somebody")):
        said = [each.event.what for each in read(world, case_id, who, kind="everything").entries]
        assert f"A letter, “{letter.kind}”, was handed to {reader}" in {each.removesuffix(".") for each in said}
        assert "An action was finished, “Agree a bedtime”" in said


def test_a_file_is_named_as_long_as_it_may_be_opened(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    hana = world.actor("hana")
    kept = {"name": "Speech report.txt", "media_type": "text/plain", "content": b"Sam speaks well"}
    file_id = attachments.add(world.engine, actor=hana, case_id=case_id, **kept)
    seen = {"actor": hana, "case_id": case_id}
    for events in (timeline.read(world.engine, **seen).events, case_file.read(world.engine, **seen).timeline):
        assert "A file was added, “Speech report.txt”" in {each.what for each in events}
    attachments.remove(world.engine, actor=hana, attachment_id=file_id, why="Another child’s")
    said = {each.event.what for each in read(world, case_id, kind="files").entries}
    assert said >= {"A file was added.", "A file was removed (Another child’s)."}


def test_who_was_told_is_named(world: World) -> None:
    case_id = start_and_walk_to(world, "choose_review")
    between_meetings.write_to_team(
        world.engine, actor=world.actor("hana"), case_id=case_id, body="The review is near", to=[world.ids["noor"]]
    )
    said = {each.event.what for each in read(world, case_id, kind="everything").entries}
    assert said >= {
        "News was written to Noor Bakar.",
        "The team was told: Hana Verity, Idris Cole and Noor Bakar.",
    }


def test_what_was_answered_hangs_on_what_the_act_is_about(world: World) -> None:
    case_id = start_and_walk_to(world, "agree_action_plan")
    plan = dict(answers_for(world, "agree_action_plan"))
    world.do("agree_action_plan", "hana", case_id=case_id, **plan)
    led = {each.event.kind for each in read(world, case_id).entries if each.event.answers}
    assert led >= {"tac_meeting_arranged", "tac_meeting_held", "tac_meeting_finished", "action_plan_agreed"}
    assert not led & {"family_invited", "family_letter_sent", "plan_sent_to_family", "task_claimed"}
    assert "family_invited" in kinds(read(world, case_id)), "and it stands before what it came with"
    files = read(world, case_id, kind="files").entries
    assert not any(each.event.answers for each in files), "nothing else takes its place where it is not shown"
    whole = [each.event.answers for each in read(world, case_id, kind="everything").entries if each.event.answers]
    assert len(whole) == len(set(whole)), "each is led to once"


def test_a_long_story_goes_on_where_it_stopped(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    whole = read(world, case_id).entries
    how: dict[str, Any] = {"actor": world.actor("hana"), "case_id": case_id, "asked": Asked()}
    first = chronology.read(world.engine, **how, limit=3)
    rest = chronology.read(world.engine, **how, before=first.before, limit=500)
    assert (*first.entries, *rest.entries) == whole and rest.before is None


def test_what_counted_is_marked_with_its_reason_once_and_may_be_taken_back(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    event_id = read(world, case_id).entries[-1].event_id
    how: dict[str, Any] = {"case_id": case_id, "event_id": event_id}
    significant_events.mark(world.engine, actor=world.actor("idris"), **how, reason=" The first time ")
    (entry,) = read(world, case_id, marked=True).entries
    assert (entry.event_id, entry.reason, entry.marked_by) == (event_id, "The first time", world.actor("idris").name)
    with pytest.raises(Conflict):
        significant_events.mark(world.engine, actor=world.actor("hana"), **how, reason="Again")
    significant_events.unmark(world.engine, actor=world.actor("hana"), **how)
    significant_events.unmark(world.engine, actor=world.actor("hana"), **how)
    assert read(world, case_id, marked=True).entries == ()
    assert len(world.history(case_id, "event_unmarked")) == 1
    significant_events.mark(world.engine, actor=world.actor("hana"), **how, reason="It counts after all")
    assert not world.verified().findings


def test_no_other_cases_event_is_marked_and_nothing_without_a_reason(world: World) -> None:
    one, other = world.start_case(), world.start_case(given_name="Ali")
    how: dict[str, Any] = {"actor": world.actor("hana"), "case_id": one}
    with pytest.raises(NotFound):
        significant_events.mark(
            world.engine, **how, event_id=read(world, other).entries[0].event_id, reason="It is another’s"
        )
    with pytest.raises(Invalid) as refused:
        significant_events.mark(world.engine, **how, event_id=read(world, one).entries[0].event_id, reason=" ")
    assert refused.value.details["field"] == "reason"
    with pytest.raises(NotFound):
        read(world, one, "idris")


def test_what_cannot_be_asked_is_refused(world: World) -> None:
    for wrong in ({"kind": "gossip"}, {"from_on": world.today, "to_on": world.today - timedelta(days=1)}):
        with pytest.raises(Invalid):
            Asked(**wrong)
    assert set(chronology._PREFIXES) | {"story", "everything"} == set(KINDS)
