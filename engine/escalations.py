"""Carry out a judgement: record the reasons that began or ended, tell people once, start what the rules ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from engine.acts import start_process
from engine.casework.escalation import Judgement, Reason
from engine.dmn import DecisionResult
from engine.judging import DECISION, counts_as_new_on, moved_sentences
from engine.operations import stalled_plans
from engine.reminders import remind, tell_unsure
from engine.store import escalations, evaluations
from engine.store.incidents import open_incident, resolve_judged
from engine.work import Work


def carry_out(work: Work, rules_id: UUID, result: DecisionResult, judgement: Judgement) -> None:
    """Do what a judgement of the case of `work` asks for, as far as it is new."""
    open_now = escalations.open_reasons(work.connection, [work.case.id]).get(work.case.id, {})
    evaluations.keep(
        work.connection,
        authority_id=work.authority.id,
        case_id=work.case.id,
        rules_id=rules_id,
        decision=DECISION,
        explained=result.as_json(),
        at=work.at,
        ids=work.engine.ids,
    )
    if judgement.unsure:
        _open_unsure(work, judgement)
    else:
        resolve_judged(work.connection, [work.case.id], at=work.at)
        _end(work, judgement, open_now)
    escalations.say(work.connection, moved_sentences(work.case.id, judgement, open_now))
    new = _begin(work, judgement, open_now, rules_id)
    _start_processes(work, judgement, [*new, *_true_again(work, judgement, open_now)])


def _end(work: Work, judgement: Judgement, open_now: Mapping[str, str]) -> None:
    """Record the reasons that no longer hold; not asked of what could not be judged, which has not ended."""
    for reason in sorted(open_now.keys() - judgement.reasons.keys()):
        escalations.end(work.connection, work.case.id, reason, on=work.today)
        work.record("escalation_ended", detail={"reason": reason, "sentence": open_now[reason]})


def _begin(work: Work, judgement: Judgement, open_now: Mapping[str, str], rules_id: UUID) -> list[Reason]:
    """Record the reasons that are new, and tell the loudest to each addressee."""
    new = [row for reason, row in judgement.reasons.items() if reason not in open_now]
    for row in new:
        id_, authority_id = work.engine.ids.new(), work.authority.id
        escalations.begin(work.connection, id_, work.case.id, row, authority_id=authority_id, on=work.today)
        detail = {"reason": row.reason, "level": row.level, "row": row.row, "sentence": row.sentence}
        work.record("escalation_begun", subject=rules_id, detail=detail)
    for row in judgement.loudest(new):
        remind(work, row)
    return new


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
        if running is None and ended is not None and counts_as_new_on(work.authority, ended) <= work.today:
            again.append(row)
    return again


def _open_unsure(work: Work, judgement: Judgement) -> None:
    """Make an incident of a plan that could not be judged, and tell it once for as long as that lasts."""
    incident_id = work.engine.ids.new()
    new = open_incident(
        work.connection,
        id_=incident_id,
        authority_id=work.authority.id,
        case_id=work.case.id,
        kind="rule",
        message=f"The escalation rules could not judge this plan in full: {judgement.unsure}",
        at=work.at,
    )
    if new:
        tell_unsure(work, incident_id)
