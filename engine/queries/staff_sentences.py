"""What becomes of the people who work here, as sentences: come, away, gone, their roles and accounts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.queries import words
from engine.queries.told_events import Sentence, Told


def _away(told: Told) -> str:
    until = f" to {told.day('expected_to_on')}" if told.detail.get("expected_to_on") else ""
    cover = f"; {told.name(told.detail['covered_by'])} covers" if told.detail.get("covered_by") else ""
    return f"{told.name(told.subject)} is away from {told.day('from_on')}{until}{cover}"


def _left_team(told: Told) -> str:
    """Say that somebody is of the team no longer; `after` what had brought them there, unless they left the service.

    Or that somebody said so, and what of theirs went to who leads.
    """
    if told.detail.get("after") == "taken_out":
        what = (("actions", "action"), ("tasks", "task"))
        passed = [told.count(key, one) for key, one in what if told.detail.get(key)]
        of_theirs = f"; who leads has {words.listed(passed)} of theirs now" if passed else ""
        return f"{told.name(told.subject)} is no longer part of the team{of_theirs}"
    because = {
        "leading": ": they lead no longer, and have no other part in the plan",
        "invitation": ": they are asked to no meeting any more, and have no other part in the plan",
    }
    return f"{told.name(told.subject)} left the team{because.get(told.detail.get('after', ''), '')}"


STAFF: Final[Mapping[str, Sentence]] = {
    "lead_professional_left": lambda told: f"{told.name(told.subject)}, lead professional, left; nobody leads now",
    "assessor_left": lambda told: f"{told.name(told.subject)}, the assessor, left",
    "member_left": _left_team,
    "member_stays": lambda told: f"{told.name(told.subject)} had not left after all, and is part of the team again",
    "lead_away": _away,
    "lead_back": lambda told: f"{told.name(told.subject)} is back",
    "lead_covered": lambda told: f"{told.name(told.subject)} is away and covered again",
    "lead_stays": lambda told: f"{told.name(told.subject)} had not left after all",
    "lead_uncovered": lambda told: f"Nobody covers any more for {told.name(told.subject)}, who is away",
    "leaving_recorded": lambda told: f"The last day of {told.name(told.subject)} is {told.day('last_day')}",
    "leaving_taken_back": lambda told: f"{told.name(told.subject)} stays",
    "left": lambda told: f"{told.name(told.subject)} has left",
    "absence_recorded": _away,
    "absence_begun": lambda told: f"The absence of {told.name(told.subject)} began",
    "absence_ended": lambda told: f"{told.name(told.subject)} is back",
    "person_added": lambda told: f"{told.name(told.subject)} was added",
    "account_opened": lambda told: f"{told.name(told.subject)} was given an account",
    "account_ended": lambda told: f"The account of {told.name(told.subject)} was ended",
    "mag_seats_set": lambda told: f"The multi-agency groups of {told.name(told.subject)} were changed",
    "roles_set": lambda told: f"The roles of {told.name(told.subject)} were changed",
    "manager_set": lambda told: f"The line manager of {told.name(told.subject)} was changed",
    "password_replaced": lambda told: f"{told.name(told.subject)} was given a new password",
    "password_changed": lambda told: f"{told.name(told.subject)} changed their password",
    "sessions_ended": lambda told: f"{told.name(told.subject)} signed out everywhere else",
}
"""Kind of event -> its sentence, without the full stop."""
STAFF_WITH_WORDS: Final = frozenset({"member_left"})
"""Kinds whose payload holds, as `why`, a sentence that a case's page says too."""
