"""Carry out a judgement: record the reasons that began or ended, tell people once, start what the rules ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from engine.acts import start_process
from engine.casework.escalation import DECISION, Judgement, Reason
from engine.judging import Judged
from engine.operations import mag_referrals, stalled_plans
from engine.reminders import remind, tell_unsure
from engine.store import escalations
from engine.store.incidents import open_incident
from engine.work import Work


def carry_out(work: Work, rules_id: UUID, judged: Judged) -> bool:
    """Do what a judgement of the case of `work` asks for, as far as it is new; True when it started a process."""
    judgement, open_now = judged.judgement, judged.open_now
    work.explain(DECISION, rules_id, judged.result.as_json())
    if judgement.unsure:
        _open_unsure(work, judgement)
    else:
        _end(work, judgement, open_now)
    escalations.say(work.connection, judged.moved_sentences())
    new = _begin(work, judged, rules_id)
    again = [row for row in judgement.reasons.values() if row.process in judged.again and row.reason in open_now]
    return _start_processes(work, judgement, [*new, *again, *_heard_now(work, judged)])


def _heard_now(work: Work, judged: Judged) -> list[Reason]:
    """Return what was passed over while something louder held, which has ended now."""
    judgement = judged.judgement
    if judgement.unsure or not judged.open_now.keys() - judgement.reasons.keys():
        return []
    return judgement.passed_over(escalations.dealt_with(work.connection, work.case.id))


def _end(work: Work, judgement: Judgement, open_now: Mapping[str, str]) -> None:
    """Record the reasons that no longer hold; not asked of what could not be judged, which has not ended."""
    for reason in sorted(open_now.keys() - judgement.reasons.keys()):
        escalations.end(work.connection, work.case.id, reason, on=work.today)
        work.record("escalation_ended", detail={"reason": reason, "sentence": open_now[reason]})


def _begin(work: Work, judged: Judged, rules_id: UUID) -> list[Reason]:
    """Record the reasons that are new, and tell the loudest to each addressee; return those to be acted on now.

    Those that wait are only recorded. Once they wait no longer they are told and acted on as if they were new, but
    keep the day on which they began. What the group has just answered counts as new later (`COUNTS_AS_NEW_AFTER`).
    """
    judgement = judged.judgement
    new = [row for reason, row in judgement.reasons.items() if reason not in judged.open_now]
    for row in new:
        id_, authority_id = work.engine.ids.new(), work.authority.id
        escalations.begin(work.connection, id_, work.case.id, row, authority_id=authority_id, on=work.today)
        detail = {"reason": row.reason, "level": row.level, "row": row.row, "sentence": row.sentence}
        work.record("escalation_begun", subject=rules_id, detail=detail)
    escalations.wake(work.connection, work.case.id, sorted(judged.woken))
    answered = _answered_by_group(work, new)
    due = [row for row in new if not row.waits and row not in answered]
    due += [judgement.reasons[reason] for reason in sorted(judged.woken)]
    for row in judgement.loudest(due):
        remind(work, row)
    return due


def _answered_by_group(work: Work, new: Sequence[Reason]) -> list[Reason]:
    """Tie what says that the plan has stalled, on the day of the group's decision, to what led to that; return it.

    Its actions make the plan longer and nothing later: they are not a reason to ask anew what is in the way.
    """
    stalled = [row for row in new if row.process == stalled_plans.PROCESS and not row.waits]
    if not stalled or not mag_referrals.has_decided_today(work):
        return []
    ended = escalations.last_ended(work.connection, work.case.id, stalled_plans.PROCESS)
    if ended is None:
        return []
    reasons = [row.reason for row in stalled]
    escalations.join(work.connection, work.case.id, ended, reasons, process_key=stalled_plans.PROCESS)
    return stalled


def _start_processes(work: Work, judgement: Judgement, due: Sequence[Reason]) -> bool:
    """Start each process that the loudest reasons ask for, once; every later reason joins the one that runs."""
    started = False
    starts = judgement.processes(due)
    for process in dict.fromkeys([*starts, *(row.process for row in due if row.process)]):
        instance_id = escalations.running(work.connection, work.case.id, process)
        if instance_id is None:
            if process not in starts:
                continue
            if process == stalled_plans.PROCESS:
                stalled_plans.open_stage(work)
            instance_id = start_process(work, process, {"reasons": sorted(judgement.reasons)})
            started = True
        joining = [row.reason for row in judgement.reasons.values() if row.process == process]
        escalations.join(work.connection, work.case.id, instance_id, joining, process_key=process)
    return started


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
