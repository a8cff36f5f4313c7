"""The time limits by which a simulated caseload was played, in words. Never used by pages."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from engine.library import TIMESCALES
from engine.limit_rows import limit_rows
from engine.process_engine import ProcessEngine
from engine.queries import words
from engine.queries.limit_words import LIMIT_WORDS
from engine.store import authorities, definitions

_UNITS: Final = {"days": "working day", "weeks": "week", "months": "month", "years": "year"}


def limits_in_force(engine: ProcessEngine, authority_id: UUID) -> list[tuple[str, str]]:
    """Return what each limit in force is about and how long it is, in the order of the file; none without the table."""
    with engine.sessions.read() as connection:
        authority = authorities.load(connection, authority_id)
        id_ = authority.latest.get(("decision", TIMESCALES))
        if id_ is None:
            return []
        current = definitions.load(connection, id_)
    rows = limit_rows(current.source, file=current.file, authority=authority.key)
    return [(_about(name), _length(name, row.said)) for name, row in rows.items()]


def _about(name: str) -> str:
    head, _, unit = name.rpartition("_")
    return LIMIT_WORDS.get(name) or words.plain(head if unit in _UNITS else name)


def _length(name: str, said: str) -> str:
    unit = _UNITS.get(name.rpartition("_")[2])
    return said if unit is None else f"{said} {unit}{'' if said == '1' else 's'}"
