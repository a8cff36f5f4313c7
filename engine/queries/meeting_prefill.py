"""What the record knows of the answers to forms about meetings: people tell it once, and only check it here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.casework.family_letters import COPIES
from engine.queries.family_meetings import kin
from engine.queries.view import View
from engine.store.consent_cover import outside
from engine.store.meeting_options import actions_of, coming, family_of, latest_held, letters_to_hand
from engine.store.relatives import CHILD, from_age, relatives
from engine.store.review_meetings import agreed_for_review
from engine.store.tables.meetings import family_invitations, tac_meetings
from engine.store.tables.record import (
    case_members,
    cases,
    children,
    family_members,
    invitations,
    lead_professionals,
    plan_actions,
    reviews,
)

Answers = Mapping[str, Any]


def to_arrange(view: View, case_id: UUID) -> Answers:
    """Invite whoever is on the team already, but the lead, who invites; of the family those who may be told.

    A review's meeting begins with the day that was agreed for the review, unless it is over.
    """
    rows = view.connection.execute(_TEAM, {"case": case_id}).scalars()
    invited = list(dict.fromkeys(str(id_) for id_ in rows))
    agreed = view.connection.execute(_AGREED_DAY, {"case": case_id}).scalar()
    day = {"planned_on": agreed.isoformat()} if agreed is not None and agreed >= view.today else {}
    return {**day, "invited": invited, "family": _family_to_ask(view, case_id)}


_AGREED_DAY = sa.select(reviews.c.due_on).where(
    reviews.c.case_id == sa.bindparam("case"), reviews.c.held_on.is_(None), reviews.c.way == "meeting"
)

_LEAD = sa.select(lead_professionals.c.practitioner_id).where(
    lead_professionals.c.case_id == sa.bindparam("case"), lead_professionals.c.to_on.is_(None)
)
_TEAM = (
    sa.select(case_members.c.practitioner_id)
    .where(
        case_members.c.case_id == sa.bindparam("case"),
        case_members.c.to_on.is_(None),
        case_members.c.role.in_(("member", "assessor")),
        case_members.c.practitioner_id.not_in(_LEAD),
        ~outside(case_members.c.case_id, case_members.c.practitioner_id),
    )
    .order_by(case_members.c.from_on, case_members.c.id)
)


def _family_to_ask(view: View, case_id: UUID) -> list[Answers]:
    host = view.engine.library.host(view.connection, view.authority)
    grown, found, needs = from_age(host), list[Answers](), _needs(view, case_id)
    for each in relatives(view.connection, case_id):
        why = each.not_usually_asked(view.today, from_age=grown)
        needed = {"needs": needs[each.key]} if needs.get(each.key) else {}
        found.append({"person": each.key, **({"invite": "no", "why_not": why} if why else {"invite": "yes", **needed})})
    return found


def _needs(view: View, case_id: UUID) -> dict[str, str]:
    """Return what each of the family needs at a meeting, by key: as it was said for the last one, else as is known."""
    known = {_key(row): _known_needs(row) for row in view.connection.execute(_KNOWN_NEEDS, {"case": case_id})}
    last = {_key(row): row.needs for row in view.connection.execute(_LAST_NEEDS, {"case": case_id})}
    return {key: last.get(key) or needs for key, needs in known.items()}


def _known_needs(row: Any) -> str:
    said = (f"Interpreter: {row.interpreter}" if row.interpreter else "", row.access_needs)
    return "; ".join(each for each in said if each)


_OF_CASE = cases.c.id == sa.bindparam("case", type_=sa.Uuid)
_KNOWN_NEEDS = sa.union_all(
    sa.select(sa.cast(sa.null(), sa.Uuid).label("member_id"), children.c.interpreter, children.c.access_needs)
    .join(cases, cases.c.child_id == children.c.id)
    .where(_OF_CASE),
    sa.select(family_members.c.id, family_members.c.interpreter, family_members.c.access_needs)
    .join(children, children.c.family_id == family_members.c.family_id)
    .join(cases, cases.c.child_id == children.c.id)
    .where(_OF_CASE),
)
_LAST_NEEDS = (
    sa.select(family_invitations.c.member_id, family_invitations.c.needs)
    .join(tac_meetings, tac_meetings.c.id == family_invitations.c.meeting_id)
    .where(family_invitations.c.case_id == sa.bindparam("case", type_=sa.Uuid), family_invitations.c.invited)
    .order_by(tac_meetings.c.planned_on, tac_meetings.c.id)
)


def to_reply(view: View, case_id: UUID) -> Answers:
    """Give a row for each of the family who was asked, with what is known of their answer, and for each letter.

    Of the letters those that somebody has still to post or hand over.
    """
    waiting = letters_to_hand(view.connection, case_id)
    meeting = coming(view.connection, case_id)
    asked = [] if meeting is None else [row for row in family_of(view.connection, meeting.id) if row.invited]
    return {
        "replies": [
            {"person": _key(row), "brings": row.brings, "views": row.views}
            | ({"reply": row.reply} if row.reply != "none" else {})
            for row in asked
        ],
        "copies": [{"letter": str(row.id)} for row in waiting],
    }


def to_hold(view: View, case_id: UUID) -> Answers:
    """Take the day that was planned, unless it is still to come, whoever said they would be there, and whom they bring.

    Who sends somebody else, and said whom, is ticked too: the choice names who comes instead.
    """
    meeting = coming(view.connection, case_id)
    if meeting is None:
        return {"held_on": view.today.isoformat()}
    saying_yes = view.connection.execute(
        sa.select(invitations.c.practitioner_id)
        .where(
            invitations.c.meeting_id == meeting.id,
            (invitations.c.reply == "attending")
            | ((invitations.c.reply == "substitute") & (invitations.c.substitute != "")),
            invitations.c.called_off_on.is_(None),
        )
        .order_by(invitations.c.id)
    ).scalars()
    held_on: date = min(meeting.planned_on, view.today)
    asked = kin(view, case_id, meeting.id)
    family = [
        {"person": each.person, "views": each.views} | ({} if each.invited else {"came": "no"}) for each in asked
    ]
    brought = "; ".join(f"{each.brings}, with {each.name}" for each in asked if each.brings and each.reply == "coming")
    known = {"came_with": brought} if brought else {}
    return known | {"held_on": held_on.isoformat(), "attended": [str(id_) for id_ in saying_yes], "family": family}


def _key(row: Any) -> str:
    return CHILD if row.member_id is None else str(row.member_id)


def to_finish(view: View, case_id: UUID) -> Answers:
    """Give a row for each copy of assessment, notes or plan that somebody has still to post or hand over."""
    waiting = letters_to_hand(view.connection, case_id)
    return {"copies": [{"letter": str(row.id)} for row in waiting if row.kind in COPIES]}


def to_agree(view: View, case_id: UUID) -> Answers:
    """Take the actions that the last meeting agreed and the plan has not got yet, and the next date."""
    meeting = latest_held(view.connection, case_id)
    if meeting is None:
        return {}
    on_plan = view.connection.execute(
        sa.select(plan_actions.c.action, plan_actions.c.owner_id).where(plan_actions.c.case_id == case_id)
    )
    known = {(row.action, row.owner_id) for row in on_plan}
    agreed = [
        {"outcome": row.outcome, "action": row.action, "owner": str(row.owner_id), "due_on": row.due_on.isoformat()}
        for row in actions_of(view.connection, meeting.id)
        if (row.action, row.owner_id) not in known
    ]
    aims = list(dict.fromkeys(row["outcome"] for row in agreed if row["outcome"]))
    taken = {"actions": agreed, "outcomes": [{"outcome": aim} for aim in aims]} if agreed else {}
    return {**taken, **_next_date(view, meeting)}


def _next_date(view: View, meeting: Any) -> dict[str, str]:
    ahead = meeting.next_on is not None and meeting.next_on > view.today
    return {"next_review_on": meeting.next_on.isoformat()} if ahead else {}


def to_review(view: View, case_id: UUID) -> Answers:
    """Take what the team said and agreed when it met for this review; today without such a meeting."""
    agreed = agreed_for_review(view.connection, case_id)
    if agreed is None:
        return {"held_on": view.today.isoformat()}
    known = {"held_on": agreed.held_on.isoformat(), "notes": agreed.notes, **_next_date(view, agreed)}
    return known | ({"next_step": agreed.next_step} if agreed.next_step else {})
