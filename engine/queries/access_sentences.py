"""What the events say by which records were closed, opened in an emergency or asked for, and how people sign in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.queries.told_events import Sentence, Told

_ASKED: Final = {"search": "asked whether the child is known", "start": "started a case for the child"}


def _met(told: Told) -> str:
    return f"{told.name(told.subject)} {told.one_of('asked', _ASKED)}, and was told nothing of this case"


ACCESS: Final[Mapping[str, Sentence]] = {
    "emergency_opened": lambda told: f"{told.name(told.subject)} opened the record in an emergency, for an hour",
    "looked_into": lambda told: f"{told.name(told.subject)} read the record as coordinator, and said what for",
    "emergency_ended": lambda told: f"{told.name(told.subject)} ended the emergency before the hour was over",
    "emergency_looked_at": lambda told: f"What {told.name(told.subject)} opened in an emergency was looked at",
    "case_restricted": "The case became a restricted one",
    "restriction_kept": "It was agreed again that the case stays restricted",
    "restriction_lifted": "The case is not restricted any more",
    "restricted_case_met": _met,
    "second_factor_set": lambda told: f"{told.name(told.subject)} set up a second factor",
    "second_factor_removed": lambda told: f"The second factor of {told.name(told.subject)} was taken away",
    "recovery_codes_renewed": lambda told: f"{told.name(told.subject)} made new recovery codes",
    "recovery_code_used": lambda told: f"{told.name(told.subject)} signed in with a recovery code",
    "outside_identity_known": lambda told: f"{told.name(told.subject)} signed in through single sign-on first",
    "outside_account_made": lambda told: f"{told.name(told.subject)} was given an account by single sign-on",
}
"""Kind of event -> its sentence, without the full stop."""

ACCESS_WITH_WORDS: Final = frozenset(
    {
        "emergency_opened", "emergency_looked_at", "looked_into", "case_restricted", "restriction_kept",
        "restriction_lifted",
    }
)
"""Kinds whose payload holds, as `why`, a sentence that a case's page says too."""
