"""What has stopped and waits for an operator, with what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.errors import NotFound, NotPermitted
from engine.process_engine import ProcessEngine
from engine.queries import visibility, words
from engine.queries.view import View, viewing
from engine.store.tables.keeping import outbox
from engine.store.tables.people import practitioners
from engine.store.tables.record import cases
from engine.store.tables.running import incidents, instances

_ADVICE: Final = {
    "timer": "It is tried again by itself, after longer each time. If the diagram or the rules are at fault, deploy"
    " corrected ones, then try again.",
    "step": "The person who took this step can take it again. If the diagram is at fault, deploy a corrected one: cases"
    " that run keep theirs, so this one may have to be moved on by hand.",
    "start": "Deploy a corrected diagram; then this goes away by itself. A safeguarding concern was kept all the same,"
    " and is followed up by itself then; anything else, whoever wanted to start it can start again.",
    "rule": "Look at what the rules could not find on the case, or deploy corrected rules. Until then a person has"
    " to judge this plan.",
    "outbox": "Check the mail server and the address, then try again. The person has not had the message.",
    "effect": "The plan could not be judged. Put right what it says, then try again.",
    "service": "Part of what the service does by itself has stopped. It is tried again all the time, a night's work"
    " the next night. Tell those who look after the service: their log names the place.",
    "publish": "A change of diagrams, rules or forms was approved for a time, and could not come into force then. All"
    " is as it was. Who proposed and who approved it have been told: they mend it and propose it again, or withdraw it."
    " Try again publishes it as it is, if what stood in the way is gone.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """Something that failed and was undone whole. `case_id` is given only to those who may see that case.

    `reference` goes with it. `to` names the colleague for whom a message was, empty for one to somebody outside.
    `tries` counts how often it has failed; `next_try_at` is when it is tried by itself, None when it is not.
    """

    incident_id: UUID
    kind: str
    sentence: str
    advice: str
    opened_at: datetime
    tries: int
    next_try_at: datetime | None
    process_name: str | None
    element_id: str | None
    case_id: UUID | None
    reference: str | None
    to: str = ""


def open_incidents(engine: ProcessEngine, *, actor: Actor) -> tuple[Incident, ...]:
    """Return the authority's open incidents, the oldest first; those of restricted cases to coordinators alone.

    Raises `NotPermitted`.
    """
    _require_may(actor)
    with viewing(engine, actor) as view:
        rows = view.connection.execute(
            sa.select(incidents, cases.c.reference, instances.c.definition_id, practitioners.c.name.label("to"))
            .select_from(
                incidents.outerjoin(cases, cases.c.id == incidents.c.case_id)
                .outerjoin(instances, instances.c.id == incidents.c.instance_id)
                .outerjoin(outbox, outbox.c.id == incidents.c.outbox_id)
                .outerjoin(practitioners, practitioners.c.id == outbox.c.practitioner_id)
            )
            .where(
                incidents.c.authority_id == actor.authority_id,
                incidents.c.resolved_at.is_(None),
                _may_know(actor, incidents.c.case_id),
            )
            .order_by(incidents.c.opened_at, incidents.c.id)
        ).all()
        seen = visibility.visible(view, [row.case_id for row in rows if row.case_id is not None])
        return tuple(_incident(view, row, known=row.case_id in seen) for row in rows)


def messages_on_their_way(engine: ProcessEngine, *, actor: Actor) -> int:
    """Return how many messages failed and are tried again by themselves: no incident yet, or none any more.

    Those of restricted cases count for coordinators alone. Raises `NotPermitted`.
    """
    _require_may(actor)
    with viewing(engine, actor) as view:
        found = sa.select(sa.func.count()).where(
            outbox.c.authority_id == actor.authority_id,
            outbox.c.state == sa.literal_column("'waiting'"),
            outbox.c.problem != "",
            _may_know(actor, outbox.c.case_id),
        )
        return view.connection.execute(found).scalar_one()


def _require_may(actor: Actor) -> None:
    if not permissions.may_operate(actor):
        raise NotPermitted("Only an administrator or a coordinator may see incidents")


def _may_know(actor: Actor, case_id: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    if permissions.sees_whole_authority(actor):
        return sa.true()
    return sa.or_(case_id.is_(None), visibility.unrestricted(case_id))


def _incident(view: View, row: Any, *, known: bool) -> Incident:
    return Incident(
        incident_id=row.id,
        kind=row.kind,
        sentence=words.sentence(row.message),
        advice=_ADVICE[row.kind],
        opened_at=row.opened_at,
        tries=row.tries,
        next_try_at=row.next_try_at,
        process_name=_process(view, row.definition_id),
        element_id=row.element_id if row.instance_id else None,
        case_id=row.case_id if known else None,
        reference=row.reference if known else None,
        to=row.to or "",
    )


def _process(view: View, definition_id: UUID | None) -> str | None:
    if definition_id is None:
        return None
    try:
        return view.process(definition_id).name
    except NotFound:
        return None
