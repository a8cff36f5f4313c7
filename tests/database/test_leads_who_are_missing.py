"""Whoever leads next may be away or gone, and so may who asked them: the family still has somebody to ring."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.commands import case_processes
from engine.commands.plan_actions import report
from engine.store.tables import record
from tests.database.test_handovers import leads, propose, sent_to, tell
from tests.database.test_practitioners import away, leaves
from tests.episodes import answers_for, start_and_walk_to
from tests.worlds import World, open_world

UNCOVERED = "A lead professional is away and nobody covers for them"


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url) as world:
        yield world


def accepted(world: World, case_id: UUID, who: str = "idris", *, in_days: int) -> None:
    propose(world, case_id, who, in_days=in_days)
    tell(world, case_id)
    world.do("answer_handover", who, case_id=case_id, handover_answer="accepted")


def goes_away_after_accepting(world: World, case_id: UUID) -> None:
    accepted(world, case_id, in_days=3)
    away(world, "idris", 60)
    world.pass_days(3)


def was_away_when_proposed(world: World, case_id: UUID) -> None:
    away(world, "idris", 60)
    accepted(world, case_id, in_days=3)
    world.pass_days(3)


def is_made_interim_lead(world: World, case_id: UUID) -> None:
    leaves(world, "hana")
    away(world, "idris", 60)
    until = (world.today + timedelta(days=90)).isoformat()
    world.do("name_interim_lead", "morgan", case_id=case_id, interim_lead=str(world.ids["idris"]), until=until)


def is_covered_until_the_cover_goes_away(world: World, case_id: UUID) -> None:
    accepted(world, case_id, in_days=0)
    away(world, "idris", 60, cover="noor")
    world.pass_days(1)
    away(world, "noor", 60, by="cleo")


@pytest.mark.parametrize(
    "comes",
    [goes_away_after_accepting, was_away_when_proposed, is_made_interim_lead, is_covered_until_the_cover_goes_away],
)
def test_who_leads_while_away_uncovered_is_a_lead_who_is_away(
    world: World, comes: Callable[[World, UUID], None]
) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    comes(world, case_id)
    world.tick()
    assert leads(world, case_id) == ["idris"]
    assert UNCOVERED in sent_to(world, "morgan")
    assert world.task("hold_tac_meeting", case_id).assignee_id != world.ids["idris"], "passed on, as when they went"
    world.pass_days(17)
    assert world.open_elements(case_id).count("name_interim_lead") == 1
    world.pass_days(9)
    assert "Urgent: a plan has nobody to lead it" in sent_to(world, "morgan")
    assert "Urgent: a plan still has nobody to lead it" in sent_to(world, "cleo")
    assert not world.incidents() and not world.verified().findings


# Who led falls outside the family's consent


def hands_over(world: World, case_id: UUID) -> None:
    accepted(world, case_id, in_days=2)
    only_idris(world, case_id)
    world.pass_days(2)


def is_stood_in_for(world: World, case_id: UUID) -> None:
    only_idris(world, case_id)
    away(world, "hana", 60)
    world.pass_days(16)
    until = (world.today + timedelta(days=30)).isoformat()
    world.do("name_interim_lead", "morgan", case_id=case_id, interim_lead=str(world.ids["idris"]), until=until)


def only_idris(world: World, case_id: UUID) -> None:
    idris = str(world.ids["idris"])
    said = {"consent": "limited", "given_by": "Jo Whitlock", "scope": "Idris", "people": [idris], "kinds": ["plan"]}
    case_processes.start(
        world.engine, actor=world.actor("hana"), case_id=case_id, process_key="ask_consent_again",
        answers={**said, "signed_on": world.today.isoformat()},
    )  # fmt: skip


@pytest.mark.parametrize("ends", [hands_over, is_stood_in_for])
def test_whom_consent_covered_only_as_they_led_leaves_nothing_open_behind(
    world: World, ends: Callable[[World, UUID], None]
) -> None:
    case_id = start_and_walk_to(world, "hold_review")
    (action,) = world.rows(sa.select(record.plan_actions))
    assert action.owner_id == world.ids["hana"]
    ends(world, case_id)
    world.tick()
    assert leads(world, case_id) == ["idris"]
    (now,) = world.rows(sa.select(record.plan_actions))
    assert (now.owner_id, now.due_on, now.closed_on) == (world.ids["idris"], action.due_on, None)
    assert sent_to(world, "hana").count("A family’s consent no longer covers you") == 1
    assert "A family’s consent leaves somebody of the team out" in sent_to(world, "idris")
    assert not [task for task in world.tasks(case_id) if task.assignee_id == world.ids["hana"]]
    report(world.engine, actor=world.actor("idris"), action_id=action.id, progress="Done", done=True)
    assert not world.incidents() and not world.verified().findings


# Who asked somebody to lead has left


def accepts(world: World, case_id: UUID) -> str:
    world.do("answer_handover", "idris", case_id=case_id, handover_answer="accepted")
    return "Who was asked to lead a plan that nobody leads has accepted, for the day that was chosen"


def declines(world: World, case_id: UUID) -> str:
    world.do("answer_handover", "idris", case_id=case_id, handover_answer="declined", reason="Too far away")
    return "Who was asked to lead a plan that nobody leads has declined"


def is_silent(world: World, _: UUID) -> str:
    world.pass_days(12)
    return "Whoever was asked to lead has not answered, and who asked them has left"


def leaves_too(world: World, _: UUID) -> str:
    leaves(world, "idris", by="cleo")
    return "Who was asked to lead a plan has left"


@pytest.mark.parametrize("then", [accepts, declines, is_silent, leaves_too])
def test_who_has_left_hears_nothing_more_and_their_line_manager_does(
    world: World, then: Callable[[World, UUID], str]
) -> None:
    case_id = start_and_walk_to(world, "hold_review")
    propose(world, case_id, in_days=20)
    tell(world, case_id)
    world.tick()
    leaves(world, "hana")
    world.mailbox.messages.clear()
    said = then(world, case_id)
    world.pass_days(2)
    assert sent_to(world, "hana") == []
    assert sent_to(world, "morgan").count(said) == 1
    told = [each.body for each in world.mailbox.messages if each.subject == said]
    assert not [body for body in told if "the lead of today" in body.lower() or "You lead" in body]
    assert not world.incidents() and not world.verified().findings


# What the line manager was asked while nobody led


@pytest.mark.parametrize("gone", ["left", "away"])
@pytest.mark.parametrize("opened", ["before", "meanwhile"])
def test_what_the_manager_was_asked_while_the_lead_was_missing_goes_to_who_leads_next(
    world: World, gone: str, opened: str
) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting" if opened == "before" else "arrange_tac_meeting")
    accepted(world, case_id, in_days=5)
    leaves(world, "hana") if gone == "left" else away(world, "hana", 60)
    element = "hold_tac_meeting"
    if opened == "meanwhile":
        world.do("arrange_tac_meeting", "morgan", case_id=case_id, **answers_for(world, "arrange_tac_meeting"))
        element = "record_family_replies"
    asked = world.task(element, case_id)
    assert asked.assignee_id == world.ids["morgan"]
    world.pass_days(5)
    now = world.task(element, case_id)
    assert leads(world, case_id) == ["idris"]
    assert (now.assignee_id, now.due_on, now.meant_for_id) == (world.ids["idris"], asked.due_on, None)
    assert not world.incidents() and not world.verified().findings


def test_who_takes_over_on_the_day_of_the_alarm_hears_it_once_and_no_alarm_is_raised(world: World) -> None:
    case_id = start_and_walk_to(world, "agree_action_plan")
    accepted(world, case_id, in_days=3)
    leaves(world, "hana")
    (alarm,) = [timer for timer in world.timers(case_id) if timer.element_id == "interim_late"]
    assert alarm.due_at.date() == world.today + timedelta(days=3)
    world.mailbox.messages.clear()
    world.pass_days(3)
    assert leads(world, case_id) == ["idris"]
    assert not [each for each in world.mailbox.messages if each.subject.startswith("Urgent")]
    said = sent_to(world, "idris")
    assert said.count("You are now lead professional") == 1
    assert "A plan you are part of has a new lead professional" not in said
    assert "name_interim_lead" not in world.open_elements(case_id) and not world.incidents()
