"""Small conversions that every operation needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.errors import Invalid
from engine.store.sets import among
from engine.store.tables.people import practitioners
from engine.work import Work


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


def clock_time(answers: Mapping[str, Any], key: str) -> time | None:
    """Return an answer as a time of day (ISO text is read), or None. Raises `Invalid` naming the field."""
    value = answers.get(key)
    if value in (None, ""):
        return None
    try:
        return value if isinstance(value, time) else time.fromisoformat(str(value))
    except ValueError as error:
        raise Invalid(f"{key}: '{value}' is not a time", field=key) from error


def person(work: Work, answers: Mapping[str, Any], key: str) -> UUID:
    """Return an answer as the id of a practitioner of the authority. Raises `Invalid` naming the field."""
    chosen = as_person(answers.get(key), key)
    _require_known(work, [chosen], key)
    return chosen


def people(work: Work, answers: Mapping[str, Any], key: str) -> list[UUID]:
    """Return an answer as ids of practitioners of the authority, in order, without repeats. Raises as `person`."""
    given: Sequence[Any] = answers.get(key) or ()
    chosen = list(dict.fromkeys(as_person(value, key) for value in given))
    _require_known(work, chosen, key)
    return chosen


def _require_known(work: Work, chosen: Sequence[UUID], key: str) -> None:
    own = {"ids": list(chosen), "authority": work.authority.id}
    if chosen and work.connection.execute(_KNOWN, own).scalar_one() != len(chosen):
        raise _not_on_the_list(key)


_KNOWN = sa.select(sa.func.count()).where(
    among(practitioners.c.id),
    practitioners.c.authority_id == sa.bindparam("authority"),
    practitioners.c.left_on.is_(None),
)


def as_id(value: Any, key: str) -> UUID:
    """Return `value` as the id of something chosen from a list. Raises `Invalid` naming the field."""
    try:
        return UUID(str(value))
    except ValueError as error:
        raise Invalid(f"{key}: choose from the list", field=key) from error


def as_person(value: Any, key: str) -> UUID:
    """Return `value` as a practitioner's id. Raises `Invalid` naming the field."""
    try:
        return UUID(str(value))
    except ValueError as error:
        raise _not_on_the_list(key) from error


def _not_on_the_list(key: str) -> Invalid:
    return Invalid(f"{key}: choose a person from the list", field=key)


def rows(answers: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    """Return the rows of a repeated group that hold anything."""
    return [row for row in answers.get(key) or () if any(value not in (None, "", []) for value in row.values())]
