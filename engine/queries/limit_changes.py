"""Which time limits changed lately: what the plans of a manager's team are judged by now, and by what before."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework.permissions import Actor
from engine.feel import Environment, to_plain
from engine.library import TIMESCALES
from engine.limit_rows import limit_rows
from engine.process_engine import ProcessEngine
from engine.queries import words
from engine.queries.limit_words import LIMIT_WORDS
from engine.queries.view import View, viewing
from engine.store.definitions import NO_TEXT
from engine.store.tables.running import definitions, deployments

TOLD_FOR: Final = timedelta(days=28)
"""How long a change is told after it came into force."""
_TOLD: Final = frozenset({"line_manager", "coordinator"})
_NAME: Final = re.compile(rb'<text>\s*(?:"|&quot;)(\w+)(?:"|&quot;)\s*</text>')
_UNITS: Final = {"days": "working day", "weeks": "week", "months": "month"}


@dataclass(frozen=True, slots=True)
class LimitChange:
    """A time limit that came into force on `since` (a local day); `said` has both amounts with their unit."""

    since: date
    said: str


def lately(engine: ProcessEngine, *, actor: Actor) -> tuple[LimitChange, ...]:
    """Return the limits that changed in the last four weeks, the newest first; nothing for who manages no plans."""
    with viewing(engine, actor) as view:
        return lately_in(view)


def lately_in(view: View) -> tuple[LimitChange, ...]:
    """Return the same on a view that is open."""
    if not view.actor.roles & _TOLD:
        return ()
    pairs = pairwise(_versions(view))
    return tuple(
        change for now, before in pairs if now.at >= view.now - TOLD_FOR for change in _changes(view, now, before)
    )


def between(view: View, file: str, before: bytes, after: bytes) -> tuple[str, ...]:
    """Say which limits of the reader's authority differ between two texts of the file that holds them.

    Raises `Invalid` for what cannot be read.
    """
    old, new = (
        {name: row.amount if row.amount is not None else row.said for name, row in found.items()}
        for found in (limit_rows(text, file=file, authority=view.authority.key) for text in (before, after))
    )
    names = (name for name in (*new, *(old.keys() - new.keys())) if old.get(name) != new.get(name))
    return tuple(view.said(_said(name, old.get(name), new.get(name))) for name in names)


def _versions(view: View) -> list[Any]:
    """Return the versions of the file that holds the limits now, the newest first."""
    latest = view.authority.latest.get(("decision", TIMESCALES))
    same = sa.select(definitions.c.key).where(definitions.c.id == latest).scalar_subquery()
    return list(
        view.connection.execute(
            sa.select(definitions.c.id, deployments.c.at)
            .join(deployments, deployments.c.id == definitions.c.deployment_id)
            .where(
                definitions.c.authority_id == view.actor.authority_id,
                definitions.c.kind == "rules",
                definitions.c.key == same,
                definitions.c.hash != NO_TEXT,
            )
            .order_by(definitions.c.version.desc())
        )
    )


def _changes(view: View, now: Any, before: Any) -> Iterator[LimitChange]:
    since = now.at.astimezone(view.authority.zone).date()
    old, new = _limits(view, before), _limits(view, now)
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            yield LimitChange(since, view.said(_said(name, old.get(name), new.get(name))))


def _limits(view: View, version: Any) -> Mapping[str, Any]:
    """Return what a version of the table gives the authority for every name in it."""
    model = view.engine.library.rules(view.connection, UUID(str(version.id)))
    text = sa.select(definitions.c.source).where(definitions.c.id == version.id)
    names = {found.decode() for found in _NAME.findall(view.connection.execute(text).scalar_one())}
    asked = ((name, {"limit": name, "authority": view.authority.key}) for name in names)
    given = ((name, model.evaluate(TIMESCALES, inputs, Environment()).value) for name, inputs in asked)
    return {name: to_plain(value) for name, value in given if value is not None}


def _said(name: str, old: Any, new: Any) -> str:
    head, _, unit = name.rpartition("_")
    what = LIMIT_WORDS.get(name) or words.plain(head if unit in _UNITS else name)
    if new is None:
        return words.sentence(f"{what}: no limit any more, {_amount(old, unit)} before")
    before = "no limit" if old is None else f"{old}"
    return words.sentence(f"{what}: {_amount(new, unit)} instead of {before}")


def _amount(amount: Any, unit: str) -> str:
    one = _UNITS.get(unit)
    return f"{amount}" if one is None else f"{amount} {one}" + ("" if amount == 1 else "s")
