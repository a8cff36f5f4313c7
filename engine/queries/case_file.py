"""The whole record of one child's case, for those who may see it; and the lists of cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.awaited import Awaited
from engine.casework import permissions
from engine.casework.permissions import Actor, Relation
from engine.process_engine import ProcessEngine
from engine.queries import (
    attachments,
    awaited_messages,
    case_advice,
    case_alarms,
    case_decisions,
    case_links,
    case_meetings,
    case_moves,
    case_pauses,
    case_people,
    case_plan,
    case_record,
    case_starts,
    case_where,
    consent_limits,
    contradictions,
    late,
    overlaps,
    pathways,
    task_rows,
    timeline,
    visibility,
    waiting_letters,
    words,
)
from engine.queries.attachments import Attachment
from engine.queries.authorities import meeting_term
from engine.queries.case_advice import Consultation, Disagreement, PlanLook
from engine.queries.case_alarms import CaseIncident, Concern, Escalation
from engine.queries.case_decisions import Said
from engine.queries.case_links import LeadingPlan, LinkedCase
from engine.queries.case_list import LONGEST_LIST, CasePage, CaseRow, case_page, cases, may_open
from engine.queries.case_meetings import Meeting
from engine.queries.case_pauses import Pause
from engine.queries.case_people import ChildRecord, Handover, Lead, Person
from engine.queries.case_plan import Outcome
from engine.queries.case_record import Assessment, Consent, MagReferral, ManagerStage, Review
from engine.queries.case_starts import Startable
from engine.queries.case_where import InstanceView
from engine.queries.contradictions import Contradiction
from engine.queries.event_sentences import CLOSED
from engine.queries.task_rows import TaskRow
from engine.queries.timeline import LONGEST, Event, Timeline, of_case
from engine.queries.view import View
from engine.store import kept_addresses
from engine.store.tables.record import cases as case_table
from engine.store.together import Together

__all__ = ["LONGEST_LIST", "CaseFile", "CasePage", "CaseRow", "Next", "case_page", "cases", "may_open", "read"]


@dataclass(frozen=True, slots=True)
class Next:
    """What comes next on a case, and on which day when that is known."""

    what: str
    on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """Everything on a case's page. Nothing here is fit for a family's copy as it is: concerns are in it.

    `late` are sentences, the latest first; so are `overlaps`, about two agencies that give the same kind of help;
    `contradictions` are actions that somebody says work against each other.
    `timeline` is the newest stretch of history, `timeline_before` where `engine.queries.timeline.read` goes on.
    `closed_because` says the closure's reason in words, empty while the case is open. `may_write` tells whether the
    reader may change anything on it, which whoever opened it in an emergency may not, `may_report_stalled`
    whether the reader may say that the plan is stuck, `startable` what they may start because something has changed,
    `awaited` what they may say has come.
    `vacancy_since` is set while nobody leads although somebody should. `leading_plan` is another service's plan, to
    which this case is linked; its key worker is then whom the family turns to first. `pathway_words` are empty for
    the common assessment. `letters` are written, `letters_waiting` of them to be sent, `letters_held` sent and held
    back since; 0 for who does not keep the family. `left_out` are the kinds of information that the family's consent
    keeps from this reader; they are not here; nor are `files` then, as nobody can say of a file which part of the case
    it holds.
    `may_see_readers` tells whether the reader may ask who has looked at the case.
    """

    case_id: UUID
    reference: str
    pathway: str
    pathway_words: str
    opened_on: date
    closed_on: date | None
    closure_reason: str
    closed_because: str
    version: int
    meeting_term: str
    child: ChildRecord
    lead: Lead | None
    handover: Handover | None
    vacancy_since: date | None
    people: tuple[Person, ...]
    consents: tuple[Consent, ...]
    consent_sentence: str
    left_out: tuple[str, ...]
    next: Next | None
    late: tuple[str, ...]
    tasks: tuple[TaskRow, ...]
    plan: tuple[Outcome, ...]
    overlaps: tuple[str, ...]
    contradictions: tuple[Contradiction, ...]
    assessments: tuple[Assessment, ...]
    meetings: tuple[Meeting, ...]
    reviews: tuple[Review, ...]
    manager_stages: tuple[ManagerStage, ...]
    mag_referrals: tuple[MagReferral, ...]
    concerns: tuple[Concern, ...]
    escalations: tuple[Escalation, ...]
    rules_said: tuple[Said, ...]
    incidents: tuple[CaseIncident, ...]
    instances: tuple[InstanceView, ...]
    timeline: tuple[Event, ...]
    timeline_before: int | None
    may_write: bool
    may_report_stalled: bool
    may_appoint_interim: bool
    startable: tuple[Startable, ...]
    awaited: tuple[Awaited, ...]
    links: tuple[LinkedCase, ...]
    pause: Pause | None
    may_correct_dates: bool
    may_put_right: bool
    may_keep_family: bool
    may_see_readers: bool
    restricted: bool
    letters: int
    letters_waiting: int
    letters_held: int
    leading_plan: LeadingPlan | None
    plan_looks: tuple[PlanLook, ...]
    consultations: tuple[Consultation, ...]
    disagreements: tuple[Disagreement, ...]
    files: tuple[Attachment, ...]


def read(engine: ProcessEngine, *, actor: Actor, case_id: UUID, events: int = LONGEST) -> CaseFile:
    """Return the record of a case with the newest `events` of its history, after keeping that the actor read it.

    Raises `NotFound` when they may not see it, whether or not it exists.
    """
    with visibility.reading(engine, actor, case_id, "the case") as (seen, relation):
        view = replace(seen, connection=together(events).ask(seen.connection, asked_with(seen, case_id)))
        row = view.connection.execute(_CASE, {"case": case_id}).one()
        parts = {
            **_work(view, row, relation),
            **_record(view, case_id),
            **_told(of_case(view, case_id, relation, limit=events)),
        }
        parts |= kept_addresses.left_out(view, case_id, {name: parts[name] for name in _TYPED}, relation)
        kept = consent_limits.kept_from(view, case_id, relation)
        parts = consent_limits.trimmed(parts, kept, actor.practitioner_id)
        files = () if kept else attachments.listed(view, case_id)
        return CaseFile(**_about(row), **_people(view, row, relation, kept), **parts, files=files)


_TYPED: Final = (
    "meetings", "reviews", "plan", "assessments", "consents", "consent_sentence", "manager_stages", "mag_referrals",
    "plan_looks", "consultations", "disagreements", "contradictions",
)  # fmt: skip
"""Parts that hold what people typed, but concerns: who protects a child needs every word of those."""
_CASE = sa.select(case_table).where(case_table.c.id == sa.bindparam("case"))
_PARTS: Final = (
    _CASE,
    *task_rows.BY_CASE,
    *case_record.BY_CASE,
    *case_meetings.BY_CASE,
    *case_moves.BY_CASE,
    *late.BY_CASE,
    *overlaps.BY_CASE,
    *contradictions.BY_CASE,
    *case_plan.BY_CASE,
    *case_where.BY_CASE,
    *case_advice.BY_CASE,
    *case_alarms.BY_CASE,
    *case_decisions.BY_CASE,
    *case_people.BY_CASE,
    *waiting_letters.BY_CASE,
    *case_links.BY_CASE,
    *case_pauses.BY_CASE,
    *case_starts.BY_CASE,
    *attachments.BY_CASE,
    *timeline.BY_CASE,
)


@cache
def together(events: int) -> Together:
    """Return what the parts of a case's page ask, each for itself, as one statement; of its history so many events."""
    return Together(*_PARTS, timeline.newest(events))


def asked_with(view: View, case_id: UUID) -> dict[str, Any]:
    """Return the values of the parameters of `together`."""
    own = {"case": case_id, "ids": [case_id], "today": view.today}
    return {**own, **late.asked_with(view), **case_alarms.asked_with(case_id), **case_where.asked_with()}


def _about(row: Any) -> dict[str, Any]:
    copied = ("reference", "pathway", "opened_on", "closed_on", "closure_reason", "version")
    because = CLOSED.get(row.closure_reason, words.plain(row.closure_reason)) if row.closed_on else ""
    return {"case_id": row.id, "closed_because": because, **{name: row._mapping[name] for name in copied}}


def _people(view: View, row: Any, relation: Relation, kept: frozenset[str]) -> dict[str, Any]:
    lead, leading = case_people.lead(view, row.id), case_links.leading_plan(row)
    vacancy_since = case_people.vacancy_since(view, row.id) if lead is None else None
    missing = vacancy_since is not None or bool(lead and (lead.away or lead.is_over(view.today)))
    leaderless = row.closed_on is None and missing
    keeps_family = row.closed_on is None and permissions.may_keep_family(view.actor, relation)
    keeps_in_touch = row.closed_on is None and permissions.may_keep_in_touch(view.actor, relation)
    written, waiting, held = waiting_letters.of_case(view, row.id) if keeps_family else (0, 0, 0)
    return {
        "restricted": relation.restricted,
        "may_see_readers": permissions.may_see_readers(view.actor, relation),
        "letters": written,
        "letters_waiting": waiting,
        "letters_held": held,
        "child": case_people.child(view, row.id, relation, kept=kept),
        "may_appoint_interim": leaderless and permissions.may_appoint_interim(view.actor, relation),
        "links": case_links.of_case(view, row.id),
        "pause": case_pauses.of_case(view, row.id) if row.closed_on is None else None,
        "leading_plan": leading,
        "pathway_words": pathways.words_of(view, row.pathway),
        "startable": case_starts.of_case(view, row.id, relation),
        "awaited": awaited_messages.of_case(view, row.id, relation) if row.closed_on is None else (),
        "may_keep_family": keeps_family,
        "may_put_right": row.closed_on is None and permissions.may_appoint_interim(view.actor, relation),
        "may_correct_dates": row.closed_on is None and permissions.may_correct_dates(view.actor, relation),
        "may_write": row.closed_on is None and permissions.may_see_case(view.actor, relation),
        "may_report_stalled": row.closed_on is None and permissions.may_report_stalled(view.actor, relation),
        "lead": lead,
        "handover": case_people.handover(view, row.id) if row.closed_on is None else None,
        "vacancy_since": vacancy_since,
        "people": case_people.team(view, row.id, lead, linked=leading is not None, may_take_out=keeps_in_touch),
        "meeting_term": meeting_term(view),
    }


def _work(view: View, row: Any, relation: Relation) -> dict[str, Any]:
    tasks = task_rows.open_of_case(view, row.id)
    meetings = case_meetings.meetings(view, row.id, relation)
    reviews = case_record.reviewed(view, row.id)
    if row.closed_on is not None:  # what was still to come when the case closed does not come any more
        reviews = tuple(each for each in reviews if each.held_on is not None)
    return {
        "tasks": tuple(tasks),
        "meetings": meetings,
        "reviews": reviews,
        "next": _next(
            tasks,
            meetings,
            reviews,
            meeting=f"{meeting_term(view)} meeting",
            heard=case_moves.to_hear(view, row.id) if row.closed_on is None else None,
        ),
        "late": tuple(reason.sentence for reason in late.of_case(view, row.id)),
        "overlaps": overlaps.of_case(view, row.id) if row.closed_on is None else (),
        "contradictions": contradictions.of_case(view, row.id, relation) if row.closed_on is None else (),
        "plan": case_plan.plan(view, row.id, case_open=row.closed_on is None),
        "instances": case_where.processes(view, row.id),
    }


def _next(
    tasks: Sequence[TaskRow],
    meetings: Sequence[Meeting],
    reviews: Sequence[Review],
    *,
    meeting: str,
    heard: tuple[str, date] | None,
) -> Next | None:
    """Choose the soonest of what is planned and what is asked for; a task without a day comes last."""
    coming = [each for each in meetings if each.held_on is None and each.called_off_on is None]
    ahead = [(each.planned_on, meeting) for each in coming if not (each.booked_anew or each.missed)]
    ahead += [(each.due_on, "Review") for each in reviews if each.held_on is None]
    ahead += [(task.due_on, task.name) for task in tasks if task.due_on is not None]
    if heard is not None:
        ahead.append((heard[1], heard[0]))
    if ahead:
        on, what = min(ahead, key=lambda each: each[0])
        return Next(what, on)
    return Next(tasks[0].name, None) if tasks else None


def _record(view: View, case_id: UUID) -> dict[str, Any]:
    consents = case_record.consent(view, case_id)
    return {
        "consents": consents,
        "consent_sentence": case_record.consent_sentence(consents),
        "assessments": case_record.assessed(view, case_id),
        "manager_stages": case_record.manager_stages(view, case_id),
        "plan_looks": case_advice.looks(view, case_id),
        "consultations": case_advice.consulted(view, case_id),
        "disagreements": case_advice.disagreed(view, case_id),
        "mag_referrals": case_record.mag(view, case_id),
        "concerns": case_alarms.concerns_of(view, case_id),
        "escalations": case_alarms.escalations_of(view, case_id),
        "rules_said": case_decisions.said_of(view, case_id),
        "incidents": case_alarms.incidents_of(view, case_id),
    }


def _told(timeline: Timeline) -> dict[str, Any]:
    return {"timeline": timeline.events, "timeline_before": timeline.before}
