"""What a family's limited consent leaves out of what somebody of the team sees, and what a task's sharing rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework import permissions
from engine.casework.consent_cover import KINDS, left_out
from engine.casework.permissions import Relation
from engine.queries import case_record
from engine.queries.case_plan import Outcome
from engine.queries.case_record import Meeting, Review
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


def trimmed(found: dict[str, Any], kept: frozenset[str], me: UUID) -> dict[str, Any]:
    """Return the parts of a case file as a reader sees them from whom the kinds `kept` are kept.

    Their own actions stay: they have to do them. What says more than one kind goes with any of them.
    """
    out: dict[str, Any] = {"left_out": tuple(KINDS[kind] for kind in KINDS if kind in kept)}
    if not kept:
        return {**found, **out}
    out |= {"timeline": (), "timeline_before": None}
    if "assessment" in kept:
        out["assessments"] = ()
    if "plan" in kept:
        out |= {"plan": _own(found["plan"], me), **dict.fromkeys(_OF_THE_PLAN, ())}
    if "notes" in kept:
        out["meetings"] = tuple(_without_notes(each) for each in found["meetings"])
    elif "plan" in kept:
        out["meetings"] = tuple(replace(each, agreed=(), no_actions_why="") for each in found["meetings"])
    if kept & {"plan", "notes"}:
        out["reviews"] = tuple(_review_only(each) for each in found["reviews"])
    return {**found, **out}


_OF_THE_PLAN: Final = (
    "late",
    "overlaps",
    "escalations",
    "manager_stages",
    "mag_referrals",
    "plan_looks",
    "consultations",
    "disagreements",
)


def _own(plan: tuple[Outcome, ...], me: UUID) -> tuple[Outcome, ...]:
    mine = (replace(each, actions=tuple(one for one in each.actions if one.owner_id == me)) for each in plan)
    return tuple(each for each in mine if each.actions)


def _without_notes(meeting: Meeting) -> Meeting:
    invited = tuple(replace(each, report="") for each in meeting.invited)
    family = tuple(replace(each, views="", needs="", brings="") for each in meeting.family)
    return replace(
        meeting, invited=invited, family=family, agreed=(), checklists={}, notes="", agenda="", came_with="",
        ends_with="", no_actions_why="",
    )  # fmt: skip


def _review_only(review: Review) -> Review:
    return replace(review, notes="", next_step="", outcome=None)


def rests_on(view: View, case_id: UUID, operation: str | None) -> tuple[tuple[str, str], ...]:
    """Say what a task that shares rests on: the family's consent in force. Nothing for other tasks."""
    if operation not in SHARES:
        return ()
    found: Mapping[str, str] = {
        each.purpose: each.sentence for each in reversed(case_record.consent(view, case_id)) if each.to_on is None
    }
    return (("What sharing rests on", found.get("sharing", case_record.NOT_ASKED)),)
