"""A note of oversight inside an act on a case: its event, whose words can be erased, and the row that lists read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework import oversight
from engine.errors import Invalid, NotPermitted
from engine.store import relations
from engine.store.tables.oversight import oversight_notes
from engine.store.tables.people import practitioners
from engine.work import Work

LONGEST: Final = 4_000
FARTHEST: Final = timedelta(days=366)
"""How far back a discussion may lie that is written down now."""


def require_overseer(work: Work) -> None:
    """Let on only who may write down their oversight of the case. Raises `NotPermitted`."""
    actor = work.actor
    if actor is None or not oversight.may_oversee(actor, relations.of(work.connection, actor, work.case.id)):
        raise NotPermitted("A line manager of who leads or assesses, or a coordinator, writes down their oversight")


@dataclass(frozen=True, slots=True)
class Said:
    """A note: on which local day a case was discussed, with whom (None: with nobody), and what was decided by when.

    Raises `Invalid` naming the field for missing or long words.
    """

    discussed_on: date
    discussed: str
    decided: str
    by_on: date | None = None
    discussed_with: UUID | None = None

    def __post_init__(self) -> None:
        for field, asked in (("discussed", "Enter what was discussed"), ("decided", "Enter what was decided")):
            said = getattr(self, field)
            if not said.strip():
                raise Invalid(asked, field=field)
            if len(said) > LONGEST:
                raise Invalid(f"Use at most {LONGEST:,} characters", field=field)


def record_note(work: Work, said: Said) -> dict[str, Any]:
    """Gather the event of a note; return the row for `write_note`, which the act calls when its history is written.

    Raises `Invalid` naming the field for days that cannot be and for a person who is not there.
    """
    _require_days(work, said)
    _require_colleague(work, said.discussed_with)
    detail = {"discussed_on": said.discussed_on, "by_on": said.by_on}
    event_id = work.record(
        "oversight_noted",
        subject=said.discussed_with,
        detail=detail,
        payload={"why": said.decided.strip(), "discussed": said.discussed.strip()},
        effective_on=said.discussed_on,
    )
    own = {"id": work.engine.ids.new(), "authority_id": work.authority.id, "case_id": work.case.id}
    who = {"written_by": work.actor.practitioner_id if work.actor else None, "discussed_with": said.discussed_with}
    return {**own, **who, **detail, "event_id": event_id}


def write_note(work: Work, row: Mapping[str, Any]) -> None:
    """Write the row of a note whose event is in the history."""
    work.connection.execute(sa.insert(oversight_notes).values(**row))


def _require_days(work: Work, said: Said) -> None:
    if said.discussed_on > work.today:
        raise Invalid("Enter a day that is not in the future", field="discussed_on")
    if said.discussed_on < work.today - FARTHEST:
        raise Invalid("Enter a day within the last year", field="discussed_on")
    if said.by_on is not None and said.by_on < said.discussed_on:
        raise Invalid("This is before the discussion", field="by_on")


def _require_colleague(work: Work, practitioner_id: UUID | None) -> None:
    if practitioner_id is None:
        return
    own = (practitioners.c.id == practitioner_id) & (practitioners.c.authority_id == work.authority.id)
    if work.connection.execute(sa.select(practitioners.c.id).where(own)).first() is None:
        raise Invalid("Choose a person from the list", field="discussed_with")
