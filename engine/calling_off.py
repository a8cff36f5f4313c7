"""What is called off: meetings, invitations, the way to the Multi-Agency Group; and the tasks that go with them.

Above the operations, since it moves the diagrams too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from engine.acts import release, send_message
from engine.operations import consents, invitations, joined_meetings, mag_referrals, meeting_days, stalled_plans
from engine.operations.joined_meetings import CALLED_OFF, to_rebook
from engine.work import Work

MAG_TAKEN_BACK = "mag_consent_withdrawn"
"""The message to a stalled plan that the family's yes to the Multi-Agency Group holds no more."""
SHARING_STOPPED = "sharing_stopped"
"""The message to a meeting that no other day is to be found, as the family has taken its consent back."""


def call_off_meetings(work: Work, *, why: str) -> UUID | None:
    """Do without the meeting that is arranged and not yet held; return its id, None without one.

    Practitioners and family are told, nobody is asked to reply any more, and its diagram goes back to arranging. Nobody
    leaves the team by it: with the family's consent taken back nobody sees the case, and with a new one all do.
    """
    meeting = meeting_days.call_off_meetings(work, why=why, stay=True)
    if meeting is not None:
        send_message(work, CALLED_OFF, to_rebook(work))
    return meeting


def book_alone(work: Work, _name: str, told: Mapping[str, Any]) -> None:
    """Have the lead book by itself a meeting that went with a brother's or sister's: that one fell, or was moved."""
    if joined_meetings.stand_alone(work, UUID(told["meeting"])):
        send_message(work, CALLED_OFF, to_rebook(work))


def call_off_invitations(work: Work, practitioners: Sequence[UUID], *, why: str) -> tuple[UUID, ...]:
    """Ask practitioners to the coming meeting no more; return whom that was.

    For those who have left, or whom the family's consent no longer covers. Its entry in their calendars is taken
    back, their open tasks to reply end, and the lead hears that somebody will be missing.
    """
    gone = invitations.call_off_invitations(work, practitioners, why=why)
    for practitioner in gone:
        end_replies(work, practitioner)
    lead = work.facts()["lead_professional"] if gone else None
    if lead and UUID(lead) not in gone:
        work.send(UUID(lead), subject="Somebody you invited to a meeting will not come any more")
    return gone


def call_off_referral(work: Work, *, answer: str, why: str) -> None:
    """End the family's yes to the Multi-Agency Group, which is now `answer`, and the referral that rests on it.

    The plan is the line manager's again, stalled as long as before.
    """
    send_message(work, MAG_TAKEN_BACK, end_yes_to_group(work, answer=answer, why=why))


def end_yes_to_group(work: Work, *, answer: str, why: str) -> dict[str, str]:
    """End the yes and the referral as `call_off_referral` does; return what the stalled plan's diagram is to hear."""
    consents.record_mag_consent(work, {"mag_consent": answer, "given_by": "", "reason": why}, {})
    if mag_referrals.end_referral(work) is not None:
        stalled_plans.resume_stage(work)
    return {"mag_consent": answer}


def end_replies(work: Work, practitioner: UUID) -> None:
    """End the open tasks in which a practitioner is asked to reply: they need not, or answered elsewhere."""
    for task_id in invitations.open_replies(work, practitioner):
        release(work, task_id)
