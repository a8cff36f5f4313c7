"""Small conversions that every operation needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.casework.standing import works_no_cases
from engine.errors import Invalid
from engine.store.people import sits_round_tables
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


def person(work: Work, answers: Mapping[str, Any], key: str, *, anybody: bool = False) -> UUID:
    """Return an answer as the id of a practitioner of the authority who may have a part in a child's case.

    Of `anybody` here, where only what they were is asked. Raises `Invalid` naming the field.
    """
    chosen = as_person(answers.get(key), key)
    _require_able(work, [chosen], key, anybody=anybody)
    return chosen


def people(work: Work, answers: Mapping[str, Any], key: str, *, anybody: bool = False) -> list[UUID]:
    """Return an answer as ids of such practitioners, in order, without repeats. `anybody`, raises: as `person`."""
    given: Sequence[Any] = answers.get(key) or ()
    chosen = list(dict.fromkeys(as_person(value, key) for value in given))
    _require_able(work, chosen, key, anybody=anybody)
    return chosen


def _require_able(work: Work, chosen: Sequence[UUID], key: str, *, anybody: bool = False) -> None:
    if not chosen:
        return
    found = work.connection.execute(_CHOSEN, {"ids": list(chosen), "authority": work.authority.id}).all()
    if len(found) != len(chosen):
        raise _not_on_the_list(key)
    for row in found:
        if not (row.able or anybody):
            raise Invalid(works_no_cases(row.name), field=key)


_CHOSEN = sa.select(practitioners.c.name, sits_round_tables(practitioners.c.id).label("able")).where(
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
