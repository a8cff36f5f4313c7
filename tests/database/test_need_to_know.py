"""Restricted cases, records opened in an emergency, and asking whether a child is known: on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from engine.casework.secret_addresses import LEFT_OUT
from engine.commands import (
    batches,
    cases,
    child_index,
    comments,
    emergency_openings,
    office_readings,
    restrictions,
    user_tasks,
)
from engine.errors import Conflict, Invalid, NotFound, NotPermitted, PurposeNeeded
from engine.giving import COMES_TO_YOU, NOT_NEAR, NOT_YOURSELF
from engine.planning import NOT_YOURS
from engine.queries import (
    access_log,
    case_file,
    managed_actions,
    my_work,
    overdue,
    sessions,
    shareable,
    worklist,
    workload,
)
from engine.queries import batches as batch_pages
from engine.queries.choice import Choice
from engine.store.tables import access, keeping, people, record, running
from tests.worlds import PASSWORD, World, open_world

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
BORN = date(2018, 3, 2)
REASON = "A neighbour rang: the child is alone at home"


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url, at=NOW) as world:
        yield world


def asked(world: World, who: str, *, given: str = "Sam", family: str = "Whitlock", day: date | None = BORN):
    return child_index.ask(world.engine, actor=world.actor(who), given_name=given, family_name=family, day=day)


def signed_in(world: World, who: str):
    """Return somebody as the next page they open knows them."""
    from engine.commands.sessions import sign_in

    return sessions.actor_of(world.engine, sign_in(world.engine, username=who, password=PASSWORD).token)


def subjects(world: World, who: str) -> list[str]:
    return [
        row.subject
        for row in world.rows(sa.select(keeping.outbox).where(keeping.outbox.c.practitioner_id == world.ids[who]))
    ]


def may_open(world: World, actor, case_id) -> bool:
    return case_file.may_open(world.engine, actor=actor, case_id=case_id)


@pytest.mark.parametrize(
    ("given", "family", "day", "found"),
    [
        ("Sam", "Whitlock", BORN, True),
        ("sám", "WHITLOCK", BORN, True),
        ("Samuel", "Whitlock", BORN, True),
        ("Sam", "Whitelock", BORN, True),
        ("Sam", "Whitlock", date(2018, 2, 3), True),
        ("Noah", "Whitlock", date(2018, 2, 3), False),
        ("Sam", "Verity", date(2018, 2, 3), False),
        ("Noah", "Verity", BORN, False),
        ("S%", "Whit%", date(2018, 2, 3), False),
    ],
)
def test_two_of_three_have_to_agree(world, given, family, day, found):
    world.start_case()
    assert bool(asked(world, "noor", given=given, family=family, day=day)) is found


def test_the_index_says_who_answers_and_how_to_reach_them_and_nothing_else(world):
    case_id = world.start_case()
    (known,) = asked(world, "noor")
    assert known == child_index.Known(
        case_id,
        child_index.Contact(
            "Hana Verity", "Health visitor", "Northcombe Health", "01632 960300", "hana@northcombe.example", leads=False
        ),
        open_to_actor=False,
    )
    assert asked(world, "hana")[0].open_to_actor
    reads = world.rows(sa.select(keeping.record_reads).where(keeping.record_reads.c.what == child_index.READ_AS))
    assert {row.practitioner_id for row in reads} == {world.ids["noor"], world.ids["hana"]}
    assert asked(world, "noor", given="Ada", family="Stone") == ()


def test_whoever_leads_is_named_before_whoever_assesses(world):
    case_id = world.start_case()
    world.write(
        sa.insert(record.lead_professionals).values(
            id=world.engine.ids.new(), authority_id=world.authority_id, case_id=case_id,
            practitioner_id=world.ids["idris"], from_on=BORN,
        )
    )  # fmt: skip
    (known,) = asked(world, "noor")
    assert known.contact is not None
    assert (known.contact.name, known.contact.leads) == ("Idris Cole", True)


@pytest.mark.parametrize(
    ("given", "family", "day", "field"),
    [("", "Whitlock", BORN, "given_name"), ("Sam", " ", BORN, "family_name"), ("Sam", "Whitlock", None, "day")],
)
def test_all_three_are_asked_for_so_that_nobody_browses(world, given, family, day, field):
    with pytest.raises(Invalid) as wrong:
        asked(world, "noor", given=given, family=family, day=day)
    assert wrong.value.details["field"] == field


@pytest.mark.parametrize("who", ["piet"])
def test_designers_and_administrators_may_not_ask(world, who):
    with pytest.raises(NotPermitted):
        asked(world, who)


def restrict(world: World, case_id, reason: str = "The mother works for the council") -> None:
    restrictions.restrict(world.engine, actor=world.actor("cleo"), case_id=case_id, reason=reason)


def test_a_restricted_case_is_shown_to_those_who_work_on_it_and_to_nobody_by_their_office(world):
    case_id = world.start_case()
    before = {who: may_open(world, world.actor(who), case_id) for who in ("hana", "morgan", "cleo", "noor", "ada")}
    restrict(world, case_id)
    after = {who: may_open(world, world.actor(who), case_id) for who in before}
    assert before == {"hana": True, "morgan": True, "cleo": True, "noor": False, "ada": False}
    assert after == {"hana": True, "morgan": False, "cleo": True, "noor": False, "ada": False}
    manager = world.actor("morgan")
    assert not case_file.cases(world.engine, actor=manager)
    assert not case_file.cases(world.engine, actor=manager, search="whitlock")
    assert not overdue.board(world.engine, actor=manager).rows
    assert worklist.tasks(world.engine, actor=manager, whose="team").count == 0
    with pytest.raises(NotFound):
        case_file.read(world.engine, actor=manager, case_id=case_id)
    with pytest.raises(NotFound):
        access_log.of_case(world.engine, actor=world.actor("piet"), case_id=case_id)
    assert case_file.cases(world.engine, actor=world.actor("hana"))
    assert case_file.cases(world.engine, actor=world.actor("cleo"), search="whitlock")


def test_what_waited_for_a_group_waits_for_the_coordinators(world):
    case_id = world.start_case()
    task = world.tasks(case_id)[0]
    user_tasks.release(world.engine, actor=world.actor("hana"), task_id=task.id)
    restrict(world, case_id)
    assert world.tasks(case_id)[0].queue == "coordinators"
    with pytest.raises(NotFound):
        user_tasks.claim(world.engine, actor=world.actor("idris"), task_id=task.id)
    user_tasks.reassign(world.engine, actor=world.actor("cleo"), task_id=task.id, to=world.ids["idris"])
    assert may_open(world, world.actor("idris"), case_id), "a task that a coordinator gave them is theirs to do"


def test_what_a_manager_would_be_asked_on_a_restricted_case_the_coordinators_are_asked(world):
    case_id = world.start_case()
    restrict(world, case_id)
    for _ in range(8):
        world.pass_days(5)
    late = [task for task in world.tasks(case_id) if task.assignee_id == world.ids["morgan"]]
    assert not late
    told = world.rows(
        sa.select(keeping.outbox).where(
            keeping.outbox.c.case_id == case_id, keeping.outbox.c.practitioner_id == world.ids["morgan"]
        )
    )
    assert not told


def test_a_match_on_a_restricted_case_tells_the_coordinator_and_the_asker_nothing(world):
    case_id = world.start_case()
    restrict(world, case_id)
    assert asked(world, "noor") == ()
    world.tick()
    assert "Somebody asked for a child whose case is restricted" in subjects(world, "cleo")
    (event,) = world.history(case_id, "restricted_case_met")
    assert event.subject_id == world.ids["noor"]
    assert not world.rows(sa.select(access.index_questions).where(access.index_questions.c.told_at.is_(None)))
    before = len(subjects(world, "cleo"))
    world.tick()
    assert len(subjects(world, "cleo")) == before, "nobody is told twice"


def test_a_question_that_meets_a_restricted_case_takes_the_same_steps_as_one_that_meets_none(world):
    case_id = world.start_case()
    restrict(world, case_id)

    def steps(**child) -> list[str]:
        said: list[str] = []

        def listen(_connection, _cursor, statement, *_rest) -> None:
            said.append(statement)

        sa.event.listen(world.engine.sessions.engine, "before_cursor_execute", listen)
        try:
            assert asked(world, "noor", **child) == ()
        finally:
            sa.event.remove(world.engine.sessions.engine, "before_cursor_execute", listen)
        return said

    steps()  # compiled once
    assert steps() == steps(given="Nobody", family="Atall", day=date(2017, 1, 1))


def test_who_starts_a_case_for_a_child_with_a_restricted_one_is_told_nothing_and_the_coordinator_is(world):
    restricted = world.start_case()
    restrict(world, restricted)
    second = cases.start(
        world.engine, actor=world.actor("noor"),
        child=cases.Child(given_name="Sam", family_name="Whitlock", born_on=BORN), process_key=cases.EPISODE,
    ).case_id  # fmt: skip
    world.tick()
    (event,) = world.history(restricted, "restricted_case_met")
    assert (event.subject_id, event.detail) == (world.ids["noor"], {"asked": "start"})
    assert not world.history(second, "restricted_case_met")
    assert "Somebody asked for a child whose case is restricted" in subjects(world, "cleo")


def test_the_family_s_own_practitioners_still_find_their_restricted_case(world):
    case_id = world.start_case()
    restrict(world, case_id)
    assert [each.case_id for each in asked(world, "hana")] == [case_id]
    world.tick()
    assert not world.history(case_id, "restricted_case_met")


def test_only_a_coordinator_restricts_and_says_why_and_it_can_be_lifted(world):
    case_id = world.start_case()
    with pytest.raises(NotPermitted):
        restrictions.restrict(world.engine, actor=world.actor("morgan"), case_id=case_id, reason="x")
    with pytest.raises(Invalid):
        restrict(world, case_id, " ")
    for act in (restrictions.lift, restrictions.keep_restricted):
        with pytest.raises(Conflict):
            act(world.engine, actor=world.actor("cleo"), case_id=case_id, reason="y")
    restrict(world, case_id)
    with pytest.raises(Conflict):
        restrict(world, case_id)
    world.pass_days(1)
    restrictions.keep_restricted(world.engine, actor=world.actor("cleo"), case_id=case_id, reason="still so")
    (row,) = world.rows(sa.select(access.case_restrictions))
    assert row.review_on == world.today + timedelta(days=90)
    restrictions.lift(world.engine, actor=world.actor("cleo"), case_id=case_id, reason="she works elsewhere now")
    assert may_open(world, world.actor("morgan"), case_id)
    kinds = ("case_restricted", "restriction_kept", "restriction_lifted")
    assert [event.kind for event in world.history(case_id, *kinds)] == list(kinds)


def test_a_coordinator_of_another_authority_cannot_restrict(world):
    case_id = world.start_case()
    other = replace(world.actor("cleo"), authority_id=world.engine.ids.new())
    with pytest.raises(NotFound):
        restrictions.restrict(world.engine, actor=other, case_id=case_id, reason="x")


def open_record(world: World, who: str, case_id, reason: str = REASON):
    return emergency_openings.open_record(world.engine, actor=world.actor(who), case_id=case_id, reason=reason)


def test_an_emergency_opens_the_record_for_an_hour_and_ends_by_itself(world):
    case_id = world.start_case()
    assert open_record(world, "noor", case_id) == NOW + timedelta(hours=1)
    noor = signed_in(world, "noor")
    assert may_open(world, noor, case_id)
    case_file.read(world.engine, actor=noor, case_id=case_id)
    world.clock.advance(timedelta(minutes=59, seconds=59))
    assert may_open(world, signed_in(world, "noor"), case_id)
    world.clock.advance(timedelta(seconds=1))
    with pytest.raises(NotFound):
        case_file.read(world.engine, actor=signed_in(world, "noor"), case_id=case_id)


def test_an_emergency_is_told_to_the_manager_the_lead_and_the_coordinators_at_once(world):
    case_id = world.start_case()
    world.write(
        sa.insert(record.lead_professionals).values(
            id=world.engine.ids.new(), authority_id=world.authority_id, case_id=case_id,
            practitioner_id=world.ids["idris"], from_on=BORN,
        )
    )  # fmt: skip
    open_record(world, "noor", case_id)
    for who in ("sunniva", "cleo", "idris"):
        assert subjects(world, who) == ["A record was opened in an emergency"], who
    said = world.rows(sa.select(keeping.outbox.c.body))
    assert not any(word in row.body for row in said for word in ("Sam", "Whitlock", "neighbour", "CAF-"))
    (event,) = world.history(case_id, "emergency_opened")
    assert event.subject_id == world.ids["noor"]
    assert world.verified().findings == ()


def test_an_emergency_lets_nobody_write(world):
    case_id = world.start_case()
    open_record(world, "noor", case_id)
    noor = signed_in(world, "noor")
    task = world.tasks(case_id)[0]
    with pytest.raises(NotFound):
        user_tasks.complete(world.engine, actor=noor, task_id=task.id, answers={})
    with pytest.raises(NotFound):
        cases.start_process_on(world.engine, actor=noor, case_id=case_id, process_key="safeguarding_concern")


def test_every_view_under_an_emergency_is_marked(world):
    case_id = world.start_case()
    case_file.read(world.engine, actor=world.actor("hana"), case_id=case_id)
    open_record(world, "noor", case_id)
    case_file.read(world.engine, actor=signed_in(world, "noor"), case_id=case_id)
    rows = access_log.of_case(world.engine, actor=world.actor("cleo"), case_id=case_id).rows
    assert {(row.who, row.emergency) for row in rows} == {("Hana Verity", ""), ("Noor Bakar", REASON)}


def test_a_second_opening_goes_on_with_the_first_hour_and_one_may_end_it_sooner(world):
    case_id = world.start_case()
    until = open_record(world, "noor", case_id)
    world.clock.advance(timedelta(minutes=30))
    again = emergency_openings.open_record(
        world.engine, actor=signed_in(world, "noor"), case_id=case_id, reason=REASON
    )
    assert again == until
    assert emergency_openings.close_record(world.engine, actor=signed_in(world, "noor"), case_id=case_id)
    noor = signed_in(world, "noor")
    assert not may_open(world, noor, case_id)
    assert not emergency_openings.close_record(world.engine, actor=noor, case_id=case_id)


@pytest.mark.parametrize(("who", "error"), [("piet", NotPermitted), ("hana", Conflict), ("cleo", Conflict)])
def test_who_may_not_or_need_not_open_a_record_in_an_emergency(world, who, error):
    case_id = world.start_case()
    with pytest.raises(error):
        open_record(world, who, case_id)
    assert not world.rows(sa.select(access.emergency_openings))


def test_no_emergency_opens_a_restricted_case_or_says_that_there_is_one(world):
    case_id = world.start_case()
    restrict(world, case_id)
    with pytest.raises(NotFound):
        open_record(world, "noor", case_id)
    assert not subjects(world, "sunniva")


def test_restricting_a_case_ends_the_emergencies_under_way_on_it(world):
    case_id = world.start_case()
    open_record(world, "noor", case_id)
    restrict(world, case_id)
    assert not may_open(world, signed_in(world, "noor"), case_id)


def test_an_emergency_needs_a_reason_that_says_something(world):
    case_id = world.start_case()
    for reason in ("", "urgent", "x" * 3000):
        with pytest.raises(Invalid):
            open_record(world, "noor", case_id, reason)


def test_another_coordinator_looks_at_it_once(world):
    case_id = world.start_case()
    open_record(world, "noor", case_id)
    (row,) = world.rows(sa.select(access.emergency_openings))
    look = {"opening_id": row.id, "found": "Rightly opened; the lead was rung afterwards"}
    with pytest.raises(NotPermitted):
        emergency_openings.look_at(world.engine, actor=world.actor("sunniva"), **look)
    with pytest.raises(NotPermitted):
        emergency_openings.look_at(world.engine, actor=world.actor("noor", "coordinator"), **look)
    emergency_openings.look_at(world.engine, actor=world.actor("cleo"), **look)
    with pytest.raises(Conflict):
        emergency_openings.look_at(world.engine, actor=world.actor("cleo"), **look)
    (event,) = world.history(case_id, "emergency_looked_at")
    assert event.subject_id == world.ids["noor"]


def _late_action(world: World, case_id, owner: str) -> None:
    plan, action = world.engine.ids.new(), world.engine.ids.new()
    common = {"authority_id": world.authority_id, "case_id": case_id}
    promised = {"action": "Ring the school", "due_on": date(2026, 2, 2), "first_due_on": date(2026, 2, 2)}
    world.write(
        sa.insert(record.action_plans).values(id=plan, agreed_on=date(2026, 1, 5), **common),
        sa.insert(record.plan_actions).values(
            id=action, plan_id=plan, owner_id=world.ids[owner], **promised, **common
        ),
        sa.insert(record.case_members).values(
            id=world.engine.ids.new(), practitioner_id=world.ids[owner], role="member", from_on=BORN, **common
        ),
    )


def test_a_manager_outside_the_team_sees_the_late_action_and_nothing_else(world):
    case_id = world.start_case()
    _late_action(world, case_id, "noor")
    sunniva = world.actor("sunniva")
    (found,) = managed_actions.late(world.engine, actor=sunniva)
    assert (found.action, found.owner, found.due_on, found.days) == (
        "Ring the school", "Noor Bakar", date(2026, 2, 2), 20,
    )  # fmt: skip
    assert not may_open(world, sunniva, case_id)
    assert not overdue.board(world.engine, actor=sunniva).rows
    assert not managed_actions.late(world.engine, actor=world.actor("morgan")), "nobody else's manager"
    assert not managed_actions.late(world.engine, actor=world.actor("idris"))
    world.agree(case_id)
    sharing = sa.update(record.consents).where(record.consents.c.purpose == "sharing")
    for answer, seen in (("withdrawn", 0), ("given", 1), ("limited", 0), ("given", 1)):  # the limited one covers nobody
        world.write(sharing.values(answer=answer))
        assert len(managed_actions.late(world.engine, actor=sunniva)) == seen, answer
    world.write(sa.update(record.children).values(address="4 Elm Row, N1 2AB", address_secret=True))
    world.write(sa.update(record.plan_actions).values(action="Visit Sam in Elm Row"))
    (found,) = managed_actions.late(world.engine, actor=sunniva)
    assert found.action == LEFT_OUT
    restrict(world, case_id)
    assert not managed_actions.late(world.engine, actor=sunniva)


def test_a_manager_of_who_has_a_late_task_sees_that_task_everywhere_and_the_case_nowhere(world):
    case_id, engine = world.start_case(), world.engine
    world.agree(case_id)
    (task,) = world.tasks(case_id)
    theirs = {"assignee_id": world.ids["noor"], "queue": None, "due_on": date(2026, 2, 2)}
    world.write(sa.update(running.user_tasks).where(running.user_tasks.c.id == task.id).values(**theirs))
    sunniva, reference = world.actor("sunniva"), world.case(case_id).reference
    (found,) = managed_actions.late(engine, actor=sunniva)
    assert (found.task_id, found.reference, found.owner, found.days) == (task.id, reference, "Noor Bakar", 20)
    for whose in ("team", "overdue"):
        (row,) = worklist.tasks(engine, actor=sunniva, whose=whose).rows
        assert row.alone and (row.child_name, row.reference, row.days) == ("", reference, 20)
        assert my_work.read(engine, actor=sunniva, choice=my_work.Choice(whose=whose)).rows == (row,)
    load = {each.practitioner_id: each for each in workload.read(engine, actor=sunniva).rows}[world.ids["noor"]]
    assert (load.tasks, load.late) == (1, 1), "what theirs have counts"
    (offered,) = shareable.read(engine, actor=sunniva, choice=Choice(), holder=str(world.ids["noor"])).rows
    assert (offered.child_name, offered.reference) == ("", reference)
    assert not may_open(world, sunniva, case_id) and not overdue.board(engine, actor=sunniva).rows
    assert not case_file.cases(engine, actor=sunniva, search="whitlock")
    page = worklist.task(engine, actor=sunniva, task_id=task.id)
    assert page.alone and page.can == {"reassign"} and page.form is None and not page.comments
    for act in (user_tasks.claim, user_tasks.release, user_tasks.take_back):
        with pytest.raises(NotFound):
            act(engine, actor=sunniva, task_id=task.id)
    with pytest.raises(NotFound):
        comments.add(engine, actor=sunniva, case_id=case_id, about=task.id, text="How is it?", request_key="a key")
    assert {each.name for each in page.people} == {"Hana Verity"}, "who works on the case, and of the holder's agency"
    for who, why in (("sunniva", NOT_YOURSELF), ("idris", NOT_NEAR)):
        batch = batches.plan_tasks(engine, actor=sunniva, task_ids=[task.id], to=world.ids[who], why="Noor is ill")
        (item,) = batch_pages.one(engine, actor=sunniva, batch_id=batch).items
        assert (item.said, item.child_name, item.case_id) == (why, "", None)
        with pytest.raises(Invalid, match=why.split(".")[0]) as refused:
            user_tasks.reassign(engine, actor=sunniva, task_id=task.id, to=world.ids[who])
        assert (refused.value.message, refused.value.details["field"]) == (why, "to")
        assert not may_open(world, world.actor(who), case_id)
    in_person = sa.update(running.user_tasks).where(running.user_tasks.c.id == task.id)
    world.write(in_person.values(personal=True))
    page = worklist.task(engine, actor=sunniva, task_id=task.id)
    assert page.why.endswith("only they can answer this.")
    assert page.alone and not page.can and not page.people, "only Noor can answer, so nobody else gets it"
    batch = batches.plan_tasks(engine, actor=sunniva, task_ids=[task.id], to=world.ids["hana"], why="Noor is ill")
    assert [each.said for each in batch_pages.one(engine, actor=sunniva, batch_id=batch).items] == [NOT_YOURS]
    with pytest.raises(NotPermitted, match="Only Noor Bakar can answer this"):
        user_tasks.reassign(engine, actor=sunniva, task_id=task.id, to=world.ids["hana"])
    world.write(in_person.values(personal=False))
    colleague = sa.select(people.practitioners.c.agency_id).where(people.practitioners.c.id == world.ids["noor"])
    batch = batches.plan_tasks(engine, actor=sunniva, task_ids=[task.id], to=world.ids["hana"], why="Noor is ill")
    (item,) = batch_pages.one(engine, actor=sunniva, batch_id=batch).items
    assert (item.said, item.child_name, item.case_id) == ("", "", None)
    move = sa.update(people.practitioners).where(people.practitioners.c.id == world.ids["idris"])
    world.write(move.values(agency_id=colleague.scalar_subquery()))
    covering = replace(sunniva, covers=frozenset({world.ids["idris"]}))
    assert [
        "Idris Cole" in {each.name for each in worklist.task(engine, actor=actor, task_id=task.id).people}
        for actor in (sunniva, covering)
    ] == [True, False]
    batch = batches.plan_tasks(engine, actor=covering, task_ids=[task.id], to=world.ids["idris"], why="Noor is ill")
    assert [each.said for each in batch_pages.one(engine, actor=covering, batch_id=batch).items] == [COMES_TO_YOU]
    with pytest.raises(Invalid, match="You stand in for them") as refused:
        user_tasks.reassign(engine, actor=covering, task_id=task.id, to=world.ids["idris"])
    assert refused.value.details["field"] == "to"
    user_tasks.reassign(engine, actor=sunniva, task_id=task.id, to=world.ids["idris"])
    told = sa.select(keeping.outbox.c.subject).where(keeping.outbox.c.practitioner_id == world.ids["hana"])
    assert "A task of your case has been given to somebody else" in {row.subject for row in world.rows(told)}
    assert not managed_actions.late(engine, actor=sunniva)
    with pytest.raises(NotFound):
        worklist.task(engine, actor=sunniva, task_id=task.id)
    world.write(sa.update(running.user_tasks).where(running.user_tasks.c.id == task.id).values(**theirs))
    restrict(world, case_id)
    assert not managed_actions.late(engine, actor=sunniva)
    assert not worklist.tasks(engine, actor=sunniva, whose="team").rows
    assert not worklist.tasks(engine, actor=sunniva, whose="team").count


def test_what_a_manager_sees_with_the_plan_is_not_said_twice(world):
    case_id = world.start_case()
    _late_action(world, case_id, "idris")
    assert may_open(world, world.actor("morgan"), case_id)
    assert not managed_actions.late(world.engine, actor=world.actor("morgan"))


def test_the_coordinators_are_told_once_when_a_restriction_is_to_be_looked_at_again(world):
    case_id = world.start_case()
    restrict(world, case_id)
    said = "A restriction is to be looked at again"
    world.clock.advance(timedelta(days=89))
    world.tick()
    assert said not in subjects(world, "cleo")
    for _ in range(3):
        world.clock.advance(timedelta(days=1))
        world.tick()
    assert subjects(world, "cleo").count(said) == 1
    restrictions.keep_restricted(world.engine, actor=world.actor("cleo"), case_id=case_id, reason="as before")
    world.clock.advance(timedelta(days=91))
    world.tick()
    assert subjects(world, "cleo").count(said) == 2
    restrictions.lift(world.engine, actor=world.actor("cleo"), case_id=case_id, reason="not needed now")
    world.clock.advance(timedelta(days=91))
    world.tick()
    assert subjects(world, "cleo").count(said) == 2


def test_a_coordinator_says_once_a_day_what_they_read_a_case_for(world):
    engine, case_id = world.engine, world.start_case()

    def say(purpose: str, reason: str = "") -> datetime:
        actor = signed_in(world, "cleo")
        return office_readings.look_into(engine, actor=actor, case_id=case_id, purpose=purpose, reason=reason)

    def reads() -> bool:
        try:
            case_file.read(engine, actor=signed_in(world, "cleo"), case_id=case_id)
        except PurposeNeeded as needed:
            assert needed.details["case_id"] == case_id
            return False
        return True

    cleo = signed_in(world, "cleo")
    assert not reads()
    assert case_id in {row.case_id for row in case_file.cases(engine, actor=cleo)}, "the index names it"
    for wrong in (("idle", ""), ("other", ""), ("audit", "x" * 501)):
        with pytest.raises(Invalid):
            say(*wrong)
    until = say("audit")
    assert say("family") == until, "once a day"
    assert reads() and until.astimezone(ZoneInfo("Europe/London")).time() == time()
    (event,) = world.history(case_id, "looked_into")
    assert event.detail == {"purpose": "audit"}
    (read,) = [row for row in access_log.of_case(engine, actor=cleo, case_id=case_id).rows if row.purpose]
    assert read.purpose == "To audit how the work is done"
    world.clock.advance(until - world.clock.now())
    assert not reads()


def test_nobody_else_is_let_in_by_saying_what_for(world):
    case_id = world.start_case()
    for key in ("noor", "piet", "idris"):
        with pytest.raises(NotFound):
            office_readings.look_into(world.engine, actor=world.actor(key), case_id=case_id, purpose="audit")
