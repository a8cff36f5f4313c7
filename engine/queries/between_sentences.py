"""What events between meetings say to a person: reports, worries, news for the team, and what was marked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.queries.told_events import Sentence

BETWEEN_MEETINGS: Final[Mapping[str, Sentence]] = {
    "event_marked": "An entry was marked as having counted",
    "event_unmarked": "The mark of an entry was taken back",
    "reported_back": "Somebody of the team reported back to who leads",
    "report_back_answered": "A report was read by who leads",
    "family_worry_logged": "The family said what worries them",
    "family_worry_answered": "The family was answered about what worries them",
    "action_contradiction_marked": "Two actions were said to work against each other",
    "action_contradiction_settled": "It was settled that two actions worked against each other",
    "team_written_to": lambda told: f"News was written to {told.people('people')}",
}
BETWEEN_MEETINGS_WITH_WORDS: Final = frozenset({"event_marked"})
"""Kinds whose payload holds, as `why`, a sentence that a case's page says too.

What was reported, what worries a family and what was written to the team is for the page that knows who reads it.
"""
