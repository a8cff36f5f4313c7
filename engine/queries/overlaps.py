"""Where two agencies give one family the same kind of help, as long as both actions are open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework import permissions
from engine.casework.help_kinds import HELP_KINDS
from engine.casework.permissions import Actor
from engine.process_engine import ProcessEngine
from engine.queries import visibility, words
from engine.queries.view import View, viewing
from engine.store.tables.changes import overlaps
from engine.store.tables.people import agencies, practitioners
from engine.store.tables.record import cases, children, plan_actions

LONGEST: Final = 100


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two actions of one family whose kinds of help meet; `said` names both and what to do, `child_name` of the first.

    `exact` tells that the same person gets the same kind of help.
    """

    case_id: UUID
    child_name: str
    said: str
    exact: bool


_one, _two = plan_actions.alias("one"), plan_actions.alias("two")
_owner, _other_owner = practitioners.alias("owner"), practitioners.alias("other_owner")
_agency, _other_agency = agencies.alias("agency"), agencies.alias("other_agency")
_case, _other_case = cases.alias("first_case"), cases.alias("second_case")
_child, _other_child = children.alias("child"), children.alias("other_child")
_NAMES: Final = ("given_name", "family_name", "known_as")
_QUERY: Final = (
    sa.select(
        overlaps.c.case_id, overlaps.c.other_case_id, overlaps.c.overlap, overlaps.c.reason,
        _one.c.action, _two.c.action.label("other_action"), _one.c.help, _two.c.help.label("other_help"),
        _owner.c.name.label("owner"), _other_owner.c.name.label("other_owner"),
        _agency.c.name.label("agency"), _other_agency.c.name.label("other_agency"),
        *(_child.c[name] for name in _NAMES), *(_other_child.c[name].label(f"other_{name}") for name in _NAMES),
    )
    .join(_one, (_one.c.id == overlaps.c.first_action_id) & _one.c.closed_on.is_(None))
    .join(_two, (_two.c.id == overlaps.c.second_action_id) & _two.c.closed_on.is_(None))
    .join(_owner, _owner.c.id == _one.c.owner_id)
    .join(_other_owner, _other_owner.c.id == _two.c.owner_id)
    .outerjoin(_agency, _agency.c.id == _owner.c.agency_id)
    .outerjoin(_other_agency, _other_agency.c.id == _other_owner.c.agency_id)
    .join(_case, (_case.c.id == overlaps.c.case_id) & _case.c.closed_on.is_(None))
    .join(_other_case, (_other_case.c.id == overlaps.c.other_case_id) & _other_case.c.closed_on.is_(None))
    .join(_child, _child.c.id == _case.c.child_id)
    .join(_other_child, _other_child.c.id == _other_case.c.child_id)
    .order_by(overlaps.c.overlap.desc(), overlaps.c.found_on, overlaps.c.id)
    .limit(LONGEST)
)  # fmt: skip
_CASE: Final = sa.bindparam("case", type_=sa.Uuid)
_OF_CASE: Final = _QUERY.where(sa.or_(overlaps.c.case_id == _CASE, overlaps.c.other_case_id == _CASE))
BY_CASE: Final = (_OF_CASE,)


def of_case(view: View, case_id: UUID) -> tuple[str, ...]:
    """Return a sentence for each overlap of a case's plan; of a plan that the actor may not see, only that it is."""
    rows = view.connection.execute(_OF_CASE, {"case": case_id}).all()
    seen = visibility.visible(view, [id_ for row in rows for id_ in (row.case_id, row.other_case_id)])
    return tuple(
        _said(row, case_id) if {row.case_id, row.other_case_id} <= seen else _unseen(row, case_id) for row in rows
    )


def board(engine: ProcessEngine, *, actor: Actor) -> tuple[Overlap, ...]:
    """Return what coordinators should see to, the same help for the same person first; nothing to others."""
    with viewing(engine, actor) as view:
        return board_in(view)


def board_in(view: View) -> tuple[Overlap, ...]:
    """Return the same on a view that is open."""
    if not permissions.sees_whole_authority(view.actor):
        return ()
    rows = view.connection.execute(_QUERY.where(overlaps.c.authority_id == view.actor.authority_id))
    return tuple(Overlap(row.case_id, _child_of(row), _said(row, row.case_id), row.overlap == "same") for row in rows)


def _said(row: Any, case_id: UUID) -> str:
    """Name both actions, and the child of one that stands in another plan than the case's."""
    first = _of_plan(row.action, _whose(row.owner, row.agency), "" if row.case_id == case_id else _child_of(row))
    other = "" if row.other_case_id == case_id else _child_of(row, "other_")
    second = _of_plan(row.other_action, _whose(row.other_owner, row.other_agency), other)
    return f"{first} and {second}. {words.sentence(row.reason)}"


def _of_plan(action: str, whose: str, child: str) -> str:
    return f"“{action.rstrip('.')}” ({whose})" + (f" in the plan of {child}" if child else "")


def _unseen(row: Any, case_id: UUID) -> str:
    mine = row.case_id == case_id
    action, kind = (row.action, row.other_help) if mine else (row.other_action, row.help)
    return (
        f"“{action.rstrip('.')}”: another plan for this family, which is not open to you, has help with "
        f"{HELP_KINDS[kind].lower()} from another agency. Ask the coordinator who can tell you more."
    )


def _whose(owner: str, agency: str | None) -> str:
    return f"{owner}, {agency}" if agency else owner


def _child_of(row: Any, which: str = "") -> str:
    names = (row._mapping[f"{which}{name}"] or "" for name in _NAMES)
    return words.child_name(*names)
