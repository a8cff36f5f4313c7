"""What the rules of how long records are kept would erase, before they are set; what they have erased."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa

from engine.casework import retention
from engine.casework.permissions import Actor, may_keep_authority
from engine.casework.retention import KINDS, Rule
from engine.errors import NotPermitted
from engine.process_engine import ProcessEngine
from engine.queries import visibility
from engine.queries.view import View, viewing
from engine.store import erasing
from engine.store.tables.keeping import history
from engine.store.tables.record import cases

SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What one rule would erase now: of how many cases, the `oldest` of them closed when, some of their references."""

    kind: str
    words: str
    number: int
    oldest: date | None
    references: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gone:
    """What was erased of one kind: of how many cases, and when last (aware UTC)."""

    words: str
    number: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Retention:
    """The rules in force from a day on, the cases kept whatever they say, and what was erased so far."""

    rules: Mapping[str, Rule]
    kept: tuple[str, ...]
    from_on: date | None
    gone: tuple[Gone, ...]


def read(engine: ProcessEngine, *, actor: Actor) -> Retention:
    """Return the rules and what they have done. Raises `NotPermitted`."""
    with viewing(engine, actor) as view:
        _require_may(actor)
        profile = view.authority.profile
        kept = tuple(sorted(retention.kept(profile)))
        return Retention(retention.rules(profile), kept, retention.from_on(profile), tuple(_gone(view)))


def foreseen(engine: ProcessEngine, *, actor: Actor, profile: Mapping[str, Any]) -> tuple[Foreseen, ...]:
    """Return what the rules of `profile` would erase today, were they in force. Raises `NotPermitted`, `Invalid`.

    A restricted case follows the same rules; it is counted for nobody, as a count must not betray it.
    """
    retention.check(profile)
    with viewing(engine, actor) as view:
        _require_may(actor)
        return tuple(_foreseen(view, kind, rule, profile) for kind, rule in retention.rules(profile).items())


def _require_may(actor: Actor) -> None:
    if not may_keep_authority(actor):
        raise NotPermitted("An administrator says how long records are kept")


def _foreseen(view: View, kind: str, rule: Rule, profile: Mapping[str, Any]) -> Foreseen:
    own = view.actor.authority_id
    due = erasing.due(own, kind, rule, today=view.today, kept=retention.kept(profile))
    due = due.where(visibility.unrestricted(cases.c.id))
    found = due.subquery()
    number, oldest = view.connection.execute(sa.select(sa.func.count(), sa.func.min(found.c.closed_on))).one()
    references = [row.reference for row in view.connection.execute(due.limit(SHOWN))]
    return Foreseen(kind, KINDS[kind], number, oldest, tuple(references))


def _gone(view: View) -> list[Gone]:
    events = {event: kind for kind, event in erasing.EVENTS.items()}
    rows = view.connection.execute(
        sa.select(history.c.kind, sa.func.count().label("number"), sa.func.max(history.c.recorded_at).label("last_at"))
        .join(cases, cases.c.id == history.c.case_id)
        .where(
            history.c.authority_id == view.actor.authority_id,
            history.c.kind.in_(sorted(events)),
            visibility.unrestricted(cases.c.id),
        )
        .group_by(history.c.kind)
        .order_by(history.c.kind)
    )
    return [Gone(KINDS[events[row.kind]], row.number, row.last_at) for row in rows]
