"""What two cases of one child that are to become one rest on: what runs on each, and how far its family's yes goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.store.consent_cover import in_force
from engine.store.tables.changes import consultations, disagreements, transfers
from engine.store.tables.consents import consent_parties, consents
from engine.store.tables.people import practitioners
from engine.store.tables.record import mag_referrals, manager_discussions

_CASE: sa.BindParameter[UUID] = sa.bindparam("case", type_=sa.Uuid)
_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "move": "the family’s move to another area",
        "referral": "a referral to the Multi-Agency Group",
        "disagreement": "a disagreement between professionals",
        "advice": "advice asked of social care",
    }
)
_UNDER_WAY = sa.select(
    *(
        sa.exists().where(table.c.case_id == _CASE, *open_).label(name)
        for name, table, open_ in (
            ("move", transfers, (transfers.c.ended_on.is_(None),)),
            ("referral", mag_referrals, (mag_referrals.c.ended_on.is_(None),)),
            ("disagreement", disagreements, (disagreements.c.settled_on.is_(None),)),
            ("advice", consultations, (consultations.c.asked_on.is_(None), consultations.c.ended_on.is_(None))),
        )
    )
)
_STALLED = sa.select(manager_discussions.c.opened_on).where(
    manager_discussions.c.case_id == _CASE, manager_discussions.c.ended_on.is_(None)
)


def under_way(connection: sa.Connection, case_id: UUID) -> list[str]:
    """Return in words what would be left without an end if the case closed into another."""
    row = connection.execute(_UNDER_WAY, {"case": case_id}).one()._mapping
    return [said for name, said in _WORDS.items() if row[name]]


def stalled_since(connection: sa.Connection, case_id: UUID) -> date | None:
    """Return the day since which the line manager has a case's plan that does not move; None when it does."""
    return connection.execute(_STALLED, {"case": case_id}).scalar()


@dataclass(frozen=True, slots=True)
class Extent:
    """How far a family's yes to sharing goes; None stands for no limit.

    `agencies` and `people` are with whom, `kinds` what, `until_on` the last day.
    """

    agencies: frozenset[UUID] | None
    people: frozenset[UUID]
    kinds: frozenset[str] | None
    until_on: date | None

    def beyond(self, other: Extent, agency_of: Mapping[UUID, UUID | None]) -> list[str]:
        """Say where this goes further than `other`; `agency_of` gives the agency of each of `people`."""
        further = {
            "with more people": other.agencies is not None and not self._within(other, agency_of),
            "more of what is known": other.kinds is not None and (self.kinds is None or self.kinds - other.kinds),
            "for longer": other.until_on is not None and (self.until_on is None or self.until_on > other.until_on),
        }
        return [said for said, is_so in further.items() if is_so]

    def _within(self, other: Extent, agency_of: Mapping[UUID, UUID | None]) -> bool:
        theirs = other.agencies or frozenset()
        return (
            self.agencies is not None
            and self.agencies <= theirs
            and all(each in other.people or agency_of.get(each) in theirs for each in self.people)
        )


def wider(connection: sa.Connection, case_id: UUID, than: UUID) -> list[str]:
    """Say in which ways the consent in force on a case lets more be shared than the one on the case `than`.

    Nothing is said where a family has not been asked yet.
    """
    mine, theirs = _consent(connection, case_id), _consent(connection, than)
    if mine is None or theirs is None:
        return []
    extents = [_extent(connection, each) for each in (mine, theirs)]
    named = practitioners.c.id.in_(sorted(extents[0].people))
    rows = connection.execute(sa.select(practitioners.c.id, practitioners.c.agency_id).where(named))
    return extents[0].beyond(extents[1], {row.id: row.agency_id for row in rows})


def _consent(connection: sa.Connection, case_id: UUID) -> Any:
    return connection.execute(sa.select(consents).where(in_force(case_id))).first()


def _extent(connection: sa.Connection, consent: Any) -> Extent:
    if consent.answer != "limited":
        return Extent(None, frozenset(), None, consent.until_on)
    rows = connection.execute(sa.select(consent_parties).where(consent_parties.c.consent_id == consent.id)).all()
    return Extent(
        frozenset(row.agency_id for row in rows if row.agency_id is not None),
        frozenset(row.practitioner_id for row in rows if row.practitioner_id is not None),
        None if consent.kinds is None else frozenset(consent.kinds),
        consent.until_on,
    )
