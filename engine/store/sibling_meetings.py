"""Meetings arranged for a brother or sister, which a child's own may go with: same family, consent in force.

At one meeting for several children each is spoken of, and a plan may name a brother or sister: who may not be told of
one of them is found here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.casework.consent_cover import SHARED
from engine.store.consent_cover import in_force
from engine.store.folding import folded
from engine.store.tables.meetings import family_invitations
from engine.store.tables.record import cases, children, consents, family_members, family_sharing, tac_meetings


def as_choice(value: Any) -> UUID | None:
    """Return a chosen meeting's id; None for what is no id."""
    try:
        return UUID(str(value))
    except ValueError:
        return None


_own, _mine = cases.alias("own"), children.alias("mine")
_CASE: sa.BindParameter[UUID] = sa.bindparam("case", type_=sa.Uuid)
_FAMILY = (
    sa.select(_mine.c.family_id).join(_own, _own.c.child_id == _mine.c.id).where(_own.c.id == _CASE).scalar_subquery()
)
_CHILDREN = sa.select(children.c.given_name, children.c.known_as, children.c.family_name).where(
    children.c.family_id == _FAMILY
)
_COMING = (
    sa.select(
        tac_meetings.c.id, tac_meetings.c.planned_on, tac_meetings.c.starts_at, tac_meetings.c.venue,
        children.c.given_name,
    )
    .join(cases, cases.c.id == tac_meetings.c.case_id)
    .join(children, children.c.id == cases.c.child_id)
    .join(consents, in_force(cases.c.id))
    .where(
        children.c.family_id == _FAMILY,
        cases.c.id != _CASE, cases.c.closed_on.is_(None), consents.c.answer.in_(SHARED),
        tac_meetings.c.held_on.is_(None), tac_meetings.c.called_off_on.is_(None), tac_meetings.c.joined_id.is_(None),
    )
    .order_by(tac_meetings.c.planned_on, tac_meetings.c.id)
)  # fmt: skip
_FROM_TODAY = _COMING.where(tac_meetings.c.planned_on >= sa.bindparam("today"))
_ONE = _FROM_TODAY.where(tac_meetings.c.id == sa.bindparam("meeting"))


def sibling_meetings(connection: sa.Connection, case_id: UUID, today: date | None = None) -> list[Any]:
    """Return the coming meetings of the child's brothers and sisters: id, planned_on, starts_at, venue, given_name.

    Only of open cases whose family agreed to sharing; from `today` on, when it is given. The earliest comes first.
    """
    if today is None:
        return list(connection.execute(_COMING, {"case": case_id}))
    return list(connection.execute(_FROM_TODAY, {"case": case_id, "today": today}))


def sibling_meeting(connection: sa.Connection, case_id: UUID, meeting_id: UUID | None, today: date) -> Any:
    """Return one of `sibling_meetings`, or None when it cannot be joined."""
    return connection.execute(_ONE, {"case": case_id, "today": today, "meeting": meeting_id}).first()


@dataclass(frozen=True, slots=True)
class KeptFrom:
    """What one of the family may not be told of which other `child`: all of it or a part.

    `called` is every name and word of a name that means that child, without the family's; `met` tells that the child is
    spoken of at the meeting asked about. Why, and who decided it, is told on that child's own case only.
    """

    member_id: UUID
    name: str
    child: str
    told: str
    called: tuple[str, ...]
    met: bool = True

    @property
    def words(self) -> str:
        """Say of which child they may not be told."""
        return f"to be told {'nothing of' if self.told == 'nothing' else 'only a part of what concerns'} {self.child}"

    def but(self, name: str) -> KeptFrom:
        """Return the same without the words of another child's `name`, which mean that child; all when none is left."""
        other = {_folded(word) for word in _WORD.findall(name)}
        return replace(self, called=tuple(each for each in self.called if _folded(each) not in other) or self.called)

    def named_in(self, text: str) -> bool:
        """Tell whether a text names that child, by any of their names, with or without its accents."""
        return _holds(text, self.called)


def _holds(text: str, names: Sequence[str]) -> bool:
    words = "|".join(re.escape(_folded(each)) for each in names)
    return re.search(rf"\b(?:{words})\b", _folded(text)) is not None


def names_a_child(connection: sa.Connection, case_id: UUID, text: str) -> bool:
    """Tell whether a text names the child of a case, or a brother or sister, by any of their names or the family's."""
    known = connection.execute(_CHILDREN, {"case": case_id}).all() if text else ()
    return any(_holds(text, (*_names(each), *_families(each.family_name))) for each in known)


def _families(name: str) -> tuple[str, ...]:
    return (name, f"{name}s") if name else ()


def kept_from(connection: sa.Connection, case_id: UUID, meeting_id: UUID) -> list[KeptFrom]:
    """Return who may not be told everything of the other children spoken of at `meeting_id`, or at one held with it.

    `meeting_id` may be the case's own, or a brother's or sister's that it would join.
    """
    return _kept(connection, _KEPT, case_id, meeting_id)


def kept_from_family(connection: sa.Connection, case_id: UUID, meeting_id: UUID | None = None) -> list[KeptFrom]:
    """Return who may not be told everything of a brother or sister of the child of `case_id`.

    Each says whether that child is spoken of at `meeting_id`, or at one held with it.
    """
    rows = connection.execute(_KEPT_IN_FAMILY, {"case": case_id, "meeting": meeting_id})
    return [replace(_as_kept(row), met=bool(row.met)) for row in rows]


def asked_but_kept(connection: sa.Connection, case_id: UUID, meeting_id: UUID) -> list[KeptFrom]:
    """Return who is asked to `meeting_id`, or to one held with it, and is to be told nothing of the child of `case_id`.

    The meeting may be a brother's or sister's.
    """
    return _kept(connection, _ASKED_BUT_KEPT, case_id, meeting_id)


def held_together(connection: sa.Connection, case_id: UUID, meeting_id: UUID) -> list[str]:
    """Return the names of the other children who are spoken of at `meeting_id`, or at one held with it."""
    return [_called(row) for row in connection.execute(_TOGETHER, {"case": case_id, "meeting": meeting_id})]


def _kept(connection: sa.Connection, query: sa.Select[Any], case_id: UUID, meeting_id: UUID) -> list[KeptFrom]:
    rows = connection.execute(query, {"case": case_id, "meeting": meeting_id})
    return [_as_kept(row) for row in rows]


def _as_kept(row: Any) -> KeptFrom:
    return KeptFrom(row.id, row.name, _called(row), row.told, _names(row))


def _called(child: Any) -> str:
    return child.known_as or child.given_name or "the baby"


def _names(child: Any) -> tuple[str, ...]:
    """Return the words of a child's own names, which no brother or sister shares; "the baby" without any."""
    shared = {_folded(word) for word in _WORD.findall(child.family_name)}
    words = dict.fromkeys(_WORD.findall(f"{child.given_name} {child.known_as}"))
    return tuple(word for word in words if _folded(word) not in shared) or (_called(child),)


def _folded(text: str) -> str:
    return folded(text.replace("’", "'"))


_WORD = re.compile(r"[^\W\d_][\w'’]+")


_MEETING: sa.BindParameter[UUID] = sa.bindparam("meeting", type_=sa.Uuid)
_beside, _this = tac_meetings.alias("beside"), tac_meetings.alias("this")
_FIRST = sa.select(sa.func.coalesce(_this.c.joined_id, _this.c.id)).where(_this.c.id == _MEETING).scalar_subquery()
_SPOKEN_OF = sa.exists().where(
    _beside.c.case_id == cases.c.id,
    _beside.c.called_off_on.is_(None),
    (_beside.c.id == _FIRST) | (_beside.c.joined_id == _FIRST),
)
_OTHERS = sa.and_(cases.c.id != _CASE, _SPOKEN_OF)
_TOGETHER = (
    sa.select(children.c.known_as, children.c.given_name)
    .join(cases, cases.c.child_id == children.c.id)
    .where(_OTHERS)
    .order_by(children.c.born_on, cases.c.id)
)
_SHARED = (
    sa.select(
        family_members.c.id, family_members.c.name, children.c.known_as, children.c.given_name, children.c.family_name,
        family_sharing.c.told,
    )
    .join_from(family_sharing, family_members, family_members.c.id == family_sharing.c.member_id)
    .join(cases, cases.c.id == family_sharing.c.case_id)
    .join(children, children.c.id == cases.c.child_id)
    .where(family_sharing.c.to_on.is_(None))
    .order_by(children.c.born_on, cases.c.id, family_sharing.c.told, family_members.c.id)
)  # fmt: skip
_KEPT = _SHARED.where(family_sharing.c.told != "everything", _OTHERS)
_KEPT_IN_FAMILY = _SHARED.add_columns(_SPOKEN_OF.label("met")).where(
    family_sharing.c.told != "everything",
    children.c.id != sa.select(_own.c.child_id).where(_own.c.id == _CASE).scalar_subquery(),
    children.c.family_id == _FAMILY,
)
_ASKED_BUT_KEPT = _SHARED.where(
    family_sharing.c.told == "nothing",
    family_sharing.c.case_id == _CASE,
    sa.exists().where(
        family_invitations.c.meeting_id == _beside.c.id,
        _beside.c.called_off_on.is_(None),
        (_beside.c.id == _FIRST) | (_beside.c.joined_id == _FIRST),
        family_invitations.c.member_id == family_sharing.c.member_id,
        family_invitations.c.invited,
        family_invitations.c.called_off_on.is_(None),
    ),
)
