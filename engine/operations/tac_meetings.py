"""Team Around the Child meetings: arranged, invited to, replied to, held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework import checklists
from engine.errors import Invalid
from engine.operations import family_copies, family_invitations
from engine.operations.action_plans import add_to_plan, current_plan
from engine.operations.concerns import put_concern
from engine.operations.consent_cover import covered, require_covered
from engine.operations.consents import require_sharing
from engine.operations.family_letters import mark_given, require_no_secret
from engine.operations.invitations import coming_meeting, end_later_replies, invite_practitioners
from engine.operations.joined_meetings import to_rebook
from engine.operations.meeting_days import NOT_HELD, chosen, not_held, off, require_no_rest
from engine.operations.messages import WHO_MAY, tell_members
from engine.operations.plan_versions import keep_version
from engine.operations.reading import as_person, day, optional_day, people, person, rows, text
from engine.operations.reviews import STEP_UP, ask_for_review, coming_review
from engine.operations.team import join_team
from engine.store import meeting_places
from engine.store.sibling_meetings import as_choice, asked_but_kept, sibling_meeting
from engine.store.tables.meetings import invitations, meeting_actions, tac_meetings
from engine.store.tables.record import reviews
from engine.store.writes import Insertion
from engine.work import Work

GO_ON: Final = "go_on"
ENDS: Final[Mapping[str, str]] = {"actions": GO_ON, "no_actions": GO_ON, "close": "close", "step_up": "step_up"}
"""How a meeting may end, as its form says it -> as it is kept."""


def arrange_tac_meeting(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Fix a meeting and invite practitioners and family; gives back `invited` (ids as text of whom to ask), `tac_on`
    and `family_asked`, how many of the family are.

    With `sibling_meeting` it is the day, time and place of the one arranged for a brother or sister; who is invited
    to that one is invited to this one too, and not asked again. Raises `Invalid` when that one can no longer be joined,
    or asks somebody who is to be told nothing of this child; when the family lets nothing be shared, or the letters
    would give away an address that is kept secret.
    """
    require_sharing(work, "sibling_meeting" if text(answers, "sibling_meeting") else "invited")
    require_no_secret(work, text(answers, "agenda"), "agenda")
    if text(answers, "sibling_meeting"):
        return _join(work, answers)
    when = chosen(work, answers)
    invited = people(work, answers, "invited")
    require_covered(work, invited, "invited")
    meeting = _arrange(work, answers, {"venue": text(answers, "venue"), **when})
    invite_practitioners(work, meeting, invited)
    asked = family_invitations.invite_family(work, meeting, rows(answers, "family"))
    return _arranged(work, meeting, invited, when["planned_on"], asked=invited, family_asked=asked)


def _join(work: Work, answers: Mapping[str, Any]) -> Mapping[str, Any]:
    joined = sibling_meeting(work.connection, work.case.id, as_choice(answers.get("sibling_meeting")), work.today)
    if joined is None:
        raise Invalid("This meeting can no longer be joined: choose a day instead", field="sibling_meeting")
    require_no_rest(work, joined.planned_on, "sibling_meeting")
    for each in asked_but_kept(work.connection, work.case.id, joined.id):
        raise Invalid(f"{each.name} is asked to that meeting, and is {each.words}: {_OWN_DAY}", field="sibling_meeting")
    if meeting_places.told(work.connection, work.case.id, joined.venue) != joined.venue:
        raise Invalid(f"That meeting is at an address that is kept secret now: {_OWN_DAY}", field="sibling_meeting")
    when: dict[str, Any] = {"planned_on": joined.planned_on, "starts_at": joined.starts_at, "venue": joined.venue}
    meeting = _arrange(work, answers, when, joined_id=joined.id)
    replies = work.connection.execute(
        sa.select(invitations.c.practitioner_id, invitations.c.reply, invitations.c.substitute)
        .where(invitations.c.meeting_id == joined.id, invitations.c.called_off_on.is_(None))
        .order_by(invitations.c.id)
    ).all()
    answered = {row.practitioner_id: {"reply": row.reply, "substitute": row.substitute} for row in replies}
    # What one child's family lets be shared with somebody is not what they let be shared of the other.
    known = {id_: answered[id_] for id_ in covered(work, list(answered))}
    asked = [id_ for id_ in people(work, answers, "also_invited") if id_ not in known]
    require_covered(work, list(known), "sibling_meeting")
    require_covered(work, asked, "also_invited")
    invite_practitioners(work, meeting, [*known, *asked], known)
    family = family_invitations.invite_family(work, meeting, rows(answers, "family"), joined=joined.id)
    return _arranged(work, meeting, [*known, *asked], joined.planned_on, asked=asked, family_asked=family)


_OWN_DAY: Final = "choose a day for this child alone"


def _arrange(work: Work, answers: Mapping[str, Any], when: Mapping[str, Any], **more: Any) -> UUID:
    meeting = work.engine.ids.new()
    own = {"id": meeting, "authority_id": work.authority.id, "case_id": work.case.id, "agenda": text(answers, "agenda")}
    before = checklists.ticked(work.authority.profile, "before", answers.get("before") or ())
    _INSERT.each(work.connection, [{**own, **when, **more, "checklists": {"before": before}}])
    return meeting


_INSERT = Insertion(tac_meetings)


def _arranged(
    work: Work, meeting: UUID, invited: Sequence[UUID], on: date, *, asked: Sequence[UUID], family_asked: int
) -> Mapping[str, Any]:
    join_team(work, invited, checked=True)
    ask_for_review(work)
    work.changed()
    detail = {"planned_on": on, "invited": len(invited), **off(work, on)}
    work.record("tac_meeting_arranged", subject=meeting, detail=detail)
    return {"invited": [str(id_) for id_ in asked], "tac_on": on, "family_asked": family_asked}


def reply_to_invitation(work: Work, answers: Mapping[str, Any], variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep one practitioner's reply; the variable `practitioner` says whose invitation it is."""
    practitioner = as_person(variables.get("practitioner"), "practitioner")
    meeting, reply, substitute = coming_meeting(work), text(answers, "reply"), text(answers, "substitute")
    said = {"who": practitioner, "meeting": meeting, "reply": reply, "substitute": substitute}
    work.connection.execute(_REPLY, {**said, "report": text(answers, "report")})
    work.connection.execute(_REPLY_JOINED, said)
    work.changed()
    work.record("invitation_answered", subject=practitioner, detail={"reply": reply})
    return {}


def report_to_meeting(work: Work, practitioner: UUID, report: str) -> None:
    """Take a report for the one that the coming meeting waits for of somebody who does not come; else do nothing."""
    owed = invitations.c.reply.in_(("apologies", "substitute")) & (invitations.c.report == "")
    waiting = _REPLY.where(owed, invitations.c.called_off_on.is_(None)).values(report=report)
    if work.connection.execute(waiting, {"who": practitioner, "meeting": coming_meeting(work)}).rowcount:
        work.changed()


_THEIRS = sa.update(invitations).where(invitations.c.practitioner_id == sa.bindparam("who"))
_REPLY = _THEIRS.where(invitations.c.meeting_id == sa.bindparam("meeting"))
# Whoever comes to one child's meeting comes to a sibling's that goes with it; a report is about one child.
_REPLY_JOINED = _THEIRS.where(
    invitations.c.meeting_id.in_(
        sa.select(tac_meetings.c.id).where(
            tac_meetings.c.joined_id == sa.bindparam("meeting"),
            tac_meetings.c.held_on.is_(None),
            tac_meetings.c.called_off_on.is_(None),
        )
    )
)


def record_family_replies(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep what each of the family answered, what they want said, and which letters they were given.

    Raises `Invalid` without a meeting to come.
    """
    answered = family_invitations.keep_replies(work, _must_come(work), rows(answers, "replies"))
    mark_given(work, rows(answers, "copies"))
    work.record("family_replied", detail={"answered": answered})
    return {}


def hold_tac_meeting(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Record that the coming meeting was held, who was there of family and practitioners, and how it ended.

    Gives back `family_came`, and how it ended as `meeting_end` (go_on, close, step_up); without the family
    `rebook_from`, the day from which another is to be found; stepping up, the `concern` that social care is to answer,
    unless a review goes on, which opens its own. Without the family the meeting is not held, it stays to be booked
    again. Actions go on the plan in force, if there is one. Raises `Invalid` for a meeting that
    ends without a next date, or without actions that each have an owner and a date, or the reason why there are none;
    unless closing or stepping up was decided.
    """
    present, came = people(work, answers, "attended", anybody=True), text(answers, "family_came")
    meeting = _must_come(work)
    if came in NOT_HELD:
        end_later_replies(work)
        not_held(work, meeting, came, optional_day(answers, "held_on"))
        return {**to_rebook(work), "meeting_end": GO_ON}
    on = day(answers, "held_on", work.today)
    require_no_secret(work, text(answers, "notes"), "notes")
    end = _ending(work, meeting, answers, on)
    family = family_invitations.keep_attendance(work, meeting, rows(answers, "family"))
    if rows(answers, "family") and not (family or text(answers, "came_with")):
        raise Invalid("You said that the family came: say who was there", field="family")
    others = [person(work, row, "person") for row in rows(answers, "others")]
    _add(work, meeting, others)
    names = ("notes", "notes_by", "came_with")
    _keep(work, meeting, answers, {"held_on": on, **{name: text(answers, name) for name in names}, **end})
    work.connection.execute(
        sa.update(invitations)
        .where(invitations.c.meeting_id == meeting)
        .values(attended=invitations.c.practitioner_id.in_([*present, *others]))
    )
    work.changed()
    detail = {"attended": len({*present, *others}), "family": family, "ends_with": end["ends_with"]}
    work.record("tac_meeting_held", subject=meeting, detail=detail, effective_on=on)
    routing = {"family_came": "yes", "meeting_end": end["ends_with"]}
    asks = end["ends_with"] == STEP_UP and not _for_review(work)
    return routing | {"concern": put_concern(work, text(answers, "notes"), answers)} if asks else routing


def _for_review(work: Work) -> bool:
    """Tell whether the meeting is the one of a review, which says by itself what comes next."""
    found = sa.select(reviews.c.id).where(coming_review(work), reviews.c.way == "meeting")
    return work.connection.execute(found).first() is not None


def _ending(work: Work, meeting: UUID, answers: Mapping[str, Any], on: date) -> dict[str, Any]:
    """Keep the actions that were agreed, and return how the meeting ended, with the next date or the reason."""
    said, next_on = text(answers, "ends_with"), optional_day(answers, "next_on")
    if said not in ENDS:
        raise Invalid("Say how the meeting ended: with actions, without, or that the case closes", field="ends_with")
    why = text(answers, "no_actions_why") if said == "no_actions" else ""
    if ENDS[said] == GO_ON:
        if next_on is None or next_on <= on:
            raise Invalid("Enter the next date that was agreed before people left, after this meeting", field="next_on")
        agreed = rows(answers, "actions") if said == "actions" else []
        if not agreed and not why:
            field = "actions" if said == "actions" else "no_actions_why"
            raise Invalid("Write down at least one action, or say why none was agreed", field=field)
        _agree(work, meeting, agreed)
    return {"ends_with": ENDS[said], "next_on": next_on if ENDS[said] == GO_ON else None, "no_actions_why": why}


def _agree(work: Work, meeting: UUID, agreed: Sequence[Mapping[str, Any]]) -> None:
    kept = []
    for number, row in enumerate(agreed):
        if not text(row, "owner"):
            raise Invalid("Choose who will do this action", field=f"actions[{number}].owner")
        due_on = optional_day(row, "due_on")
        if due_on is None:
            raise Invalid("Enter the date the action is due", field=f"actions[{number}].due_on")
        own = {"id": work.engine.ids.new(), "authority_id": work.authority.id, "case_id": work.case.id}
        said = {"action": text(row, "action"), "outcome": text(row, "outcome")}
        kept.append({**own, **said, "meeting_id": meeting, "owner_id": person(work, row, "owner"), "due_on": due_on})
    if not kept:
        return
    work.connection.execute(sa.insert(meeting_actions), kept)
    plan = current_plan(work)
    if plan is not None:  # else agreeing the first plan takes them
        added = add_to_plan(work, plan, {"actions": agreed})
        keep_version(work, plan)
        work.record("plan_changed", subject=plan, detail={"added": added.actions})


def _keep(work: Work, meeting: UUID, answers: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Keep a meeting that was held, with what was ticked of the checklist for during it."""
    lists = work.connection.execute(_CHECKLISTS, {"id_": meeting}).scalar()
    during = checklists.ticked(work.authority.profile, "during", answers.get("during") or ())
    both = {**(lists or {}), "during": during}
    work.connection.execute(_CHANGE, {"id_": meeting, "checklists": both, **values})


_CHECKLISTS = sa.select(tac_meetings.c.checklists).where(tac_meetings.c.id == sa.bindparam("id_"))
_CHANGE = sa.update(tac_meetings).where(tac_meetings.c.id == sa.bindparam("id_"))


def circulate_minutes(work: Work, _inputs: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Send word of the notes of the latest meeting to the team, and write each of the family their copy.

    The lead is asked to hand over or post the copies that no e-mail took.
    """
    latest = family_copies.latest_held(work)
    work.connection.execute(_CHANGE, {"id_": latest, "minutes_sent_on": work.today})
    copies = family_copies.write_notes(work, latest) if latest else 0
    lead = work.facts()["lead_professional"]
    if lead:
        work.send(UUID(lead), subject="Give the family the notes of the meeting", body=WHO_MAY)
    tell_members(work, {"subject": "The notes of a meeting you were asked to are there"}, {})
    work.record("minutes_circulated", subject=latest, detail={"copies": copies})
    return {}


def _must_come(work: Work) -> UUID:
    meeting = coming_meeting(work)
    if meeting is None:
        raise Invalid("No meeting is arranged: it was held already, or called off")
    return meeting


def _add(work: Work, meeting: UUID, others: Sequence[UUID]) -> None:
    """Count practitioners who came without an invitation, or though it was called off, among those of the meeting.

    They are of the team from then on.
    """
    if not others:
        return
    known = set(
        work.connection.execute(
            sa.select(invitations.c.practitioner_id).where(invitations.c.meeting_id == meeting)
        ).scalars()
    )
    invite_practitioners(work, meeting, [id_ for id_ in dict.fromkeys(others) if id_ not in known])
    again = (invitations.c.meeting_id == meeting) & invitations.c.practitioner_id.in_(others)
    work.connection.execute(sa.update(invitations).where(again).values(called_off_on=None))
    join_team(work, others, field="others")
