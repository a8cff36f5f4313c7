"""The sweep: gather facts set-wise, ask the escalation rules, act on what they say, never silently.

A case is checked when its record changed (`version` is past `checked_version`) and once a night. Facts are
kept with valid-from and valid-to whenever they change, so that any past day can be asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.acts import settle, start_process
from engine.casework.escalation import Judgement, Reason, judge
from engine.casework.facts import FACTS, RecordedFacts, derive
from engine.dmn import DecisionResult
from engine.errors import EngineError
from engine.feel import Environment, to_plain
from engine.operations import stalled_plans
from engine.process_engine import ProcessEngine
from engine.reminders import remind
from engine.store import escalations, evaluations, locking
from engine.store import facts as fact_store
from engine.store.authorities import Authority
from engine.store.incidents import open_incident, resolve_authority_wide, resolve_judged
from engine.work import Work, open_work

DECISION = "escalation"
BATCH = 500
ACTED_ON_TOGETHER = 20
"""Cases that share a commit, which a slow disk makes the dearest part; few, as other writers wait for it."""
COUNTS_AS_NEW_AFTER = 10
"""Working days after an escalation ended when a reason still true counts as new."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep did: cases judged, cases whose escalations changed, cases that could not be judged."""

    judged: int
    changed: int
    failed: int


def check_changed(engine: ProcessEngine, *, limit: int = BATCH) -> Swept:
    """Judge up to `limit` open cases whose record changed since they were last judged."""
    with engine.sessions.read() as connection:
        todo = escalations.unchecked(connection, limit=limit)
    return _sweep(engine, todo)


def check_nightly(engine: ProcessEngine, *, authority_id: UUID | None = None) -> Swept:
    """Judge every open case of an authority (of all, when none is named) as of today."""
    with engine.sessions.read() as connection:
        todo = escalations.all_open(connection, authority_id)
    return _sweep(engine, todo)


def _sweep(engine: ProcessEngine, todo: Sequence[escalations.OpenCase]) -> Swept:
    done = Swept(0, 0, 0)
    for authority_id in dict.fromkeys(case.authority_id for case in todo):
        own = [case for case in todo if case.authority_id == authority_id]
        for start in range(0, len(own), BATCH):
            part = _sweep_guarded(engine, authority_id, own[start : start + BATCH])
            done = Swept(done.judged + part.judged, done.changed + part.changed, done.failed + part.failed)
    return done


def _sweep_guarded(engine: ProcessEngine, authority_id: UUID, batch: Sequence[escalations.OpenCase]) -> Swept:
    """Judge a batch; when the rules cannot be asked at all, an incident says so and the tick goes on."""
    now = engine.clock.now()
    try:
        return _sweep_batch(engine, authority_id, batch)
    except EngineError as error:
        with engine.sessions.act() as connection:
            open_incident(
                connection,
                id_=engine.ids.new(),
                authority_id=authority_id,
                kind="rule",
                message=f"No plan of this authority could be judged: {error}",
                at=now,
            )
        return Swept(0, 0, len(batch))


def _sweep_batch(engine: ProcessEngine, authority_id: UUID, batch: Sequence[escalations.OpenCase]) -> Swept:
    """Judge a batch with set-wise reads and writes; only cases where something is to be done are acted on."""
    now = engine.clock.now()
    with engine.sessions.read() as connection:
        authority = engine.library.authority(connection, authority_id, batch[0].authority_version)
        judgements = _judge_all(engine, connection, authority, batch, now)
    quiet = [judgement.case for judgement in judgements if not judgement.differs]
    with engine.sessions.act() as connection:
        escalations.keep_facts(connection, _new_facts(judgements), authority_id=authority_id, at=now, ids=engine.ids)
        escalations.mark_checked(connection, quiet)
        ids = [case.id for case in quiet]
        escalations.renew(connection, ids, _sentences(judgements), on=now.astimezone(authority.zone).date())
        resolve_authority_wide(connection, authority_id, kind="rule", at=now)
        resolve_judged(connection, ids, at=now)
    loud = [judgement for judgement in judgements if judgement.differs]
    groups = [loud[start : start + ACTED_ON_TOGETHER] for start in range(0, len(loud), ACTED_ON_TOGETHER)]
    return Swept(len(batch), len(loud), sum(_apply(engine, group, now=now) for group in groups))


@dataclass(frozen=True, slots=True)
class _Judged:
    """A case, its facts, what the rules say today and what is open; `differs` when something is to be done."""

    case: escalations.OpenCase
    facts: RecordedFacts
    facts_changed: bool
    result: DecisionResult
    judgement: Judgement
    open_now: Mapping[str, str]
    differs: bool


def _new_facts(judgements: Sequence[_Judged]) -> dict[UUID, dict[str, Any]]:
    """Return the facts to keep, by case id: those that changed."""
    return {judged.case.id: judged.facts.as_json() for judged in judgements if judged.facts_changed}


def _sentences(judgements: Sequence[_Judged]) -> list[tuple[UUID, str, str]]:
    """Return (case, reason, sentence) of every reason that goes on and whose days have moved."""
    return [
        said
        for judged in judgements
        if not judged.differs
        for said in _moved(judged.case.id, judged.judgement, judged.open_now)
    ]


def _moved(case_id: UUID, judgement: Judgement, open_now: Mapping[str, str]) -> list[tuple[UUID, str, str]]:
    return [
        (case_id, reason, row.sentence)
        for reason, row in judgement.reasons.items()
        if open_now.get(reason, row.sentence) != row.sentence
    ]


def _judge_all(
    engine: ProcessEngine,
    connection: sa.Connection,
    authority: Authority,
    batch: Sequence[escalations.OpenCase],
    now: datetime,
) -> list[_Judged]:
    today = now.astimezone(authority.zone).date()
    kept = escalations.kept_facts(connection, [case.id for case in batch if case.checked_version == case.version])
    missing = [case.id for case in batch if case.id not in kept]
    gathered = fact_store.gather(connection, missing) if missing else {}
    open_now = escalations.open_reasons(connection, [case.id for case in batch])
    ended = escalations.ended_processes(connection, [case.id for case in batch])
    since = authority.calendar.start_of_day(authority.calendar.add_working_days(today, 1 - COUNTS_AS_NEW_AFTER))
    _, model = engine.library.decision(connection, authority, DECISION)
    host = engine.library.host(connection, authority)
    judged = []
    for case in batch:
        facts = gathered.get(case.id) or kept[case.id]
        environment = Environment(now=now, zone=authority.zone, warnings=[], host=host)
        result = model.evaluate(DECISION, derive(facts, today=today, calendar=authority.calendar), environment)
        judgement, reasons = _read(result), open_now.get(case.id, {})
        differs = judgement.differs_from(reasons) or _restarts(judgement, ended.get(case.id, {}), since)
        judged.append(_Judged(case, facts, case.id in gathered, result, judgement, reasons, differs))
    return judged


def _read(result: DecisionResult) -> Judgement:
    warnings = [warning.message for warning in result.warnings]
    # A fact may well be null; a name that is no fact can never be told.
    warnings += [f"there is no fact called '{name}'" for name in sorted(result.missing - FACTS.keys())]
    return judge(to_plain(result.value), [row.row for row in result.matched], warnings)


def _restarts(judgement: Judgement, ended: Mapping[str, datetime], since: datetime) -> bool:
    """Tell whether a reason still holds whose process ended before `since` and does not run."""
    wanted = {row.process for row in judgement.reasons.values() if row.process}
    return any(ended[process] < since for process in wanted & ended.keys())


def _apply(engine: ProcessEngine, group: Sequence[_Judged], *, now: datetime) -> int:
    """Act on some cases' judgements in one transaction; return how many failed.

    When one of them fails nothing is kept, and each is tried again in a transaction of its own.
    """
    try:
        with engine.sessions.act() as connection:
            for judged in group:
                _act_on(engine, connection, judged, now=now)
    except EngineError as error:
        if len(group) > 1:
            return sum(_apply(engine, [judged], now=now) for judged in group)
        _report(engine, group[0].case, error, now=now)
        return 1
    return 0


def _act_on(engine: ProcessEngine, connection: sa.Connection, judged: _Judged, *, now: datetime) -> None:
    """Act on a case's judgement, or on a new one when the record has moved since it was judged."""
    case = locking.case(connection, judged.case.id)
    if case.closed:
        return
    work = open_work(engine, connection, case, actor=None, at=now)
    rules_id, model = engine.library.decision(connection, work.authority, DECISION)
    result, judgement = judged.result, judged.judgement
    if (case.version, case.authority_version) != (judged.case.version, judged.case.authority_version):
        environment = Environment(now=now, zone=work.authority.zone, warnings=[], host=work.host)
        result = model.evaluate(DECISION, work.facts(), environment)
        judgement = _read(result)
    _carry_out(work, judgement, rules_id, result.as_json())
    settle(work)
    escalations.mark_checked_now(connection, case.id)


def _carry_out(work: Work, judgement: Judgement, rules_id: UUID, explained: Mapping[str, Any]) -> None:
    """Record every reason that began or ended, tell the loudest of each addressee, start what they ask for."""
    open_now = escalations.open_reasons(work.connection, [work.case.id]).get(work.case.id, {})
    evaluations.keep(
        work.connection,
        authority_id=work.authority.id,
        case_id=work.case.id,
        rules_id=rules_id,
        decision=DECISION,
        explained=explained,
        at=work.at,
        ids=work.engine.ids,
    )
    if judgement.unsure:
        _tell_unsure(work, judgement)
    else:
        resolve_judged(work.connection, [work.case.id], at=work.at)
    # What could not be judged has not ended.
    for reason in sorted(open_now.keys() - judgement.reasons.keys()) if not judgement.unsure else ():
        escalations.end(work.connection, work.case.id, reason, on=work.today)
        work.record("escalation_ended", detail={"reason": reason, "sentence": open_now[reason]})
    escalations.renew(work.connection, [work.case.id], _moved(work.case.id, judgement, open_now), on=work.today)
    new = [row for reason, row in judgement.reasons.items() if reason not in open_now]
    for row in new:
        id_, authority_id = work.engine.ids.new(), work.authority.id
        escalations.begin(work.connection, id_, work.case.id, row, authority_id=authority_id, on=work.today)
        detail = {"reason": row.reason, "level": row.level, "row": row.row, "sentence": row.sentence}
        work.record("escalation_begun", subject=rules_id, detail=detail)
    for row in judgement.loudest(new):
        remind(work, row)
    _start_processes(work, judgement, [*new, *_true_again(work, judgement, open_now)])


def _start_processes(work: Work, judgement: Judgement, due: Sequence[Reason]) -> None:
    """Start each process that a reason asks for, once; later reasons join the one that runs."""
    for process in judgement.processes(due):
        instance_id = escalations.running(work.connection, work.case.id, process)
        if instance_id is None:
            if process == stalled_plans.PROCESS:
                stalled_plans.open_stage(work)
            instance_id = start_process(work, process, {"reasons": sorted(judgement.reasons)})
        joining = [row.reason for row in judgement.reasons.values() if row.process == process]
        escalations.join(work.connection, work.case.id, instance_id, joining)


def _true_again(work: Work, judgement: Judgement, open_now: Mapping[str, str]) -> list[Reason]:
    """Return reasons that still hold although the process they started ended long enough ago to count as new."""
    again = []
    for row in judgement.reasons.values():
        if row.process is None or row.reason not in open_now:
            continue
        ended = escalations.last_ended(work.connection, work.case.id, row.process)
        running = escalations.running(work.connection, work.case.id, row.process)
        if running is None and ended is not None and _long_ago(work, ended):
            again.append(row)
    return again


def _long_ago(work: Work, ended: datetime) -> bool:
    day = ended.astimezone(work.authority.zone).date()
    return work.authority.calendar.working_days_between(day, work.today) >= COUNTS_AS_NEW_AFTER


def _tell_unsure(work: Work, judgement: Judgement) -> None:
    """Tell the manager that the plan could not be judged, once for as long as that lasts; never silence."""
    incident_id = work.engine.ids.new()
    message = f"The escalation rules could not judge this plan in full: {judgement.unsure}"
    new = open_incident(
        work.connection,
        id_=incident_id,
        authority_id=work.authority.id,
        case_id=work.case.id,
        kind="rule",
        message=message,
        at=work.at,
    )
    manager = work.facts()["line_manager"]
    if manager and new:
        work.send(
            UUID(manager),
            subject="A plan could not be judged",
            body="The rules lack something they need to tell whether a plan has stalled. Sign in and look at the case.",
            key=f"unsure:{incident_id}",
        )


def _report(engine: ProcessEngine, case: escalations.OpenCase, error: EngineError, *, now: datetime) -> None:
    with engine.sessions.act() as connection:
        open_incident(
            connection,
            id_=engine.ids.new(),
            authority_id=case.authority_id,
            case_id=case.id,
            kind="effect",
            message=f"Escalation failed: {error}",
            at=now,
        )
        escalations.mark_checked(connection, [case])
