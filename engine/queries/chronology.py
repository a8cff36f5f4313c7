"""A child's chronology: the story of a case, chosen by kind, person and period; what counted most is marked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.answer_corrections import GIVEN
from engine.casework import permissions
from engine.casework.permissions import Actor, Relation
from engine.errors import Invalid, NotPermitted
from engine.process_engine import ProcessEngine
from engine.queries import consent_limits, timeline, visibility, words
from engine.queries.event_sentences import MACHINERY
from engine.queries.timeline import Event
from engine.queries.view import View, viewing
from engine.store import kept_addresses, relations
from engine.store.tables.between_meetings import significant_events
from engine.store.tables.keeping import history, history_payloads
from engine.store.tables.people import practitioners
from engine.store.tables.record import cases, children
from engine.store.tables.running import instances, user_tasks

USUAL: Final = 100
WHOLE: Final = 2_000
"""How many entries the whole story holds on one page, to be printed."""
KINDS: Final = MappingProxyType(
    {
        "story": "The story, without the service’s own steps",
        "meetings": "Meetings and reviews",
        "plan": "The plan and its actions",
        "family": "Child and family",
        "consent": "Consent",
        "people": "Who leads and who helps",
        "worries": "Concerns and what was escalated",
        "files": "Letters, files and comments",
        "everything": "Everything",
    }
)
"""What may be chosen, in words; `story` is what is shown first."""
_PREFIXES: Final = MappingProxyType(
    {
        "meetings": ("tac_", "meeting_", "review_", "minutes_", "invitation_", "family_invited", "family_replied",
                     "replies_", "update", "mag_", "referred_to_mag"),
        "plan": ("action_", "plan_", "overlap_", "stalled_", "lateness_", "assess", "reassessment", "checklist_",
                 "comment_"),
        "family": ("child_", "family_", "transfer_", "case_", "closure_agreed", "closure_s", "search_", "other_plan",
                   "missing_", "step_down"),
        "consent": ("consent_", "sharing_", "members_", "mag_consent"),
        "people": ("lead_", "handover_", "assessor_", "member_", "interim_", "leads_", "absence_", "leaving_"),
        "worries": ("concern_", "harm_", "escalation_", "manager_", "coordinator", "disagreement_", "consultation_",
                    "family_worry", "line_manager_", "anonymous_", "emergency_", "restrict", "oversight_"),
        "files": ("attachment_", "family_letter", "letter_", "comment_", "reported_back", "report_back",
                  "team_written", "plan_sent"),
    }
)  # fmt: skip
"""How the kinds of events that belong to a choice begin. One may belong to several."""
NOT_THE_STORY: Final = (
    "event_", "task_", "draft_", "message_", "process_", "nobody_", "asked_instead", "incident_", "lead_reminded",
    "payload_", "escalation_ended", "line_manager_told", "members_told", "coordinators_told", "manager_above_told",
    "leads_ranked", "updates_chased", "replies_chased", "successor_reminded",
)  # fmt: skip
"""How the kinds begin that say how the service got on, not what became of the child."""
_BESIDE: Final = (
    *NOT_THE_STORY, "family_invited", "family_letter_sent", "looked_into", "overlap_found", "plan_sent_to_family",
)  # fmt: skip
"""How the kinds begin of what is kept beside what somebody answered: not for these do they look up the answers."""
_LESS: Final = "plan_changed"
"""What changing the plan is about; of a meeting that agreed on actions it is only a part."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the story is asked for. `who` acted; both days are included; `marked` asks only for what counted most.

    Raises `Invalid` for a kind that there is none of, and for days in the wrong order.
    """

    kind: str = "story"
    who: UUID | None = None
    from_on: date | None = None
    to_on: date | None = None
    marked: bool = False

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise Invalid("Choose what to show from the list", field="kind")
        if self.from_on and self.to_on and self.to_on < self.from_on:
            raise Invalid("The last day is before the first", field="to_on")


@dataclass(frozen=True, slots=True)
class ChronologyEntry:
    """One entry; `reason` says why it counted, by `marked_by`; both are empty when nobody marked it."""

    event_id: UUID
    event: Event
    reason: str
    marked_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chronology:
    """A stretch of the story, the newest first; `before` goes on, None at its beginning.

    `people` are those who acted on the case, by name; `may_mark` tells whether the reader may mark what counted.
    """

    case_id: UUID
    reference: str
    child_name: str
    entries: tuple[ChronologyEntry, ...]
    before: int | None
    people: tuple[tuple[UUID, str], ...]
    may_mark: bool


def read(
    engine: ProcessEngine,
    *,
    actor: Actor,
    case_id: UUID,
    asked: Asked,
    before: int | None = None,
    limit: int = USUAL,
) -> Chronology:
    """Return what is asked of a case's story, after keeping that it was read.

    Raises `NotFound` when the actor may not see the case, `NotPermitted` for whom the family's consent keeps a part of
    it from, `Invalid` for a limit past `WHOLE`.
    """
    if not 1 <= limit <= WHOLE:
        raise Invalid(f"A chronology holds 1 to {WHOLE} entries", field="limit")
    visibility.record_read(engine, actor, case_id, "the chronology")
    with viewing(engine, actor) as view:
        relation = relations.of(view.connection, actor, case_id)
        if consent_limits.is_partly_kept(view, case_id):
            raise NotPermitted("The family’s consent does not cover everything that has happened on this case")
        rows = _rows(view, case_id, asked, before, limit + 1)
        case = view.connection.execute(_CASE.where(cases.c.id == case_id)).one()
        return Chronology(
            case_id=case_id,
            reference=case.reference,
            child_name=words.child_name(case.given_name, case.family_name, case.known_as),
            entries=kept_addresses.left_out(view, case_id, _entries(view, case_id, rows[:limit], relation), relation),
            before=rows[limit - 1].seq if len(rows) > limit else None,
            people=_people(view, case_id),
            may_mark=case.closed_on is None and permissions.may_see_case(actor, relation),
        )


def _rows(view: View, case_id: UUID, asked: Asked, before: int | None, limit: int) -> list[Any]:
    chosen = [history.c.case_id == case_id, *_of_kind(asked.kind)]
    if before is not None:
        chosen.append(history.c.seq < before)
    if asked.who is not None:
        chosen.append(history.c.practitioner_id == asked.who)
    zone = view.authority.zone
    if asked.from_on is not None:
        chosen.append(history.c.recorded_at >= datetime.combine(asked.from_on, time(), zone))
    if asked.to_on is not None:
        chosen.append(history.c.recorded_at < datetime.combine(asked.to_on + timedelta(days=1), time(), zone))
    if asked.marked:
        current = sa.select(significant_events.c.event_id).where(
            significant_events.c.case_id == case_id, significant_events.c.unmarked_at.is_(None)
        )
        chosen.append(history.c.id.in_(current))
    query = timeline.EVENTS.where(*chosen).order_by(history.c.seq.desc()).limit(limit)
    return list(view.connection.execute(query))


def _of_kind(kind: str) -> list[sa.ColumnElement[bool]]:
    chosen: list[sa.ColumnElement[bool]] = [history.c.kind.not_in(sorted(MACHINERY))]
    if kind == "story":
        chosen += [~history.c.kind.startswith(each, autoescape=True) for each in NOT_THE_STORY]
    elif kind != "everything":
        chosen.append(sa.or_(*(history.c.kind.startswith(each, autoescape=True) for each in _PREFIXES[kind])))
    return chosen


def _entries(view: View, case_id: UUID, rows: list[Any], relation: Relation) -> tuple[ChronologyEntry, ...]:
    marked = {
        row.event_id: row
        for row in view.connection.execute(
            sa.select(significant_events.c.event_id, significant_events.c.reason, practitioners.c.name)
            .join(practitioners, practitioners.c.id == significant_events.c.marked_by)
            .where(significant_events.c.case_id == case_id, significant_events.c.unmarked_at.is_(None))
        )
    }
    said = timeline.said(view, rows, relation)
    shown = {event.answers for event in said if event.kind in ("task_completed", "process_started")}
    behind = dict(_behind(view, case_id, rows, relation, shown))
    return tuple(
        ChronologyEntry(
            row.id,
            replace(event, answers=event.answers or behind.get(row.id)),
            marked[row.id].reason if row.id in marked else "",
            _by(marked.get(row.id)),
        )
        for row, event in zip(rows, said, strict=True)
    )


def _behind(
    view: View, case_id: UUID, rows: Sequence[Any], relation: Relation, shown: Collection[UUID | None]
) -> Iterator[tuple[UUID, UUID]]:
    """Yield what leads to answers: an event and their task, which the story leaves out, of its act what it is about.

    That is the first that is neither `_BESIDE` nor `_LESS`. The answers `shown` are led to by their own event.
    """
    acts = defaultdict[tuple[datetime, UUID | None], list[Any]](list)
    for each in view.connection.execute(_GIVEN, {"case": case_id}):
        acts[each.recorded_at, each.practitioner_id].append(each)
    told = set(shown)
    for row in sorted(rows, key=lambda row: (row.kind == _LESS, row.seq)):
        of_act = acts.get((row.recorded_at, row.practitioner_id), [])
        before = [each for each in of_act if each.seq <= row.seq]
        if not of_act or row.kind.startswith(_BESIDE):
            continue
        if (given := before[-1] if before else of_act[0]).subject_id in told:
            continue
        told.add(given.subject_id)
        if timeline.may_look(view.actor, relation, process_key=given.process_key, given_by=given.practitioner_id):
            yield row.id, given.subject_id


_GIVEN: Final = (
    sa.select(
        history.c.seq,
        history.c.recorded_at,
        history.c.practitioner_id,
        history.c.subject_id,
        sa.func.coalesce(user_tasks.c.process_key, instances.c.process_key).label("process_key"),
    )
    .join(history_payloads, history_payloads.c.event_id == history.c.id)
    .outerjoin(user_tasks, user_tasks.c.id == history.c.subject_id)
    .outerjoin(instances, instances.c.id == history.c.subject_id)
    .where(
        history.c.case_id == sa.bindparam("case", type_=sa.Uuid),
        history.c.kind.in_(GIVEN),
        history_payloads.c.form_id.is_not(None),
        history_payloads.c.erased_at.is_(None),
    )
    .order_by(history.c.seq)
)


def _by(mark: Any) -> str:
    return mark.name if mark is not None else ""


def _people(view: View, case_id: UUID) -> tuple[tuple[UUID, str], ...]:
    acted = sa.select(history.c.practitioner_id).where(history.c.case_id == case_id).distinct()
    rows = view.connection.execute(
        sa.select(practitioners.c.id, practitioners.c.name)
        .where(practitioners.c.id.in_(acted))
        .order_by(practitioners.c.name, practitioners.c.id)
    )
    return tuple((row.id, row.name) for row in rows)


_CASE: Final = sa.select(
    cases.c.reference, cases.c.closed_on, children.c.given_name, children.c.family_name, children.c.known_as
).join(children, children.c.id == cases.c.child_id)
