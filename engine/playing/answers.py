"""The answers of a play: the usual ones round those that are said, days from today on, people by their names."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

from engine.calendar import WorkingCalendar
from engine.forms import Field, Option, level
from engine.forms.model import CHOICE_KINDS
from engine.playing import cast
from engine.simulation.answering import Answering, Question
from engine.simulation.narratives import Story

_UNIT: Final = r"(\d{1,3}) (day|working day|week)s?"
_DAY: Final = re.compile(rf"today|in {_UNIT}|{_UNIT} ago", re.ASCII)
Change = Callable[[Field, Any], Any]


def complete(question: Question, said: Mapping[str, Any], story: Story, *, plainly: bool = False) -> dict[str, Any]:
    """Return answers to a form: those that are `said`, and the usual ones for the rest that must be answered."""
    exact = _changed(question.form.fields, said, lambda field, value: _exact(field, value, question))
    # What is said counts as recorded already: the usual answers are then made to go with it.
    known = {**question.known, **exact}
    asked = Question(
        form=question.form, options=question.options, known=known, variables=question.variables,
        environment=question.environment, today=question.today, calendar=question.calendar,
    )  # fmt: skip
    found = Answering(asked, story, cast.ANSWERS, plainly=plainly).answers()
    # An answer that was left empty on purpose stays so.
    return {**found, **{key: value for key, value in exact.items() if value in ("", None, [], False)}}


def readable(question: Question, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return answers as a scenario's file has them: days from today on, what the record offers by its name."""
    return _changed(question.form.fields, answers, lambda field, value: _readable(field, value, question))


def differing(question: Question, answers: Mapping[str, Any], story: Callable[[], Story]) -> dict[str, Any]:
    """Return those answers that are not the usual ones; all of them when these would not lead back to the rest."""
    usual = complete(question, {}, story())
    said = {key: value for key, value in answers.items() if value != usual.get(key) and value not in ("", None, [])}
    again = complete(question, readable(question, said), story())
    whole = {key: value for key, value in answers.items() if value not in ("", None, [], False)}
    return readable(question, said if _filled(again) == _filled(whole) else whole)


def _filled(answers: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in answers.items() if value not in ("", None, [], False)}


def _changed(fields: Sequence[Field], given: Mapping[str, Any], change: Change) -> dict[str, Any]:
    named = {each.key: each for each in level(fields) if each.asks}
    return {key: _one(named[key], value, change) if key in named else value for key, value in given.items()}


def _one(field: Field, value: Any, change: Change) -> Any:
    if field.kind == "group" and isinstance(value, Mapping):
        return _changed(field.children, value, change)
    if field.kind == "dynamiclist" and isinstance(value, list):
        return [_changed(field.children, row, change) if isinstance(row, Mapping) else row for row in value]
    if isinstance(value, list):
        return [change(field, each) for each in value]
    return change(field, value)


def _exact(field: Field, value: Any, question: Question) -> Any:
    if not isinstance(value, str):
        return value
    if field.kind in ("date", "datetime"):
        return _from_today(value, question.today, question.calendar)
    if field.kind in CHOICE_KINDS and field.source:
        return _offered(value, question.options.get(field.source, ()))
    return value


def _from_today(said: str, today: date, calendar: WorkingCalendar) -> str:
    found = _DAY.match(said)
    if found is None:
        return said
    number, unit = int(found[1] or found[3] or 0), found[2] or found[4]
    number = -number if found[3] else number
    day = (
        calendar.add_working_days(today, number)
        if unit == "working day"
        else today + timedelta(days=number * (7 if unit == "week" else 1))
    )
    return day.isoformat() + said[found.end() :]


def _offered(said: str, options: Sequence[Option]) -> str:
    if any(option.value == said for option in options):
        return said
    exact = [option.value for option in options if option.label == said]
    begins = [option.value for option in options if option.label.startswith(said)]
    return (exact or begins or [said])[0]


def _readable(field: Field, value: Any, question: Question) -> Any:
    if not isinstance(value, str) or not value:
        return value
    if field.kind == "date":
        return _said_from(value, question.today)
    if field.kind in CHOICE_KINDS and field.source:
        return next((each.label for each in question.options.get(field.source, ()) if each.value == value), value)
    return value


def _said_from(value: str, today: date) -> str:
    try:
        days = (date.fromisoformat(value) - today).days
    except ValueError:
        return value
    if days == 0:
        return "today"
    many = f"{abs(days)} day" if abs(days) == 1 else f"{abs(days)} days"
    return f"in {many}" if days > 0 else f"{many} ago"
