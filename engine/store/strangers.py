"""Who may have no part in a case now, as nothing of it is shared, or not with their agency yet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from engine.store.consent_cover import LeftOut, is_colleague, is_new, keeps_record, rests, unasked
from engine.store.sets import among
from engine.store.standing_in import may_stand_in
from engine.store.tables.people import absences, agencies, practitioners


def has_strangers(connection: sa.Connection, case_id: UUID) -> bool:
    """Tell whether a case has `strangers`: sharing rests, or its family has not been asked."""
    return bool(connection.execute(_HAS_STRANGERS, {"case": case_id}).scalar())


def strangers(
    connection: sa.Connection, case_id: UUID, people: Sequence[UUID], *, today: date, to_lead_between: bool = False
) -> list[LeftOut]:
    """Return those of `people` who may have no part in a case now, as sharing rests; otherwise nobody.

    Before the family is asked, those of another agency than who leads or assesses. Who keeps the record may, and who
    stands in today for who leads or assesses it, or for their line manager, of whose agency they are (`may_stand_in`).
    Asked about who is `to_lead_between`, neither is anybody a stranger who is of the agency of who leads, or led last,
    or assesses: a child is never without somebody to ring, and no other agency learns of it by that.
    """
    if not people:
        return []
    query = _STRANGERS.where(~is_colleague(_CASE, practitioners.c.id)) if to_lead_between else _STRANGERS
    rows = connection.execute(query, {"ids": list(people), "case": case_id, "today": today})
    return [LeftOut(row.id, row.name, row.agency or "") for row in rows]


_CASE: sa.BindParameter[UUID] = sa.bindparam("case", type_=sa.Uuid)
_TODAY: sa.BindParameter[date] = sa.bindparam("today", type_=sa.Date)
_STANDS_IN = (
    sa.exists()
    .where(
        absences.c.covered_by == practitioners.c.id,
        absences.c.from_on <= _TODAY,
        absences.c.to_on.is_(None),
        sa.func.coalesce(absences.c.expected_to_on, _TODAY) >= _TODAY,
        keeps_record(_CASE, absences.c.practitioner_id),
        may_stand_in(_CASE, practitioners.c.id, absences.c.practitioner_id),
    )
    .correlate_except(absences)
)
_HAS_STRANGERS = sa.select(sa.or_(rests(_CASE), unasked(_CASE)))
_STRANGERS = (
    sa.select(practitioners.c.id, practitioners.c.name, agencies.c.name.label("agency"))
    .outerjoin(agencies, agencies.c.id == practitioners.c.agency_id)
    .where(among(practitioners.c.id), is_new(_CASE, practitioners.c.id), ~_STANDS_IN)
    .order_by(practitioners.c.name, practitioners.c.id)
)
