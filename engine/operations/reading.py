"""Small conversions that every operation needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from engine.errors import Invalid


def text(answers: Mapping[str, Any], key: str) -> str:
    """Return an answer as text; empty when it was not given."""
    value = answers.get(key)
    return "" if value is None else str(value).strip()


def day(answers: Mapping[str, Any], key: str, default: date) -> date:
    """Return an answer as a date (ISO text is read), `default` when it was not given."""
    value = answers.get(key)
    if value in (None, ""):
        return default
    return optional_day(answers, key) or default


def optional_day(answers: Mapping[str, Any], key: str) -> date | None:
    """Return an answer as a date, or None. Raises `Invalid` naming the field."""
    value = answers.get(key)
    if value in (None, ""):
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise Invalid(f"{key}: '{value}' is not a date", field=key) from error


def person(answers: Mapping[str, Any], key: str) -> UUID:
    """Return an answer as a practitioner's id. Raises `Invalid` naming the field."""
    return as_person(answers.get(key), key)


def people(answers: Mapping[str, Any], key: str) -> list[UUID]:
    """Return an answer as practitioner ids, in order, without repeats."""
    given: Sequence[Any] = answers.get(key) or ()
    return list(dict.fromkeys(as_person(value, key) for value in given))


def as_person(value: Any, key: str) -> UUID:
    """Return `value` as a practitioner's id. Raises `Invalid` naming the field."""
    try:
        return UUID(str(value))
    except ValueError as error:
        raise Invalid(f"{key}: choose a person from the list", field=key) from error


def rows(answers: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    """Return the rows of a repeated group that hold anything."""
    return [row for row in answers.get(key) or () if any(value not in (None, "", []) for value in row.values())]
