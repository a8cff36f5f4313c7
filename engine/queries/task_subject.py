"""What a task is about, beside its form: the meeting a person is asked to, the concern that waits for an answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, time
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework.lateness import PROTECTING
from engine.operations.reading import as_id
from engine.queries import (
    case_pauses,
    closing_subject,
    consent_limits,
    declines,
    handover_summaries,
    joint_meetings,
    meeting_places,
    overlaps,
    plan_subject,
    review_subject,
    words,
)
from engine.queries.family_meetings import family_answers
from engine.queries.view import View
from engine.store import kept_addresses, relations
from engine.store.meeting_options import letters_to_hand
from engine.store.relatives import relatives
from engine.store.tables.between_meetings import reports_back
from engine.store.tables.changes import handovers
from engine.store.tables.people import agencies, practitioners
from engine.store.tables.record import (
    concerns,
    invitations,
    lead_professionals,
    plan_actions,
    tac_meetings,
)
from engine.store.tables.running import user_tasks

NOBODY_WRITTEN: Final = "The family"
_FROM_THEN: Final = "no meeting is held until then. Choose that day or a later one"
SUMMARY: Final = "Summary for who leads next"
Subject = tuple[tuple[str, str], ...]
"""Names and values, in the order in which they are shown."""


def subject(view: View, row: Any, operation: str | None) -> Subject:
    """Return what the open task of `row` (see `task_rows.QUERY`) is about; nothing for most record operations."""
    find = _SUBJECTS.get(operation or "")
    if row.state != "open" or find is None:
        return ()
    told = tuple((name, value) for name, value in find(view, row) if value)
    return told if row.process_key in PROTECTING else kept_addresses.left_out(view, row.case_id, told)


def _invitation(view: View, row: Any) -> Subject:
    meeting = _meeting(view, row.case_id)
    if meeting is None:
        return ()
    agenda = "" if _keeps_notes(view, row.case_id) else meeting.agenda
    when, lead = _when_and_where(view, meeting), ("Who invites you", _lead(view, row.case_id))
    return (*_whose_reply(view, row), *when, lead, ("About", agenda))


def _whose_reply(view: View, row: Any) -> Subject:
    """Say for whom one answers whose invitation it is not; of who is away the page says so in any case."""
    named = _variables(view, row.id).get("practitioner")
    asked = as_id(named, "practitioner") if named else row.assignee_id
    if asked in (row.assignee_id, view.actor.practitioner_id) or asked in view.actor.covers:
        return ()
    name = view.connection.execute(sa.select(practitioners.c.name).where(practitioners.c.id == asked)).scalar_one()
    mine = row.assignee_id == view.actor.practitioner_id
    return (("You answer for" if mine else "The reply is for", name + _THEIRS),)


_THEIRS: Final = ", who was invited. Say whether they will come: it is kept as their reply"


def _coming_meeting(view: View, row: Any) -> Subject:
    meeting = _meeting(view, row.case_id)
    if meeting is None:
        return ()
    kept = _keeps_notes(view, row.case_id)
    return (
        *_when_and_where(view, meeting),
        *_replies(view, meeting.id, kept=kept),
        ("Family", family_answers(view, row.case_id, meeting.id, kept=kept)),
        *joint_meetings.held_with(view, row.case_id, meeting.id),
        *review_subject.said_between(view, row.case_id),
    )


def _to_rebook(view: View, row: Any) -> Subject:
    paused, meeting = case_pauses.of_case(view, row.case_id), _meeting(view, row.case_id, or_called_off=True)
    rests = (("The plan rests", f"Until {words.day(paused.until, today=view.today)}: {_FROM_THEN}"),) if paused else ()
    if meeting is None:
        return rests
    if meeting.called_off_on is not None:
        off = f"{words.capital(words.day(meeting.called_off_on, today=view.today))}: {_ALL_TOLD}"
        return (*rests, *_when_and_where(view, meeting), ("Called off", off))
    return (*rests, *joint_meetings.by_itself(view, row.case_id, meeting.id), *_when_and_where(view, meeting))


_ALL_TOLD: Final = "whoever was asked has been told, or has a letter that waits to be sent"


def _to_arrange(view: View, row: Any) -> Subject:
    """Say that no parent or carer is written down to be asked, and who stands against joining a sibling's meeting."""
    alone = len(relatives(view.connection, row.case_id)) == 1
    nobody = ((NOBODY_WRITTEN, "No parent or carer is written down yet"),) if alone else ()
    return (*nobody, *joint_meetings.to_join(view, row.case_id))


def _family_invitations(view: View, row: Any) -> Subject:
    meeting = _meeting(view, row.case_id)
    if meeting is None:
        return ()
    waiting = letters_to_hand(view.connection, row.case_id)
    names = [each.addressee for each in waiting if each.meeting_id == meeting.id]
    letters = f"Look at them, then send or hand over: {words.listed(names)}" if names else "All of them are sent"
    return (*_when_and_where(view, meeting), ("Letters", letters))


def _when_and_where(view: View, meeting: Any) -> Subject:
    place, secret = meeting_places.of_case(view, meeting.case_id, meeting.venue)
    moment = _moment(meeting.planned_on, meeting.starts_at, today=view.today)
    return ("Meeting", moment), ("Where", place), ("Take care", secret)


def _keeps_notes(view: View, case_id: UUID) -> bool:
    """Tell whether the family's consent keeps from the reader what is said to meetings, and what they are about."""
    return "notes" in consent_limits.kept_from(view, case_id, relations.of(view.connection, view.actor, case_id))


def _moment(day: date, at: time | None, *, today: date) -> str:
    spoken = f"{day:%A} {words.day(day, today=today)}"
    return spoken if at is None else f"{spoken}, {(at.hour - 1) % 12 + 1}:{at:%M}{'am' if at.hour < 12 else 'pm'}"


def _meeting(view: View, case_id: UUID, *, or_called_off: bool = False) -> Any:
    """Return the row of the meeting that was arranged last and not held; else None."""
    own = (tac_meetings.c.case_id == case_id) & tac_meetings.c.held_on.is_(None)
    query = sa.select(tac_meetings).where(own if or_called_off else own & tac_meetings.c.called_off_on.is_(None))
    off = tac_meetings.c.called_off_on.is_not(None)
    return view.connection.execute(query.order_by(off, tac_meetings.c.planned_on.desc()).limit(1)).first()


def _lead(view: View, case_id: UUID) -> str:
    """Say who leads and how to reach them."""
    lead = view.connection.execute(
        sa.select(
            practitioners.c.name, practitioners.c.job_title, agencies.c.name.label("agency"), practitioners.c.phone
        )
        .join(lead_professionals, lead_professionals.c.practitioner_id == practitioners.c.id)
        .outerjoin(agencies, agencies.c.id == practitioners.c.agency_id)
        .where(lead_professionals.c.case_id == case_id, lead_professionals.c.to_on.is_(None))
    ).first()
    return ", ".join(part for part in lead if part) if lead else ""


_REPLIES: Final = {"attending": "will come", "apologies": "will not come", "substitute": "sends somebody else"}


def _replies(view: View, meeting_id: UUID, *, kept: bool) -> Subject:
    """Say who comes, and what those report who wrote to the meeting; what was said between meetings stands there.

    Of reports nothing where consent keeps them from the reader (`kept`).
    """
    between = sa.exists().where(
        reports_back.c.case_id == invitations.c.case_id,
        reports_back.c.written_by == invitations.c.practitioner_id,
        reports_back.c.report == invitations.c.report,
    )
    rows = view.connection.execute(
        sa.select(
            practitioners.c.name,
            invitations.c.reply,
            invitations.c.substitute,
            invitations.c.report,
            between.label("between"),
        )
        .join(practitioners, practitioners.c.id == invitations.c.practitioner_id)
        .where(invitations.c.meeting_id == meeting_id, invitations.c.called_off_on.is_(None))
        .order_by(practitioners.c.name)
    ).all()
    answers = (f"{row.name} {_REPLIES.get(row.reply, 'has not answered')}{_instead(row, kept=kept)}" for row in rows)
    reports = [row for row in rows if row.report and not row.between and not kept]
    return ("Replies", "; ".join(answers)), *((f"{row.name} reports", row.report) for row in reports)


def _instead(row: Any, *, kept: bool) -> str:
    """Say who comes for somebody, and that no report came from who does not come."""
    who = f": {row.substitute}" if row.reply == "substitute" and row.substitute else ""
    owes = row.reply in ("apologies", "substitute") and not row.report
    return f"{who} (no report yet)" if owes and not kept else who


def _concern(view: View, row: Any) -> Subject:
    concern = _named_concern(view, row.id)
    if concern is None:
        return ()
    raised = concern.raised_at.astimezone(view.authority.zone)
    said = f"{concern.name}, {raised:%A} {words.day(raised.date(), today=view.today)} at {raised:%H:%M}"
    return (
        ("In danger now", "Yes: 999 first" if concern.immediate_danger else ""),
        ("Who raised it", said),
        ("What happened", concern.what_happened),
        ("The harm feared", concern.harm),
        ("What social care said", concern.note),
    )


def _declined_action(view: View, row: Any) -> Subject:
    variables = _variables(view, row.id)
    action = view.connection.execute(
        sa.select(plan_actions.c.id, plan_actions.c.action, plan_actions.c.due_on).where(
            plan_actions.c.id == as_id(variables.get("action"), "action"), plan_actions.c.case_id == row.case_id
        )
    ).first()
    if action is None:
        return ()
    had_it = view.connection.execute(
        sa.select(practitioners.c.name, agencies.c.name.label("agency"))
        .outerjoin(agencies, agencies.c.id == practitioners.c.agency_id)
        .where(practitioners.c.id == as_id(variables.get("declined_by"), "declined_by"))
    ).first()
    return (
        ("The action", action.action),
        ("Due by", words.day(action.due_on, today=view.today)),
        ("Who cannot do it", ", ".join(part for part in had_it if part) if had_it else ""),
        *declines.in_words(view, declines.of_action(view, row.case_id, action.id)),
    )


def _named_concern(view: View, task_id: UUID) -> Any:
    variables = _variables(view, task_id)
    if not variables.get("concern"):
        return None
    return view.connection.execute(
        sa.select(concerns, practitioners.c.name)
        .join(practitioners, practitioners.c.id == concerns.c.raised_by)
        .where(concerns.c.id == UUID(str(variables["concern"])))
    ).first()


def _variables(view: View, task_id: UUID) -> Mapping[str, Any]:
    found: Mapping[str, Any] = view.connection.execute(
        sa.select(user_tasks.c.variables).where(user_tasks.c.id == task_id)
    ).scalar_one()
    return found


def _moving(view: View, row: Any) -> Subject:
    return (*plan_subject.moving(view, row), *closing_subject.not_yet(view, row))


def _overlapping(view: View, row: Any) -> Subject:
    """Say where two agencies give the family the same kind of help, so that the plan can settle it."""
    return tuple(("The same kind of help twice", sentence) for sentence in overlaps.of_case(view, row.case_id))


def _changing(view: View, row: Any) -> Subject:
    return (*plan_subject.plan_to_change(view, row), *_overlapping(view, row))


def _handed_over(view: View, row: Any) -> Subject:
    """Say from which day the successor would lead, and what they read of the case before they answer."""
    told = handover_summaries.told(view, row.case_id)
    summary = ((SUMMARY, "Made from the record, and put right by who leads"), *told) if told else ()
    under_way = handovers.c.case_id == row.case_id, handovers.c.ended_on.is_(None)
    planned_on = view.connection.execute(sa.select(handovers.c.planned_on).where(*under_way)).scalar()
    return (*((("The day that was chosen", _lead_from(planned_on, view.today)),) if planned_on else ()), *summary)


def _lead_from(planned_on: date, today: date) -> str:
    said = f"{planned_on:%A} {words.day(planned_on, today=today)}"
    return f"{said}. It has passed: you would lead from the day you accept" if planned_on < today else said


def _handing_over(view: View, row: Any) -> Subject:
    told = handover_summaries.told(view, row.case_id)
    return ((SUMMARY, "It is made from the record. Look at it, and write what they should know first"),) if told else ()


def _declined(view: View, row: Any) -> Subject:
    """Say who would not lead, or whom the family would not have, how often and why; and who declined actions."""
    return declines.in_words(view, declines.of_case(view, row.case_id))


_SUBJECTS: Final[Mapping[str, Callable[[View, Any], Subject]]] = {
    "reply_to_invitation": _invitation,
    "arrange_tac_meeting": _to_arrange,
    "rebook_tac_meeting": _to_rebook,
    "record_family_replies": _family_invitations,
    "hold_tac_meeting": _coming_meeting,
    "agree_action_plan": _overlapping,
    "hold_review": review_subject.reviewing,
    "change_action_plan": _changing,
    "answer_disagreement": plan_subject.disagreement,
    "settle_disagreement": plan_subject.disagreement,
    "record_consultation": plan_subject.consultation,
    "report_next_step": plan_subject.agreed_after_advice,
    "record_family_told": _handing_over,
    "answer_handover": _handed_over,
    **dict.fromkeys(
        ("choose_lead", "confer_on_first_lead", "find_first_lead", "confer_on_lead", "propose_handover"), _declined
    ),
    "name_interim_lead": _declined,
    "settle_with_other_plan": plan_subject.plan_that_leads,
    "record_merge_answer": plan_subject.merging,
    "decide_merge": plan_subject.merge_to_decide,
    "send_transfer": plan_subject.papers,
    "record_transfer_consent": plan_subject.moving,
    **dict.fromkeys(("confirm_transfer", "decide_without_transfer"), _moving),
    "decide_on_missing": closing_subject.not_yet,
    "go_on": plan_subject.paused,
    "acknowledge_concern": _concern,
    "record_harm_check": _concern,
    "close_case": closing_subject.closing,
    "sign_off_closure": closing_subject.closure,
    "find_action_owner": _declined_action,
    "settle_action": _declined_action,
}
