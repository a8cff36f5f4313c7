"""Leaving plans unjudged until their day never changes what is escalated, to whom, when, or in what words."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.calendar import WorkingCalendar
from engine.casework.facts import RecordedFacts, derive
from engine.feel import to_plain
from engine.judging import LONGEST_UNLOOKED_AT, Rules, judge_cases, rules_of
from engine.store.authorities import Authority
from engine.store.checks import NEVER, unchecked
from engine.store.tables import keeping, record, running
from tests.rules.conftest import Limits, shipped
from tests.unit.bpmn.diagrams import user
from tests.unit.casework.test_facts import RECORDED
from tests.worlds import World, model, open_world, shipped_models

ZONE = ZoneInfo("Europe/London")
CALENDAR = WorkingCalendar(closures=frozenset({date(2026, 6, 3)}), zone=ZONE)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Host(Limits):
    """Limits that may be looked up once."""

    fixed_key: str = "shipped"


ESCALATION, HOST = shipped("escalation"), Host(shipped("timescales"), calendar=CALENDAR)
NOBODY = UUID(int=0)


def rules_on(today: date) -> Rules:
    authority = Authority(NOBODY, "barnet", "Barnet", 1, CALENDAR, {}, {})
    at = datetime.combine(today, datetime.min.time(), ZONE).astimezone(UTC) + timedelta(hours=12)
    host: Any = HOST
    points = ESCALATION.turning_points("escalation", host)
    return Rules(NOBODY, ESCALATION, host, authority, at, today, points)


def said(recorded: RecordedFacts, today: date) -> Any:
    """Return everything the shipped rules say on a day."""
    result, _ = rules_on(today).ask(derive(recorded, today=today, calendar=CALENDAR))
    return to_plain(result.value)


@given(RECORDED, st.dates(date(2025, 11, 1), date(2026, 7, 1)))
@settings(max_examples=60)
def test_until_its_day_the_shipped_rules_say_the_same_of_a_plan(recorded: RecordedFacts, today: date) -> None:
    rules = rules_on(today)
    facts = derive(recorded, today=today, calendar=CALENDAR)
    result, judgement = rules.ask(facts)
    day = rules.next_day(recorded, facts, result, judgement)
    assert today < day <= today + LONGEST_UNLOOKED_AT
    before = [today + DAY * count for count in range(1, (day - today).days)]
    assert [said(recorded, each) for each in before] == [to_plain(result.value)] * len(before)


def nearly(recorded: RecordedFacts) -> st.SearchStrategy[RecordedFacts]:
    """Facts that differ a little, as those of many plans do."""
    days = st.integers(-3, 3).map(lambda count: DAY * count)
    started = recorded.assessment_started_on
    return st.builds(
        lambda later, sooner, lead: replace(
            recorded,
            opened_on=recorded.opened_on + later,
            assessment_started_on=None if started is None else started + sooner,
            lead_professional=lead,
        ),
        days, days, st.sampled_from((None, "one", "another")),
    )  # fmt: skip


@given(st.lists(RECORDED, min_size=1, max_size=3).flatmap(
    lambda bases: st.lists(st.sampled_from(bases).flatmap(nearly), min_size=2, max_size=20)
))  # fmt: skip
@settings(max_examples=40)
def test_what_was_said_of_a_plan_is_said_of_those_alike(plans: list[RecordedFacts]) -> None:
    today = date(2026, 6, 2)
    remembering = rules_on(today)
    for recorded in plans:
        facts = derive(recorded, today=today, calendar=CALENDAR)
        assert remembering.ask_alike(facts)[1] == rules_on(today).ask(facts)[1]


def test_plans_that_the_rules_cannot_tell_apart_are_asked_about_once() -> None:
    asked = rules_on(date(2026, 6, 2))
    for day in range(1, 8):
        recorded = RecordedFacts(authority="barnet", opened_on=date(2026, 5, 10 + day), lead_professional=f"lead {day}")
        asked.ask_alike(derive(recorded, today=asked.today, calendar=CALENDAR))
    assert len(asked.said) == 1


def test_a_plan_that_is_acted_on_is_explained_by_its_own_facts() -> None:
    with open_world() as world:
        world.deploy({"idle.bpmn": IDLE})
        started, hana = world.today - 20 * DAY, world.ids["hana"]
        for days in (21, 24):
            case_id = world.start_case(process_key="idle")
            own = {"id": uuid5(case_id, "own"), "authority_id": world.authority_id, "case_id": case_id}
            world.write(
                sa.update(record.cases).where(record.cases.c.id == case_id).values(
                    opened_on=world.today - days * DAY, checked_version=NEVER
                ),
                sa.insert(record.assessments).values(own | {"assessor_id": hana, "started_on": started, "content": {}}),
            )  # fmt: skip
        with world.engine.sessions.read() as connection:
            todo = unchecked(connection, limit=10)
            authority = world.engine.library.authority(connection, world.authority_id, todo[0].authority_version)
            rules = rules_of(world.engine, connection, authority, at=world.clock.now())
            judged = judge_cases(world.engine, connection, rules, todo)
    assert len(rules.said) == 1, "they are alike to the rules"
    silent = [each.result.matched[0].inputs["days_silent"] for each in judged]
    assert len(set(silent)) == 2, silent


def test_a_plan_that_is_going_well_is_left_alone_for_weeks() -> None:
    recorded = RecordedFacts(
        authority="barnet", opened_on=date(2026, 3, 2), lead_professional="lead", consent="given",
        assessment_completed_on=date(2026, 3, 9), first_tac_on=date(2026, 3, 20), first_tac_held_on=date(2026, 3, 20),
        plan_agreed_on=date(2026, 3, 20), next_review_on=date(2026, 7, 30), last_progress_on=date(2026, 6, 1),
        outcomes_open=1, open_actions_due=(date(2026, 7, 1),),
    )  # fmt: skip
    rules, today = rules_on(date(2026, 6, 2)), date(2026, 6, 2)
    facts = derive(recorded, today=today, calendar=CALENDAR)
    # Twenty working days without news come before anything else, a closure among them.
    assert rules.next_day(recorded, facts, *rules.ask(facts)) == date(2026, 6, 30)


IDLE = model(user("rest", camunda_candidateGroups="case_workers"), way="start rest; rest end", key="idle")
CASES = 8
NIGHTS = 20


def furnish(world: World, chance: random.Random) -> list[UUID]:
    """Open cases and give each a record that is late, early or lacking in some way of its own."""
    ids = []
    for _ in range(CASES):
        case_id = world.start_case(process_key="idle")
        world.write(*_record(world, case_id, chance))
        ids.append(case_id)
    return ids


def _record(world: World, case_id: UUID, chance: random.Random) -> list[sa.Executable]:
    def near(least: int, most: int) -> date:
        return world.today + DAY * chance.randint(least, most)

    count = iter(range(100))

    def row(table: sa.Table, **values: Any) -> sa.Executable:
        common = {"id": uuid5(case_id, f"{table.name} {next(count)}"), "authority_id": world.authority_id}
        return sa.insert(table).values(common | {"case_id": case_id} | values)

    opened, hana = near(-380, -40), world.ids["hana"]
    done = opened + DAY * chance.randint(5, 40)
    rows: list[sa.Executable] = [sa.update(record.cases).where(record.cases.c.id == case_id).values(opened_on=opened)]
    assessed = chance.random() < 0.8
    rows.append(
        row(record.assessments, assessor_id=hana, started_on=near(-30, -1) if not assessed else opened,
            completed_on=done if assessed else None, content={})
    )  # fmt: skip
    if assessed and chance.random() < 0.8:
        rows.append(row(record.tac_meetings, planned_on=done, held_on=chance.choice((done, None))))
    if chance.random() < 0.7:
        rows.append(row(record.lead_professionals, practitioner_id=hana, from_on=done))
    if assessed and chance.random() < 0.8:
        plan = uuid5(case_id, "plan")
        rows.append(row(record.action_plans, id=plan, agreed_on=done))
        rows.append(row(record.plan_outcomes, plan_id=plan, outcome="Sleeps", met_on=chance.choice((None, done))))
        for _ in range(chance.randint(0, 3)):
            due = near(-15, 35)
            rows.append(
                row(record.plan_actions, plan_id=plan, action="Visit", owner_id=hana, due_on=due, first_due_on=due,
                    progress="", progress_on=near(-45, -1))
            )  # fmt: skip
        review = near(-20, 40)
        rows.append(row(record.reviews, due_on=review, first_due_on=review, missed=chance.randint(0, 1)))
    return rows


def touch(world: World, case_id: UUID) -> None:
    """Change a case's record as an act does: the case moves, and a check of it is queued."""
    actions, cases = record.plan_actions, record.cases
    world.write(
        sa.update(actions).where(actions.c.case_id == case_id).values(progress_on=world.today),
        sa.update(cases).where(cases.c.id == case_id).values(version=cases.c.version + 1),
    )


def everything_told(world: World) -> dict[str, list[tuple[Any, ...]]]:
    """Return everything that the sweep brought about, apart from the ids of what it wrote."""
    reasons, letters, events, runs = record.escalations.c, keeping.outbox.c, keeping.history.c, running.instances.c
    queries = {
        "reasons": sa.select(
            reasons.case_id, reasons.reason, reasons.first_true_on, reasons.ended_on, reasons.sentence
        ),
        "letters": sa.select(letters.case_id, letters.recipient, letters.queued_at, letters.subject),
        "events": sa.select(events.case_id, events.kind, events.effective_on),
        "processes": sa.select(runs.case_id, runs.process_key, runs.started_at),
    }
    found = {name: sorted(map(tuple, world.rows(query)), key=repr) for name, query in queries.items()}
    # Ids are in the order of creation, and so the same place in it in both worlds.
    order = {row.id: number for number, row in enumerate(world.rows(sa.select(record.cases.c.id).order_by("id")))}
    return {name: sorted([(order[row[0]], *row[1:]) for row in rows], key=repr) for name, rows in found.items()}


def live(world: World, seed: int, *, all_of_them: bool) -> tuple[list[Any], int]:
    """Let nights pass over a caseload, an act now and then; return what came of each, and how many were judged."""
    chance, courses, judged = random.Random(seed), [], 0
    case_ids = furnish(world, chance)
    for night in range(NIGHTS):
        if night == NIGHTS // 2:
            world.deploy({"timescales.dmn": stricter()})
        world.clock.advance(DAY)
        if chance.random() < 0.5:
            touch(world, chance.choice(case_ids))
        if all_of_them:
            world.write(sa.update(record.cases).values(judge_on=None))
        judged += world.tick().judged
        courses.append(everything_told(world))
    return courses, judged


def stricter() -> bytes:
    """Return the shipped time limits, with less patience for silence."""
    text = shipped_models()["timescales.dmn"]
    return text.replace(b"<text>20</text>", b"<text>12</text>")


@pytest.mark.parametrize("seed", [1, 2])
def test_a_month_of_nights_brings_the_same_whether_plans_are_skipped_or_not(seed: int) -> None:
    with open_world() as skipping, open_world() as thorough:
        for world in (skipping, thorough):
            world.deploy({"idle.bpmn": IDLE})
        some, few = live(skipping, seed, all_of_them=False)
        every, many = live(thorough, seed, all_of_them=True)
        assert some == every
        assert few < many
