"""What stands in one question of a page: its choices, the inputs of its date, its table, its value to be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from engine.feel import to_plain
from engine.forms import Field, Option, Scope, Unreadable, choices, spoken
from engine.forms.parsing import DATE_PARTS, is_blank, read_date, read_datetime
from engine.forms.rules import LONGEST_AREA, LONGEST_LINE
from web.words import local

_LENGTH_OF_ID = 36
_WIDTHS = {"day": "2", "month": "2", "year": "4", "time": "5"}


YOU: Final = "(you)"


def me_first(offered: Iterable[Option], me: UUID) -> list[Option]:
    """Return choices with the person who is asked first, above every heading, and named so; the rest as they were."""
    everybody = list(offered)
    mine = [replace(each, label=f"{each.label} {YOU}", group="") for each in everybody if each.value == str(me)]
    return [*mine, *(each for each in everybody if each.value != str(me))]


@dataclass(frozen=True, slots=True)
class Part:
    """One input of a date."""

    name: str
    id: str
    label: str
    value: str
    width: str
    wrong: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """One radio button, tick box or entry of a list."""

    id: str
    value: str
    label: str
    hint: str
    checked: bool
    group: str = ""
    within: str = ""


def shown_value(each: Field, scope: Scope) -> str:
    """Return what a read-only question shows, worked out or handed in."""
    zone = scope.environment.zone
    if each.computes:
        return spoken(to_plain(each.computes.evaluate(scope.variables, scope.environment)), zone=zone)
    value = scope.variables.get(each.key, each.default)
    labels = {option.value: option.label for option in choices(each, scope)}
    return labels.get(value, value) if isinstance(value, str) else spoken(value, zone=zone)


def table_cells(each: Field, scope: Scope) -> tuple[tuple[tuple[str, ...], ...], ...]:
    """Return the rows of a table; a column that a row does not hold is empty."""
    found = to_plain(each.computes.evaluate(scope.variables, scope.environment)) if each.computes else None
    rows = [row for row in found if isinstance(row, Mapping)] if isinstance(found, list) else []
    zone = scope.environment.zone
    return tuple(tuple(_lines(row.get(column.value), zone) for column in each.options) for row in rows)


def _lines(value: Any, zone: Any) -> tuple[str, ...]:
    return tuple(local(spoken(item, zone=zone)) for item in (value if isinstance(value, list) else [value]))


def count_to(each: Field) -> int | None:
    """Return the length to count up to: only one that the form's author chose is worth a message."""
    most = each.rules.max_length
    return most if each.kind == "textarea" and most not in (LONGEST_AREA, LONGEST_LINE) else None


def offered_choices(
    each: Field, value: Any, field_id: str, scope: Scope, names: Mapping[UUID, str]
) -> Iterator[Choice]:
    """Yield what may be chosen, and what was chosen before though it may not be any more."""
    chosen = {value} if isinstance(value, str) else set(value or ())
    offered = list(choices(each, scope))
    # What was chosen before stays visible when the list has changed since; submitting it says so.
    known = {option.value for option in offered}
    offered += [Option(gone, f"{_named(gone, names)} (no longer in the list)")
                for gone in sorted(chosen - known) if gone.strip()]
    for number, option in enumerate(offered, start=1):
        choice_id = field_id if number == 1 else f"{field_id}-{number}"
        ticked = option.value in chosen
        yield Choice(choice_id, option.value, option.label, option.hint, ticked, option.group, option.within)


def chosen_ids(answers: Any) -> frozenset[UUID]:
    """Return every id in raw answers, however deep: whoever is no longer in a list is shown by name all the same."""
    if isinstance(answers, Mapping):
        answers = list(answers.values())
    if isinstance(answers, list):
        return frozenset().union(*(chosen_ids(each) for each in answers))
    found = _as_id(answers) if isinstance(answers, str) else None
    return frozenset() if found is None else frozenset({found})


def _named(gone: str, names: Mapping[UUID, str]) -> str:
    found = _as_id(gone)
    return gone if found is None else names.get(found, "Somebody or something")


def _as_id(text: str) -> UUID | None:
    try:
        return UUID(text) if len(text) == _LENGTH_OF_ID else None
    except ValueError:
        return None


def date_parts(each: Field, value: Any, common: Mapping[str, Any], scope: Scope) -> tuple[Part, ...]:
    """Return the inputs of a date or a moment as typed, those marked that have to be put right."""
    typed = value if isinstance(value, Mapping) else {}
    names = (*DATE_PARTS, "time") if each.kind == "datetime" else DATE_PARTS
    wrong = _wrong_parts(each, typed, scope) if common["error"] else ()
    return tuple(
        Part(f"{common['name']}-{part}", f"{common['id']}-{part}", part.capitalize(), str(typed.get(part, "")),
             _WIDTHS[part], part in wrong)
        for part in names
    )


def _wrong_parts(each: Field, typed: Mapping[str, Any], scope: Scope) -> tuple[str, ...]:
    whole = (*DATE_PARTS, "time")
    if is_blank(typed):
        return whole
    try:
        _ = read_datetime(typed, scope.environment.zone) if each.kind == "datetime" else read_date(typed)
    except Unreadable as problem:
        return problem.parts or ("time",)
    # A real date that is too early or too late is wrong as a whole.
    return DATE_PARTS
