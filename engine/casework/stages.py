"""At which stage of its episode a case is, as a manager counts them: told by where its own process stands. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

CLOSED: Final = "Closed"
ELSEWHERE: Final = "At a step of a diagram of your own"
PAUSED: Final = "Paused"
WITH_GROUP: Final = "With the Multi-Agency Group"
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
    "Plan under way", "Review", WITH_GROUP, "With social care", PAUSED, "Closing", ELSEWHERE, CLOSED,
)  # fmt: skip
"""Every stage, as an episode goes through them."""


def stage_of(steps: Collection[str]) -> str:
    """Return the stage of a case that is at steps, given by their ids: also those that call another diagram."""
    return next((stage for stage, ids in STEPS.items() if any(each in steps for each in ids)), ELSEWHERE)
