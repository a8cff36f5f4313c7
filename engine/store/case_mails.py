"""What a message about a case says of it to whoever it goes to, as the record has it when the message leaves."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework import case_mails
from engine.casework.permissions import may_see_case
from engine.store import actors, relations
from engine.store.overlapping_cases import ANSWERABLE
from engine.store.tables.access import case_restrictions
from engine.store.tables.people import accounts, authorities, practitioners
from engine.store.tables.record import cases, lead_professionals


def told(connection: sa.Connection, body: str, *, case_id: UUID | None, to: UUID | None, now: datetime) -> str:
    """Return a queued message about a case as it leaves for the practitioner `to` at the instant `now` (aware UTC)."""
    if case_mails.MARK not in body or case_id is None or to is None:
        return body
    case = connection.execute(_CASE, {"case": case_id}).one()
    return case_mails.told(body, _way(connection, case, to, now))


def reference(connection: sa.Connection, case_id: UUID) -> str:
    """Return a case's reference, which is what a message calls it by."""
    return str(connection.execute(sa.select(cases.c.reference).where(cases.c.id == case_id)).scalar_one())


def _way(connection: sa.Connection, case: Any, to: UUID, now: datetime) -> str:
    if (case.answerable == to and case.signs_in) or _sees(connection, case.id, to, now):
        address = str(case.profile.get("service_address") or "").rstrip("/")
        return case_mails.way(case.reference, opens=True, page=f"{address}/cases/{case.id}" if address else "")
    names_nobody = case.restricted or case.answerable == to
    answers = "" if names_nobody else ", ".join(filter(None, (case.name, case.phone)))
    return case_mails.way(case.reference, opens=False, answers=answers)


def _sees(connection: sa.Connection, case_id: UUID, to: UUID, now: datetime) -> bool:
    reader = actors.of_practitioner(connection, to, now=now)
    return reader is not None and may_see_case(reader, relations.of(connection, reader, case_id))


_CASE: Final = (
    sa.select(
        cases.c.id, cases.c.reference, authorities.c.profile, practitioners.c.name, practitioners.c.phone,
        ANSWERABLE.label("answerable"),
        sa.exists()
        .where(case_restrictions.c.case_id == cases.c.id, case_restrictions.c.lifted_at.is_(None))
        .label("restricted"),
        sa.exists()
        .where(accounts.c.practitioner_id == practitioners.c.id, accounts.c.disabled_at.is_(None))
        .label("signs_in"),
    )
    .join(authorities, authorities.c.id == cases.c.authority_id)
    .outerjoin(lead_professionals, (lead_professionals.c.case_id == cases.c.id) & lead_professionals.c.to_on.is_(None))
    .outerjoin(practitioners, (practitioners.c.id == ANSWERABLE) & practitioners.c.left_on.is_(None))
    .where(cases.c.id == sa.bindparam("case", type_=sa.Uuid))
)  # fmt: skip
