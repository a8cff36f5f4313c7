"""Carry a task's answers between the engine's nested shape and an HTML form, both ways, losing nothing typed.

Raw answers are plain JSON, fit for a draft: text and numbers as typed, a date as `{"day", "month", "year"}`
(with `"time"` for a date and time), a tick box as a truth value, tick lists as lists of text, groups as
mappings, rows as lists of mappings. `engine.forms.validate` takes them as they are.

Input names join keys with `-`, which no key can hold: `actions-0-owner`, `due_on-day`; `actions-count`
tells how many rows the page showed. Buttons that add or remove a row are named `act`, with a value like
`add:actions` or `remove:actions:1`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from flask import get_template_attribute
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from engine.forms import Field, Form, Unreadable, level
from engine.forms.parsing import DATE_PARTS, read_date, read_datetime
from web.form_views import FormView, form_view

Answers = dict[str, Any]
_MANY = frozenset({"checklist", "taglist"})
_BUTTON = re.compile(r"(add):([A-Za-z0-9_-]{1,300})|(remove):([A-Za-z0-9_-]{1,300}):(\d{1,4})", re.ASCII)
_UTC = ZoneInfo("UTC")

__all__ = [
    "Answers", "FormView", "answers_from_post", "edit_rows", "form_view", "post_from_answers", "raw_answers",
    "render",
]


def answers_from_post(form: Form, posted: MultiDict[str, str]) -> Answers:
    """Return the raw answers of a posted page; every question of the form has a value, blank when not posted."""
    return _read_level(form.fields, posted, "")


def _read_level(fields: Sequence[Field], posted: MultiDict[str, str], prefix: str) -> Answers:
    return {each.key: _read(each, posted, prefix + each.key) for each in level(fields) if each.asks}


def _read(field: Field, posted: MultiDict[str, str], name: str) -> Any:
    if field.kind == "group":
        return _read_level(field.children, posted, f"{name}-")
    if field.kind == "dynamiclist":
        rows = range(_row_count(field, posted, name))
        return [_read_level(field.children, posted, f"{name}-{row}-") for row in rows]
    if field.kind == "checkbox":
        return posted.get(name, "") == "true"
    if field.kind in _MANY:
        return posted.getlist(name)
    if field.kind in ("date", "datetime"):
        return {part: posted.get(f"{name}-{part}", "") for part in _parts(field)}
    return posted.get(name, "")


def _row_count(field: Field, posted: MultiDict[str, str], name: str) -> int:
    count = posted.get(f"{name}-count", "")
    shown = int(count) if re.fullmatch(r"\d{1,4}", count, re.ASCII) else 0
    # One row past the most allowed is enough for the engine to refuse it in words.
    return min(shown, field.rules.max_rows + 1)


def _parts(field: Field) -> tuple[str, ...]:
    return (*DATE_PARTS, "time") if field.kind == "datetime" else DATE_PARTS


def post_from_answers(form: Form, answers: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the names and values that a browser posts for raw `answers` (see `raw_answers`)."""
    return list(_write_level(form.fields, answers, ""))


def _write_level(fields: Sequence[Field], answers: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for each in level(fields):
        if each.asks and each.key in answers:
            yield from _write(each, answers[each.key], prefix + each.key)


def _write(field: Field, value: Any, name: str) -> Iterator[tuple[str, str]]:
    if field.kind == "group":
        yield from _write_level(field.children, value, f"{name}-")
    elif field.kind == "dynamiclist":
        yield f"{name}-count", str(len(value))
        for number, row in enumerate(value):
            yield from _write_level(field.children, row, f"{name}-{number}-")
    elif field.kind == "checkbox":
        yield from [(name, "true")] if value else []
    elif field.kind in _MANY:
        yield from ((name, each) for each in value)
    elif field.kind in ("date", "datetime"):
        yield from ((f"{name}-{part}", value.get(part, "")) for part in _parts(field))
    else:
        yield name, value


def raw_answers(form: Form, answers: Mapping[str, Any], *, zone: ZoneInfo = _UTC) -> Answers:
    """Return any answers as raw ones, complete for the form: clean, stored, sent by a program, or raw already.

    Questions without an answer take the form's default. `zone` is where instants are shown. Text that is no
    date stands in the day's box, so that it can be seen and put right.
    """
    return _raw_level(form.fields, answers, zone)


def _raw_level(fields: Sequence[Field], answers: Mapping[str, Any], zone: ZoneInfo) -> Answers:
    return {each.key: _raw(each, answers.get(each.key, each.default), zone) for each in level(fields) if each.asks}


def _raw(field: Field, value: Any, zone: ZoneInfo) -> Any:
    if field.kind == "group":
        return _raw_level(field.children, value if isinstance(value, Mapping) else {}, zone)
    if field.kind == "dynamiclist":
        return _raw_rows(field, value, zone)
    if field.kind == "checkbox":
        return value is True
    if field.kind in _MANY:
        return [_text(each) for each in value] if isinstance(value, list | tuple) else []
    if field.kind in ("date", "datetime"):
        return _raw_date(field, value, zone)
    return _text(value)


def _raw_rows(field: Field, value: Any, zone: ZoneInfo) -> list[Answers]:
    if not isinstance(value, list | tuple):
        value = [{}] * max(field.rows, field.rules.min_rows)
    return [_raw_level(field.children, row if isinstance(row, Mapping) else {}, zone) for row in value]


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, time):
        return value.strftime("%H:%M:%S" if value.second else "%H:%M")
    return format(value, "f") if isinstance(value, Decimal) and value.is_finite() else str(value)


def _raw_date(field: Field, value: Any, zone: ZoneInfo) -> dict[str, str]:
    names = _parts(field)
    if isinstance(value, Mapping):
        return {part: _text(value.get(part)) for part in names}
    blank = dict.fromkeys(names, "")
    if value is None or value == "":
        return blank
    try:
        read: date = read_datetime(value, zone) if field.kind == "datetime" else read_date(value)
    except Unreadable:
        return {**blank, "day": str(value)}
    shown = {**blank, "day": str(read.day), "month": str(read.month), "year": str(read.year)}
    return {**shown, "time": _text(read.time())} if isinstance(read, datetime) else shown


def edit_rows(form: Form, answers: Answers, button: str) -> Answers | None:
    """Return `answers` after an add or remove button was pressed, or None when `button` is not one of this form's.

    Rows past the most allowed are not added. `answers` is left as it was.
    """
    found = _BUTTON.fullmatch(button)
    if not found:
        return None
    path = (found[2] or found[4]).split("-")
    return _edited(form.fields, answers, path, int(found[5]) if found[3] else None)


def _edited(fields: Sequence[Field], answers: Answers, path: list[str], remove: int | None) -> Answers | None:
    field = next((each for each in level(fields) if each.key == path[0]), None)
    if field is None or field.key not in answers:
        return None
    if field.kind == "group" and len(path) > 1:
        return _replaced(answers, field.key, _edited(field.children, answers[field.key], path[1:], remove))
    if field.kind != "dynamiclist":
        return None
    rows: list[Answers] = list(answers[field.key])
    if len(path) == 1:
        return _replaced(answers, field.key, _edited_rows(field, rows, remove))
    if len(path) < 3 or not re.fullmatch(r"\d{1,4}", path[1], re.ASCII) or int(path[1]) >= len(rows):
        return None
    inner = _edited(field.children, rows[int(path[1])], path[2:], remove)
    if inner is None:
        return None
    rows[int(path[1])] = inner
    return _replaced(answers, field.key, rows)


def _replaced(answers: Answers, key: str, value: Any) -> Answers | None:
    return None if value is None else {**answers, key: value}


def _edited_rows(field: Field, rows: list[Answers], remove: int | None) -> list[Answers] | None:
    if not field.can_add:
        return None
    if remove is None:
        new = [_raw_level(field.children, {}, _UTC)] if len(rows) < field.rules.max_rows else []
        return rows + new
    return [row for number, row in enumerate(rows) if number != remove]


def render(view: FormView) -> Markup:
    """Return the form's questions as HTML, without the `<form>` around them. Needs an application context."""
    return Markup(get_template_attribute("forms/form.html", "questions")(view))  # noqa: S704 - the macro escapes
