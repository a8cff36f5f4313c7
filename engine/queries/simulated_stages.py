"""At which stage of its episode each case of a simulated caseload is, as a manager counts them. Never used by pages."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from engine.store.tables.changes import case_pauses
from engine.store.tables.record import mag_referrals

CLOSED: Final = "Closed"
ELSEWHERE: Final = "At a step of a diagram of your own"
_PAUSED, _GROUP = "Paused", "With the Multi-Agency Group"
STEPS: Final[Mapping[str, tuple[str, ...]]] = {
    "Closing": ("close_plan",),
    "With social care": ("refer_to_social_care", "refer_for_harm"),
    "Review": ("review_plan",),
    "Plan being agreed": ("agree_plan",),
    "Plan under way": ("deliver_plan",),
    "First TAC meeting": ("hold_first_meeting", "hold_step_down_meeting"),
    "Lead being chosen": ("choose_lead_professional", "choose_lead"),
    "Assessment": ("complete_assessment", "take_summary"),
    "Consent": ("record_consent",),
    "First questions": ("identify_need", "agree_to_begin", "request_support", "record_intake"),
}
"""The steps of the shipped diagrams at which a case is at a stage; where several hold, the first says more."""
ORDER: Final = (
    "First questions", "Consent", "Assessment", "Lead being chosen", "First TAC meeting", "Plan being agreed",
    "Plan under way", "Review", _GROUP, "With social care", _PAUSED, "Closing", ELSEWHERE, CLOSED,
)  # fmt: skip
"""Every stage, as an episode goes through them."""


def stage_of(steps: Collection[str]) -> str:
    """Return the stage of a case that is at steps, given by their ids: also those that call another diagram."""
    return next((stage for stage, ids in STEPS.items() if any(each in steps for each in ids)), ELSEWHERE)


def set_aside(connection: sa.Connection) -> dict[UUID, str]:
    """Return the stage of the cases of which something else says more: those paused, then those with the group."""
    group = sa.select(mag_referrals.c.case_id).where(mag_referrals.c.ended_on.is_(None))
    resting = sa.select(case_pauses.c.case_id).where(case_pauses.c.ended_on.is_(None))
    return {
        **dict.fromkeys(connection.execute(group).scalars(), _GROUP),
        **dict.fromkeys(connection.execute(resting).scalars(), _PAUSED),
    }
