"""How a plan has gone: each action with every note on it, what overlaps, and when the plan was looked at again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.errors import NotFound, NotPermitted
from engine.process_engine import ProcessEngine
from engine.queries import (
    attachments,
    case_advice,
    case_plan,
    case_record,
    consent_limits,
    contradictions,
    overlaps,
    plan_versions,
    visibility,
    words,
)
from engine.queries.attachments import Attachment
from engine.queries.case_advice import PlanLook
from engine.queries.case_plan import Action
from engine.queries.contradictions import Contradiction
from engine.queries.plan_versions import PlanVersion
from engine.queries.view import View, viewing
from engine.store import kept_addresses, relations
from engine.store.tables.keeping import history, history_payloads
from engine.store.tables.people import practitioners
from engine.store.tables.record import cases, children

_NOTES: Final = {"action_reported": "progress", "comment_added": "why"}
"""Kinds of events on an action, and where their words stand."""
_FOR_REVIEW: Final = "update_given"
"""What an owner says for a review: one event on them, with a row of words for each action."""


@dataclass(frozen=True, slots=True)
class Note:
    """What was said about an action, by whom and when; `done` when it was finished with this."""

    at: datetime
    by: str
    text: str
    done: bool


@dataclass(frozen=True, slots=True)
class ActionStory:
    """An action with its notes, the first said first; `moved` when its date is no longer the first one.

    `files` show how it goes; none to a reader from whom the family's consent keeps a part of the case.
    """

    action: Action
    notes: tuple[Note, ...]
    moved: bool
    files: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class OutcomeStory:
    """What is to be better, and the actions for it."""

    outcome: str
    met_on: date | None
    dropped_on: date | None
    dropped_why: str
    actions: tuple[ActionStory, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanStory:
    """The plan of a case; `overlaps` are sentences about two agencies that give the same help.

    `contradictions` are of actions that somebody says work against each other. `versions` has the plan as it stood
    after each act that agreed or changed it, the first first. `may_write` tells whether the reader may add to it,
    `close` whether they may say of any two actions that these work against each other, not of their own alone.
    """

    case_id: UUID
    reference: str
    child_name: str
    closed_on: date | None
    outcomes: tuple[OutcomeStory, ...]
    overlaps: tuple[str, ...]
    contradictions: tuple[Contradiction, ...]
    versions: tuple[PlanVersion, ...]
    looks: tuple[PlanLook, ...]
    consent_sentence: str
    may_write: bool
    close: bool

    def version(self, number: int) -> PlanVersion:
        """Return a version by its number. Raises `NotFound`."""
        found = next((each for each in self.versions if each.number == number), None)
        if found is None:
            raise NotFound("There is no such version of this plan", case_id=self.case_id)
        return found


def read(engine: ProcessEngine, *, actor: Actor, case_id: UUID) -> PlanStory:
    """Return how a case's plan has gone, after keeping that it was read.

    Raises `NotFound` when the actor may not see the case, `NotPermitted` where the family's consent keeps the plan.
    """
    visibility.record_read(engine, actor, case_id, "the plan")
    with viewing(engine, actor) as view:
        relation = relations.of(view.connection, actor, case_id)
        kept = consent_limits.kept_from(view, case_id, relation)
        if "plan" in kept:
            raise NotPermitted("The family’s consent does not cover the plan for you. Your own actions are on the case")
        case = view.connection.execute(_CASE.where(cases.c.id == case_id)).one()
        is_open = case.closed_on is None
        notes, files = _notes(view, case_id), () if kept else attachments.listed(view, case_id)
        story = PlanStory(
            case_id=case_id,
            reference=case.reference,
            child_name=words.child_name(case.given_name, case.family_name, case.known_as),
            closed_on=case.closed_on,
            outcomes=tuple(_outcome(each, notes, files) for each in case_plan.plan(view, case_id, case_open=is_open)),
            overlaps=overlaps.of_case(view, case_id) if is_open else (),
            contradictions=contradictions.of_case(view, case_id, relation) if is_open else (),
            versions=plan_versions.of_case(view, case_id),
            looks=case_advice.looks(view, case_id),
            consent_sentence=case_record.consent_sentence(case_record.consent(view, case_id)),
            may_write=is_open and permissions.may_see_case(actor, relation),
            close=permissions.may_keep_in_touch(actor, relation),
        )
        return kept_addresses.left_out(view, case_id, story, relation)


def _outcome(
    outcome: case_plan.Outcome, notes: Mapping[UUID, Sequence[Note]], files: Sequence[Attachment]
) -> OutcomeStory:
    actions = tuple(
        ActionStory(
            each,
            tuple(notes.get(each.action_id, ())),
            each.due_on != each.first_due_on,
            tuple(file for file in files if file.action_id == each.action_id),
        )
        for each in outcome.actions
    )
    return OutcomeStory(outcome.outcome, outcome.met_on, outcome.dropped_on, outcome.dropped_why, actions)


def _notes(view: View, case_id: UUID) -> dict[UUID, list[Note]]:
    rows = view.connection.execute(
        sa.select(
            history.c.subject_id, history.c.recorded_at, history.c.kind, history.c.detail, practitioners.c.name,
            history_payloads.c.body,
        )
        .join(history_payloads, history_payloads.c.event_id == history.c.id)
        .outerjoin(practitioners, practitioners.c.id == history.c.practitioner_id)
        .where(
            history.c.case_id == case_id, history.c.kind.in_([*sorted(_NOTES), _FOR_REVIEW]),
            history.c.subject_id.is_not(None),
        )
        .order_by(history.c.seq)
    )  # fmt: skip
    found: dict[UUID, list[Note]] = {}
    for row in rows:
        for action_id, said in _said(row):
            note = Note(row.recorded_at, row.name or "", said.strip(), bool((row.detail or {}).get("done")))
            if note.text or note.done:
                found.setdefault(action_id, []).append(note)
    return found


def _said(row: Any) -> list[tuple[UUID, str]]:
    """Return which actions an event speaks of, with its words on each; what was erased says nothing."""
    body = row.body or {}
    if row.kind != _FOR_REVIEW:
        return [(row.subject_id, str(body.get(_NOTES[row.kind]) or ""))]
    return [(UUID(str(each["action_id"])), str(each.get("progress") or "")) for each in body.get("updates") or ()]


_CASE: Final = sa.select(
    cases.c.reference, cases.c.closed_on, children.c.given_name, children.c.family_name, children.c.known_as
).join(children, children.c.id == cases.c.child_id)
