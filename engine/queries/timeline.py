"""What has happened on a case, newest first, in plain sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.answer_corrections import CORRECTED, CORRECTED_CONCERN
from engine.casework.family_letters import KINDS
from engine.casework.lateness import PROTECTING
from engine.casework.permissions import Actor, Relation, may_correct_answers, may_keep_family
from engine.errors import Invalid, NotFound, NotPermitted
from engine.process_engine import ProcessEngine
from engine.queries import concern_names, consent_limits, visibility
from engine.queries.event_sentences import MACHINERY, NEVER_FOR_FAMILIES, WITH_WORDS, say
from engine.queries.told_events import Told
from engine.queries.view import View, viewing
from engine.store import kept_addresses
from engine.store.sets import among, few
from engine.store.tables.files import attachments
from engine.store.tables.keeping import history, history_payloads
from engine.store.tables.meetings import letters
from engine.store.tables.people import practitioners
from engine.store.tables.record import case_members, lead_professionals, plan_actions
from engine.store.tables.running import instances, user_tasks

LONGEST = 100
_SPEAKS_OF: Final = {
    "action_settled": "to",
    "task_chased": "to", "action_chased": "to", "task_delegated": "to",
    "task_reassigned": "to", "task_returned": "to", "task_passed_on": "to", "task_given_back": "to",
    "lead_away": "covered_by", "absence_recorded": "covered_by",
    "leads_ranked": "first",
    "members_told": "who", "team_written_to": "who",
}  # fmt: skip
"""Kinds whose detail names one or several besides the subject, and where."""
_PROCESS_KINDS = frozenset(
    {
        "case_process_started", "process_started", "process_moved", "process_cancelled", "process_put_elsewhere",
        "version_changed",
    }
)  # fmt: skip
"""Kinds whose subject is a running diagram, named in their sentence."""


@dataclass(frozen=True, slots=True)
class Event:
    """One line. `who` is empty when the service itself acted; `why` stands in `what` already.

    `safeguarding` marks what no copy for a family may hold. `answers` is the finished task, or the instance of a
    diagram that was started with answers, whose answers the reader may look at and correct; None for all others.
    """

    seq: int
    at: datetime
    who: str
    what: str
    kind: str
    effective_on: date
    safeguarding: bool
    answers: UUID | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """A stretch of history, newest first; `before` continues it, None at its beginning."""

    events: tuple[Event, ...]
    before: int | None


def read(
    engine: ProcessEngine, *, actor: Actor, case_id: UUID, before: int | None = None, limit: int = LONGEST
) -> Timeline:
    """Return what happened on a case (before event `before`), after keeping that it was read.

    Raises `NotFound` when the actor may not see the case, `NotPermitted` for whom the family's consent keeps a part of
    it from, `Invalid` for a limit past 500.
    """
    if not 1 <= limit <= 5 * LONGEST:
        raise Invalid(f"A stretch of history holds 1 to {5 * LONGEST} events", field="limit")
    relation = visibility.record_read(engine, actor, case_id, "the history")
    with viewing(engine, actor) as view:
        if consent_limits.is_partly_kept(view, case_id):
            raise NotPermitted("The family’s consent does not cover everything that has happened on this case")
        return of_case(view, case_id, relation, before=before, limit=limit)


def of_case(
    view: View, case_id: UUID, relation: Relation, *, before: int | None = None, limit: int = LONGEST
) -> Timeline:
    """Return the newest `limit` lines of a case's history; the caller has checked that the actor may see it."""
    query = newest(limit) if before is None else newest(limit).where(history.c.seq < before)
    rows = view.connection.execute(query, {"case": case_id}).all()
    shown = rows[:limit]
    events = said(view, shown, relation)
    return Timeline(events, events[-1].seq if len(rows) > limit else None)


def said(view: View, rows: Sequence[Any], relation: Relation | None = None) -> tuple[Event, ...]:
    """Return rows of `EVENTS` in sentences, each in its place; none has `answers` without a `relation` to the case."""
    names = _names(view, rows)
    if relation is not None and may_keep_family(view.actor, relation):  # as for the list of letters
        names |= {str(row.subject_id): row.addressee for row in rows if row.addressee}
    told = tuple(_event(view, row, names, relation) for row in rows)
    return kept_addresses.left_out(view, rows[0].case_id, told, relation) if relation and rows else told


def at_once(view: View, case_id: UUID, at: datetime) -> str:
    """Say what the act of this very moment was: "Hana Vesely: consent withdrawn"; empty where that is not for them."""
    rows = view.connection.execute(_AT_ONCE, {"case": case_id, "at": at}).all()
    if not rows or consent_limits.is_partly_kept(view, case_id):
        return ""
    event = said(view, rows)[0]
    return ": ".join(filter(None, (event.who, event.what)))


_who, _subject = practitioners.alias("who"), practitioners.alias("subject")
_asked = history.alias("asked")
_asked_first = (
    sa.select(sa.literal(1))
    .select_from(_asked.join(history_payloads, history_payloads.c.event_id == _asked.c.id))
    .where(
        _asked.c.case_id == history.c.case_id,
        _asked.c.seq > history.c.seq,
        _asked.c.subject_id == history.c.subject_id,
        _asked.c.kind == "case_process_started",
        history_payloads.c.form_id.is_not(None),
        history_payloads.c.erased_at.is_(None),
    )
    .correlate(history)
    .exists()
)
_given = history_payloads.alias("given")
_answers = sa.case(
    (history.c.kind == "process_started", _asked_first),
    (
        history.c.kind == "task_completed",
        sa.exists().where(
            _given.c.event_id == history.c.id, _given.c.form_id.is_not(None), _given.c.erased_at.is_(None)
        ),
    ),
    (history.c.kind.in_((CORRECTED, CORRECTED_CONCERN)), history_payloads.c.body.is_not(None)),
    else_=False,
)
EVENTS = sa.select(
    history.c.id,
    history.c.case_id,
    history.c.practitioner_id,
    history.c.seq,
    history.c.recorded_at,
    history.c.effective_on,
    history.c.kind,
    history.c.subject_id,
    history.c.detail,
    history.c.why,
    _who.c.name.label("who"),
    _subject.c.name.label("subject"),
    user_tasks.c.name.label("task"),
    user_tasks.c.process_key.label("process_of_task"),
    user_tasks.c.closed_by,
    instances.c.definition_id,
    instances.c.process_key,
    history_payloads.c.body,
    plan_actions.c.action,
    letters.c.kind.label("letter"),
    letters.c.addressee,
    attachments.c.name.label("file"),
    _answers.label("answers"),
).select_from(
    history.outerjoin(_who, _who.c.id == history.c.practitioner_id)
    .outerjoin(_subject, _subject.c.id == history.c.subject_id)
    .outerjoin(user_tasks, user_tasks.c.id == history.c.subject_id)
    .outerjoin(instances, instances.c.id == history.c.subject_id)
    .outerjoin(plan_actions, plan_actions.c.id == history.c.subject_id)
    .outerjoin(letters, letters.c.id == history.c.subject_id)
    # One that was taken away nobody may open any more, nor read what it was called.
    .outerjoin(attachments, (attachments.c.id == history.c.subject_id) & attachments.c.removed_at.is_(None))
    .outerjoin(
        history_payloads,
        (history_payloads.c.event_id == history.c.id) & few(history.c.kind, "with_words", sorted(WITH_WORDS)),
    )
)
_SHOWN: Final = EVENTS.where(
    history.c.case_id == sa.bindparam("case", type_=sa.Uuid), ~few(history.c.kind, "machinery", sorted(MACHINERY))
).order_by(history.c.seq.desc())

_AT_ONCE: Final = (
    _SHOWN.order_by(None).where(history.c.recorded_at == sa.bindparam("at")).order_by(history.c.seq).limit(1)
)


@cache
def newest(limit: int) -> sa.Select[Any]:
    """Return the query of the newest `limit` lines of the case that is its parameter, and of one more."""
    return _SHOWN.limit(limit + 1)


def _names(view: View, rows: Sequence[Any]) -> dict[str, str]:
    """Return the names of everybody whom the rows speak of, by id as text; children by their cases, if seen."""
    spoken = [each for row in rows if row.kind == "concern_raised" for each in row.detail.get("also", ())]
    children = concern_names.of_cases(view, spoken) if spoken else {}
    subjects = {str(row.subject_id): row.subject for row in rows if row.subject is not None}
    wanted = {UUID(each) for row in rows for each in _spoken_of(row) if each not in subjects}
    near = dict(view.connection.execute(_NEAR, {"case": rows[0].case_id}).all()) if wanted else {}
    others = wanted - near.keys()
    found = dict(view.connection.execute(_NAMES, {"ids": list(others)}).all()) if others else {}
    return children | subjects | {str(id_): name for id_, name in (near | found).items()}


def _spoken_of(row: Any) -> list[str]:
    found = row.detail.get(_SPEAKS_OF.get(row.kind, "")) or []
    return found if isinstance(found, list) else [found]


_NAMES: Final = sa.select(practitioners.c.id, practitioners.c.name).where(among(practitioners.c.id))
_NEAR: Final = sa.select(practitioners.c.id, practitioners.c.name).where(
    practitioners.c.id.in_(
        sa.union(
            *(
                sa.select(table.c.practitioner_id).where(table.c.case_id == sa.bindparam("case", type_=sa.Uuid))
                for table in (case_members, lead_professionals)
            )
        )
    )
)
"""Who is or was of a case: most of those whom its events name."""
BY_CASE: Final = (_NEAR,)


def may_look(actor: Actor, relation: Relation, *, process_key: str, given_by: UUID | None) -> bool:
    """Tell whether the actor may look at answers: of a task of the diagram `process_key`, or given at its start."""
    return may_correct_answers(actor, relation, given_by=given_by, protecting=process_key in PROTECTING)


def _answers_of(actor: Actor, row: Any, relation: Relation | None) -> UUID | None:
    if relation is None or not row.answers:
        return None
    given_by = row.practitioner_id if row.kind == "process_started" else row.closed_by
    key = row.process_of_task or row.process_key
    return row.subject_id if may_look(actor, relation, process_key=key, given_by=given_by) else None


def _event(view: View, row: Any, names: dict[str, str], relation: Relation | None) -> Event:
    told = Told(
        detail=row.detail or {},
        why=row.why or str((row.body or {}).get("why") or ""),
        subject=str(row.subject_id or ""),
        names=names,
        task=view.said(row.task or "a task"),
        about=row.action or KINDS.get(row.letter or "", "") or ((row.file or "") if relation is not None else ""),
        process=_process(view, row) if row.kind in _PROCESS_KINDS else "",
        today=view.today,
        term=view.authority.term,
    )
    return Event(
        seq=row.seq,
        at=row.recorded_at,
        who=row.who or "",
        what=say(row.kind, told),
        kind=row.kind,
        effective_on=row.effective_on,
        safeguarding=row.kind in NEVER_FOR_FAMILIES,
        answers=_answers_of(view.actor, row, relation),
    )


def _process(view: View, row: Any) -> str:
    try:
        return view.process(row.definition_id).name
    except NotFound:
        return row.process_key or "a process"
