"""Dates typed in three boxes on our own pages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from engine.errors import Invalid
from engine.forms import Unreadable
from engine.forms.parsing import DATE_PARTS, read_date

_WRONG: Final = {
    "date": "Enter a real date, for example 31 3 2027",
    "parts": "Enter the day, the month and the year",
    "year": "Enter the year with four digits",
}


def day_typed(typed: Mapping[str, str], name: str) -> date | None:
    """Return the date in the boxes of `name`, None when they are empty. Raises `Invalid` naming the field."""
    parts = {part: typed.get(f"{name}-{part}", "").strip() for part in DATE_PARTS}
    if not any(parts.values()):
        return None
    try:
        return read_date(parts)
    except Unreadable as problem:
        raise Invalid(_WRONG.get(problem.code, _WRONG["date"]), field=name) from problem


def day_needed(typed: Mapping[str, str], name: str, asked: str) -> date:
    """Return the date in the boxes of `name`; `asked` says what to enter when they are empty. Raises `Invalid`."""
    found = day_typed(typed, name)
    if found is None:
        raise Invalid(asked, field=name)
    return found


def day_boxes(name: str, day: date | None) -> dict[str, str]:
    """Return what stands in the boxes of `name` for a date, nothing for None: the opposite of `day_typed`."""
    return {f"{name}-{part}": str(getattr(day, part)) for part in DATE_PARTS} if day else {}
