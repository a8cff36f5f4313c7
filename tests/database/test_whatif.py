"""Rules tried out on the caseload: what would differ for which case, now and on a past day, and nothing changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.commands import local_closures, setup
from engine.errors import Invalid, NotFound, NotPermitted
from engine.queries.whatif import TriedOut, try_rules, try_rules_everywhere
from engine.store.tables import METADATA, keeping, record
from engine.whatif import DraftRefused
from tests.database.test_escalation_sweep import IDLE, STALLED
from tests.small_files import asking, escalation, rules, timescales
from tests.worlds import World, build_world, open_copy

FILE = "escalation.dmn"
IN_FORCE = escalation(
    (">= 2", "late", "remind", "assessor", ""), (">= 4", "very_late", "line_manager", "line_manager", "stalled_plan")
)
SOONER = escalation(
    (">= 1", "late", "remind", "assessor", ""), (">= 4", "very_late", "mag", "line_manager", "stalled_plan")
)


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """Give three cases: two that have been silent for one working day, on 3 March, and one for five."""
    with open_copy(_with_three_cases, database_url) as world:
        yield world


def _with_three_cases() -> World:
    world = build_world(models={})
    consents = asking("", key="consents", record="record_consent")
    files = {"idle.bpmn": IDLE, "stalled.bpmn": STALLED, "consents.bpmn": consents, FILE: IN_FORCE}
    world.deploy({**files, "timescales.dmn": timescales(quiet=3)})
    begin(world, "Old")
    world.pass_days(7)
    begin(world, "Ann")
    begin(world, "Ben")
    world.pass_days(1)
    return world


def begin(world: World, name: str) -> UUID:
    case_id = world.start_case(process_key="idle", given_name=name)
    world.tick()
    return case_id


def tried(world: World, draft: bytes = SOONER, by: str = "cleo", *roles: str, **how: Any) -> TriedOut:
    return try_rules(world.engine, actor=world.actor(by, *roles), files={FILE: draft}, **how)


def told(found: TriedOut) -> list[tuple[str, str, str]]:
    return sorted((case.kind, (case.draft or case.now).reason, (case.draft or case.now).level) for case in found.cases)


def dump(world: World) -> Mapping[str, list[Any]]:
    """Return everything in the database but the authority's own chain."""
    with world.engine.sessions.read() as connection:
        rows = {table.name: list(map(tuple, connection.execute(sa.select(table)))) for table in METADATA.sorted_tables}
        own = connection.execute(sa.select(record.cases.c.id).where(record.cases.c.child_id.is_(None))).scalar_one()
        chain = connection.execute(sa.select(keeping.history).where(keeping.history.c.case_id == own)).all()
    rows["history"] = [row for row in rows["history"] if row not in [tuple(each) for each in chain]]
    rows["cases"] = [row for row in rows["cases"] if own not in row]
    return {name: sorted(found, key=repr) for name, found in rows.items()}


def test_newly_escalating_and_changed_are_told_with_case_row_and_sentence(world: World) -> None:
    found = tried(world)
    assert told(found) == [("changed", "very_late", "mag"), ("new", "late", "remind"), ("new", "late", "remind")]
    figures = found.trial.figures
    assert (figures.cases, figures.new, figures.changed, figures.gone, figures.unjudged) == (3, 2, 1, 0, 0)
    assert (figures.first, figures.escalating_now, figures.escalating_draft) == (2, 1, 3)
    new = [case for case in found.cases if case.kind == "new"]
    references = {world.case(case.case_id).reference for case in new}
    assert {case.reference for case in new} == references
    assert {(case.draft.row, case.draft.sentence) for case in new} == {("1", "Because late.")}
    assert [(each.file, each.version) for each in found.trial.against] == [(FILE, 1), ("timescales.dmn", 1)]
    assert (found.trial.on, found.trial.past, found.sees_cases) == (date(2026, 3, 10), False, True)


def test_what_the_draft_leaves_out_is_gone(world: World) -> None:
    found = tried(world, escalation((">= 90", "late", "remind", "assessor", "")))
    assert told(found) == [("gone", "late", "remind"), ("gone", "very_late", "line_manager")]
    assert (found.trial.figures.gone, found.trial.figures.quiet) == (1, 1)


def test_a_reminder_that_another_row_would_make_the_line_managers_is_one_change(world: World) -> None:
    world.deploy({FILE: escalation(("[2..9)", "late", "remind", "assessor", ""))})
    found = tried(world, escalation(
        ("[2..4)", "late", "remind", "assessor", ""), (">= 4", "very_late", "line_manager", "line_manager", "")
    ))  # fmt: skip
    assert [(case.kind, case.now.level, case.draft.level) for case in found.cases] == [
        ("changed", "remind", "line_manager")
    ]
    assert (found.trial.figures.new, found.trial.figures.gone, found.trial.figures.changed) == (0, 0, 1)


def test_nothing_changes_in_any_case_and_one_event_says_that_rules_were_tried(world: World) -> None:
    before = dump(world)
    tried(world)
    tried(world, on=date(2026, 3, 5))
    assert dump(world) == before
    history = keeping.history
    first, second = world.rows(sa.select(history).where(history.c.kind == "rules_tried").order_by(history.c.seq))
    assert first.practitioner_id == world.ids["cleo"]
    assert (first.detail["files"], first.detail["on"], first.detail["figures"]["new"]) == ([FILE], "2026-03-10", 2)
    assert second.detail["on"] == "2026-03-05"
    assert "CAF-" not in str(first.detail), "nothing of any case is kept"
    assert not world.verified().findings


def test_a_designer_gets_figures_and_no_case(world: World) -> None:
    found = tried(world, SOONER, "piet")
    assert (found.trial.figures.new, found.cases, found.sees_cases) == (2, (), False)


def test_who_approves_rules_gets_figures_and_no_case(world: World) -> None:
    found = tried(world, SOONER, "ada")
    assert (found.trial.figures.new, found.cases, found.sees_cases) == (2, (), False)


def test_a_manager_gets_the_cases_they_may_see_and_figures_of_all(world: World) -> None:
    found = tried(world, SOONER, "sunniva")
    assert [case.case_id for case in found.cases] == [], "an offer to all line managers is for those of the case"
    assert (found.trial.figures.new, found.sees_cases) == (2, True)
    assert len(tried(world, SOONER, "morgan").cases) == 3


@pytest.mark.parametrize(("who", "roles"), [("hana", ()), ("piet", ("administrator",))])
def test_nobody_else_gets_anything(world: World, who: str, roles: tuple[str, ...]) -> None:
    with pytest.raises(NotPermitted):
        tried(world, SOONER, who, *roles)
    assert not world.rows(sa.select(keeping.history).where(keeping.history.c.kind == "rules_tried"))


OUTPUTS = ("reason", "sentence", "level", "addressee", "process")
NOT_ASKED = ('"not_asked"', '"ask"', '"Nobody was asked."', '"remind"', '"assessor"', "null")
ASKED = rules("escalation", ("consent",), OUTPUTS, [NOT_ASKED], policy="COLLECT")


def test_on_a_past_day_the_facts_are_those_of_that_day(world: World) -> None:
    case_id = begin(world, "Cy")
    world.pass_days(2)
    world.start_process(case_id, "consents")
    world.do("ask", "hana", case_id=case_id, consent="given")
    world.tick()

    def asked(**how: Any) -> set[UUID]:
        return {case.case_id for case in tried(world, ASKED, **how).cases if case.kind == "new"}

    assert case_id not in asked()
    assert case_id in asked(on=date(2026, 3, 11)), "the answer came on the 12th"
    assert case_id not in asked(on=date(2026, 3, 12)), "a day is asked about as it stood when it ended"
    assert case_id not in asked(on=date(2026, 3, 9)), "it was not on the record yet"
    earlier = tried(world, SOONER, on=date(2026, 3, 3))
    assert (earlier.trial.past, earlier.trial.figures.cases, told(earlier)) == (True, 1, [("new", "late", "remind")])


def test_a_case_closed_since_was_open_then_and_a_day_to_come_is_refused(world: World) -> None:
    opened = sa.select(record.cases).where(record.cases.c.opened_on == date(2026, 3, 2))
    (old,) = (row.id for row in world.rows(opened) if row.child_id)
    close = sa.update(record.cases).where(record.cases.c.id == old)
    world.write(close.values(closed_on=date(2026, 3, 10), closure_reason="moved"))
    assert tried(world).trial.figures.cases == 2
    assert tried(world, on=date(2026, 3, 9)).trial.figures.cases == 3
    with pytest.raises(Invalid, match="still to come"):
        tried(world, on=date(2026, 3, 11))


def test_facts_that_no_longer_hold_or_were_never_kept_are_gathered(world: World) -> None:
    assert tried(world).trial.figures.gathered == 0
    cases = record.cases
    moved = sa.update(cases).where(cases.c.child_id.is_not(None)).values(version=cases.c.version + 1)
    world.write(sa.update(record.case_facts).values(facts={"authority": 7, "opened_on": "never"}), moved)
    found = tried(world)
    assert (found.trial.figures.gathered, found.trial.figures.new) == (3, 2)
    world.write(sa.delete(record.case_facts))
    assert tried(world).trial.figures.gathered == 3
    past = tried(world, on=date(2026, 3, 9))
    assert (past.trial.figures.unjudged, {case.said for case in past.cases}) == (
        3, {"nothing was kept of this case by the end of that day"},
    )  # fmt: skip


def test_facts_that_an_earlier_version_did_not_keep_are_named(world: World) -> None:
    rows = world.rows(sa.select(record.case_facts.c.id, record.case_facts.c.facts))
    old = {row.id: {name: value for name, value in row.facts.items() if name != "paused_until"} for row in rows}
    table = record.case_facts
    world.write(*(sa.update(table).where(table.c.id == id_).values(facts=facts) for id_, facts in old.items()))
    (note,) = tried(world, on=date(2026, 3, 9)).trial.notes
    assert note == "Not kept yet on that day, so taken as if there were nothing: paused_until (3 cases)."
    assert not tried(world).trial.notes


def test_a_draft_that_asks_for_what_is_no_fact_is_refused_and_one_that_fails_says_so_of_each_case(world: World) -> None:
    with pytest.raises(DraftRefused, match="nothing is called days_of_rain"):
        tried(world, escalation((">= 1", "late", "remind", "assessor", ""), inputs=("days_of_rain",)))
    found = tried(world, escalation(('>= "one"', "late", "remind", "assessor", "")))
    assert found.trial.figures.unjudged == 3
    assert found.cases[0].said
    assert found.trial.figures.gone == 0


def test_time_limits_are_tried_out_as_well(world: World) -> None:
    by_limit = escalation(('>= time limit("quiet")', "late", "remind", "assessor", ""))
    world.deploy({FILE: by_limit})
    found = try_rules(world.engine, actor=world.actor("cleo"), files={"timescales.dmn": timescales(quiet=1)})
    assert told(found) == [("new", "late", "remind")] * 2
    both = {FILE: by_limit, "timescales.dmn": timescales(quiet=90)}
    assert told(try_rules(world.engine, actor=world.actor("cleo"), files=both)) == [("gone", "late", "remind")]


def test_rules_of_the_day_are_those_that_were_in_force_then(world: World) -> None:
    world.deploy({FILE: SOONER})
    then = tried(world, SOONER, on=date(2026, 3, 9))
    assert then.trial.figures.same
    assert any("version 1 of escalation.dmn was in force" in note for note in then.trial.notes)
    found = tried(world, SOONER, on=date(2026, 3, 9), rules_of_the_day=True)
    assert [each.version for each in found.trial.against] == [1, 1]
    assert told(found) == [("changed", "very_late", "mag")]


def test_a_day_before_any_rules_came_is_said_to_be_one(world: World) -> None:
    with pytest.raises(NotFound, match=r"in force on 1 February 2026 \(the first came on 2 March 2026\). Leave out"):
        tried(world, on=date(2026, 2, 1), rules_of_the_day=True)
    assert tried(world, on=date(2026, 2, 1)).trial.figures.cases == 0


def test_closures_of_then_count_as_they_were_kept(world: World) -> None:
    storm = date(2026, 3, 6)
    local_closures.close(world.engine, actor=world.actor("piet"), first_on=storm, name="Storm", why="No heating")

    def gone(days: int, **how: Any) -> bool:
        draft = escalation((f">= {days}", "late", "remind", "assessor", ""))
        return ("gone", "late", "remind") in told(tried(world, draft, **how))

    assert not gone(5, on=date(2026, 3, 9)), "five working days by what was known on the 9th"
    assert not gone(5)
    assert gone(6), "six by the calendar, of which one was closed"


def test_the_nation_of_then_counts_and_what_was_not_kept_is_said(world: World) -> None:
    setup.set_profile(world.engine, authority_id=world.authority_id, profile={}, nation="scotland")
    assert not tried(world, on=date(2026, 3, 9)).trial.notes
    created = keeping.history.c.kind == "authority_created"
    world.write(sa.update(keeping.history).where(created).values(detail={}))
    assert any("which nation's bank holidays counted" in note for note in tried(world, on=date(2026, 3, 9)).trial.notes)
    assert not tried(world).trial.notes


def test_what_could_not_be_deployed_is_refused_by_decision_row_and_column(world: World) -> None:
    with pytest.raises(DraftRefused) as refused:
        tried(world, escalation((">= 1", "late", "shouting", "assessor", "")))
    (finding,) = refused.value.findings
    assert (finding.file, finding.element_id) == (FILE, "escalation")
    assert "row 1, column 'level'" in finding.what
    with pytest.raises(DraftRefused, match=FILE):
        tried(world, b"not xml")


def test_files_without_rules_that_matter_are_refused_in_one_line(world: World) -> None:
    other = rules("colour", ("hue",), ("name",), [("-", '"red"')])
    with pytest.raises(Invalid, match="neither the decision 'escalation' nor 'timescales'"):
        try_rules(world.engine, actor=world.actor("cleo"), files={"colour.dmn": other})
    with pytest.raises(Invalid, match="only rules"):
        try_rules(world.engine, actor=world.actor("cleo"), files={"idle.bpmn": IDLE})


def test_each_authority_is_asked_for_itself(world: World) -> None:
    second = setup.create_authority(world.engine, key="southcombe", name="Southcombe Council")
    with pytest.raises(NotFound, match="Southcombe Council has no rules"):
        try_rules_everywhere(world.engine, files={FILE: SOONER}, authority_id=second)
    (only,) = try_rules_everywhere(world.engine, files={FILE: SOONER})
    assert (only.authority, only.trial.figures.new, len(only.cases)) == ("Northcombe Council", 2, 3)


def test_without_rules_in_force_there_is_nothing_to_compare_with() -> None:
    world = build_world(models={})
    with pytest.raises(NotFound, match="deploy them first"):
        tried(world)
    world.close()


def test_progress_is_told_from_nothing_to_all(world: World) -> None:
    heard: list[tuple[int, int]] = []
    try_rules_everywhere(
        world.engine, files={FILE: SOONER}, authority_id=world.authority_id, say=lambda *far: heard.append(far)
    )
    assert heard == [(0, 3), (3, 3)]


def test_times_of_the_clock_are_those_of_the_zone(world: World) -> None:
    """The 10th ends at midnight in London, which is what decides whether a fact still belongs to it."""
    world.clock.set(datetime.fromisoformat("2026-03-11T00:30:00+00:00"))
    assert tried(world, on=date(2026, 3, 10)).trial.past
