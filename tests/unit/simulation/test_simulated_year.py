"""A small caseload through the real engine: nothing fails, nothing lies outside its days, everybody keeps to theirs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

import pytest
import sqlalchemy as sa
from lxml import html

from engine.bootstrap import sandbox
from engine.commands import deployments, setup
from engine.errors import Invalid
from engine.process_engine import ProcessEngine
from engine.queries.simulated_figures import CaseSpan, DoneTask
from engine.queries.simulated_stages import ELSEWHERE
from engine.simulation.behaviours import DEFAULT
from engine.simulation.chance import stream
from engine.simulation.loop import simulate
from engine.simulation.plans import Plan
from engine.simulation.playing import clock_for, evening_of
from engine.simulation.report import page
from engine.simulation.summary import Summary, row_order, summarise
from engine.simulation.town import Town
from engine.simulation.workforce import PROFILE, workforce
from engine.store.tables import keeping, meetings, people, record, running
from engine.store.verification import verify
from tests.worlds import shipped_models

BUSY = replace(DEFAULT, life=replace(DEFAULT.life, starts=dict.fromkeys(DEFAULT.life.starts, 1.5)))
SURE = ((45, "double"), (44, "double"), (15, "start:merge_cafs"), (3, "start:pause"))
PLAN = Plan(cases=24, days=141, seed=6, until=evening_of(date(2027, 6, 30)), behaviours=BUSY, befalls=SURE)


@dataclass(frozen=True, slots=True)
class Played:
    """What was played, and what was said on the way."""

    engine: ProcessEngine
    town: Town
    found: Summary
    said: list[str]
    authority_id: UUID

    def rows(self, query: sa.Select[tuple[object, ...]]) -> list[sa.Row[tuple[object, ...]]]:
        with self.engine.sessions.read() as connection:
            return list(connection.execute(query).all())


@pytest.fixture(scope="module")
def played() -> Iterator[Played]:
    """Give a played caseload; no test of this module changes it."""
    clock = clock_for(PLAN)
    engine = sandbox(clock=clock, seed=PLAN.seed)
    authority_id = setup.create_authority(engine, key="small", name="Small Council", profile=PROFILE)
    deployments.deploy(engine, authority_id=authority_id, files=shipped_models())
    new = workforce(stream(PLAN.seed, "people"), DEFAULT.caseload, cases=PLAN.cases)
    setup.add_people(engine, authority_id=authority_id, new=new)
    said: list[str] = []
    town = simulate(engine, clock, authority_id=authority_id, plan=PLAN, say=said.append)
    yield Played(engine, town, summarise(engine, town, PLAN, authority_id=authority_id), said, authority_id)
    engine.sessions.close()


def test_every_case_was_opened_and_people_did_their_work(played: Played) -> None:
    assert len(played.found.cases) == PLAN.cases
    assert sum(played.found.stages.values()) == PLAN.cases
    assert {"Plan under way", "Closed"} <= played.found.stages.keys()
    assert len(played.found.stages) >= 5
    assert ELSEWHERE not in played.found.stages
    still = sum(1 for case in played.found.cases if not case.closed_on)
    assert (sum(played.found.waits.values()), sum(played.found.closed.values())) == (still, PLAN.cases - still)
    assert played.found.done["tasks completed"] > 5 * PLAN.cases
    assert played.found.done["actions reported on"] > 0


def test_nothing_failed_and_nothing_was_refused(played: Played) -> None:
    assert played.found.incidents == {}
    # Who arranges a meeting or sends papers while sharing rests, or arranges one for a day on which the plan does, lets
    # a plan go on that the family has not agreed to, or asks for a review's way that it has already, is told so.
    right = (
        "nobody can be asked or invited", "The plan rests until", "needs the consent of the family",
        "to be held this way already", "Nothing may be sent",
    )  # fmt: skip
    assert [each for each in played.found.refused if not any(words in each for words in right)] == []
    assert played.found.counts["unsent"] == 0


def test_its_history_is_whole(played: Played) -> None:
    with played.engine.sessions.read() as connection:
        checked = verify(connection)
    assert checked.findings == ()
    assert checked.cases == PLAN.cases + 1


@pytest.mark.parametrize(
    "column",
    [keeping.history.c.recorded_at, running.user_tasks.c.opened_at, running.timers.c.fired_at,
     running.instances.c.started_at, keeping.outbox.c.queued_at, keeping.history_anchors.c.at],
    ids=str,
)  # fmt: skip
def test_no_moment_is_the_machines(played: Played, column: sa.Column[datetime]) -> None:
    first = clock_for(PLAN).now()
    moments = [row[0] for row in played.rows(sa.select(column).where(column.is_not(None)))]
    assert moments
    assert first <= min(moments) <= max(moments) <= PLAN.until


def test_nobody_works_while_away_or_on_a_day_off(played: Played) -> None:
    calendar = played.town.office.calendar
    done = played.rows(
        sa.select(keeping.history.c.practitioner_id, keeping.history.c.recorded_at).where(
            keeping.history.c.kind == "task_completed"
        )
    )
    days = {(who, at.astimezone(calendar.zone).date()) for who, at in done}  # type: ignore[attr-defined]
    assert [(who, day) for who, day in days if not calendar.is_working_day(day)] == []
    assert [(who, day) for who, day in days if not played.town.office.is_in(who, day)] == []


def test_people_have_the_work_that_pages_offer_them(played: Played) -> None:
    """Only somebody with an account completes a task, and each has one."""
    accounts = {row[0] for row in played.rows(sa.select(people.accounts.c.practitioner_id))}
    closed_by = sa.select(running.user_tasks.c.closed_by).where(running.user_tasks.c.closed_by.is_not(None))
    assert {row[0] for row in played.rows(closed_by)} <= accounts


def test_children_are_credible_and_their_words_are_filled_in(played: Played) -> None:
    born = [row.born_on for row in played.rows(sa.select(record.children)) if row.born_on]
    assert born and max(born) < PLAN.until.date()
    texts = [str(row[0]) for row in played.rows(sa.select(keeping.history_payloads.c.body))]
    assert [text for text in texts if "{child}" in text or "{carer}" in text] == []


def test_everybody_of_a_family_has_an_address_and_most_letters_were_given(played: Played) -> None:
    assert [row for row in played.rows(sa.select(record.family_members.c.address)) if not row[0]] == []
    letters = played.rows(sa.select(meetings.letters.c.address, meetings.letters.c.sent_by))
    assert letters and all(address for address, _ in letters)
    assert sum(1 for _, sent_by in letters if sent_by in ("hand", "post")) > 0.6 * len(letters)


def test_it_says_every_week_how_far_it_has_come(played: Played) -> None:
    assert len(played.said) == PLAN.days // 7 + 1
    assert played.said[-1].startswith(f"day {PLAN.days} of {PLAN.days}: {PLAN.cases} cases opened")


def test_the_summary_tells_what_was_asked_for(played: Played) -> None:
    text = played.found.text()
    for words in ("Cases by stage", "Reviews: ", "Escalations begun", "Timers: ", "Incidents: 0"):
        assert words in text
    fired = played.rows(sa.select(sa.func.count()).where(keeping.history.c.kind == "timer_fired"))[0][0]
    assert f"Timers: {fired:,} fired" in text


def test_the_report_stands_by_itself_and_has_a_table_for_each_plot(played: Played) -> None:
    written = page(played.found)
    tree = html.document_fromstring(written)
    sections = [each for each in tree.iter("section") if each.find(".//svg") is not None]
    titles = [each.findtext("h2") for each in sections]
    assert titles == ["Open cases", "Lateness", "Escalations by week", "Workload by week"]
    for section in sections:
        assert len(section.findall(".//tbody/tr")) == len(section.findall(".//tbody/tr/th")) >= PLAN.days // 7
    assert "Workload by person" in [each.text for each in tree.iter("h2")]
    assert [each for each in tree.iter() if each.get("src") or each.get("href")] == []


def section_of(played: Played, title: str) -> dict[str, list[str]]:
    """Return the rows of the table under a heading of the report, by their names."""
    tree = html.document_fromstring(page(played.found))
    found = next(each for each in tree.iter("section") if each.findtext("h2") == title)
    return {row.findtext("th"): [cell.text for cell in row.findall("td")] for row in found.findall(".//tbody/tr")}


def test_the_report_says_how_people_were_made_to_behave_and_which_limits_counted(played: Played) -> None:
    people_s = section_of(played, "How the people were made to behave")
    assert people_s["Handovers begun, to 100 cases in a year"] == ["150"], "the plan's own figure, not the usual one"
    limits = section_of(played, "The time limits that counted")
    assert limits["To hold the first team meeting"] == ["6 weeks"]
    assert limits["To complete an assessment before a reminder"] == ["10 working days"]
    assert f"seed {PLAN.seed}: the same seed gives the same" in page(played.found)


def test_the_report_says_how_long_the_first_steps_took(played: Played) -> None:
    steps = section_of(played, "How many working days the first steps took")
    met = played.rows(
        sa.select(record.tac_meetings.c.case_id).where(record.tac_meetings.c.held_on.is_not(None)).distinct()
    )
    number, half, most = map(int, steps["the team met first"])
    assert number == len(met) > 0
    assert 0 < half <= most
    assert int(steps["the assessment was complete"][1]) <= half, "nobody meets before it"


def test_the_report_counts_what_is_open(played: Played) -> None:
    tree = html.document_fromstring(page(played.found))
    section = next(each for each in tree.iter("section") if each.findtext("h2") == "Open cases")
    open_now = sum(1 for case in played.found.cases if case.closed_on is None)
    last = section.findall(".//tbody/tr")[-1]
    assert [cell.text for cell in last.findall("td")] == [str(open_now), str(PLAN.cases)]


def test_what_people_may_start_is_started_and_long_absences_are_recorded(played: Played) -> None:
    assert any(name.startswith("started: ") for name in played.found.done)
    away = played.rows(sa.select(people.absences))
    assert len(away) == played.found.done["absences recorded"] > 0


def test_a_review_is_mostly_on_time_and_no_group_decides_before_it_meets(played: Played) -> None:
    held = [late for _, on, late in played.found.reviews if on]
    assert held
    assert sum(1 for days in held if not days) >= 0.6 * len(held)
    decided = played.rows(sa.select(record.mag_referrals).where(record.mag_referrals.c.decided_on.is_not(None)))
    assert [row for row in decided if row.decided_on < row.meeting_on] == []


def test_no_action_stands_twice_on_a_plan(played: Played) -> None:
    actions = [(row.case_id, row.action) for row in played.rows(sa.select(record.plan_actions))]
    assert len(set(actions)) == len(actions) > 0


def test_what_is_sure_to_happen_happens(played: Played) -> None:
    child = sa.select(record.children.c.folded_name, record.children.c.born_on)
    twice = [each for each, number in Counter(played.rows(child)).items() if number > 1]
    assert len(twice) == 2
    begun = {row[0] for row in played.rows(sa.select(running.instances.c.process_key))}
    assert {"merge_cafs", "pause"} <= begun


def test_a_report_can_be_read_by_who_has_not_drawn_the_rules(played: Played) -> None:
    said = html.fromstring(page(played.found)).text_content()
    assert "Of 24 cases" in said and "Nothing stopped or failed." in said
    assert [word for word in ("manager stage", "no tac", "(mag)") if word in said] == []


def test_rows_are_in_the_order_of_their_numbers() -> None:
    assert sorted(["10", "3b", "26a", "3a", "own", "8"], key=row_order) == ["own", "3a", "3b", "8", "10", "26a"]


def test_a_week_without_a_review_is_blank_and_not_zero(played: Played) -> None:
    tree = html.document_fromstring(page(played.found))
    section = next(each for each in tree.iter("section") if each.findtext("h2") == "Lateness")
    first = [cell.text for cell in section.findall(".//tbody/tr")[0].findall("td")]
    assert first[1] == "–"
    assert all(" nan" not in (line.get("points") or "") for line in section.iter("polyline"))


def test_several_steps_make_one_sentence(played: Played) -> None:
    steps = ("Hold the TAC meeting", "Record what the family says", "TAC reply")
    case = CaseSpan(date(2027, 3, 1), None, "", steps, "First TAC meeting")
    said = list(replace(played.found, cases=[case]).waits)
    assert said == ["First TAC meeting: hold the TAC meeting; record what the family says; TAC reply"]


def test_a_step_whose_name_says_too_little_is_named_with_its_diagram(played: Played) -> None:
    day = date(2027, 3, 1)
    tasks = [
        (DoneTask(name, "Settling a disagreement", day, None, None, None), day, 0)
        for name in ("Decide", "Hold the TAC meeting")
    ]
    tree = html.document_fromstring(page(replace(played.found, tasks=tasks)))
    section = next(each for each in tree.iter("section") if (each.findtext("h2") or "").startswith("How late"))
    named = [each.text for each in section.findall(".//tbody/tr/th")]
    assert named == ["Decide (Settling a disagreement)", "Hold the TAC meeting"]
    assert [task.diagram for task, _, _ in played.found.tasks if "_" in task.diagram or not task.diagram] == []


def test_what_the_service_would_not_do_is_told_in_its_own_words(played: Played) -> None:
    town = Town(played.engine, played.town.clock, DEFAULT, played.town.office, stream(1, "days"))
    town.refuse("start", Invalid("Ask the family first"))
    assert list(town.refused) == ["start: Ask the family first"]
