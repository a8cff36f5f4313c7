"""How pressing what is late on a case is: the four groups of the boards, and what outranks days. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

State = Literal["critically_overdue", "overdue", "due_soon", "not_due"]
STATES: Final[tuple[State, ...]] = ("critically_overdue", "overdue", "due_soon", "not_due")
"""From the most to the least pressing."""

LEVEL_STATES: Final[Mapping[str, State]] = {
    "safeguarding": "critically_overdue",
    "harm_check": "critically_overdue",
    "mag": "critically_overdue",
    "line_manager": "overdue",
    "replan": "overdue",
    "remind": "due_soon",
}
"""How pressing an escalation of each level is on a list."""
PAST_ITS_DAY: Final = frozenset({"review_late", "review_not_written", "action_late"})
"""Reasons of the shipped rules that only remind, of what is past the day promised for it all the same."""
REVIEW_LATE: Final = frozenset({"review_late", "review_very_late", "other_plan_review_late"})
"""Reasons of the shipped rules that say a review is past its day, since when it is counted."""
HARM: Final = ("immediate_danger", "safeguarding", "harm_check")
"""What stands above everything else, however long that has been late: one reason, then two levels, the worst first."""
VACANT: Final = frozenset(
    {"lead_away", "nobody_leads", "nobody_leads_coordinator", "nobody_leads_to_mag", "nobody_leads_ask_family"}
)
"""Reasons of the shipped rules that say nobody leads."""
SILENT: Final = frozenset({"silent", "long_silent", "other_plan_silent"})
"""Reasons of the shipped rules that say nothing has been heard of the family."""
GOES_ON_FROM: Final[Mapping[str, str]] = {
    "long_silent": "silent",
    "review_very_late": "review_late",
    "review_long_not_written": "review_not_written",
    "assessment_very_late": "assessment_late",
    "no_progress_twice": "no_progress_once",
}
"""Reasons of the shipped rules that take the place of a lesser one: how long it has been late is not counted anew."""
SIGNALS: Final[Mapping[str, str]] = {
    "vacant": "Nobody leads",
    "worse": "Getting worse",
    "silent": "No contact",
}
"""What outranks days late, in words: a child without a lead, one for whom the last review found things worse, and one
whose family nobody has heard from."""


def escalation_state(reason: str, level: str) -> State:
    """Return how pressing an escalation is: overdue at a level of the authority's own, and once its day is past."""
    state = LEVEL_STATES.get(level, "overdue")
    return "overdue" if reason in PAST_ITS_DAY and state == "due_soon" else state


def harm_of(reason: str, level: str) -> int:
    """Return how far a child's safety is from an escalation: 0 for danger now, `len(HARM)` when it is not about it."""
    return min(HARM.index(each) if each in HARM else len(HARM) for each in (reason, level))
