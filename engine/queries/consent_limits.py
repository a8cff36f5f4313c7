"""What a family's limited consent leaves out of what somebody of the team sees, and what a task's sharing rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework import permissions
from engine.casework.consent_cover import KINDS, left_out
from engine.casework.permissions import Relation
from engine.queries import case_record
from engine.queries.case_meetings import Invited, Meeting
from engine.queries.case_plan import Outcome
from engine.queries.case_record import Review
from engine.queries.family_meetings import Kin
from engine.queries.view import View
from engine.store import relations
from engine.store.consent_cover import in_force
from engine.store.tables.consents import consents

SHARES: Final = frozenset(
    {
        "agree_action_plan",
        "arrange_tac_meeting",
        "change_action_plan",
        "choose_lead",
        "choose_review",
        "find_action_owner",
        "finish_tac_meeting",
        "hold_review",
        "hold_tac_meeting",
        "propose_handover",
        "rebook_tac_meeting",
        "settle_action",
    }
)
"""The record operations that let somebody else know of a family."""


def kept_from(view: View, case_id: UUID, relation: Relation) -> frozenset[str]:
    """Return the kinds of information that the family's consent keeps from a reader who is only of the team."""
    if not permissions.reads_as_team(view.actor, relation):
        return frozenset()
    row = view.connection.execute(
        sa.select(consents.c.kinds).where(in_force(case_id), consents.c.answer == "limited")
    ).first()
    return frozenset() if row is None else left_out(row.kinds)


def is_partly_kept(view: View, case_id: UUID) -> bool:
    """Tell whether something of a case is kept from the reader: then its history and files are too, which hold all."""
    return bool(kept_from(view, case_id, relations.of(view.connection, view.actor, case_id)))


def trimmed(found: Mapping[str, Any], kept: frozenset[str], me: UUID) -> dict[str, Any]:
    """Return the parts of a case file as a reader sees them from whom the kinds `kept` are kept.

    Only what `FILE` lists is shown, and of meetings and reviews what `PARTS` lists: a part that is new is kept back
    until somebody says of what kind it is. Their own actions stay: they have to do them.
    """
    out: dict[str, Any] = {"left_out": tuple(KINDS[kind] for kind in KINDS if kind in kept)}
    if not kept:
        return {**found, **out}
    for name, value in found.items():
        out[name] = _parts(value, kept) if FILE.get(name, EVERYTHING).isdisjoint(kept) else _nothing(value)
    if "plan" in kept:
        out["plan"] = _own(found["plan"], me)
    return out


NO_KIND: Final = frozenset[str]()
"""Known to everybody of the team: the child's name, who leads, when the team meets, what they are asked to do."""
_PLAN, _NOTES, _ASSESSMENT = (frozenset({kind}) for kind in ("plan", "notes", "assessment"))
EVERYTHING: Final = frozenset(KINDS)
"""Says more than one kind, and goes with any of them."""
FILE: Final[Mapping[str, frozenset[str]]] = {
    **dict.fromkeys(("tasks", "next", "instances", "incidents", "consents", "consent_sentence", "concerns"), NO_KIND),
    **dict.fromkeys(("meetings", "reviews", "letters", "letters_waiting", "letters_held"), NO_KIND),
    **dict.fromkeys(
        ("plan", "late", "overlaps", "contradictions", "escalations", "manager_stages", "mag_referrals"), _PLAN
    ),
    **dict.fromkeys(("plan_looks", "consultations", "disagreements"), _PLAN),
    **dict.fromkeys(("timeline", "timeline_before"), EVERYTHING),
    "rules_said": _PLAN | _ASSESSMENT,
    "assessments": _ASSESSMENT,
}
"""Part of a case file -> the kinds of information in it, all of which the consent has to cover for it to be shown."""
PARTS: Final[Mapping[type[Any], Mapping[str, frozenset[str]]]] = {
    Meeting: {
        **dict.fromkeys(("planned_on", "held_on", "called_off_on", "starts_at", "venue", "place_secret"), NO_KIND),
        **dict.fromkeys(("invited", "family", "next_on", "booked_anew", "missed", "day_off"), NO_KIND),
        **dict.fromkeys(("agenda", "notes", "came_with", "ends_with", "checklists"), _NOTES),
        **dict.fromkeys(("agreed", "no_actions_why"), _NOTES | _PLAN),
    },
    Invited: {**dict.fromkeys(("name", "reply", "substitute", "attended"), NO_KIND), "report": _NOTES},
    Kin: {
        **dict.fromkeys(("person", "name", "invited", "why_not", "reply", "attended"), NO_KIND),
        **dict.fromkeys(("needs", "brings", "views"), _NOTES),
    },
    Review: {
        **dict.fromkeys(("due_on", "held_on"), NO_KIND),
        **dict.fromkeys(("outcome", "next_step", "notes"), _NOTES | _PLAN),
    },
}
"""The same of what stands in a file's parts, by their class."""


def _parts(value: Any, kept: frozenset[str]) -> Any:
    """Return a shown value with what its own parts hold of the kinds `kept` taken out."""
    if isinstance(value, tuple):
        return tuple(_parts(each, kept) for each in value)
    needed = PARTS.get(type(value))
    if needed is None:
        return value
    inside = {each.name: getattr(value, each.name) for each in fields(value)}
    return replace(
        value,
        **{
            name: _parts(one, kept) if needed.get(name, EVERYTHING).isdisjoint(kept) else _nothing(one)
            for name, one in inside.items()
        },
    )


def _nothing(value: Any) -> Any:
    """Return what stands in the place of a value that is kept back: the same kind of thing, with nothing in it."""
    return type(value)() if isinstance(value, (tuple, str, dict, list)) else None


def _own(plan: tuple[Outcome, ...], me: UUID) -> tuple[Outcome, ...]:
    mine = (replace(each, actions=tuple(one for one in each.actions if one.owner_id == me)) for each in plan)
    return tuple(each for each in mine if each.actions)


def rests_on(view: View, case_id: UUID, operation: str | None) -> tuple[tuple[str, str], ...]:
    """Say what a task that shares rests on: the family's consent in force. Nothing for other tasks."""
    if operation not in SHARES:
        return ()
    found: Mapping[str, str] = {
        each.purpose: each.sentence for each in reversed(case_record.consent(view, case_id)) if each.to_on is None
    }
    return (("What sharing rests on", found.get("sharing", case_record.NOT_ASKED)),)
