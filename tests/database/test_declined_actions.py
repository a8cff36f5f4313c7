"""An action of the plan that its owner cannot do: it never stands without an owner, and nobody loses its day."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.commands import accounts, case_processes, lead_professionals, plan_actions
from engine.errors import Conflict, Invalid
from engine.forms import InvalidAnswers
from engine.queries import case_starts, task_page, timeline
from engine.store.tables import record
from tests.database.test_practitioners import leaves
from tests.episodes import answers_for, start_and_walk_to
from tests.worlds import World, open_world

WHY = {"why": "Asked everybody"}


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url) as world:
        yield world


def planned(world: World, *owners: str) -> UUID:
    """Open a case, agree a plan with one action for each of `owners`; Hana leads."""
    case_id = start_and_walk_to(world, "agree_action_plan")
    plan = answers_for(world, "agree_action_plan")
    (action,) = plan["actions"]
    plan["actions"] = [{**action, "owner": str(world.ids[owner]), "action": f"By {owner}"} for owner in owners]
    world.do("agree_action_plan", "hana", case_id=case_id, **plan)
    return case_id


def action(world: World, case_id: UUID, text: str) -> sa.Row[Any]:
    rows = world.rows(sa.select(record.plan_actions).where(record.plan_actions.c.case_id == case_id))
    return next(row for row in rows if row.action == text)


def decline(world: World, case_id: UUID, text: str, by: str) -> UUID:
    answers = {"action": str(action(world, case_id, text).id), "why": "No therapist until May"}
    return case_processes.start(
        world.engine, actor=world.actor(by), case_id=case_id, process_key="action_declined", answers=answers
    )


def test_it_is_the_lead_s_at_once_due_as_before_and_then_somebody_else_s(world: World) -> None:
    case_id = planned(world, "idris")
    before = action(world, case_id, "By idris")
    decline(world, case_id, "By idris", "idris")
    now = action(world, case_id, "By idris")
    assert (now.owner_id, now.due_on, now.first_due_on) == (world.ids["hana"], before.due_on, before.first_due_on)
    task = world.task("find_action_owner", case_id)
    assert task.assignee_id == world.ids["hana"]
    shown = task_page.task(world.engine, actor=world.actor("hana"), task_id=task.id).about
    assert [name for name, _ in shown] == [
        "The action", "Due by", "Who cannot do it", "Idris Cole declined", "What sharing rests on"
    ]  # fmt: skip
    assert shown[2][1] == "Idris Cole, Northcombe Health"
    assert shown[3][1] == "2 March. No therapist until May"
    noor = str(world.ids["noor"])
    world.do("find_action_owner", "hana", case_id=case_id, owner_found="passed_on", owner=noor, **WHY)
    assert action(world, case_id, "By idris").owner_id == world.ids["noor"]
    told = [event.what for event in timeline.read(world.engine, actor=world.actor("hana"), case_id=case_id).events]
    assert any(each.startswith("Idris Cole cannot do an action, due by") for each in told)
    assert any(each.startswith("A declined action has an owner again: Noor Bakar does it") for each in told)
    assert not world.verified().findings


def test_nobody_else_is_found_so_the_managers_settle_it_with_the_agency(world: World) -> None:
    case_id = planned(world, "idris")
    decline(world, case_id, "By idris", "idris")
    world.do("find_action_owner", "hana", case_id=case_id, owner_found="nobody", **WHY)
    assert action(world, case_id, "By idris").owner_id == world.ids["hana"]
    assert world.task("settle_action", case_id).assignee_id == world.ids["morgan"]
    idris = str(world.ids["idris"])
    world.do("settle_action", "morgan", case_id=case_id, settled="passed_on", owner=idris, **WHY)
    assert action(world, case_id, "By idris").owner_id == world.ids["idris"]


def test_who_looks_for_somebody_reads_how_often_this_action_was_declined_and_why(world: World) -> None:
    case_id = planned(world, "idris", "noor")
    for who in ("noor", "idris", "idris"):
        decline(world, case_id, f"By {who}", who)
        task = world.task("find_action_owner", case_id)
        shown = dict(task_page.task(world.engine, actor=world.actor("hana"), task_id=task.id).about)
        owner = str(world.ids[who])
        world.do("find_action_owner", "hana", case_id=case_id, owner_found="passed_on", owner=owner, **WHY)
    assert shown["Idris Cole declined twice"] == "2 March. No therapist until May; 2 March. No therapist until May"
    assert not any(name.startswith("Noor") for name in shown), "that is of another action"


def test_one_that_is_the_lead_s_own_stays_theirs_and_their_manager_looks(world: World) -> None:
    case_id = planned(world, "hana")
    decline(world, case_id, "By hana", "hana")
    assert action(world, case_id, "By hana").owner_id == world.ids["hana"]
    assert world.task("find_action_owner", case_id).assignee_id == world.ids["morgan"]
    world.do("find_action_owner", "morgan", case_id=case_id, owner_found="not_needed", **WHY)
    done = action(world, case_id, "By hana")
    assert (done.closed_on, done.owner_id) == (world.today, world.ids["hana"])
    assert (done.progress, done.dropped_why) == ("", "Asked everybody"), "given up, and not done"


def test_nobody_declines_what_is_another_s(world: World) -> None:
    case_id = planned(world, "idris", "noor")
    with pytest.raises(Invalid, match="somebody else's"):
        decline(world, case_id, "By idris", "noor")
    assert action(world, case_id, "By idris").owner_id == world.ids["idris"]
    decline(world, case_id, "By idris", "hana")
    decline(world, case_id, "By noor", "noor")
    assert world.open_elements(case_id).count("find_action_owner") == 2
    with pytest.raises(InvalidAnswers):
        case_processes.start(
            world.engine, actor=world.actor("hana"), case_id=case_id, process_key="action_declined",
            answers={"action": str(world.ids["hana"]), "why": "No"},
        )  # fmt: skip


def test_it_is_offered_only_while_an_action_is_open(world: World) -> None:
    def offered() -> bool:
        found = case_starts.startable(world.engine, actor=world.actor("hana"), case_id=case_id)
        return "action_declined" in [each.process_key for each in found]

    case_id = start_and_walk_to(world, "agree_action_plan")
    assert not offered()
    world.do("agree_action_plan", "hana", case_id=case_id, **answers_for(world, "agree_action_plan"))
    assert offered()
    (kept,) = world.rows(sa.select(record.plan_actions).where(record.plan_actions.c.case_id == case_id))
    plan_actions.report(world.engine, actor=world.actor("hana"), action_id=kept.id, progress="Done", done=True)
    assert not offered()
    with pytest.raises(Conflict, match="not to be done now"):
        decline(world, case_id, kept.action, "hana")


def test_an_action_finished_meanwhile_is_left_as_it_is(world: World) -> None:
    case_id = planned(world, "idris")
    decline(world, case_id, "By idris", "idris")
    world.write(sa.update(record.plan_actions).values(closed_on=world.today))
    noor = str(world.ids["noor"])
    world.do("find_action_owner", "hana", case_id=case_id, owner_found="passed_on", owner=noor, **WHY)
    assert action(world, case_id, "By idris").owner_id == world.ids["hana"]
    assert world.history(case_id, "action_settled")[-1].detail == {"found": "finished"}


def test_while_nobody_leads_the_lead_cannot_be_who_does_it(world: World) -> None:
    case_id = planned(world, "idris")
    leaves(world, "hana")
    decline(world, case_id, "By idris", "idris")
    with pytest.raises(Invalid, match="Nobody leads this plan now"):
        world.do("find_action_owner", "morgan", case_id=case_id, owner_found="lead_does_it", **WHY)
    noor = str(world.ids["noor"])
    world.do("find_action_owner", "morgan", case_id=case_id, owner_found="passed_on", owner=noor, **WHY)
    assert action(world, case_id, "By idris").owner_id == world.ids["noor"]


def test_who_leads_by_then_does_it(world: World) -> None:
    case_id = planned(world, "hana")
    decline(world, case_id, "By hana", "hana")
    leaves(world, "hana")
    lead_professionals.appoint_interim(
        world.engine, actor=world.actor("morgan"), case_id=case_id, practitioner_id=world.ids["idris"]
    )
    world.do("find_action_owner", "morgan", case_id=case_id, owner_found="lead_does_it", **WHY)
    assert action(world, case_id, "By hana").owner_id == world.ids["idris"]


def test_one_action_is_declined_once_at_a_time(world: World) -> None:
    case_id = planned(world, "idris")
    decline(world, case_id, "By idris", "idris")
    with pytest.raises(Invalid, match="said already"):
        decline(world, case_id, "By idris", "hana")
    assert world.open_elements(case_id).count("find_action_owner") == 1


def test_a_lead_who_cannot_sign_in_any_more_is_asked_nothing_new(world: World) -> None:
    case_id = planned(world, "idris")
    accounts.end_account(world.engine, actor=world.actor("piet"), practitioner_id=world.ids["hana"])
    decline(world, case_id, "By idris", "idris")
    task = world.task("find_action_owner", case_id)
    assert (task.assignee_id, task.queue, task.meant_for_id) == (None, "coordinators", world.ids["hana"])
