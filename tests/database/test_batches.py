"""Work shared out in one go: previewed, each piece moved once, refused in words, paused, taken back within a day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.commands import batches, practitioners, user_tasks
from engine.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.queries import overdue
from engine.queries.choice import Choice
from engine.store.tables import keeping, people
from engine.store.tables.batches import batch_items
from engine.store.tables.batches import batches as batch_rows
from engine.store.tables.record import lead_professionals as leads
from tests.episodes import start_and_walk_to
from tests.unit.bpmn.diagrams import user
from tests.worlds import World, model, open_world, shipped_models

NAMES_SOMEBODY = model(user("visit", camunda_assignee="${person}"), way="start visit; visit end", key="names")
ASKS_GROUP = model(user("visit", camunda_candidateGroups="case_workers"), way="start visit; visit end", key="group")


@pytest.fixture(scope="module")
def shipped() -> Iterator[dict[str, bytes]]:
    yield {**shipped_models(), "names.bpmn": NAMES_SOMEBODY, "group.bpmn": ASKS_GROUP}


@pytest.fixture
def world(database_url: str, shipped: dict[str, bytes]) -> Iterator[World]:
    with open_world(database_url, models=shipped) as world:
        yield world


def visits(world: World, number: int, who: str = "hana") -> list[UUID]:
    """Let somebody have this many tasks, each on a case of its own; return the tasks' ids."""
    for count in range(number):
        case_id = world.start_case(given_name=f"Sam{count}", process_key="group")
        world.start_process(case_id, "names", person=str(world.ids[who]))
    return [task.id for task in world.tasks(element="visit") if task.assignee_id == world.ids[who]]


def state(world: World, batch_id: UUID) -> tuple[str, Counter[str]]:
    """Return a batch's state and how many items are in which."""
    (row,) = world.rows(sa.select(batch_rows.c.state).where(batch_rows.c.id == batch_id))
    return row.state, Counter(each.state for each in items(world, batch_id))


def items(world: World, batch_id: UUID) -> list[sa.Row]:
    query = sa.select(batch_items).where(batch_items.c.batch_id == batch_id).order_by(batch_items.c.number)
    return list(world.rows(query))


def holders(world: World, task_ids: list[UUID]) -> Counter[str]:
    names = {id_: key for key, id_ in world.ids.items()} | {None: ""}
    return Counter(names[task.assignee_id] for task in world.tasks() if task.id in task_ids)


def plan(world: World, task_ids: list[UUID], to: str = "idris", by: str = "morgan", why: str = "") -> UUID:
    return batches.plan_tasks(
        world.engine, actor=world.actor(by), task_ids=task_ids, to=world.ids[to] if to else None, why=why
    )


def letters(world: World, who: str) -> list[str]:
    rows = world.rows(sa.select(keeping.outbox).where(keeping.outbox.c.practitioner_id == world.ids[who]))
    return [row.subject for row in rows]


def test_tasks_go_to_somebody_each_once_and_each_person_is_told_once(world: World) -> None:
    task_ids = visits(world, 25)
    batch = plan(world, task_ids, why="Hana is on a course this month")
    assert state(world, batch) == ("planned", {"waiting": 25})
    assert holders(world, task_ids) == {"hana": 25}, "a preview moves nothing"
    batches.begin(world.engine, actor=world.actor("morgan"), batch_id=batch)
    assert state(world, batch)[1]["done"] == 20, "the first of it at once"
    world.tick()
    assert state(world, batch) == ("done", {"done": 25})
    assert holders(world, task_ids) == {"idris": 25}
    assert letters(world, "idris") == ["25 tasks have been given to you"]
    assert letters(world, "hana") == ["25 tasks of yours are with somebody else now"]
    for task in world.tasks():
        if task.id in task_ids:
            (event,) = world.history(task.case_id, "task_reassigned")
            assert event.detail == {"from": str(world.ids["hana"]), "to": str(world.ids["idris"])}
    world.tick()
    assert state(world, batch) == ("done", {"done": 25})
    assert world.verified().findings == ()


def test_what_cannot_be_given_is_said_before_and_after(world: World) -> None:
    task_ids = visits(world, 3)
    with pytest.raises(Invalid, match="at least one"):
        plan(world, [])
    to_one_without_the_role = plan(world, task_ids, to="piet")
    assert {each.said for each in items(world, to_one_without_the_role)} == {
        "Piet Dahl does not work with cases like this one. Choose somebody else"
    }
    batch = plan(world, task_ids)
    user_tasks.complete(world.engine, actor=world.actor("hana"), task_id=task_ids[0], answers={})
    user_tasks.reassign(world.engine, actor=world.actor("hana"), task_id=task_ids[1], to=world.ids["morgan"])
    batches.begin(world.engine, actor=world.actor("morgan"), batch_id=batch)
    world.tick()
    said = {each.task_id: each.said for each in items(world, batch)}
    assert said[task_ids[0]] == "Hana Verity completed this task."
    assert said[task_ids[1]] == "Somebody has changed it since"
    assert state(world, batch) == ("done", {"done": 1, "refused": 2})
    assert holders(world, task_ids) == {"morgan": 1, "idris": 1}


def test_nobody_who_is_away_is_given_work_in_bulk(world: World) -> None:
    """Not before it begins, which says so on each row, nor when somebody goes away between the look and the act."""
    (case_id,), task_ids, morgan = led(world, 1), visits(world, 2), world.actor("morgan")
    looked_at = plan(world, task_ids)
    until = world.today + timedelta(days=9)
    practitioners.record_absence(
        world.engine, actor=morgan, practitioner_id=world.ids["idris"], from_on=world.today, expected_to_on=until
    )
    said = f"Idris Cole is away until {until.day} {until:%B}. Choose somebody who is here"
    to_idris = {case_id: world.ids["idris"]}
    plans = [
        plan(world, task_ids),
        batches.plan_interim(world.engine, actor=morgan, leads=to_idris),
        batches.plan_handovers(world.engine, actor=morgan, leads=to_idris, planned_on=world.today, why="Hana leaves"),
    ]
    for batch in plans:
        assert {(each.state, each.said) for each in items(world, batch)} == {("refused", said)}
    batches.begin(world.engine, actor=morgan, batch_id=looked_at)
    world.tick()
    assert {(each.state, each.said) for each in items(world, looked_at)} == {("refused", said)}
    assert "idris" not in holders(world, task_ids)


def test_only_whose_work_it_is_shares_it_out(world: World) -> None:
    task_ids = visits(world, 1)
    with pytest.raises(NotPermitted):
        plan(world, task_ids, by="hana")
    with pytest.raises(Invalid, match="at least one"):
        plan(world, task_ids, by="sunniva")
    batch = plan(world, task_ids)
    with pytest.raises(NotFound):
        batches.begin(world.engine, actor=world.actor("sunniva"), batch_id=batch)
    batches.drop(world.engine, actor=world.actor("morgan"), batch_id=batch)
    assert items(world, batch) == []


def test_a_proposal_goes_by_agency_role_hours_and_who_is_here(world: World) -> None:
    in_person = visits(world, 1)
    batch = plan(world, in_person, to="", by="cleo")
    assert items(world, batch)[0].said.startswith("It asks this person in particular")
    for _ in range(5):
        world.start_case(process_key="group")
    task_ids = [task.id for task in world.tasks() if task.assignee_id is None]
    for task_id in task_ids:
        user_tasks.claim(world.engine, actor=world.actor("hana"), task_id=task_id)
    world.write(
        sa.update(people.practitioners).where(people.practitioners.c.id == world.ids["idris"]).values(weekly_hours=20),
        sa.update(people.practitioners).where(people.practitioners.c.id == world.ids["morgan"]).values(weekly_hours=10),
    )
    batch = plan(world, task_ids, to="", by="cleo")
    names = {id_: key for key, id_ in world.ids.items()}
    assert Counter(names[each.to_id] for each in items(world, batch)) == {"idris": 4, "morgan": 2}, "twice the hours"
    practitioners.record_absence(
        world.engine, actor=world.actor("cleo"), practitioner_id=world.ids["idris"], from_on=world.today
    )
    batch = plan(world, task_ids, to="", by="cleo")
    assert {names[each.to_id] for each in items(world, batch)} == {"morgan"}
    batch = plan(world, task_ids, to="", by="morgan")
    assert {each.said for each in items(world, batch)} == {"Nobody of the same agency and role is here who may have it"}


def test_it_rests_goes_on_and_ends_early(world: World) -> None:
    task_ids, morgan = visits(world, 45), world.actor("morgan")
    batch = plan(world, task_ids)
    batches.begin(world.engine, actor=morgan, batch_id=batch)
    batches.pause(world.engine, actor=morgan, batch_id=batch)
    world.tick()
    assert state(world, batch) == ("paused", {"done": 20, "waiting": 25})
    with pytest.raises(Conflict):
        batches.begin(world.engine, actor=morgan, batch_id=batch)
    with pytest.raises(Conflict):
        batches.undo(world.engine, actor=morgan, batch_id=batch)
    batches.resume(world.engine, actor=morgan, batch_id=batch)
    assert state(world, batch) == ("running", {"done": 40, "waiting": 5})
    batches.pause(world.engine, actor=morgan, batch_id=batch)
    batches.stop(world.engine, actor=morgan, batch_id=batch)
    assert state(world, batch) == ("done", {"done": 40, "refused": 5})
    assert letters(world, "idris") == ["40 tasks have been given to you"]


def test_within_a_day_it_is_taken_back_where_nobody_has_touched_it(world: World) -> None:
    task_ids, morgan = visits(world, 5), world.actor("morgan")
    queued = next(task.id for task in world.tasks(element="visit") if task.assignee_id is None)
    batch = plan(world, [*task_ids, queued])
    batches.begin(world.engine, actor=morgan, batch_id=batch)
    idris = world.actor("idris")
    user_tasks.complete(world.engine, actor=idris, task_id=task_ids[0], answers={})
    user_tasks.save_draft(world.engine, actor=idris, task_id=task_ids[1], answers={"said": "half"})
    user_tasks.reassign(world.engine, actor=idris, task_id=task_ids[2], to=world.ids["morgan"])
    back = batches.undo(world.engine, actor=morgan, batch_id=batch)
    assert state(world, back) == ("done", {"done": 3, "refused": 3})
    said = {each.task_id: each.said for each in items(world, back)}
    assert said[task_ids[0]] == "It is done already, or no longer needed"
    assert said[task_ids[1]] == "It has been begun since"
    assert said[task_ids[2]] == "Somebody has changed it since"
    assert holders(world, [*task_ids, queued]) == {"idris": 1, "morgan": 1, "hana": 2, "": 1}
    assert next(task.queue for task in world.tasks() if task.id == queued) == "case_workers"
    with pytest.raises(Conflict):
        batches.undo(world.engine, actor=morgan, batch_id=batch)
    late = plan(world, task_ids[3:])
    batches.begin(world.engine, actor=morgan, batch_id=late)
    world.clock.advance(timedelta(hours=25))
    with pytest.raises(Conflict, match="more than a day"):
        batches.undo(world.engine, actor=morgan, batch_id=late)


def test_whoever_began_it_and_has_left_moves_nothing_more(world: World) -> None:
    task_ids = visits(world, 22)
    batch = plan(world, task_ids)
    batches.begin(world.engine, actor=world.actor("morgan"), batch_id=batch)
    world.write(
        sa.update(people.accounts)
        .where(people.accounts.c.id == world.accounts["morgan"])
        .values(disabled_at=world.clock.now())
    )
    world.tick()
    assert state(world, batch) == ("done", {"done": 20, "refused": 2})


def led(world: World, number: int) -> list[UUID]:
    return [start_and_walk_to(world, "hold_tac_meeting") for _ in range(number)]


def lead_of(world: World, case_id: UUID) -> tuple[str, bool]:
    names = {id_: key for key, id_ in world.ids.items()}
    (row,) = world.rows(sa.select(leads).where(leads.c.case_id == case_id, leads.c.to_on.is_(None)))
    return names[row.practitioner_id], row.interim


def test_an_absent_lead_s_plans_are_led_in_between_and_given_back(world: World) -> None:
    case_ids, morgan = led(world, 2), world.actor("morgan")
    held = [task.id for task in world.tasks() if task.assignee_id == world.ids["hana"]]
    refused = batches.plan_interim(world.engine, actor=morgan, leads={case_ids[0]: world.ids["idris"]})
    batches.begin(world.engine, actor=morgan, batch_id=refused)
    assert items(world, refused)[0].said.startswith("Hana Verity leads this plan and is here")
    practitioners.record_absence(
        world.engine, actor=morgan, practitioner_id=world.ids["hana"], from_on=world.today, covered_by=world.ids["noor"]
    )
    refused = batches.plan_interim(world.engine, actor=morgan, leads={case_ids[0]: world.ids["piet"]})
    batches.begin(world.engine, actor=morgan, batch_id=refused)
    assert items(world, refused)[0].said.startswith("Piet Dahl is no case worker, so leads no plan")
    batch = batches.plan_interim(
        world.engine, actor=morgan, leads=dict.fromkeys(case_ids, world.ids["idris"]), why="Hana is away",
        until=world.today + timedelta(days=30),
    )  # fmt: skip
    batches.begin(world.engine, actor=morgan, batch_id=batch)
    assert state(world, batch) == ("done", {"done": 2})
    assert [lead_of(world, case_id) for case_id in case_ids] == [("idris", True)] * 2
    assert "2 plans are yours to lead for now" in letters(world, "idris")
    assert "You are now interim lead professional" not in letters(world, "idris")
    assert holders(world, held)["idris"] > 0
    back = batches.undo(world.engine, actor=morgan, batch_id=batch)
    assert state(world, back) == ("done", {"done": 2}), [each.said for each in items(world, back)]
    assert [lead_of(world, case_id) for case_id in case_ids] == [("hana", False)] * 2


def test_a_caseload_is_handed_over_by_asking_each_successor(world: World) -> None:
    case_ids, morgan = led(world, 2), world.actor("morgan")
    leads_of_hana = dict.fromkeys(case_ids, world.ids["idris"])
    with pytest.raises(Invalid, match="Say why"):
        batches.plan_handovers(world.engine, actor=morgan, leads=leads_of_hana, planned_on=world.today, why="")
    batch = batches.plan_handovers(
        world.engine, actor=morgan, leads=leads_of_hana,
        planned_on=world.today + timedelta(days=7), why="Hana leaves at the end of the month",
    )  # fmt: skip
    batches.begin(world.engine, actor=morgan, batch_id=batch)
    assert state(world, batch) == ("done", {"done": 2}), [each.said for each in items(world, batch)]
    assert [lead_of(world, case_id) for case_id in case_ids] == [("hana", False)] * 2, "until it is accepted"
    assert "tell_family" in world.open_elements(case_ids[0])
    (never,) = led(world, 1)
    refused = batches.plan_handovers(
        world.engine, actor=morgan, leads={never: world.ids["piet"]}, planned_on=world.today, why="Hana leaves"
    )
    batches.begin(world.engine, actor=morgan, batch_id=refused)
    assert state(world, refused) == ("done", {"refused": 1}), "a designer is no case worker"
    world.do("tell_family", "hana", case_id=case_ids[0], told_on=world.today, family_agrees="yes", family_view="Fine")
    back = batches.undo(world.engine, actor=morgan, batch_id=batch)
    said = {each.case_id: each.said for each in items(world, back)}
    assert said == {case_ids[0]: "The handover has gone on since", case_ids[1]: ""}
    assert "tell_family" not in world.open_elements(case_ids[1])
    again = batches.plan_handovers(
        world.engine, actor=morgan, leads=leads_of_hana,
        planned_on=world.today + timedelta(days=7), why="Hana leaves at the end of the month",
    )  # fmt: skip
    batches.begin(world.engine, actor=morgan, batch_id=again)
    assert state(world, again) == ("done", {"done": 1, "refused": 1})


def test_a_leaver_with_forty_cases_leaves_none_without_a_name_that_nobody_sees(shipped: dict[str, bytes]) -> None:
    """Forty handovers are proposed in one go, each is accepted by name; the two that were not stand on the board."""
    with open_world(models=shipped) as world:
        case_ids, morgan = led(world, 40), world.actor("morgan")
        last_day = world.today + timedelta(days=7)
        hana = world.ids["hana"]
        practitioners.record_leaving(world.engine, actor=morgan, practitioner_id=hana, last_day=last_day)
        batch = batches.plan_handovers(
            world.engine, actor=morgan, leads=dict.fromkeys(case_ids, world.ids["idris"]), planned_on=world.today,
            why="Hana leaves next week",
        )  # fmt: skip
        batches.begin(world.engine, actor=morgan, batch_id=batch)
        while batches.go_on(world.engine):
            pass
        assert state(world, batch) == ("done", {"done": 40})
        view = {"told_on": world.today.isoformat(), "family_agrees": "yes", "family_view": "Fine"}
        for number, case_id in enumerate(case_ids[1:]):
            world.do("tell_family", "hana", case_id=case_id, **view)
            if number:
                world.do("answer_handover", "idris", case_id=case_id, handover_answer="accepted")
        assert Counter(lead_of(world, case_id)[0] for case_id in case_ids) == {"hana": 2, "idris": 38}
        world.clock.advance(timedelta(days=8))
        world.tick()
        board = overdue.board(world.engine, actor=world.actor("cleo"), choice=Choice(), limit=200)
        nobody = {row.case_id for row in board.rows if row.lead_name is None}
        assert nobody == set(case_ids[:2]), "whoever is left without a lead is on the board, and nobody else"
        assert not [task for task in world.tasks() if task.assignee_id == hana]
        assert not world.verified().findings
