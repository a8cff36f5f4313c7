"""The time limits of an authority as plain numbers, with what each is for, where it is used and what it came as."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from engine.casework.permissions import Actor
from engine.errors import NotFound
from engine.library import TIMESCALES
from engine.limit_rows import LimitRow, limit_rows
from engine.originals import originals
from engine.process_engine import ProcessEngine
from engine.queries import words
from engine.queries.definitions import require_designer
from engine.queries.limit_words import LIMIT_WORDS
from engine.queries.view import View, viewing
from engine.store import definitions, model_drafts

_USED: Final = re.compile(rb'time limit\(\s*(?:"|&quot;|&#34;)(\w+)(?:"|&quot;|&#34;)')
_UNITS: Final = {"days": "working days", "weeks": "weeks", "months": "months", "years": "years"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One limit. `amount` is what the draft says, or without one what is in force; None when it is no plain number.

    `in_force` and `shipped` are None where there is none; `used_in` names diagrams and rules.
    """

    name: str
    rule: str
    said: str
    unit: str
    amount: int | None
    in_force: int | None
    shipped: int | None
    why: str
    used_in: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one file; `draft` is the version of its draft, None without one, `text` what they were read from.

    `definition_id` is the version of the file in force, `unkept` the examples that say otherwise than the draft.
    """

    file: str
    definition_id: UUID
    draft: int | None
    text: bytes
    limits: tuple[Limit, ...]
    unkept: tuple[str, ...]


def read(engine: ProcessEngine, *, actor: Actor) -> Limits:
    """Return the limits of the actor's authority.

    Raises `NotPermitted`, `NotFound` when no limits are in force, `Invalid` when the draft cannot be read.
    """
    require_designer(actor)
    with viewing(engine, actor) as view:
        id_ = view.authority.latest.get(("decision", TIMESCALES))
        if id_ is None:
            raise NotFound("No time limits are in force")
        current = definitions.load(view.connection, id_)
        draft = model_drafts.load(view.connection, actor.authority_id, current.file)
        text = draft.content if draft is not None else current.source
        rows, now, came = (
            limit_rows(source, file=current.file, authority=view.authority.key)
            for source in (text, current.source, originals().get("timescales.dmn", current.source))
        )
        used = _used(view)
        limits = tuple(_limit(view, row, now, came, used) for row in rows.values())
        version, unkept = (None, ()) if draft is None else (draft.version, draft.unkept)
        return Limits(current.file, id_, version, text, limits, unkept)


def _limit(
    view: View, row: LimitRow, now: dict[str, LimitRow], came: dict[str, LimitRow], used: dict[str, list[str]]
) -> Limit:
    head, _, unit = row.limit.rpartition("_")
    in_force, shipped = now.get(row.limit), came.get(row.limit)
    return Limit(
        name=row.limit,
        rule=row.rule,
        said=view.said(LIMIT_WORDS.get(row.limit) or words.plain(head if unit in _UNITS else row.limit)),
        unit=_UNITS.get(unit, "times"),
        amount=row.amount,
        in_force=in_force.amount if in_force is not None else None,
        shipped=shipped.amount if shipped is not None else None,
        why=row.why,
        used_in=tuple(dict.fromkeys(used.get(row.limit, ()))),
    )


def _used(view: View) -> dict[str, list[str]]:
    """Return by limit the names of the diagrams and rules in force that ask for it."""
    used: dict[str, list[str]] = {}
    for name, source in _texts(view):
        for limit in dict.fromkeys(_USED.findall(source)):
            used.setdefault(limit.decode(), []).append(view.said(name))
    return used


def _texts(view: View) -> Iterator[tuple[str, bytes]]:
    for (kind, _), id_ in sorted(view.authority.latest.items()):
        if kind in ("process", "rules"):
            found = definitions.load(view.connection, id_)
            yield found.name or found.key, found.source
