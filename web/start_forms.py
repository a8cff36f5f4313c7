"""The form that starts a case: what was typed in it, read into what `schemas.StartCase` takes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from marshmallow import ValidationError

from engine.forms import Unreadable
from engine.forms.parsing import DATE_PARTS, read_date
from web import schemas
from web.form_views import in_row

MOST_ROWS: Final = 12
"""How many parents and carers the form has room for."""
ADD, REMOVE = "add:family", "remove:family:"
FILL: Final = "fill"
"""What a page sends along that asked for the same child before: nothing is started, the form comes filled in."""
_DATES = ("born_on", "expected_on")
_WRONG_DATES = {
    "date": "Enter a real date, for example 31 3 2016",
    "parts": "Enter the day, the month and the year",
    "year": "Enter the year with four digits",
}
_PAGES_OWN = frozenset(
    {"csrf_token", "act", "known_seen", *(f"{name}-{part}" for name in _DATES for part in DATE_PARTS)}
)
_ASKED = {"name": "Name", "relationship": "Relationship to the child", "phone": "Phone"}
_CELL = re.compile(r"family-([0-9]{1,2})-(name|relationship|parental_responsibility|phone)")

Row = Mapping[str, str]


def rows_typed(typed: Mapping[str, str]) -> Sequence[Row]:
    """Return the rows of parents and carers in the order of the page, empty ones too."""
    found: dict[int, dict[str, str]] = {}
    for name, text in typed.items():
        if cell := _CELL.fullmatch(name):
            found.setdefault(int(cell[1]), {})[cell[2]] = text
    return [found[number] for number in sorted(found)][:MOST_ROWS]


def rows_after(typed: Mapping[str, str]) -> Sequence[Row] | None:
    """Return the rows after the button that adds or removes one; None when another button was pressed."""
    act, rows = typed.get("act", ""), rows_typed(typed)
    if act == ADD:
        return [*rows, {}][:MOST_ROWS]
    if act.startswith(REMOVE):
        gone = act.removeprefix(REMOVE)
        return [row for number, row in enumerate(rows) if str(number) != gone]
    return None


def read(typed: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return what the form asks for, and what is wrong, by the id of the field on the page."""
    sent: dict[str, Any] = {
        name: text for name, text in typed.items() if name not in _PAGES_OWN and not _CELL.fullmatch(name)
    }
    errors = _read_dates(typed, sent)
    sent["assessor_id"] = sent.get("assessor_id") or None
    numbers, sent["family"] = _family(typed)
    try:
        return dict(schemas.StartCase().load(sent)), errors
    except ValidationError as wrong:
        return {}, {**_by_field(wrong, numbers), **errors}


def _family(typed: Mapping[str, str]) -> tuple[list[int], list[dict[str, Any]]]:
    """Return the rows in which something is written, with their places on the page."""
    written = [(place, row) for place, row in enumerate(rows_typed(typed)) if any(map(str.strip, row.values()))]
    family = [
        {**row, "parental_responsibility": row.get("parental_responsibility") == "yes"} for _, row in written
    ]
    return [place for place, _ in written], family


def _by_field(wrong: ValidationError, numbers: list[int]) -> dict[str, str]:
    messages: dict[str, Any] = dict(wrong.messages) if isinstance(wrong.messages, Mapping) else {}
    rows = messages.pop("family", {})
    errors = schemas.first_errors(ValidationError(messages)) if messages else {}
    for row, found in rows.items() if isinstance(rows, Mapping) else ():
        for name, text in schemas.first_errors(ValidationError(found)).items():
            place = numbers[int(row)]
            errors[f"family-{place}-{name}"] = in_row(f"Person {place + 1}", str(text), _ASKED.get(name, ""), name)
    return errors


def _read_dates(typed: Mapping[str, str], sent: dict[str, Any]) -> dict[str, str]:
    """Put the dates typed in three boxes into `sent` as ISO text; return what is wrong with them, by field."""
    errors = {}
    for name in _DATES:
        parts = {part: typed.get(f"{name}-{part}", "").strip() for part in DATE_PARTS}
        try:
            sent[name] = read_date(parts).isoformat() if any(parts.values()) else None
        except Unreadable as problem:
            errors[name] = _WRONG_DATES.get(problem.code, _WRONG_DATES["date"])
    return errors
