"""My work on both databases: what it costs, what it is read from, and what consent keeps out of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.commands import comments, user_tasks
from engine.errors import Conflict, Invalid
from engine.queries import my_work, waiting, worklist
from engine.queries.my_work import Choice
from engine.store.tables import record, running
from tests.database.test_queries_worklist import add_tasks, crowd
from tests.worlds import World, open_world

TODAY = date(2026, 3, 2)


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """Give a world on both databases."""
    with open_world(database_url, at=datetime(2026, 3, 2, 9, tzinfo=UTC)) as world:
        yield world


def add_action(world: World, case_id: UUID, owner: str, *, due_on: date) -> UUID:
    """Write an open action of the case's plan, made for it when there is none."""
    common = {"authority_id": world.authority_id, "case_id": case_id}
    plans = world.rows(sa.select(record.action_plans.c.id).where(record.action_plans.c.case_id == case_id))
    plan = plans[0].id if plans else world.engine.ids.new()
    if not plans:
        world.write(sa.insert(record.action_plans).values(id=plan, agreed_on=TODAY, **common))
    id_ = world.engine.ids.new()
    words = {"action": f"{owner}'s action", "owner_id": world.ids[owner], "due_on": due_on, "first_due_on": due_on}
    world.write(sa.insert(record.plan_actions).values(id=id_, plan_id=plan, **words, **common))
    return id_


def statements(world: World, choice: Choice, limit: int) -> list[str]:
    """Return what one page asks of the database, everything in memory warm."""
    actor = world.actor("morgan")
    my_work.read(world.engine, actor=actor, choice=choice, limit=limit)
    said: list[str] = []
    engine = world.engine.sessions.engine

    def note(_connection, _cursor, statement, *_rest) -> None:
        said.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        my_work.read(world.engine, actor=actor, choice=choice, limit=limit)
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
    return said


@pytest.mark.parametrize("whose", ["mine", "all"])
def test_a_page_costs_a_fixed_number_of_statements(world, whose):
    crowd(world)
    case_id = world.start_case(by="morgan", given_name="Robin")
    for days in range(20):
        add_action(world, case_id, "morgan", due_on=TODAY + timedelta(days=days))
    few, many = (statements(world, Choice(whose=whose), limit) for limit in (30, 45))
    assert len(few) == len(many) <= 12, "\n".join(many)


def test_the_walks_read_their_indexes_and_nothing_else():
    """SQLite's plan alone: PostgreSQL's depends on what it has counted."""
    with open_world(at=datetime(2026, 3, 2, 9, tzinfo=UTC)) as world:
        crowd(world)
        said = statements(world, Choice(whose="all"), 5)
        (walk,) = [each for each in said if "UNION ALL" in each and "due_on" in each]
        with world.engine.sessions.read() as connection:
            raw = connection.connection.driver_connection
            marks = walk.count("?")
            plan = [row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN {walk}", ["1"] * marks)]
        walks = [line for line in plan if "user_tasks" in line and "SEARCH" in line]
        assert any("COVERING INDEX ix_user_tasks_mine" in line for line in walks), plan
        assert any("COVERING INDEX ix_user_tasks_queue" in line for line in walks), plan
        assert not any(line.startswith("SCAN user_tasks") for line in plan), plan


def test_what_the_list_shows_is_what_two_sorted_lists_hold(world):
    crowd(world)
    case_id = world.start_case(by="hana", given_name="Robin")
    mine = [add_action(world, case_id, "hana", due_on=TODAY + timedelta(days=days)) for days in range(-5, 15)]
    add_action(world, case_id, "idris", due_on=TODAY)
    found, after = [], None
    while True:
        page = my_work.read(world.engine, actor=world.actor("hana"), choice=Choice(), after=after, limit=7)
        found += [(row.due_on or date.max, my_work.id_of(row)) for row in page.rows]
        after = page.next
        if after is None:
            break
    table = running.user_tasks
    own = (table.c.state == "open") & (table.c.assignee_id == world.ids["hana"])
    tasks = [(row.due_on or date.max, row.id) for row in world.rows(sa.select(table.c.due_on, table.c.id).where(own))]
    rows = sa.select(record.plan_actions.c.due_on, record.plan_actions.c.id).where(record.plan_actions.c.id.in_(mine))
    assert found == sorted([*tasks, *((row.due_on, row.id) for row in world.rows(rows))])


def test_a_colleagues_action_is_for_who_oversees_the_case_and_not_for_each_of_the_team(world):
    case_id = world.start_case()
    add_action(world, case_id, "hana", due_on=TODAY - timedelta(days=9))
    member = {"id": world.engine.ids.new(), "authority_id": world.authority_id, "case_id": case_id}
    member |= {"practitioner_id": world.ids["sunniva"], "role": "member", "from_on": TODAY}
    world.write(sa.insert(record.case_members).values(**member))

    def names(key: str, whose: str) -> list[str]:
        found = my_work.read(world.engine, actor=world.actor(key), choice=Choice(whose=whose, what="actions"))
        return [row.name for row in found.rows]

    assert names("morgan", "team") == ["hana's action"] == names("morgan", "overdue")
    assert names("hana", "mine") == ["hana's action"] and names("idris", "mine") == []
    assert names("sunniva", "team") == []


def test_an_action_leaves_the_list_with_its_case_and_when_it_is_done(world):
    case_id = world.start_case()
    action = add_action(world, case_id, "hana", due_on=TODAY)
    plain = Choice(what="actions")
    assert len(my_work.read(world.engine, actor=world.actor("hana"), choice=plain).rows) == 1
    world.write(sa.update(record.plan_actions).where(record.plan_actions.c.id == action).values(closed_on=TODAY))
    assert not my_work.read(world.engine, actor=world.actor("hana"), choice=plain).rows


def test_the_lead_waits_for_others_and_not_for_what_is_theirs(world):
    case_id = world.start_case()
    (theirs,) = add_tasks(world, case_id, {"assignee": "idris", "due_on": TODAY})
    found = waiting.read(world.engine, actor=world.actor("hana"))
    assert [my_work.id_of(each.row) for each in found] == [theirs], "Hana assesses this case"
    (each,) = found
    assert (each.who, each.since, each.can_ask, each.asked_on) == ("Idris Cole", TODAY, True, None)
    assert not waiting.read(world.engine, actor=world.actor("noor"))


def test_a_comment_on_a_closed_case_is_refused_and_on_a_finished_task_kept(world):
    case_id = world.start_case()
    task = world.task("record_consent", case_id)
    done = {"consent": "given", "given_by": "Ada Whitlock", "signed_on": TODAY.isoformat()}
    hana = world.actor("hana")
    with pytest.raises(Invalid):
        comments.add(world.engine, actor=hana, case_id=case_id, about=task.id, text="x" * 4_001)
    user_tasks.complete(world.engine, actor=hana, task_id=task.id, answers=done)
    comments.add(world.engine, actor=hana, case_id=case_id, about=task.id, text="They may ask again in May")
    page = worklist.task(world.engine, actor=hana, task_id=task.id)
    assert [each.text for each in page.comments] == ["They may ask again in May"]
    world.write(sa.update(record.cases).where(record.cases.c.id == case_id).values(closed_on=TODAY))
    with pytest.raises(Conflict):
        comments.add(world.engine, actor=hana, case_id=case_id, about=task.id, text="Too late")
