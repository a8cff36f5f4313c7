"""Who covers somebody away stands in where a case could be theirs; elsewhere nobody covers, and that is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.casework.facts import derive
from engine.casework.permissions import Actor, may_see_case
from engine.commands import digest, lead_professionals, practitioners, restrictions, user_tasks
from engine.errors import Invalid, NotFound
from engine.queries import case_file, covering, overdue, visibility, worklist
from engine.queries import people as colleagues
from engine.queries.view import viewing
from engine.store import facts as fact_store
from engine.store import relations
from engine.store.authorities import load
from engine.store.tables import consents, keeping, people, record, running
from tests.episodes import start_and_walk_to
from tests.worlds import World, open_world

NOBODY = "A lead professional is away and nobody covers for them"
ELEMENT = "arrange_tac_meeting"


def away(world: World, who: str = "hana", *, cover: str, by: str = "morgan") -> UUID:
    return practitioners.record_absence(
        world.engine, actor=world.actor(by), practitioner_id=world.ids[who], from_on=world.today,
        expected_to_on=world.today + timedelta(days=20), covered_by=world.ids[cover],
    )  # fmt: skip


def standing_in(world: World, who: str, whose: str = "hana") -> Actor:
    return replace(world.actor(who), covers=frozenset({world.ids[whose]}))


def sees(world: World, actor: Actor, case_id: UUID) -> bool:
    with world.engine.sessions.read() as connection:
        return may_see_case(actor, relations.of(connection, actor, case_id))


def finds(world: World, actor: Actor, case_id: UUID) -> set[str]:
    """Return the ways by which somebody comes upon a case, or a task of it."""
    engine, found = world.engine, set[str]()
    if case_id in {row.case_id for row in case_file.cases(engine, actor=actor)}:
        found.add("list of cases")
    if case_id in {row.case_id for row in case_file.cases(engine, actor=actor, search="whitlock")}:
        found.add("search")
    mine = worklist.tasks(engine, actor=actor)
    if case_id in {row.case_id for row in mine.rows}:
        found.add("my work")
    assert mine.count == len(mine.rows), "no count tells of more"
    board = overdue.board(engine, actor=actor)
    if case_id in {row.case_id for row in board.rows}:
        found.add("board")
    assert sum(group.number for group in board.groups) == len(board.rows), "no count tells of more"
    with viewing(engine, actor) as view:
        is_seen = visibility.seen(view)
        query = sa.select(record.cases.c.id).where(record.cases.c.id == case_id, is_seen(record.cases.c.id))
        if view.connection.execute(query).first():
            found.add("counts")
    for task in world.tasks(case_id):
        try:
            worklist.task(engine, actor=actor, task_id=task.id)
            found.add("task")
        except NotFound:
            with pytest.raises(NotFound):
                user_tasks.save_draft(engine, actor=actor, task_id=task.id, answers={})
    return found


EVERYWHERE = {"list of cases", "search", "my work", "board", "counts", "task"}


def answered(world: World, case_id: UUID, answer: str, *names: str) -> None:
    """Let the family's answer be another one as of today, of a limited one with the agencies of `names`."""
    mine = (record.consents.c.case_id == case_id) & (record.consents.c.purpose == "sharing")
    world.write(sa.delete(consents.consent_parties), sa.update(record.consents).where(mine).values(answer=answer))
    consent = world.rows(sa.select(record.consents.c.id).where(mine))[0].id
    own = {"authority_id": world.authority_id, "consent_id": consent}
    agencies = sa.select(people.practitioners.c.id, people.practitioners.c.agency_id)
    known = {row.id: row.agency_id for row in world.rows(agencies)}
    for name in names:
        agency = {"id": world.engine.ids.new(), "agency_id": known[world.ids[name]]}
        world.write(sa.insert(consents.consent_parties).values(**own, **agency))


def uncovered_since(world: World, case_id: UUID) -> object:
    with world.engine.sessions.read() as connection:
        recorded = fact_store.gather(connection, [case_id])[case_id]
        calendar = load(connection, world.authority_id).calendar
    return derive(recorded, today=world.today, calendar=calendar)["lead_absent_since"]


@pytest.mark.parametrize(
    ("answer", "names", "stands"),
    [("given", (), True), ("limited", ("noor",), True), ("limited", ("cleo",), False), ("withdrawn", (), False),
     ("lapsed", (), False), ("refused", (), False)],
)  # fmt: skip
def test_somebody_of_another_agency_stands_in_as_far_as_the_family_shares(
    database_url: str, answer: str, names: tuple[str, ...], stands: bool
) -> None:
    with open_world(database_url) as world:
        case_id = start_and_walk_to(world, ELEMENT)
        answered(world, case_id, answer, *names)
        away(world, cover="noor")
        noor = standing_in(world, "noor")
        assert sees(world, noor, case_id) is stands
        assert finds(world, noor, case_id) == (EVERYWHERE if stands else set())
        assert uncovered_since(world, case_id) == (None if stands else world.today)
        said = covering.gap(world.engine, actor=world.actor("morgan"), practitioner_id=world.ids["hana"])
        assert said.startswith("Noor Bakar may not open the one open case that Hana Verity works on") is not stands
        lead = case_file.read(world.engine, actor=world.actor("morgan"), case_id=case_id).lead
        said = "Noor Bakar covers for them and does their tasks" if stands else "who covers, may not open this case"
        assert lead is not None and said in lead.away
        row = overdue.one(world.engine, actor=world.actor("morgan"), case_id=case_id)
        assert (row.covered_by, bool(row.cover_away)) == (("Noor Bakar", False) if stands else ("", True))
        asked = {"actor": world.actor("morgan"), "case_id": case_id, "ids": [world.ids["hana"]]}
        assert said in colleagues.away(world.engine, **asked)[world.ids["hana"]], "on the contact card"


@pytest.mark.parametrize("answer", ["given", "withdrawn", "limited"])
def test_somebody_of_the_same_agency_stands_in_whatever_the_family_said(database_url: str, answer: str) -> None:
    with open_world(database_url) as world:
        case_id = start_and_walk_to(world, ELEMENT)
        answered(world, case_id, answer, *(["cleo"] if answer == "limited" else []))
        away(world, cover="idris")
        assert finds(world, standing_in(world, "idris"), case_id) == EVERYWHERE
        assert uncovered_since(world, case_id) is None
        assert not covering.gap(world.engine, actor=world.actor("morgan"), practitioner_id=world.ids["hana"])


def test_before_the_family_is_asked_nobody_of_another_agency_stands_in(database_url: str) -> None:
    with open_world(database_url) as world:
        case_id = world.start_case()
        offered = covering.choices(world.engine, actor=world.actor("morgan"), practitioner_id=world.ids["hana"])
        said = {each.practitioner.name: each.limits for each in offered}
        assert {name for name, limits in said.items() if not limits} == {"Idris Cole", "Morgan Hale", "Cleo Marsh"}
        assert said["Noor Bakar"] == "may not open 1 of 1 case"
        away(world, cover="noor")
        assert finds(world, standing_in(world, "noor"), case_id) == set()
        (task,) = world.tasks(case_id)
        assert task.assignee_id != world.ids["noor"], "nor do the rules ask them"


def test_nobody_opens_a_restricted_case_by_covering_and_the_coordinators_are_told(database_url: str) -> None:
    with open_world(database_url) as world:
        case_id = start_and_walk_to(world, ELEMENT)
        restrictions.restrict(world.engine, actor=world.actor("cleo"), case_id=case_id, reason="known to staff")
        offered = covering.choices(world.engine, actor=world.actor("morgan"), practitioner_id=world.ids["hana"])
        assert not any(each.closed or each.of for each in offered), "no number betrays it to the line manager"
        away(world, cover="morgan")
        morgan = standing_in(world, "morgan")
        assert finds(world, morgan, case_id) == set()
        assert finds(world, standing_in(world, "idris"), case_id) == set()
        assert uncovered_since(world, case_id) == world.today
        letters = world.rows(sa.select(keeping.outbox.c.practitioner_id).where(keeping.outbox.c.subject == NOBODY))
        assert [row.practitioner_id for row in letters] == [world.ids["cleo"]]
        hana = world.ids["hana"]
        assert not covering.gap(world.engine, actor=morgan, practitioner_id=hana)
        told = covering.gap(world.engine, actor=world.actor("cleo"), practitioner_id=hana)
        assert told.startswith("Morgan Hale may not open the one open case") and "or a restriction" in told
        works = {"id": world.engine.ids.new(), "authority_id": world.authority_id, "case_id": case_id}
        works |= {"practitioner_id": world.ids["morgan"], "role": "member", "from_on": world.today}
        world.write(sa.insert(record.case_members).values(**works))
        assert finds(world, morgan, case_id) == EVERYWHERE - {"my work"}, "whom it is not kept from stands in"
        assert uncovered_since(world, case_id) is None


@pytest.mark.parametrize(("days", "cover", "has_it"), [(1, "sunniva", "noor"), (20, "sunniva", "hana"),
                                                       (20, None, "hana"), (1, "idris", "idris")])  # fmt: skip
def test_an_absence_opens_no_case_to_the_line_manager_of_who_merely_has_a_task(
    database_url: str, days: int, cover: str | None, has_it: str
) -> None:
    with open_world(database_url) as world:
        case_id, tasks = start_and_walk_to(world, ELEMENT), running.user_tasks
        held = world.task(ELEMENT, case_id)
        theirs = {"assignee_id": world.ids["noor"], "queue": None}
        world.write(sa.update(tasks).where(tasks.c.id == held.id).values(**theirs))
        absence = practitioners.record_absence(
            world.engine, actor=world.actor("sunniva"), practitioner_id=world.ids["noor"], from_on=world.today,
            expected_to_on=world.today + timedelta(days=days), covered_by=None if cover is None else world.ids[cover],
        )  # fmt: skip
        assert world.task(ELEMENT, case_id).assignee_id == world.ids[has_it]
        sunniva = standing_in(world, "sunniva", "noor") if cover == "sunniva" else world.actor("sunniva")
        assert not sees(world, sunniva, case_id)
        assert finds(world, sunniva, case_id) == ({"task"} if has_it == "noor" else set())
        assert sees(world, standing_in(world, "idris", "noor"), case_id) is (has_it != "hana"), "a colleague does"
        if has_it == "noor":
            page = worklist.task(world.engine, actor=sunniva, task_id=held.id)
            assert page.alone and page.can == {"reassign"}
            (row,) = worklist.tasks(world.engine, actor=sunniva, whose="team").rows
            assert (row.task_id, row.alone, row.child_name) == (held.id, True, "")
            with pytest.raises(NotFound):
                user_tasks.complete(world.engine, actor=sunniva, task_id=held.id, answers={})
            said = covering.gap(world.engine, actor=sunniva, practitioner_id=world.ids["noor"])
            assert said.startswith("Sunniva") and "may not open the one open case" in said
            assert "line manager" in said
        practitioners.end_absence(world.engine, actor=world.actor("cleo"), absence_id=absence)
        assert world.task(ELEMENT, case_id).assignee_id == world.ids["noor"]


def test_the_line_manager_of_who_leads_stands_in_for_them(database_url: str) -> None:
    with open_world(database_url) as world:
        case_id = start_and_walk_to(world, ELEMENT)
        away(world, cover="morgan")
        assert world.task(ELEMENT, case_id).assignee_id == world.ids["morgan"]
        assert not covering.gap(world.engine, actor=world.actor("morgan"), practitioner_id=world.ids["hana"])


def test_the_line_manager_is_told_where_who_covers_may_not_open_a_plan(database_url: str) -> None:
    with open_world(database_url) as world:
        shared, kept = (start_and_walk_to(world, ELEMENT) for _ in range(2))
        answered(world, kept, "withdrawn")
        away(world, cover="noor")
        letters = world.rows(sa.select(keeping.outbox.c.practitioner_id).where(keeping.outbox.c.subject == NOBODY))
        assert [row.practitioner_id for row in letters] == [world.ids["morgan"]]
        by_case = {case_id: world.history(case_id, "lead_away")[0].detail["covered_by"] for case_id in (shared, kept)}
        assert by_case == {shared: str(world.ids["noor"]), kept: None}
        said = covering.gap(world.engine, actor=world.actor("morgan"), practitioner_id=world.ids["hana"])
        assert said.startswith("Noor Bakar may not open 1 of the 2 open cases that Hana Verity works on")


def test_an_interim_lead_who_is_away_is_refused_with_whom_the_case_could_be_given(database_url: str) -> None:
    with open_world(database_url) as world:
        shared, kept = (start_and_walk_to(world, ELEMENT) for _ in range(2))
        answered(world, kept, "limited", "idris")
        away(world, cover="morgan", by="cleo")
        away(world, "idris", cover="noor")
        named = {"actor": world.actor("morgan"), "practitioner_id": world.ids["idris"]}
        for case_id, said in ((shared, "Noor Bakar covers for them"), (kept, "Nobody covers for them: Noor Bakar")):
            with pytest.raises(Invalid, match=said):
                lead_professionals.appoint_interim(world.engine, case_id=case_id, **named)


def test_a_closed_case_asks_nothing_of_who_stands_in(database_url: str) -> None:
    with open_world(database_url) as world:
        case_id = start_and_walk_to(world, ELEMENT)
        away(world, cover="idris")
        assert sees(world, standing_in(world, "idris"), case_id)
        mine = (table.c.case_id == case_id for table in (record.lead_professionals, record.case_members))
        lead, member = (sa.update(table).where(own).values(to_on=world.today) for table, own in zip(
            (record.lead_professionals, record.case_members), mine, strict=True))  # fmt: skip
        world.write(
            lead, member,
            sa.update(running.user_tasks).where(running.user_tasks.c.case_id == case_id).values(
                state="cancelled", closed_at=world.clock.now()
            ),
            sa.update(record.cases).where(record.cases.c.id == case_id).values(
                closed_on=world.today, closure_reason="needs_met"
            ),
        )  # fmt: skip
        idris = standing_in(world, "idris")
        assert not sees(world, idris, case_id)
        assert case_id not in {row.case_id for row in case_file.cases(world.engine, actor=idris, search="whitlock")}
        assert sees(world, world.actor("morgan"), case_id), "its own line manager still answers for it"


def test_the_morning_s_message_counts_only_what_one_stands_in_for(database_url: str) -> None:
    with open_world(database_url) as world:
        shared, kept = (start_and_walk_to(world, ELEMENT) for _ in range(2))
        answered(world, kept, "withdrawn")
        # Recorded straight away, so that the tasks stay with who is away.
        absence = {"id": world.engine.ids.new(), "authority_id": world.authority_id, "reason": "planned"}
        absence |= {"practitioner_id": world.ids["hana"], "covered_by": world.ids["noor"], "from_on": world.today}
        world.write(
            sa.insert(people.absences).values(**absence, begun_on=world.today),
            sa.update(running.user_tasks).values(due_on=world.today - timedelta(days=9)),
            sa.update(running.user_tasks).where(running.user_tasks.c.case_id.in_([shared, kept])).values(
                assignee_id=world.ids["hana"], queue=None
            ),
        )  # fmt: skip
        open_ = len(world.tasks(shared))
        digest.queue(world.engine, authority_id=world.authority_id)
        body = world.rows(
            sa.select(keeping.outbox.c.body).where(
                keeping.outbox.c.subject == digest.SUBJECT, keeping.outbox.c.practitioner_id == world.ids["noor"]
            )
        )[0].body
        assert f"{open_} overdue" in body
