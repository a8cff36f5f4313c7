"""Reminders before a meeting: who has not said whether they come, or does not come and has sent no report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.operations.invitations import coming_meeting
from engine.operations.messages import LOOK
from engine.store.tables.meetings import invitations
from engine.work import Work

SUBJECT: Final = "A team waits for your answer to an invitation"


def chase_replies(work: Work, inputs: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Remind everybody who was asked to the coming meeting and has not answered; the lead hears how many they are.

    The diagram's property `subject` is what those who have not answered read.
    """
    silent = list(work.connection.execute(_SILENT, {"meeting": coming_meeting(work)}).scalars())
    for practitioner in silent:
        work.send(practitioner, subject=str(inputs.get("subject") or SUBJECT), body=LOOK)
    lead = work.facts()["lead_professional"]
    if lead and silent:
        work.send(UUID(lead), subject="Not everybody has answered your invitation: ring them", body=LOOK)
    work.record("replies_chased", detail={"silent": len(silent)})
    return {}


_SILENT = (
    sa.select(invitations.c.practitioner_id)
    .where(
        invitations.c.meeting_id == sa.bindparam("meeting"),
        invitations.c.called_off_on.is_(None),
        invitations.c.reply == "none",
    )
    .order_by(invitations.c.id)
)
