"""Who sees what: every role in every relation to a case, asked of every query, on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.casework import permissions
from engine.casework.permissions import ROLES, Actor, Relation
from engine.commands import setup, user_tasks
from engine.errors import NotFound, NotPermitted
from engine.queries import case_file, decisions, definitions, incidents, overdue, people, timeline, worklist
from engine.standings import work_out
from engine.store import relations, standings
from engine.store.tables import changes, keeping, record, running
from tests.worlds import World, open_world

ME, REPORT = "sunniva", "noor"
"""The person who asks, and one whom they manage."""
LONG_AGO = date(2026, 1, 5)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def _lead(who: str, *, ended: bool = False):
    def write(world: World, case_id: UUID) -> sa.Executable:
        return sa.insert(record.lead_professionals).values(
            id=world.engine.ids.new(), authority_id=world.authority_id, case_id=case_id,
            practitioner_id=world.ids[who], from_on=LONG_AGO,
            to_on=LONG_AGO if ended else None,
        )  # fmt: skip

    return write


def _member(who: str, role: str):
    def write(world: World, case_id: UUID) -> sa.Executable:
        return sa.insert(record.case_members).values(
            id=world.engine.ids.new(), authority_id=world.authority_id, case_id=case_id,
            practitioner_id=world.ids[who], role=role, from_on=LONG_AGO,
        )  # fmt: skip

    return write


def _assess(who: str):
    def write(world: World, case_id: UUID) -> sa.Executable:
        return (
            sa.update(record.case_members)
            .where(record.case_members.c.case_id == case_id, record.case_members.c.role == "assessor")
            .values(practitioner_id=world.ids[who])
        )

    return write


def _task(**values: object):
    def write(world: World, case_id: UUID) -> sa.Executable:
        given = {name: world.ids[each] if name == "assignee_id" and each else each for name, each in values.items()}
        return sa.update(running.user_tasks).where(running.user_tasks.c.case_id == case_id).values(**given)

    return write


def _closed_task(who: str):
    """Write a second task, completed by `who`; the first stays with its assessor."""

    def write(world: World, case_id: UUID) -> sa.Executable:
        values = dict(world.tasks(case_id)[0]._mapping)
        values |= {"id": world.engine.ids.new(), "assignee_id": world.ids[who], "state": "completed", "closed_at": NOW}
        return sa.insert(running.user_tasks).values(values)

    return write


def _had(world: World, case_id: UUID, groups: list[str]) -> list[UUID]:
    """Write tasks that one has done, that one did not need to do, and that nobody of one's groups needed to."""
    mine = dict(world.tasks(case_id)[0]._mapping) | {"assignee_id": world.ids[ME], "queue": None, "closed_at": NOW}
    free = {"assignee_id": None, "queue": "case_workers", "candidate_groups": groups or ["case_workers"]}
    ways = ({"state": "completed", "closed_by": world.ids[ME]}, {"state": "cancelled"}, {"state": "cancelled", **free})
    tasks = [{**mine, **way, "id": world.engine.ids.new()} for way in ways]
    world.write(*(sa.insert(running.user_tasks).values(task) for task in tasks))
    return [task["id"] for task in tasks]


def _mag(*, decided: bool):
    def write(world: World, case_id: UUID) -> sa.Executable:
        return sa.insert(record.mag_referrals).values(
            id=world.engine.ids.new(), authority_id=world.authority_id, case_id=case_id, referred_on=LONG_AGO,
            decided_on=LONG_AGO if decided else None, ended_on=LONG_AGO if decided else None,
        )  # fmt: skip

    return write


def _sought(world: World, case_id: UUID) -> sa.Executable:
    """Offer the task to the group that the case is referred to, while nobody can reach the family."""
    world.write(_mag(decided=False)(world, case_id), _task(**OFFERED_TO_GROUP)(world, case_id))
    return sa.insert(changes.family_searches).values(
        id=world.engine.ids.new(), authority_id=world.authority_id, case_id=case_id, opened_on=LONG_AGO, tried="Rang",
    )  # fmt: skip


def _concern(*, ended: bool):
    def write(world: World, case_id: UUID) -> sa.Executable:
        return sa.insert(record.concerns).values(
            id=world.engine.ids.new(), authority_id=world.authority_id, case_id=case_id, raised_by=world.ids["hana"],
            raised_at=NOW,
            ended_on=LONG_AGO if ended else None,
        )  # fmt: skip

    return write


FREE = {"assignee_id": None, "queue": "line_managers", "candidate_groups": ["line_managers"]}
QUEUED = _task(**FREE)
OFFERED_TO_GROUP = {"assignee_id": None, "queue": "mag_members", "candidate_groups": ["mag_members"]}


def _offered_of_unmanaged(world: World, case_id: UUID) -> sa.Executable:
    """Offer the task to the line managers while the assessor's own has left, and nobody leads."""
    world.write(_assess("cleo")(world, case_id))
    return QUEUED(world, case_id)


def _stands(*names: str) -> Relation:
    return Relation(same_authority=True, **dict.fromkeys(names, True))


ALONE = "manages who has a task"
"""Who manages the holder of a task sees that task alone."""
UNASKED = "has a task of a family that is not asked yet"
RELATIONS: dict[str, tuple[Callable[..., sa.Executable] | None, Relation]] = {
    "a stranger": (None, _stands()),
    "leads": (_lead(ME), _stands("leads")),
    "led once": (_lead(ME, ended=True), _stands()),
    "assesses": (_assess(ME), _stands("assesses")),
    "in the team": (_member(ME, "member"), _stands("member")),
    "manages the lead": (_lead(REPORT), _stands("manages_someone")),
    "manages the assessor": (_assess(REPORT), _stands("manages_someone")),
    "manages a member": (_member(REPORT, "member"), _stands()),
    "has a task": (_task(assignee_id=ME, queue=None), _stands("holds_task")),
    UNASKED: (_task(assignee_id=ME, queue=None), _stands("holds_task", "elsewhere")),
    ALONE: (_task(assignee_id=REPORT, queue=None), _stands("manages_holder")),
    "manages who had a task": (_closed_task(REPORT), _stands()),
    "a task waits for other line managers": (QUEUED, _stands()),
    "a task waits as the rules found nobody": (_task(**FREE, asked_because="X has left."), _stands()),
    "a task waits and nobody manages": (_offered_of_unmanaged, _stands()),
    "referred to the group": (_mag(decided=False), _stands("mag_open")),
    "referred, and the family cannot be found": (_sought, _stands("rests", "mag_elsewhere")),
    "decided by the group": (_mag(decided=True), _stands()),
    "a concern is open": (_concern(ended=False), _stands("concern_open")),
    "a concern was answered": (_concern(ended=True), _stands()),
}


ASK_EVERY_MANAGER = {"a task waits as the rules found nobody", "a task waits and nobody manages"}


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """Give a world with one case for each relation, all with a late task."""
    with open_world(database_url, at=NOW) as world:
        yield world


def _cases(world: World) -> dict[str, UUID]:
    found = {}
    for name, (write, _) in RELATIONS.items():
        found[name] = world.start_case(given_name=name)
        world.write(*([write(world, found[name])] if write else []))
        if name != UNASKED:
            world.agree(found[name])
    world.write(sa.update(running.user_tasks).values(due_on=LONG_AGO))
    return found


def _expected(role: str, actor: Actor, relation_name: str) -> bool:
    relation = RELATIONS[relation_name][1]
    if relation_name in ASK_EVERY_MANAGER and role == "line_manager":
        relation = replace(relation, holds_task=True)
    return permissions.may_see_case(actor, relation)


def _sees(ask: Callable[..., object], world: World, actor: Actor, **which: UUID) -> bool:
    try:
        ask(world.engine, actor=actor, **which)
    except NotFound:
        return False
    return True


@pytest.mark.parametrize("role", [*ROLES, ""])
def test_a_case_is_seen_by_those_the_permissions_name_and_by_nobody_else(world, role):
    cases = _cases(world)
    actor = replace(world.actor(ME), roles=frozenset({role} - {""}))
    expected = {name for name in cases if _expected(role, actor, name)}
    engine = world.engine

    def named(found: set[UUID]) -> set[str]:
        return {name for name, case_id in cases.items() if case_id in found}

    opened = {name for name, id_ in cases.items() if _sees(case_file.read, world, actor, case_id=id_)}
    assert opened == expected
    assert named({row.case_id for row in case_file.cases(engine, actor=actor)}) == expected
    assert named({row.case_id for row in case_file.cases(engine, actor=actor, search="whitlock")}) == expected
    assert {name for name, id_ in cases.items() if case_file.may_open(engine, actor=actor, case_id=id_)} == expected
    told = {name for name, id_ in cases.items() if _sees(timeline.read, world, actor, case_id=id_)}
    assert told == expected
    tasks = {name: world.tasks(case_id)[0].id for name, case_id in cases.items()}
    pages = {name for name, id_ in tasks.items() if _sees(worklist.task, world, actor, task_id=id_)}
    assert pages == expected | {ALONE}
    had = {name: _had(world, case_id, sorted(actor.groups)) for name, case_id in cases.items()}
    still = {name: {_sees(worklist.task, world, actor, task_id=id_) for id_ in ids} for name, ids in had.items()}
    assert still == {name: {name in expected} for name in cases}, "a task that is not open any more opens no case"
    rows = [row for whose in worklist.VIEWS for row in worklist.tasks(engine, actor=actor, whose=whose).rows]
    assert named({row.case_id for row in rows if not row.alone}) <= expected
    assert named({row.case_id for row in rows if row.alone}) == {ALONE} - expected
    page = worklist.task(engine, actor=actor, task_id=tasks[ALONE])
    assert page.alone is (role != "coordinator") and "reassign" in page.can
    if page.alone:
        _says_nothing_of_the_case(page)
    unclaimed = worklist.tasks(engine, actor=actor, whose="unclaimed")
    assert unclaimed.count == len(unclaimed.rows), "no count tells of more"
    if role == "line_manager":
        assert named({row.case_id for row in unclaimed.rows}) == ASK_EVERY_MANAGER
    if permissions.may_see_overdue(actor):
        for _ in ("worked out at the look", "as kept when it was judged"):
            board = overdue.board(engine, actor=actor)
            assert named({row.case_id for row in board.rows}) == expected
            assert sum(group.number for group in board.groups) == len(expected), "no count tells of more"
            _keep_standings(world, list(cases.values()))
    else:
        with pytest.raises(NotPermitted):
            overdue.board(engine, actor=actor)
    reads = world.rows(sa.select(keeping.record_reads.c.case_id).distinct())
    assert named({row.case_id for row in reads}) == expected | {ALONE}, "what is refused leaves no line, the rest does"


def _says_nothing_of_the_case(page: worklist.TaskPage) -> None:
    known = {"name", "reference", "assignee_name", "opened_at", "due_state", "version", "state", "alone", "people"}
    known |= {"task_id", "case_id", "element_id", "assignee_id", "groups", "can", "due_on", "days", "draft_base"}
    known |= {"documentation", "guidance", "why"}
    said = {each.name for each in fields(page) if getattr(page, each.name)}
    assert said == known - {"guidance"} or said == known
    assert "Whitlock" not in repr(page) and page.can == {"reassign"}


def _keep_standings(world: World, case_ids: list[UUID]) -> None:
    """Keep how cases stand as if they had been judged."""
    with world.engine.sessions.act() as connection:
        standings.keep(connection, work_out(world.engine, connection, case_ids), today=world.today)
        connection.execute(sa.update(record.cases).values(checked_version=record.cases.c.version))


def test_a_coordinator_of_another_authority_sees_nothing(world):
    cases = _cases(world)
    other = setup.create_authority(world.engine, key="southcombe", name="Southcombe Council")
    ids = setup.add_people(
        world.engine,
        authority_id=other,
        new=[setup.Person(name="Wren Ash", job_title="Coordinator", agency="Southcombe Council")],
    )
    actor = replace(
        world.actor("cleo"),
        authority_id=other,
        practitioner_id=ids["Wren Ash"],
        roles=frozenset({"coordinator", "designer", "administrator", "safeguarding_lead", "mag_member"}),
        manages=frozenset(),
    )
    engine = world.engine
    assert not any(_sees(case_file.read, world, actor, case_id=id_) for id_ in cases.values())
    assert not any(case_file.may_open(engine, actor=actor, case_id=id_) for id_ in cases.values())
    tasks = [world.tasks(case_id)[0].id for case_id in cases.values()]
    assert not any(_sees(worklist.task, world, actor, task_id=id_) for id_ in tasks)
    assert not case_file.cases(engine, actor=actor)
    assert not case_file.cases(engine, actor=actor, search="whitlock")
    assert not [row for whose in worklist.VIEWS for row in worklist.tasks(engine, actor=actor, whose=whose).rows]
    board = overdue.board(engine, actor=actor)
    assert not board.rows and not any(group.number for group in board.groups)
    assert not incidents.open_incidents(engine, actor=actor)
    assert not definitions.deployed(engine, actor=actor)
    assert [each.name for each in people.practitioners(engine, actor=actor)] == ["Wren Ash"]
    definition_id = world.rows(sa.select(running.definitions.c.id).where(running.definitions.c.kind == "process"))[0].id
    for ask in (definitions.read, definitions.diagram_xml, definitions.source):
        with pytest.raises(NotFound):
            ask(engine, actor=actor, definition_id=definition_id)


def test_one_query_says_of_many_cases_what_is_said_of_each(world):
    cases = _cases(world)
    other = setup.create_authority(world.engine, key="southcombe", name="Southcombe Council")
    chains = [row.id for row in world.rows(sa.select(record.cases.c.id).where(record.cases.c.child_id.is_(None)))]
    me = replace(world.actor(ME), roles=frozenset({"line_manager"}))
    with world.engine.sessions.read() as connection:
        found = relations.of_many(connection, me, [*cases.values(), *chains])
        assert {case_id: relations.of(connection, me, case_id) for case_id in cases.values()} == found
        assert {relations.of(connection, me, chain) for chain in chains} == {Relation()}
        assert not relations.of_many(connection, replace(me, authority_id=other), list(cases.values()))
        assert not relations.of_many(connection, me, [])
    mine = {"assesses", "manages the lead", "manages the assessor", "a task waits and nobody manages"}
    holds = {"has a task", UNASKED, *ASK_EVERY_MANAGER}
    expected = {
        name: replace(stands, managed_elsewhere=name not in mine, holds_task=name in holds)
        for name, (_, stands) in RELATIONS.items()
    }
    assert {name: found[case_id] for name, case_id in cases.items()} == expected


def test_a_manager_can_give_a_task_of_whom_they_manage_to_another(world):
    case_id = world.start_case()
    task = world.tasks(case_id)[0]
    world.write(_task(assignee_id=REPORT, queue=None)(world, case_id))
    manager = world.actor(ME, "line_manager")
    assert "reassign" in worklist.task(world.engine, actor=manager, task_id=task.id).can
    user_tasks.reassign(world.engine, actor=manager, task_id=task.id, to=world.ids["hana"], why="Noor is away")
    assert not case_file.may_open(world.engine, actor=manager, case_id=case_id), "nobody of theirs has it any more"


def test_a_manager_cannot_give_away_a_task_they_may_not_know_of(world):
    case_id = world.start_case()
    task = world.tasks(case_id)[0]
    user_tasks.release(world.engine, actor=world.actor("hana"), task_id=task.id)
    with pytest.raises(NotFound):
        user_tasks.reassign(
            world.engine, actor=world.actor(ME, "line_manager"), task_id=task.id, to=world.ids[ME]
        )  # fmt: skip
    user_tasks.reassign(world.engine, actor=world.actor("cleo"), task_id=task.id, to=world.ids["idris"])


def test_the_authoritys_own_chain_is_nobodys_case(world):
    chain = world.rows(sa.select(record.cases.c.id).where(record.cases.c.child_id.is_(None)))[0].id
    for key in ("cleo", "piet"):
        with pytest.raises(NotFound):
            case_file.read(world.engine, actor=world.actor(key), case_id=chain)
    assert not case_file.cases(world.engine, actor=world.actor("cleo"), search="administration")


@pytest.mark.parametrize("role", [*ROLES, ""])
def test_models_are_for_designers_and_incidents_for_operators(world, role):
    actor = replace(world.actor(ME), roles=frozenset({role} - {""}))
    engine = world.engine
    process = world.rows(sa.select(running.definitions.c.id).where(running.definitions.c.kind == "process"))[0].id
    designers = (
        lambda: definitions.deployed(engine, actor=actor),
        lambda: definitions.drafts(engine, actor=actor),
        lambda: definitions.read(engine, actor=actor, definition_id=process),
        lambda: definitions.source(engine, actor=actor, definition_id=process),
        lambda: decisions.evaluate(engine, actor=actor, decision="escalation", inputs={}),
    )
    for ask in designers:
        _allowed(ask, permissions.may_deploy(actor))
    _allowed(lambda: incidents.open_incidents(engine, actor=actor), permissions.may_operate(actor))
    assert definitions.diagram_xml(engine, actor=actor, definition_id=process).startswith(b"<?xml")


def _allowed(ask: Callable[[], object], expected: bool) -> None:
    if expected:
        ask()
    else:
        with pytest.raises(NotPermitted):
            ask()


def test_an_administrator_is_not_told_which_case_an_incident_is_about(world):
    case_id = world.start_case()
    world.write(
        sa.insert(running.incidents).values(
            id=world.engine.ids.new(), authority_id=world.authority_id, case_id=case_id, kind="effect",
            message="the plan could not be judged", opened_at=NOW + timedelta(hours=1),
        )
    )  # fmt: skip
    (hidden,) = incidents.open_incidents(world.engine, actor=world.actor("piet"))
    assert hidden.case_id is None
    (shown,) = incidents.open_incidents(world.engine, actor=world.actor("cleo"))
    assert shown.case_id == case_id
    assert shown.sentence == "The plan could not be judged." and shown.advice
