"""Whether somebody can be given work on a day: pure answers from what is known of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Cover:
    """Who was asked to cover for somebody; `is_away` tells that they are away too, to `away_to` where that is known.

    `kept_out`: of the case in question, the family or a restriction keeps it from them.
    """

    id: UUID | None = None
    name: str = ""
    is_away: bool = False
    away_to: date | None = None
    kept_out: bool = False

    @property
    def here(self) -> str:
        """The name of who covers and is here; empty when nobody stands in."""
        return "" if self.is_away or self.kept_out else self.name

    @property
    def away(self) -> str:
        """Why whoever was asked to cover does not, as in "Ada Poe, who covers, is away too until 3 June"; or empty.

        That they may not open a case comes before that they are away.
        """
        if self.kept_out:
            return f"{self.name}, who covers, may not open this case"
        return f"{self.name}, who covers, is away too{_until(self.away_to)}" if self.is_away else ""


def _until(day: date | None) -> str:
    return f" until {day.day} {day:%B}" if day else ""


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides whether work reaches somebody.

    `last_day` is the day they leave on, past or to come; `has_account` that they can sign in; `away_from` and
    `away_to` the first absence that is not over (`away_to` None when its end is not known), `cover` who stands in.
    """

    name: str
    last_day: date | None = None
    has_account: bool = True
    away_from: date | None = None
    away_to: date | None = None
    cover: Cover = Cover()

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

    def away(self, today: date) -> str:
        """Say why no work in bulk may be given to them: they are away; empty when they are here."""
        return f"{self.name} is away{self.until()}. Choose somebody who is here" if self.is_away(today) else ""

    def until(self) -> str:
        """Say until when they are away, as in " until 3 June"; empty when that is not known."""
        return _until(self.away_to)

    def warning(self, today: date) -> str:
        """Say what whoever gives them a task should know; empty when there is nothing."""
        if not self.is_away(today):
            return ""
        who = f"{self.cover.here} covers for them and does their tasks" if self.cover.here else "Nobody covers for them"
        too = f": {self.cover.away}" if self.cover.away else ""
        return f"{self.name} is away{self.until()}. {who}{too}."


def why_led(lead: Standing | None, today: date, *, is_over: bool, was_led: bool) -> str:
    """Say why nobody is to be named to lead a plan in between; empty when somebody is.

    `lead` is who leads it on record, `is_over` whether their time in between is over, `was_led` whether anybody led it.
    """
    if lead is None:
        return "" if was_led else _NOT_YET
    missing = is_over or lead.refusal(today) or lead.is_away(today)
    return "" if missing else f"{lead.name} leads this plan and is here. Agree a handover with them instead"


_NOT_YET = "This plan has not had a lead professional yet. The assessor holds it until one is appointed"


def works_no_cases(name: str) -> str:
    """Say that somebody may be given no part in a child's case: their role does not include it."""
    return f"{name} does not work on cases. Choose somebody who does"
