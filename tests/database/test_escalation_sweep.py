"""The sweep: what the rules say of every open case, kept day by day, told once, and acted on."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.commands import concerns, escalation, plan_actions, setup, upkeep
from engine.queries import case_file
from engine.store.tables import keeping, people, record, running
from tests.episodes import start_and_walk_to
from tests.small_files import asking, rules, service, timescales
from tests.small_files import escalation as rows
from tests.unit.bpmn.diagrams import user
from tests.worlds import World, build_world, model

NONE = rows(("< 0", "never", "remind", "assessor", ""))
DAY = timedelta(days=1)


def task(name: str, group: str = "case_workers") -> str:
    return user(name, camunda_candidateGroups=group)


IDLE = model(task("rest"), way="start rest; rest end", key="idle")
STALLED = model(task("discuss", "line_managers"), way="start discuss; discuss end", key="stalled_plan")


def world_with(rules_file: bytes, *, url: str | None = None, at: datetime | None = None, **more: bytes) -> World:
    given = {} if at is None else {"at": at}
    world = build_world(url, models={}, **given)
    others = {f"{name}.{'bpmn' if b'/BPMN/' in text else 'dmn'}": text for name, text in more.items()}
    world.deploy({"idle.bpmn": IDLE, "stalled.bpmn": STALLED, "escalation.dmn": rules_file, **others})
    return world


def begin(world: World) -> UUID:
    case_id = world.start_case(process_key="idle")
    world.tick()
    return case_id


def reasons(world: World, case_id: UUID, *, ended: bool = False) -> list[str]:
    table = record.escalations
    found = world.rows(sa.select(table).where(table.c.case_id == case_id).order_by(table.c.reason, table.c.id))
    return [row.reason for row in found if (row.ended_on is not None) is ended]


def escalation_row(world: World, case_id: UUID, reason: str) -> sa.Row[Any]:
    table = record.escalations
    query = sa.select(table).where(table.c.case_id == case_id, table.c.reason == reason).order_by(table.c.id.desc())
    return world.rows(query)[0]


def told(world: World) -> list[tuple[str, str]]:
    """Return what was sent since last asked, as (first name, subject), sorted."""
    letters = sorted((each.recipient.split("@")[0], each.subject) for each in world.mailbox.messages)
    world.mailbox.messages.clear()
    return letters


def stalled(world: World, case_id: UUID) -> list[sa.Row[Any]]:
    table = running.instances
    query = sa.select(table).where(table.c.case_id == case_id, table.c.process_key == "stalled_plan")
    return list(world.rows(query.order_by(table.c.started_at)))


def facts(world: World, case_id: UUID) -> list[sa.Row[Any]]:
    table = record.case_facts
    return list(world.rows(sa.select(table).where(table.c.case_id == case_id).order_by(table.c.valid_from)))


def test_facts_are_kept_from_the_day_they_hold_to_the_day_they_change(database_url: str) -> None:
    consents = asking("", key="consents", record="record_consent")
    world = world_with(NONE, url=database_url, consents=consents)
    case_id = begin(world)
    opened = world.clock.now()
    (first,) = facts(world, case_id)
    assert (first.facts["consent"], first.valid_from, first.valid_to) == ("not_asked", opened, None)
    world.pass_days(2)
    world.start_process(case_id, "consents")  # moves the case, not its facts
    world.tick()
    assert len(facts(world, case_id)) == 1
    world.clock.advance(DAY)
    world.do("ask", "hana", case_id=case_id, consent="given")
    world.tick()
    before, after = facts(world, case_id)
    assert (before.valid_to, after.valid_from, after.valid_to) == (world.clock.now(), world.clock.now(), None)
    assert (before.facts["consent"], after.facts["consent"]) == ("not_asked", "given")
    world.close()


LOUD_AND_QUIET = rows(
    (">= 2", "quiet", "remind", "assessor", ""),
    (">= 2", "louder", "replan", "assessor", ""),
    (">= 2", "late", "line_manager", "line_manager", ""),
    (">= 3", "later", "remind", "assessor", ""),
)


def test_every_reason_is_kept_and_each_person_told_once_of_the_loudest(database_url: str) -> None:
    world = world_with(LOUD_AND_QUIET, url=database_url)
    case_id = begin(world)
    world.pass_days(1)
    assert (reasons(world, case_id), told(world)) == ([], [])
    world.pass_days(1)
    assert reasons(world, case_id) == ["late", "louder", "quiet"]
    letters = {letter.recipient.split("@")[0]: letter.body for letter in world.mailbox.messages}
    assert letters.keys() == {"hana", "morgan"}
    assert "louder" not in letters["hana"], "a reason may say something about the child"
    with world.engine.sessions.read() as connection:
        keys = connection.execute(sa.select(keeping.outbox.c.dedupe_key)).scalars().all()
    assert {key.split(":")[1] for key in keys} == {"louder", "late"}
    told(world)
    world.pass_days(1)
    assert reasons(world, case_id) == ["late", "later", "louder", "quiet"]
    assert told(world) == [("hana", "A case needs you")]
    world.pass_days(20)
    assert told(world) == []
    kept = escalation_row(world, case_id, "late")
    assert (kept.first_true_on, kept.ended_on, kept.sentence) == (date(2026, 3, 4), None, "Because late.")
    assert len(world.history(case_id, "escalation_begun")) == 4
    assert not world.verified().findings
    world.close()


def test_who_is_meant_by_two_words_at_once_is_told_once(database_url: str) -> None:
    both = rows(("> 1", "one", "remind", "assessor", ""), ("> 1", "other", "remind", "lead_professional", ""))
    world = world_with(both, url=database_url)
    case_id = begin(world)
    told(world)
    world.pass_days(2)
    assert reasons(world, case_id) == ["one", "other"]
    assert told(world) == [("hana", "A case needs you")], "who assesses while nobody leads is meant by both"
    world.close()


def test_several_ticks_of_one_day_tell_nobody_twice() -> None:
    world = world_with(LOUD_AND_QUIET)
    begin(world)
    world.pass_days(2)
    for _ in range(5):
        world.tick()
        escalation.check_nightly(world.engine)
    world.tick()
    assert told(world) == [("hana", "A case needs you"), ("morgan", "A case needs you")]


def consent_rule(*more: tuple[str, str, str, str]) -> bytes:
    """Rules on (consent, days silent): every row says whether consent is refused, and for how long it was silent."""
    said = [
        (consent, days, f'"{reason}"', f'"Because {reason}."', '"line_manager"', '"line_manager"',
         f'"{process}"' if process else "null")
        for consent, days, reason, process in more
    ]  # fmt: skip
    columns = ("reason", "sentence", "level", "addressee", "process")
    return rules("escalation", ("consent", "days_silent"), columns, said, policy="COLLECT")


CONSENTS = asking("", key="consents", record="record_consent")


def set_consent(world: World, case_id: UUID, answer: str) -> None:
    world.start_process(case_id, "consents")
    world.do("ask", "hana", case_id=case_id, consent=answer)
    world.tick()


def test_a_reason_that_no_longer_holds_ends_and_may_begin_again() -> None:
    world = world_with(consent_rule(('"refused"', "-", "no_consent", "")), consents=CONSENTS)
    case_id = begin(world)
    set_consent(world, case_id, "refused")
    assert reasons(world, case_id) == ["no_consent"]
    world.pass_days(1)
    set_consent(world, case_id, "given")
    assert (reasons(world, case_id), reasons(world, case_id, ended=True)) == ([], ["no_consent"])
    assert escalation_row(world, case_id, "no_consent").ended_on == world.today
    (event,) = world.history(case_id, "escalation_ended")
    assert event.detail["reason"] == "no_consent"
    told(world)
    world.pass_days(1)
    set_consent(world, case_id, "refused")
    assert (reasons(world, case_id), told(world)) == (["no_consent"], [("morgan", "A case needs you")])


STALLING = (
    ('-', ">= 2", "silent", "stalled_plan"),
    ('"refused"', "-", "no_consent", "stalled_plan"),
)  # fmt: skip


def test_a_process_is_started_once_and_later_reasons_join_it() -> None:
    world = world_with(consent_rule(*STALLING), consents=CONSENTS)
    case_id = begin(world)
    world.pass_days(2)
    (instance,) = stalled(world, case_id)
    assert world.open_elements(case_id) == ["discuss", "rest"]
    assert world.task("discuss", case_id).variables["reasons"] == ["silent"]
    world.pass_days(1)
    set_consent(world, case_id, "refused")
    world.pass_days(3)
    assert [row.id for row in stalled(world, case_id)] == [instance.id]
    for reason in ("silent", "no_consent"):
        assert escalation_row(world, case_id, reason).instance_id == instance.id
    (stage,) = world.rows(sa.select(record.manager_discussions).where(record.manager_discussions.c.case_id == case_id))
    assert (stage.opened_on, stage.manager_id) == (date(2026, 3, 4), world.ids["morgan"])


def levels(*more: tuple[str, str, str, str, str, str]) -> bytes:
    """Rules on (consent, days silent) with a level, an addressee and a process in every row."""
    said = [
        (consent, days, f'"{reason}"', f'"Because {reason}."', f'"{level}"', f'"{addressee}"', f'"{process}"')
        for consent, days, reason, level, addressee, process in more
    ]
    columns = ("reason", "sentence", "level", "addressee", "process")
    return rules("escalation", ("consent", "days_silent"), columns, said, policy="COLLECT")


HARM = model(task("check", "line_managers"), way="start check; check end", key="harm")
REPLAN = model(task("change"), way="start change; change end", key="replan")
LOUDER = levels(
    ('"refused"', "-", "no_consent", "harm_check", "line_manager", "harm"),
    ("-", ">= 2", "silent", "line_manager", "line_manager", "stalled_plan"),
    ("-", ">= 2", "no_progress", "replan", "assessor", "replan"),
)


def test_of_several_rows_the_highest_of_each_addressee_is_acted_on_and_all_are_kept() -> None:
    world = world_with(LOUDER, consents=CONSENTS, harm=HARM, replan=REPLAN)
    case_id = begin(world)
    world.start_process(case_id, "consents")
    world.clock.advance(2 * DAY)
    world.do("ask", "hana", case_id=case_id, consent="refused")
    world.pass_days(2)
    assert reasons(world, case_id) == ["no_consent", "no_progress", "silent"]
    assert world.open_elements(case_id) == ["change", "check", "rest"]
    assert stalled(world, case_id) == []
    assert escalation_row(world, case_id, "silent").instance_id is None


TOGETHER = rows((">= 2", "to_remind", "remind", "assessor", ""), (">= 2", "to_manager", "line_manager", "assessor", ""))


def test_a_reason_without_a_letter_of_its_own_says_with_which_it_was_told() -> None:
    world = world_with(TOGETHER)
    case_id = begin(world)
    world.pass_days(3)
    found = case_file.read(world.engine, actor=world.actor("cleo"), case_id=case_id).escalations
    shown = {each.reason: each for each in found}
    assert shown["to_manager"].informed and shown["to_manager"].told_with == ""
    assert not shown["to_remind"].informed
    assert shown["to_remind"].told_with == shown["to_manager"].sentence
    world.write(sa.update(record.escalations).values(first_true_on=world.today + timedelta(days=1)))
    found = case_file.read(world.engine, actor=world.actor("cleo"), case_id=case_id).escalations
    assert [(each.informed, each.told_with) for each in found] == [((), "")] * 2, "of an earlier time that it held"
    world.write(sa.delete(keeping.outbox))
    found = case_file.read(world.engine, actor=world.actor("cleo"), case_id=case_id).escalations
    assert [(each.informed, each.told_with) for each in found] == [((), "")] * 2


def test_a_row_that_was_passed_over_is_acted_on_once_the_louder_one_has_ended() -> None:
    world = world_with(LOUDER, consents=CONSENTS, harm=HARM, replan=REPLAN)
    case_id = begin(world)
    set_consent(world, case_id, "refused")
    world.pass_days(3)
    assert stalled(world, case_id) == []
    world.start_process(case_id, "consents")
    world.pass_days(3)
    began = escalation_row(world, case_id, "silent").first_true_on
    # Consent given again is no news on the plan: the rule is of silence, which would end with the act.
    table = record.consents
    now_given = sa.update(table).where(table.c.case_id == case_id, table.c.to_on.is_(None))
    world.write(now_given.values(answer="given"), touched(case_id))
    world.pass_days(1)
    assert reasons(world, case_id) == ["no_progress", "silent"]
    (instance,) = stalled(world, case_id)
    kept = escalation_row(world, case_id, "silent")
    assert (kept.instance_id, kept.first_true_on) == (instance.id, began)
    world.pass_days(2)
    assert len(stalled(world, case_id)) == 1


def touched(case_id: UUID) -> sa.Executable:
    """Let a case count as changed, as every act on it does."""
    return sa.update(record.cases).where(record.cases.c.id == case_id).values(version=record.cases.c.version + 1)


def test_a_quieter_reason_joins_the_process_that_a_louder_one_started() -> None:
    both = levels(
        ('"refused"', "-", "no_consent", "mag", "line_manager", "stalled_plan"),
        ("-", ">= 2", "silent", "line_manager", "line_manager", "stalled_plan"),
    )
    world = world_with(both, consents=CONSENTS)
    case_id = begin(world)
    set_consent(world, case_id, "refused")
    world.pass_days(3)
    (instance,) = stalled(world, case_id)
    assert escalation_row(world, case_id, "silent").instance_id == instance.id


def test_a_new_reason_after_the_process_ended_starts_it_again() -> None:
    world = world_with(consent_rule(*STALLING), consents=CONSENTS)
    case_id = begin(world)
    world.pass_days(2)
    world.do("discuss", "morgan", case_id=case_id)
    world.pass_days(1)
    assert len(stalled(world, case_id)) == 1
    set_consent(world, case_id, "refused")
    assert [row.status for row in stalled(world, case_id)] == ["ended", "running"]


@pytest.mark.parametrize(
    ("ended_on", "again_on"),
    [
        (date(2026, 3, 4), date(2026, 3, 18)),  # a Wednesday and the Wednesday after next
        (date(2026, 3, 6), date(2026, 3, 20)),
        (date(2026, 3, 25), date(2026, 4, 10)),  # Good Friday and Easter Monday are no working days
    ],
)
def test_a_reason_still_true_ten_working_days_on_starts_the_process_anew(ended_on: date, again_on: date) -> None:
    world = world_with(consent_rule(*STALLING), at=datetime(2026, 2, 23, 9, tzinfo=UTC))
    case_id = begin(world)
    world.pass_days((ended_on - world.today).days)
    world.do("discuss", "morgan", case_id=case_id)
    told(world)
    world.pass_days((again_on - world.today).days - 1)
    assert len(stalled(world, case_id)) == 1
    world.pass_days(1)
    first, second = stalled(world, case_id)
    assert (first.status, second.status) == ("ended", "running")
    assert world.task("discuss", case_id)
    assert escalation_row(world, case_id, "silent").instance_id == second.id
    assert escalation_row(world, case_id, "silent").first_true_on == date(2026, 2, 25)
    world.pass_days(3)
    assert len(stalled(world, case_id)) == 2


WARNS = rules(
    "escalation", ("days_silent", 'time limit("silence")'), ("reason", "sentence", "level", "addressee", "process"),
    [(">= 2", "-", '"silent"', '"Silent."', '"remind"', '"assessor"', "null")], policy="COLLECT",
)  # fmt: skip


def test_rules_that_cannot_judge_are_told_to_the_manager_once_and_become_an_incident() -> None:
    world = world_with(WARNS, limits=timescales(other=1))
    case_id = begin(world)
    assert told(world) == [("morgan", "A plan could not be judged")]
    (incident,) = world.incidents(case_id)
    assert (incident.kind, incident.case_id) == ("rule", case_id)
    assert "silence" in incident.message
    world.pass_days(3)
    assert [letter for letter in told(world) if letter[1] == "A plan could not be judged"] == []
    (incident,) = world.incidents(case_id)
    assert incident.tries > 1


def test_the_incident_ends_when_the_plan_can_be_judged_again_whatever_is_said_of_it() -> None:
    world = world_with(WARNS, limits=timescales(other=1))
    case_id = begin(world)
    assert len(world.incidents(case_id)) == 1
    world.deploy({"limits.dmn": timescales(silence=2)})
    world.pass_days(1)
    assert world.incidents(case_id) == []
    assert reasons(world, case_id) == []
    world.deploy({"limits.dmn": timescales(other=1)})
    told(world)
    world.pass_days(1)
    assert ("morgan", "A plan could not be judged") in told(world)


def test_a_reason_known_to_hold_does_not_end_because_nothing_can_be_told() -> None:
    world = world_with(rows((">= 2", "silent", "remind", "assessor", "")))
    case_id = begin(world)
    world.pass_days(2)
    assert told(world) == [("hana", "A case needs you")]
    endless = "count(for day in 1..999999999 return day) > ?"
    broken = rules("escalation", ("days_silent",), ("reason",), [(endless, '"x"')], policy="COLLECT")
    world.deploy({"escalation.dmn": broken})
    world.pass_days(1)
    assert reasons(world, case_id) == ["silent"]
    assert "A loop over more than" in world.incidents(case_id)[0].message
    world.deploy({"escalation.dmn": rows((">= 2", "silent", "remind", "assessor", ""))})
    told(world)
    world.pass_days(1)
    assert (reasons(world, case_id), told(world)) == (["silent"], [])
    assert world.incidents(case_id) == []


def test_a_changed_limit_reaches_running_cases_at_the_next_sweep() -> None:
    limited = rules(
        "escalation", ("days_silent",), ("reason", "sentence", "level", "addressee", "process"),
        [('>= time limit("silence")', '"silent"', '"Silent."', '"remind"', '"assessor"', "null")], policy="COLLECT",
    )  # fmt: skip
    world = world_with(limited, limits=timescales(silence=20))
    case_id = begin(world)
    world.pass_days(4)
    assert reasons(world, case_id) == []
    world.deploy({"limits.dmn": timescales(silence=3)})
    world.pass_days(1)
    assert reasons(world, case_id) == ["silent"]
    world.deploy({"limits.dmn": timescales(silence=30)})
    world.pass_days(1)
    assert reasons(world, case_id) == []


def swept_on(world: World) -> date | None:
    day: date | None = world.rows(sa.select(people.authorities.c.swept_on))[0][0]
    return day


@pytest.mark.parametrize(
    ("before", "after", "night"),
    [
        (datetime(2026, 3, 3, 2, 29, tzinfo=UTC), datetime(2026, 3, 3, 2, 30, tzinfo=UTC), date(2026, 3, 3)),
        # In summer half past two in London is half past one in UTC.
        (datetime(2026, 6, 3, 1, 29, tzinfo=UTC), datetime(2026, 6, 3, 1, 30, tzinfo=UTC), date(2026, 6, 3)),
        # The night the clocks go forward: 00:59 UTC is 00:59, 01:30 UTC is 02:30.
        (datetime(2026, 3, 29, 1, 29, tzinfo=UTC), datetime(2026, 3, 29, 1, 30, tzinfo=UTC), date(2026, 3, 29)),
        # The night they go back: half past two comes once, at 02:30 UTC.
        (datetime(2026, 10, 25, 2, 29, tzinfo=UTC), datetime(2026, 10, 25, 2, 30, tzinfo=UTC), date(2026, 10, 25)),
    ],
)
def test_the_sweep_runs_at_half_past_two_on_the_authority_s_clock(
    before: datetime, after: datetime, night: date
) -> None:
    world = world_with(NONE, at=before - DAY)
    begin(world)
    world.clock.set(before)
    world.tick()
    assert swept_on(world) == night - DAY
    assert upkeep.authorities_to_sweep(world.engine) == []
    world.clock.set(after)
    assert upkeep.authorities_to_sweep(world.engine) == [world.authority_id]
    world.tick()
    assert swept_on(world) == night
    assert upkeep.authorities_to_sweep(world.engine) == []


def test_after_days_of_downtime_there_is_one_sweep_as_of_today() -> None:
    world = world_with(rows((">= 2", "silent", "remind", "assessor", ""), (">= 5", "long", "replan", "assessor", "")))
    case_id = begin(world)
    world.clock.advance(timedelta(days=7))
    assert world.tick().judged == 1
    assert reasons(world, case_id) == ["long", "silent"]
    assert told(world) == [("hana", "A case needs you")]
    # Acting on it moved the case; nothing more is to be done.
    assert world.tick().judged == 0


def test_each_authority_is_swept_on_its_own_clock() -> None:
    world = world_with(NONE, at=datetime(2026, 6, 1, 9, tzinfo=UTC))
    engine = world.engine
    other = setup.create_authority(engine, key="faraway", name="Faraway", zone="America/New_York")
    world.tick()
    world.clock.set(datetime(2026, 6, 2, 1, 30, tzinfo=UTC))
    assert upkeep.authorities_to_sweep(engine) == [world.authority_id]
    world.tick()
    world.clock.set(datetime(2026, 6, 2, 6, 30, tzinfo=UTC))
    assert upkeep.authorities_to_sweep(engine) == [other]


def test_a_closed_case_is_never_judged() -> None:
    shut = model(service("close", "close_record"), way="start close; close end", key="shut")
    world = world_with(rows((">= 2", "silent", "remind", "assessor", "stalled_plan")), shut=shut)
    case_id, other = begin(world), begin(world)
    world.start_process(case_id, "shut")
    world.pass_days(10)
    assert (reasons(world, case_id), reasons(world, other)) == ([], ["silent"])
    assert world.open_elements(case_id) == []
    world.deploy({"escalation.dmn": NONE})
    assert escalation.check_nightly(world.engine).judged == 1


def test_closing_a_case_ends_its_reasons_and_its_stalled_plan() -> None:
    shut = model(service("close", "close_record"), way="start close; close end", key="shut")
    world = world_with(rows((">= 2", "silent", "remind", "assessor", "stalled_plan")), shut=shut)
    case_id = begin(world)
    world.pass_days(2)
    world.start_process(case_id, "shut")
    world.pass_days(3)
    assert (reasons(world, case_id), reasons(world, case_id, ended=True)) == ([], ["silent"])
    assert [row.end for row in stalled(world, case_id)] == ["cancelled"]


def test_a_failed_escalation_is_an_incident_of_that_case_alone_and_is_tried_again() -> None:
    nowhere = '=if days_silent > 0 then "nowhere" else null'
    world = world_with(rows((">= 2", "silent", "remind", "assessor", nowhere)))
    first, second = begin(world), begin(world)
    world.pass_days(2)
    assert {row.case_id for row in world.incidents()} == {first, second}
    assert all("nowhere" in row.message for row in world.incidents())
    assert reasons(world, first) == []
    assert told(world) == [("morgan", "A plan could not be judged")] * 2
    world.pass_days(2)
    assert told(world) == [], "told once for as long as it lasts"
    assert [row.tries for row in world.incidents()] == [3, 3]
    world.deploy({"nowhere.bpmn": model(task("go"), way="start go; go end", key="nowhere")})
    world.pass_days(1)
    assert world.open_elements(first) == ["go", "rest"]
    assert world.incidents() == []


@pytest.mark.parametrize("cell", ['["stalled_plan"]', "{a: 1}", "5", "true"])
def test_a_cell_that_gives_no_text_is_an_incident_of_each_case_and_holds_nothing_up(cell: str) -> None:
    columns = ("reason", "sentence", "level", "addressee", "process")
    said = [
        (">= 2", '"odd"', '"Odd."', '"remind"', '"assessor"', f"if days_silent > 1 then {cell} else null"),
        (">= 2", '"silent"', '"Silent."', '"remind"', '"assessor"', "null"),
    ]
    world = world_with(rules("escalation", ("days_silent",), columns, said, policy="COLLECT"))
    case_id = begin(world)
    world.pass_days(2)
    assert reasons(world, case_id) == ["silent"]
    assert told(world) == [("hana", "A case needs you"), ("morgan", "A plan could not be judged")]
    (incident,) = world.incidents(case_id)
    assert "row 1 gives no text as process" in incident.message


def spoil_facts(world: World, case_id: UUID, **odd: Any) -> None:
    """Keep facts of a case that no code foresees."""
    (kept,) = facts(world, case_id)
    changed = {**kept.facts, **odd}
    world.write(sa.update(record.case_facts).where(record.case_facts.c.id == kept.id).values(facts=changed))


@pytest.mark.parametrize(
    ("odd", "defect"),
    [
        ({"opened_on": 5}, "Stored facts cannot be read: fromisoformat: argument must be str"),  # met while judging
        ({"line_manager": "nobody"}, "A defect of the service: ValueError"),  # met while telling whom it names
    ],
)
def test_a_defect_met_on_one_case_is_its_incident_and_holds_up_no_other(odd: dict[str, Any], defect: str) -> None:
    world = world_with(rows((">= 2", "silent", "remind", "line_manager", "")))
    first, broken, last = begin(world), begin(world), begin(world)
    spoil_facts(world, broken, **odd)
    world.pass_days(2)
    assert [reasons(world, each) for each in (first, broken, last)] == [["silent"], [], ["silent"]]
    (incident,) = world.incidents()
    assert (incident.case_id, incident.message) == (broken, f"Escalation failed: {defect}")
    assert told(world).count(("morgan", "A plan could not be judged")) == 1
    world.pass_days(2)
    assert told(world) == []
    # An act on the case has its facts gathered anew.
    world.start_process(broken, "idle")
    world.tick()
    assert (reasons(world, broken), world.incidents()) == (["silent"], [])


def test_whoever_is_not_there_is_stood_in_for() -> None:
    world = world_with(
        rows(
            (">= 2", "to_lead", "remind", "lead_professional", ""),  # nobody leads: the assessor
            (">= 2", "to_owner", "remind", "action_owner", ""),  # no action is late: the line manager
            (">= 2", "to_coordinator", "remind", "coordinator", ""),
        )
    )
    begin(world)
    world.pass_days(2)
    assert sorted(name for name, _ in told(world)) == ["cleo", "hana", "morgan"]


def test_without_any_manager_the_coordinators_hear() -> None:
    world = world_with(rows((">= 2", "to_manager", "remind", "line_manager", "")))
    world.start_case(by="cleo", process_key="idle")
    world.pass_days(2)
    assert told(world) == [("cleo", "A case needs you")]


def test_owners_of_late_actions_and_their_managers_are_told() -> None:
    world = world_with(
        rows((">= 2", "late", "remind", "action_owner", ""), (">= 2", "later", "line_manager", "owners_manager", "")),
        plans=asking("", key="plans", record="agree_action_plan"),
    )
    case_id = begin(world)
    world.agree(case_id)
    world.start_process(case_id, "plans")
    actions = [
        {"action": who, "owner": str(world.ids[who]), "due_on": due}
        for who, due in (("noor", "2026-03-03"), ("idris", "2026-03-27"))
    ]
    world.do("ask", "hana", case_id=case_id, actions=actions)
    # Somebody moves the date: the action is no less late for it.
    late = world.rows(sa.select(record.plan_actions.c.id).where(record.plan_actions.c.action == "noor"))[0][0]
    plan_actions.report(
        world.engine, actor=world.actor("hana"), action_id=late, progress="Moved", new_due_on=date(2026, 4, 30)
    )
    world.pass_days(3)
    bodies = {each.recipient.split("@")[0]: each.body for each in world.mailbox.messages}
    assert told(world) == [("noor", "A case needs you"), ("sunniva", "A case needs you")]
    assert "Sign in to open the case." in bodies["noor"], "an action puts its owner on the team"
    assert "An action of a plan is late, of Noor Bakar." in bodies["sunniva"]
    assert "You cannot open the case itself. If you have a question, ask Hana" in bodies["sunniva"]


def test_the_manager_of_an_agency_that_stays_away_is_told() -> None:
    world = world_with(rows((">= 2", "absent", "line_manager", "agency_manager", "")))
    case_id = begin(world)
    world.agree(case_id)
    meeting_id, day = world.engine.ids.new(), date(2026, 3, 2)
    common = {"authority_id": world.authority_id, "case_id": case_id}
    held = {"id": meeting_id, "planned_on": day, "held_on": day}
    asked = {"meeting_id": meeting_id, "invited_on": day}
    world.write(
        sa.insert(record.tac_meetings).values(held | common),
        *(
            sa.insert(record.invitations).values(
                {"id": world.engine.ids.new(), "practitioner_id": world.ids[who], **each} | asked | common
            )
            for who, each in (("noor", {"attended": False}), ("idris", {"attended": True}))
        ),
    )
    world.pass_days(3)
    (mail,) = world.mailbox.messages
    assert "neither a report came nor Noor Bakar" in mail.body and "You cannot open the case itself" in mail.body
    assert told(world) == [("sunniva", "A case needs you")]


def test_a_concern_raised_by_a_review_has_one_process_not_two() -> None:
    world = build_world()
    case_id = start_and_walk_to(world, "hold_review")
    world.do(
        "hold_review", "hana", case_id=case_id, held_on=world.today.isoformat(), outcome="worse", notes="Marks",
        next_step="step_up",
    )  # fmt: skip
    world.pass_days(2)
    assert [each for each in world.open_elements(case_id) if each == "acknowledge_concern"] == ["acknowledge_concern"]
    assert "significant_harm" in reasons(world, case_id)
    episode = world.instance(case_id, "caf_episode").id
    assert escalation_row(world, case_id, "significant_harm").instance_id == episode


def test_a_concern_raised_by_the_button_has_one_process_too() -> None:
    world = build_world()
    case_id = world.start_case()
    concerns.raise_concern(world.engine, actor=world.actor("noor"), case_id=case_id, answers={})
    world.pass_days(1)
    assert [each for each in world.open_elements(case_id) if each == "acknowledge_concern"] == ["acknowledge_concern"]
    concern = world.instance(case_id, "safeguarding_concern").id
    assert escalation_row(world, case_id, "significant_harm").instance_id == concern


def test_a_review_that_agreed_to_close_is_not_asked_for_the_date_of_the_next() -> None:
    world = build_world()
    case_id = start_and_walk_to(world, "hold_review")
    world.tick()
    told(world)
    world.do(
        "hold_review", "hana", case_id=case_id, held_on=world.today.isoformat(), outcome="better", notes="All met",
        next_step="close",
    )  # fmt: skip
    world.pass_days(1)
    assert "no_review_date" not in reasons(world, case_id) + reasons(world, case_id, ended=True)
    assert ("hana", "A case needs you") not in told(world)
