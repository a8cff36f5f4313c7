"""The lists of tasks: right whatever the mix of people, queues and dates, page by page, at a fixed cost."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.casework.permissions import GROUP_ROLES
from engine.commands import user_tasks
from engine.errors import Invalid
from engine.queries import case_file, worklist
from engine.queries.task_runs import MOST_COUNTED, WINDOW, Place
from engine.store.running import insert_tasks
from engine.store.tables import people, record, running
from tests.worlds import World, open_world

TODAY = date(2026, 3, 2)


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """Give a world on both databases."""
    with open_world(database_url, at=datetime(2026, 3, 2, 9, tzinfo=UTC)) as world:
        yield world


def add_tasks(world: World, case_id: UUID, *rows: dict[str, object]) -> list[UUID]:
    """Write open tasks on a case's first instance; each row says assignee (a first name) or queue, and due_on."""
    instance = world.instance(case_id, "caf_episode")
    plain = {
        "authority_id": world.authority_id, "instance_id": instance.id, "case_id": case_id,
        "process_key": "caf_episode", "element_id": "hold_review", "name": "Review the plan", "state": "open",
        "form_id": None, "variables": {}, "opened_at": world.clock.now(), "version": 1,
    }  # fmt: skip
    values = []
    for row in rows:
        assignee, queue = row.get("assignee"), row.get("queue")
        groups = row.get("groups", [queue] if queue else [])
        values.append(
            plain
            | {"id": world.engine.ids.new(), "due_on": row.get("due_on"), "queue": queue, "candidate_groups": groups}
            | {"assignee_id": world.ids[str(assignee)] if assignee else None}
        )
    with world.engine.sessions.act() as connection:
        insert_tasks(connection, values)
    return [value["id"] for value in values]


def pages(world: World, key: str, whose: str, limit: int) -> list[list[UUID]]:
    """Return the ids of every page of a list, following `next`."""
    found, after = [], None
    while True:
        page = worklist.tasks(world.engine, actor=world.actor(key), whose=whose, after=after, limit=limit)
        found.append([row.task_id for row in page.rows])
        after = page.next
        if after is None:
            return found


@pytest.fixture
def crowded(world: World) -> World:
    """Give a crowded world on both databases."""
    return crowd(world)


def crowd(world: World) -> World:
    """Add 160 tasks of several people and queues, many due on the same day, some without a day."""
    case_id = world.start_case()
    chance = random.Random(7)
    days: list[date | None] = [TODAY + timedelta(days=step) for step in range(-8, 9)] + [None] * 4
    rows = []
    for _ in range(160):
        holder = chance.choice(["hana", "idris", "morgan", None])
        queue = None if holder else chance.choice(["case_workers", "line_managers", "coordinators"])
        rows.append({"assignee": holder, "queue": queue, "due_on": chance.choice(days)})
    add_tasks(world, case_id, *rows)
    return world


def sorted_ids(world: World, *conditions: sa.ColumnElement[bool]) -> list[UUID]:
    """Return the open tasks that satisfy `conditions` as a list has to show them, sorted in Python."""
    table = running.user_tasks
    rows = world.rows(sa.select(table.c.id, table.c.due_on).where(table.c.state == "open", *conditions))
    return [row.id for row in sorted(rows, key=lambda row: (row.due_on or date.max, row.id))]


@pytest.mark.parametrize("limit", [1, 7, 50, 200])
def test_pages_joined_are_the_whole_list_in_order(crowded, limit):
    expected = sorted_ids(crowded, running.user_tasks.c.assignee_id == crowded.ids["hana"])
    found = pages(crowded, "hana", "mine", limit)
    assert [id_ for page in found for id_ in page] == expected
    assert all(len(page) == limit for page in found[:-1])


def test_unclaimed_tasks_are_merged_from_the_queues_of_ones_groups(crowded):
    queues = running.user_tasks.c.queue
    for key, groups in {
        "hana": ["case_workers"],
        "morgan": ["case_workers", "line_managers"],
        "cleo": sorted(GROUP_ROLES),
        "piet": ["administrators"],
    }.items():
        found = pages(crowded, key, "unclaimed", 9)
        assert [id_ for page in found for id_ in page] == sorted_ids(crowded, queues.in_(groups)), key


def test_a_manager_sees_the_tasks_of_those_they_manage(crowded):
    whom = [crowded.ids["hana"], crowded.ids["idris"]]
    found = pages(crowded, "morgan", "team", 20)
    assert [id_ for page in found for id_ in page] == sorted_ids(crowded, running.user_tasks.c.assignee_id.in_(whom))


def test_a_colleague_of_the_team_sees_only_cases_they_may_see(crowded):
    team = crowded.rows(
        sa.select(people.team_memberships.c.team_id).where(
            people.team_memberships.c.practitioner_id == crowded.ids["idris"]
        )
    )[0].team_id
    outside = crowded.start_case(by="noor", given_name="Robin")
    add_tasks(crowded, outside, {"assignee": "hana", "due_on": TODAY})
    idris = replace(crowded.actor("idris"), team_ids=frozenset({team}))
    found = worklist.tasks(crowded.engine, actor=idris, whose="team", limit=200)
    assert found.rows and outside not in {row.case_id for row in found.rows}
    table = running.user_tasks
    crowded.write(
        sa.update(table).where(table.c.assignee_id == idris.practitioner_id).values(assignee_id=crowded.ids["noor"]),
        sa.update(table).where(table.c.queue == "case_workers").values(queue="coordinators"),
    )
    alone = worklist.tasks(crowded.engine, actor=idris, whose="team", limit=200)
    assert not alone.rows and alone.count == 0, "without a way to the case, a shared team is not enough"


def test_overdue_holds_what_is_late_in_working_days_and_nothing_else(crowded):
    table = running.user_tasks
    friday = TODAY - timedelta(days=3)
    whole = [id_ for page in pages(crowded, "cleo", "overdue", 11) for id_ in page]
    assert whole == sorted_ids(crowded, table.c.due_on <= friday)
    mine = sa.or_(
        table.c.assignee_id.in_([crowded.ids["hana"]]),
        table.c.queue == "case_workers",
    )
    own = [id_ for page in pages(crowded, "hana", "overdue", 11) for id_ in page]
    assert own == sorted_ids(crowded, table.c.due_on <= friday, mine)
    rows = worklist.tasks(crowded.engine, actor=crowded.actor("cleo"), whose="overdue", limit=200).rows
    assert {row.due_state for row in rows} == {"overdue"} and min(row.days or 0 for row in rows) == 1


def test_a_task_offered_to_several_groups_is_on_the_list_of_each(world):
    case_id = world.start_case()
    groups = ["line_managers", "mag_members", "safeguarding_leads"]
    (both,) = add_tasks(world, case_id, {"queue": "line_managers", "groups": groups})
    earlier = {"queue": "line_managers", "due_on": TODAY}
    add_tasks(world, case_id, *(earlier for _ in range(WINDOW + 20)))
    for key, roles in {"ada": (), "sunniva": ("mag_member",), "noor": ("safeguarding_lead", "mag_member")}.items():
        actor = world.actor(key, *roles)
        found = worklist.tasks(world.engine, actor=actor, whose="unclaimed")
        assert ([row.task_id for row in found.rows], found.count) == ([both], 1), key
        assert case_file.may_open(world.engine, actor=actor, case_id=case_id), key
        assert [row.case_id for row in case_file.cases(world.engine, actor=actor)] == [case_id], key
    assert pages(world, "morgan", "unclaimed", 200)[-1][-1] == both
    whole = worklist.tasks(world.engine, actor=world.actor("cleo"), whose="unclaimed", limit=200)
    assert whole.count == WINDOW + 21, "whoever sees several of its groups sees it once"
    assert not worklist.tasks(world.engine, actor=world.actor("hana"), whose="unclaimed").rows


def test_a_task_taken_by_one_group_leaves_the_lists_of_the_others(world):
    case_id = world.start_case()
    groups = ["line_managers", "safeguarding_leads"]
    (both,) = add_tasks(world, case_id, {"queue": "line_managers", "groups": groups, "due_on": TODAY})

    def waits_for(key: str) -> bool:
        rows = worklist.tasks(world.engine, actor=world.actor(key), whose="unclaimed").rows
        return case_file.may_open(world.engine, actor=world.actor(key), case_id=case_id) and both in {
            row.task_id for row in rows
        }

    user_tasks.claim(world.engine, actor=world.actor("ada"), task_id=both)
    assert not waits_for("morgan") and not waits_for("ada")
    user_tasks.release(world.engine, actor=world.actor("ada"), task_id=both)
    assert waits_for("morgan") and waits_for("ada")
    assert not waits_for("sunniva"), "she manages nobody who leads or assesses"
    user_tasks.claim(world.engine, actor=world.actor("morgan"), task_id=both)
    assert not waits_for("ada") and not case_file.may_open(world.engine, actor=world.actor("ada"), case_id=case_id)


def test_a_row_says_for_whom_why_and_with_whom(world):
    case_id = world.start_case()
    row = worklist.tasks(world.engine, actor=world.actor("hana")).rows[0]
    assert (row.child_name, row.why, row.assignee_name) == ("Sam Whitlock", "You are assessing.", "Hana Verity")
    assert worklist.tasks(world.engine, actor=world.actor("morgan"), whose="team").rows[0].why == (
        "Hana Verity is assessing."
    )
    sentence = "the plan has not moved for 31 working days"
    world.write(
        sa.insert(record.escalations).values(
            id=world.engine.ids.new(), authority_id=world.authority_id, case_id=case_id, reason="long_silent",
            level="line_manager", sentence=sentence,
            addressee="line_manager", instance_id=world.instance(case_id, "caf_episode").id, process_key="caf_episode",
            first_true_on=TODAY,
        )
    )  # fmt: skip
    assert worklist.tasks(world.engine, actor=world.actor("hana")).rows[0].why == (
        "The plan has not moved for 31 working days."
    )
    world.write(sa.update(record.escalations).values(ended_on=TODAY))
    world.write(
        sa.insert(record.escalations).values(
            id=world.engine.ids.new(), authority_id=world.authority_id, case_id=case_id, reason="review_late",
            level="line_manager", sentence="the review is 3 working days overdue",
            addressee="line_manager", first_true_on=TODAY,
        )
    )  # fmt: skip
    assert worklist.tasks(world.engine, actor=world.actor("hana")).rows[0].why == (
        f"This began with: “The plan has not moved for 31 working days.” That was over on {TODAY.day} {TODAY:%B}, "
        "but what is asked here is still to be done. The review is 3 working days overdue."
    )


def test_counting_stops_at_a_thousand(world):
    case_id = world.start_case()
    add_tasks(world, case_id, *({"assignee": "idris"} for _ in range(MOST_COUNTED + 20)))
    found = worklist.tasks(world.engine, actor=world.actor("idris"), limit=5)
    assert (len(found.rows), found.count) == (5, MOST_COUNTED)


def test_beside_ones_own_list_stands_how_many_wait_as_far_as_a_page_goes(world):
    case_id = world.start_case()
    idris = world.actor("idris")
    before = worklist.offered(world.engine, actor=idris)
    assert before == worklist.tasks(world.engine, actor=idris, whose="unclaimed").count
    add_tasks(world, case_id, {"queue": "case_workers", "due_on": TODAY}, {"queue": "case_workers"})
    add_tasks(world, case_id, {"queue": "coordinators"}, {"assignee": "idris"})
    assert worklist.offered(world.engine, actor=idris) == before + 2
    add_tasks(world, case_id, *({"queue": "case_workers"} for _ in range(worklist.MOST_OFFERED)))
    assert worklist.offered(world.engine, actor=idris) == worklist.MOST_OFFERED + 1


def test_a_list_costs_the_same_number_of_statements_however_long_it_is(crowded):
    def cost(limit: int) -> int:
        worklist.tasks(crowded.engine, actor=crowded.actor("morgan"), whose="unclaimed", limit=limit)
        said: list[str] = []
        engine = crowded.engine.sessions.engine

        def note(_connection, _cursor, statement, *_rest) -> None:
            said.append(statement)

        sa.event.listen(engine, "before_cursor_execute", note)
        try:
            worklist.tasks(crowded.engine, actor=crowded.actor("morgan"), whose="unclaimed", limit=limit)
        finally:
            sa.event.remove(engine, "before_cursor_execute", note)
        return len(said)

    assert cost(2) == cost(15) < 12
    assert cost(60) < 16, "tasks without a day are a second round of the same runs"


def test_each_run_follows_its_index_on_sqlite(sqlite_url):
    """Only SQLite, which chooses by rules alone: PostgreSQL reads so small a table whole."""
    plans: list[str] = []

    def explain(connection, _cursor, statement, parameters, *_rest) -> None:
        if statement.startswith("SELECT user_tasks.due_on"):
            rows = connection.connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans.extend(row[3] for row in rows)

    with open_world(sqlite_url) as world:
        crowd(world)
        sa.event.listen(world.engine.sessions.engine, "before_cursor_execute", explain)
        first = worklist.tasks(world.engine, actor=world.actor("hana"), limit=5)
        worklist.tasks(world.engine, actor=world.actor("hana"), limit=5, after=first.next)
        assert plans and all("ix_user_tasks_mine" in plan for plan in plans), plans
        worklist.tasks(world.engine, actor=world.actor("hana"), whose="unclaimed", limit=5)
        worklist.tasks(world.engine, actor=world.actor("morgan"), whose="overdue", limit=5)
        worklist.tasks(world.engine, actor=world.actor("cleo"), whose="overdue", limit=5)
    assert not [plan for plan in plans if plan.startswith("SCAN user_tasks")]
    assert {"ix_user_tasks_queue", "ix_user_tasks_due"} <= {name for plan in plans for name in plan.split()}


@pytest.mark.parametrize(
    "asked", [{"whose": "everybody"}, {"limit": 0}, {"limit": 201}, {"after": "no place"}, {"after": "é"}]
)
def test_a_list_page_or_limit_that_is_none_is_refused(world, asked):
    with pytest.raises(Invalid):
        worklist.tasks(world.engine, actor=world.actor("hana"), **asked)


def test_a_place_is_read_back_as_it_was_written():
    place = Place(TODAY, UUID(int=5))
    assert Place.read(place.text()) == place
    assert not Place(date.max, UUID(int=5)).text().endswith("=")
