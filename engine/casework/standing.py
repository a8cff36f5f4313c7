"""Whether somebody can be given work on a day: pure answers from what is known of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides whether work reaches somebody.

    `last_day` is the day they leave on, past or to come; `has_account` that they can sign in; `away_from` and
    `away_to` the first absence that is not over (`away_to` None when its end is not known), `covered_by` a name and
    `covered_by_id` whose it is.
    """

    name: str
    last_day: date | None = None
    has_account: bool = True
    away_from: date | None = None
    away_to: date | None = None
    covered_by: str = ""
    covered_by_id: UUID | None = None

    def has_left(self, today: date) -> bool:
        """Tell whether their last day is over."""
        return self.last_day is not None and self.last_day < today

    def is_away(self, today: date) -> bool:
        """Tell whether they are away on `today`."""
        began = self.away_from is not None and self.away_from <= today
        return began and (self.away_to is None or self.away_to >= today)

    def refusal(self, today: date) -> str:
        """Say why no task may be given to them; empty when it may."""
        if self.has_left(today):
            return f"{self.name} no longer works here. Choose somebody else"
        if not self.has_account:
            return f"{self.name} cannot sign in, so would never see the task. Choose somebody else"
        return ""

    def until(self) -> str:
        """Say until when they are away, as in " until 3 June"; empty when that is not known."""
        return f" until {self.away_to.day} {self.away_to:%B}" if self.away_to else ""

    def warning(self, today: date) -> str:
        """Say what whoever gives them a task should know; empty when there is nothing."""
        if not self.is_away(today):
            return ""
        who = f"{self.covered_by} covers for them and does their tasks" if self.covered_by else "Nobody covers for them"
        return f"{self.name} is away{self.until()}. {who}."


def works_no_cases(name: str) -> str:
    """Say that somebody may be given no part in a child's case: their role does not include it."""
    return f"{name} does not work on cases. Choose somebody who does"
