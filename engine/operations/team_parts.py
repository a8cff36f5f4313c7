"""Who leaves the team around the child when what brought them there is over: leading, or one invitation."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.store import consent_cover
from engine.store.tables.changes import case_links, handovers
from engine.store.tables.meetings import invitations, tac_meetings
from engine.store.tables.record import case_members, lead_professionals, plan_actions
from engine.work import Work

_NO_PART: Final = "You are no longer part of a plan"
_WHY: Final = (
    "You do not lead it, have no action of it to finish, and are asked to no meeting to come. If you still help this "
    "child, ask who leads to invite you."
)


def end_of_leading(work: Work, led: Collection[UUID], *, told: bool = False) -> None:
    """End the places in the team that came with leading, or with saying yes to it; tell whose they were, unless `told`.

    Whoever was of the team before stays, and who leads or assesses, has an action to finish or is asked to a meeting
    to come. A task that is still theirs shows them the case until it is done. Whom the family's consent leaves out was
    told so when it did.
    """
    ended = _end(work, led, _LED, ~_ASKED, ~_OWNS, after="leading")
    left_out = {each.id for each in consent_cover.left_out(work.connection, work.case.id, ended)}
    for practitioner in ended:
        if not told and practitioner not in left_out:
            work.send(practitioner, subject=_NO_PART, body=_WHY)


def end_of_invitation(work: Work, no_longer_asked: Collection[UUID]) -> None:
    """End the places in the team that came with an invitation which was taken back.

    Whoever was asked to another meeting stays, who leads or assesses or is to lead, and who had an action of the plan.
    """
    _end(work, no_longer_asked, ~_MERGED, ~_SAID_YES, ~_ASKED, ~_WAS_ASKED, ~_OWNED, after="invitation")


def led_until_now(work: Work, *, interim: bool) -> list[UUID]:
    """Return who led last before somebody else is appointed now, with those who led in between since.

    Only these when the one appointed leads in between too: who led for good may be back.
    """
    own = lead_professionals.c.case_id == work.case.id
    spells = work.connection.execute(
        sa.select(
            lead_professionals.c.practitioner_id, lead_professionals.c.interim, lead_professionals.c.from_on
        ).where(own, lead_professionals.c.to_on.is_not(None))
    ).all()
    since = max((each.from_on for each in spells if not each.interim), default=None)
    return [
        each.practitioner_id
        for each in spells
        if (since is None or each.from_on >= since) and (each.interim or not interim)
    ]


def _end(work: Work, whose: Collection[UUID], *conditions: sa.ColumnElement[bool], after: str) -> list[UUID]:
    if not whose:
        return []
    own = (_PLACE.c.case_id == work.case.id) & (_PLACE.c.role == "member") & _PLACE.c.to_on.is_(None)
    query = sa.select(_PLACE.c.id, _PLACE.c.practitioner_id).where(own, _PLACE.c.practitioner_id.in_(whose), ~_KEEPS)
    ended = work.connection.execute(query.where(*conditions).order_by(_PLACE.c.practitioner_id)).all()
    if ended:
        these = case_members.c.id.in_([each.id for each in ended])
        work.connection.execute(sa.update(case_members).where(these).values(to_on=work.today))
        work.changed()
    for each in ended:
        work.record("member_left", subject=each.practitioner_id, detail={"after": after})
    return [each.practitioner_id for each in ended]


_PLACE = case_members.alias("place")
_ROLE = case_members.alias("role")
_THEN = _PLACE.c.from_on


def _has(table: Any, who: str, *conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Return the condition that the person of the place has such a row on its case."""
    mine = (table.c.case_id == _PLACE.c.case_id) & (table.c[who] == _PLACE.c.practitioner_id)
    return sa.exists().where(mine, *conditions).correlate(_PLACE)


def _over(table: Any) -> Iterable[sa.ColumnElement[bool]]:
    """Return the conditions that a span was under way on the day on which the place began."""
    return table.c.from_on <= _THEN, sa.or_(table.c.to_on.is_(None), table.c.to_on >= _THEN)


_ASSESSES = _ROLE.c.role == "assessor"
_KEEPS = sa.or_(
    _has(lead_professionals, "practitioner_id", lead_professionals.c.to_on.is_(None)),
    _has(_ROLE, "practitioner_id", _ASSESSES, _ROLE.c.to_on.is_(None)),
)
_LED = sa.or_(
    _has(lead_professionals, "practitioner_id", *_over(lead_professionals)),
    _has(_ROLE, "practitioner_id", _ASSESSES, *_over(_ROLE)),
    _has(handovers, "successor_id", handovers.c.accepted_on == _THEN),
)
_OWNED = _has(plan_actions, "owner_id")
_OWNS = _has(plan_actions, "owner_id", plan_actions.c.closed_on.is_(None))
_SAID_YES = _has(handovers, "successor_id", handovers.c.accepted_on.is_not(None), handovers.c.ended_on.is_(None))
_WANTED = (
    tac_meetings.c.id == invitations.c.meeting_id,
    invitations.c.called_off_on.is_(None),
    tac_meetings.c.called_off_on.is_(None),
)
_ASKED = _has(invitations, "practitioner_id", *_WANTED, tac_meetings.c.held_on.is_(None))
_WAS_ASKED = _has(invitations, "practitioner_id", *_WANTED, tac_meetings.c.held_on.is_not(None))
_MERGED = (
    sa.exists().where(case_links.c.linked_id == _PLACE.c.case_id, case_links.c.linked_on == _THEN).correlate(_PLACE)
)
