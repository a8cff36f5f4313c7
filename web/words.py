"""Dates, ages and counts as a person says them; the Jinja filters of every page."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from flask import Flask, g, has_app_context
from jinja2 import pass_context
from jinja2.runtime import Context

from engine.casework.child_facts import age_in_words
from engine.casework.terms import localised
from engine.queries.words import passed, sentence

# For who is not signed in: their authority is not known yet.
ANYBODYS_ZONE = ZoneInfo("Europe/London")


def day(value: date | None, *, today: date | None = None) -> str:
    """Say a date: "Thursday 4 June", with the year when it is not this year's. None is "not known"."""
    if value is None:
        return "not known"
    if isinstance(value, datetime):
        value = value.astimezone(_zone()).date()
    now = today or g.get("today")
    return _day(value, now is None or value.year != now.year)


@lru_cache(2_000)
def _day(value: date, with_year: bool) -> str:
    return f"{value:%A} {value.day} {value:%B}{f' {value.year}' if with_year else ''}"


def paper_day(value: date) -> str:
    """Say a date as it stands on paper, which is read in other years too: "4 June 2026"."""
    return f"{value.day} {value:%B %Y}"


_NEAR: Final = {0: "today", 1: "tomorrow", -1: "yesterday"}


def near_day(value: date | None, *, today: date | None = None) -> str:
    """Say a date as "today", "tomorrow" or "yesterday" when it is one, else as `day` does."""
    now = today or g.get("today")
    if value is None or now is None:
        return day(value, today=today)
    return _NEAR.get((value - now).days) or day(value, today=now)


def on_day(value: date) -> str:
    """Say on which day something is within a sentence: "yesterday", "on Friday 5 June"."""
    said = near_day(value)
    return said if said in _NEAR.values() else f"on {said}"


def by_day(value: date) -> str:
    """Say by when something is to be done: "by tomorrow", "by Friday 5 June", and whether that day has passed."""
    return f"by {near_day(value)}{passed(value, today=g.today)}"


def clock_time(value: datetime) -> str:
    """Say the time of day: "14:02"."""
    return f"{value.astimezone(_zone()):%H:%M}"


def moment(value: datetime | None) -> str:
    """Say an instant: "Thursday 4 June at 14:02"."""
    if value is None:
        return "not known"
    local = value.astimezone(_zone())
    return f"{day(local.date())} at {local:%H:%M}"


def local_day(value: datetime) -> date:
    """Return the local day of an instant."""
    return value.astimezone(_zone()).date()


def counted(number: int, one: str, many: str | None = None) -> str:
    """Say a number with its noun: "1 task", "3 tasks"."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def working_days(number: int) -> str:
    """Say an age in working days."""
    return counted(abs(number), "working day")


def age(born_on: date | None, *, today: date | None = None) -> str:
    """Say a child's age: "9 years old", "13 months old", "not born yet"."""
    now = today or g.get("today")
    return "age not known" if born_on is None or now is None else age_in_words(born_on, now)


def plain(value: object) -> str:
    """Say a code as words: "needs_met" becomes "Needs met"."""
    text = str(value).replace("_", " ").strip()
    return text[:1].upper() + text[1:]


def local(text: str) -> str:
    """Say a text with the authority's own term for the team round a child: TAC, TAF or TAYP."""
    here = g.get("authority") if has_app_context() else None
    return localised(text, here.meeting_term) if here else text


# Without the context, Jinja works out a constant's words once, as it compiles a template, for every authority.
@pass_context
def _local(_context: Context, text: str) -> str:
    return local(text)


def install(app: Flask) -> None:
    """Make the words of this module Jinja filters of `app`."""
    filters = (
        day, paper_day, near_day, on_day, by_day, local_day, clock_time, moment, counted, working_days, age, plain,
        sentence,
    )  # fmt: skip
    app.jinja_env.filters.update({word.__name__: word for word in filters}, local=_local)


def _zone() -> ZoneInfo:
    return g.get("zone") or ANYBODYS_ZONE
