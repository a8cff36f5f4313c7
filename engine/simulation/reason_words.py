"""The reasons of the shipped escalation rules, in a few words for somebody who reads a list of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

LEVELS: Final[Mapping[str, str]] = {
    "safeguarding": "social care at once",
    "harm_check": "harm check",
    "mag": "Multi-Agency Group",
    "line_manager": "line manager",
    "replan": "plan again",
    "remind": "reminder",
}
_REASONS: Final[Mapping[str, str]] = {
    "consent_ends": "consent soon over",
    "consent_lapsed": "consent over: ask again",
    "consent_long_lapsed": "consent over for long",
    "no_tac_date": "no date for the first meeting",
    "no_tac_held": "first meeting not held",
    "no_review_date": "plan without a review date",
    "review_not_invited": "review near, nobody invited",
    "review_not_written": "review held, not written up",
    "review_long_not_written": "review held, long not written up",
    "reviews_missed": "reviews missed in a row",
    "no_progress_once": "one review without progress",
    "no_progress_twice": "two reviews without progress",
    "open_long": "open for a year: assess again",
    "consult_after_a_year": "open for a year, outcomes unmet: ask social work",
    "consult_after_reviews": "many reviews, outcomes unmet: ask social work",
    "action_past_review": "action overdue past a review",
    "half_of_actions_late": "half of the actions overdue",
    "lead_away": "lead away or gone, nobody covers",
    "nobody_leads": "nobody leads: managers confer",
    "nobody_leads_coordinator": "nobody leads: coordinator asked too",
    "nobody_leads_to_mag": "nobody leads: to the group",
    "nobody_leads_ask_family": "nobody leads: ask the family about the group",
    "lead_declined": "who was asked declined: managers confer",
    "lead_declined_coordinator": "who was asked declined: coordinator",
    "agency_absent": "an agency missed meetings",
    "manager_stage_to_mag": "long with the manager: to the group",
    "manager_stage_no_consent": "long with the manager, no yes to the group",
    "silent": "no news for long",
    "long_silent": "no news for very long",
}


def in_words(reason: str) -> str:
    """Say a reason in words: its own for the shipped rules, else its name without underscores."""
    return _REASONS.get(reason, reason.replace("_", " "))


def level_in_words(level: str) -> str:
    """Say a level as who is to act or what is done."""
    return LEVELS.get(level, level.replace("_", " "))
