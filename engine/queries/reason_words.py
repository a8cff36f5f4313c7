"""Why plans escalate, in a few words for tables of figures: no child's own sentence, which would not add up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.queries import words

_SAID: Final[Mapping[str, str]] = {
    "significant_harm": "Concern about significant harm",
    "immediate_danger": "Immediate danger",
    "consent_withdrawn": "Family withdrew consent",
    "family_not_found": "Family cannot be found",
    "consent_ends": "Consent is about to end",
    "consent_lapsed": "Consent has ended",
    "consent_long_lapsed": "Consent ended long ago",
    "assessment_late": "Assessment late",
    "assessment_very_late": "Assessment very late",
    "no_tac_date": "No date for the first meeting",
    "no_tac_held": "First meeting not held",
    "no_review_date": "No date for the review",
    "review_not_invited": "Nobody invited to the review",
    "review_late": "Review late",
    "review_very_late": "Review very late",
    "review_not_written": "Review met for, not written up",
    "review_long_not_written": "Review long not written up",
    "reviews_missed": "Several reviews missed",
    "no_progress_once": "No progress at one review",
    "no_progress_twice": "No progress at several reviews",
    "open_long": "Open long, to be assessed again",
    "consult_after_a_year": "Open over a year, to consult social work",
    "consult_after_reviews": "Many reviews, to consult social work",
    "action_late": "Action late",
    "action_past_review": "Action not done by the review",
    "half_of_actions_late": "Half of the actions late",
    "lead_away": "Lead professional away, nobody covers",
    "nobody_leads": "Nobody leads, agencies asked",
    "nobody_leads_coordinator": "Nobody leads, coordinator asked",
    "nobody_leads_to_mag": "Nobody leads, group asked",
    "nobody_leads_ask_family": "Nobody leads, family asked about the group",
    "lead_declined": "Asked to lead and declined",
    "lead_declined_coordinator": "Nobody agrees to lead",
    "agency_absent": "Agency misses meetings",
    "disagreement_practitioners": "Practitioners disagree",
    "disagreement_managers": "Managers disagree",
    "disagreement_senior_officers": "Senior officers have not decided",
    "manager_stage_to_mag": "Long with the line manager, group asked",
    "manager_stage_no_consent": "Long with the line manager, no consent for the group",
    "other_plan_review_late": "Other plan leads: review late",
    "other_plan_no_progress": "Other plan leads: no progress",
    "other_plan_silent": "Other plan leads: no news",
    "silent": "No news for long",
    "long_silent": "No news for very long",
}
"""The reasons of the shipped rules; their limits may be changed, so no words name one."""


def of_reason(reason: str) -> str:
    """Return a reason of the rules in words; one that an authority drew for itself by its own name."""
    return _SAID.get(reason) or words.plain(reason).capitalize()
