"""Reminders before a meeting: who has not said whether they come, or does not come and has sent no report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework.case_mails import named
from engine.casework.family_letters import moment
from engine.operations.consent_cover import may_hear
from engine.operations.invitations import coming_meeting
from engine.store import people
from engine.store.tables.meetings import invitations, tac_meetings
from engine.store.tables.people import accounts, line_managers, practitioners
from engine.work import Work

SUBJECT: Final = "A team waits for your answer to an invitation"
REPORT: Final = "A team waits for your report, as you cannot come to its meeting"
MANAGER: Final = "Somebody you manage owes a team meeting an answer or a report"
COORDINATOR: Final = "Somebody owes a team meeting an answer or a report"
ANSWER: Final = "Sign in and answer on My work."
SEND: Final = "On the case choose Between meetings: what you report back there goes to the meeting as your report."
PAGE: Final = "Answer on the private page that your invitation names, or ring who invited you."
ASK: Final = (
    "It is {names}, and the team meets on {day}. Please ask them to answer, or to send what the meeting should know: a "
    "message has told them how."
)

OFFICE: Final = "The team meets on {day}. Please see that it hears from them: the case says who it is."


def chase_replies(work: Work, inputs: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Remind who was asked to the coming meeting and has not answered, or does not come and has sent no report.

    Of them the one alone whom the input `only` names by id, without it all; nobody twice on a day. The lead hears that
    not everybody has answered. On the working day before the meeting, and later, the line manager of each, in their own
    agency, is told too, once. The diagram's property `subject` is what who has not answered reads.
    Nobody hears of a case that consent keeps from them (`may_hear`).
    """
    meeting = coming_meeting(work)
    only = inputs.get("only")
    rows = [row for row in _owing(work, meeting) if only in (None, str(row.practitioner_id))]
    silent = [row for row in rows if row.reply == "none"]
    for row in rows:
        if row.reply == "none":
            subject = str(inputs.get("subject") or SUBJECT)
            key = f"unanswered {meeting} {work.today} {row.practitioner_id}"
            work.send(row.practitioner_id, subject=subject, body=_way(row, ANSWER), key=key)
        else:
            work.send(row.practitioner_id, subject=REPORT, body=_way(row, SEND))
    lead = work.facts()["lead_professional"]
    if lead and silent:
        key = f"unanswered {meeting} {work.today}"
        work.send(UUID(lead), subject="Not everybody has answered your invitation: ring them", key=key)
    told = _tell_managers(work, meeting, rows)
    detail = {"silent": len(silent), "no_report": len(rows) - len(silent), "managers": told}
    work.record("replies_chased", detail=detail)
    return {}


def chase_reports(work: Work, _inputs: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Remind who does not come to the coming meeting and has sent no report, and tell the line manager of each, once.

    Nothing happens when nobody owes one, or once the day of the meeting is over.
    """
    meeting = coming_meeting(work)
    rows = _owing(work, meeting)
    owing = [row for row in rows if row.reply != "none" and row.planned_on >= work.today]
    if not owing:
        return {}
    for row in owing:
        work.send(row.practitioner_id, subject=REPORT, body=_way(row, SEND))
    told = _write_to_managers(work, meeting, owing)
    work.record("replies_chased", detail={"silent": 0, "no_report": len(owing), "managers": told})
    return {}


def _owing(work: Work, meeting: UUID | None) -> list[Any]:
    """Return who owes the meeting an answer or a report, of those who may hear of the case now."""
    rows = work.connection.execute(_OWING, {"meeting": meeting}).all()
    hear = frozenset(may_hear(work, [row.practitioner_id for row in rows]))
    return [row for row in rows if row.practitioner_id in hear]


def _tell_managers(work: Work, meeting: UUID | None, rows: Sequence[Any]) -> int:
    """Tell the line managers of who owes something, from the working day before the meeting on; return how many."""
    if not rows or work.authority.calendar.add_working_days(work.today, 1) < rows[0].planned_on:
        return 0
    return _write_to_managers(work, meeting, rows)


def _write_to_managers(work: Work, meeting: UUID | None, rows: Sequence[Any]) -> int:
    owing: dict[UUID, list[str]] = {}
    for row in rows:
        if row.manager_id is not None:
            owing.setdefault(row.manager_id, []).append(row.name)
    day = moment(rows[0].planned_on, None)
    if work.case.restricted:
        coordinators = people.with_role(work.connection, work.authority.id, "coordinator")
        told = {each: (COORDINATOR, OFFICE.format(day=day)) for each in coordinators if owing}
    else:
        told = {each: (MANAGER, ASK.format(names=named(names), day=day)) for each, names in owing.items()}
    hear = may_hear(work, sorted(told))
    for each in hear:
        subject, said = told[each]
        work.send(each, subject=subject, body=said, key=f"owing {meeting} {rows[0].planned_on} {each}")
    return len(hear)


def _way(row: Any, signed_in: str) -> str:
    """Say how somebody puts it right who owes an answer or a report: `signed_in` with an account, else their page."""
    way = signed_in if row.has_account else PAGE
    return f"The meeting is on {moment(row.planned_on, None)}. {way}"


_OWING = (
    sa.select(
        invitations.c.practitioner_id,
        invitations.c.reply,
        tac_meetings.c.planned_on,
        line_managers.c.manager_id,
        practitioners.c.name,
        sa.exists()
        .where(accounts.c.practitioner_id == invitations.c.practitioner_id, accounts.c.disabled_at.is_(None))
        .label("has_account"),
    )
    .join(tac_meetings, tac_meetings.c.id == invitations.c.meeting_id)
    .join(practitioners, practitioners.c.id == invitations.c.practitioner_id)
    .outerjoin(
        line_managers,
        (line_managers.c.practitioner_id == invitations.c.practitioner_id) & line_managers.c.to_on.is_(None),
    )
    .where(
        invitations.c.meeting_id == sa.bindparam("meeting"),
        invitations.c.called_off_on.is_(None),
        sa.or_(
            invitations.c.reply == "none",
            invitations.c.reply.in_(("apologies", "substitute")) & (invitations.c.report == ""),
        ),
    )
    .order_by(invitations.c.id)
)
