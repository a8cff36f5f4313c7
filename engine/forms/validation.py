"""Judge a whole set of answers, and keep the clean ones as JSON and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from marshmallow import ValidationError

from engine.errors import Invalid
from engine.feel import Environment, to_plain
from engine.forms.conditions import Scope, choices, has_expressions, is_hidden, mark
from engine.forms.model import NOTHING, Field, Form, InvalidAnswers, Option
from engine.forms.parsing import read_date, read_datetime, read_number, read_time


def validate(
    form: Form,
    answers: Mapping[str, Any],
    *,
    environment: Environment,
    options: Mapping[str, Sequence[Option]] = NOTHING,
    variables: Mapping[str, Any] = NOTHING,
) -> Mapping[str, Any]:
    """Return the clean answers: see `engine.forms.schema` for their shapes; computed values are added.

    `environment` gives today and the zone of local times; `options` the run-time choices by source name;
    `variables` what conditions may see besides the answers. Raises `InvalidAnswers` with one sentence for
    each path that cannot be accepted, in the order of the form.
    """
    if not isinstance(answers, Mapping):
        raise InvalidAnswers(form.key, {"": "The answers must be a set of names and values"})
    _require_sources(form, options)
    # A variable that a diagram has not set yet is null, as it is in the diagram itself.
    scope = Scope({**dict.fromkeys(form.names_used), **variables}, environment, options)
    try:
        clean: dict[str, Any] = form.loader.load(mark(form.fields, answers, scope))
    except ValidationError as problem:
        raise InvalidAnswers(form.key, dict(_flat(problem.messages, ""))) from problem
    if has_expressions(form.fields):
        _compute(form.fields, clean, scope)
    return clean


def _require_sources(form: Form, options: Mapping[str, Sequence[Option]]) -> None:
    absent = sorted(form.choice_sources - options.keys())
    if absent:
        raise Invalid(f"{form.key}: the choices “{absent[0]}” were not given", form=form.key, source=absent[0])


def _flat(messages: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(messages, Mapping):
        for key, inside in messages.items():
            if key == "_schema":
                yield from _flat(inside, path)
            elif isinstance(key, int):
                yield from _flat(inside, f"{path}[{key}]")
            else:
                yield from _flat(inside, f"{path}.{key}" if path else str(key))
    elif isinstance(messages, list):
        yield path, str(messages[0]) if messages else "This cannot be accepted"
    else:
        yield path, str(messages)


def _compute(fields: Sequence[Field], clean: dict[str, Any], scope: Scope) -> None:
    """Add the values of expression fields, in the order of the form, to `clean`."""
    for each in fields:
        inner = replace(scope, variables={**scope.variables, **clean})
        if is_hidden(each, inner):
            continue
        if each.kind == "expression" and each.computes:
            clean[each.key] = to_plain(each.computes.evaluate(inner.variables, inner.environment))
        elif each.kind == "group":
            _compute(each.children, clean.get(each.key, {}) if each.key else clean, inner)
        elif each.kind == "dynamiclist":
            for row in clean.get(each.key, ()):
                _compute(each.children, row, inner)


def jsonable(answers: Any) -> Any:
    """Return clean answers as JSON has them: dates, times and instants as ISO text, numbers as numbers.

    A `Decimal` that a float cannot hold exactly becomes text, so that no digit is lost.
    """
    if answers is None or isinstance(answers, str | int | float):  # first, as nearly all of them are
        return answers
    if isinstance(answers, Mapping):
        return {str(key): jsonable(value) for key, value in answers.items()}
    if isinstance(answers, list | tuple):
        return [jsonable(each) for each in answers]
    if isinstance(answers, time) and not answers.second:
        return answers.isoformat("minutes")
    if isinstance(answers, datetime | date | time):
        return answers.isoformat()
    if isinstance(answers, Decimal):
        near = float(answers)
        return near if Decimal(repr(near)) == answers else format(answers, "f")
    return str(answers)


def from_jsonable(form: Form, stored: Mapping[str, Any], *, environment: Environment) -> dict[str, Any]:
    """Return the clean answers that `jsonable` wrote; instants come back in the environment's zone.

    Keys the form does not have are kept as they are. Raises `Unreadable` when the store was damaged.
    """
    clean = dict(stored)
    _restore(form.fields, clean, environment)
    return clean


def _restore(fields: Sequence[Field], clean: dict[str, Any], environment: Environment) -> None:
    for each in fields:
        if each.kind == "group" and not each.key:
            _restore(each.children, clean, environment)
        elif clean.get(each.key) is not None:
            clean[each.key] = _restored(each, clean[each.key], environment)


def _restored(field: Field, value: Any, environment: Environment) -> Any:
    if field.kind in ("group", "dynamiclist"):
        rows = [dict(row) for row in (value if isinstance(value, list) else [value])]
        for row in rows:
            _restore(field.children, row, environment)
        return rows if isinstance(value, list) else rows[0]
    if field.kind == "number":
        return read_number(value)
    if field.kind == "date":
        return read_date(value)
    if field.kind == "time":
        return read_time(value)
    return read_datetime(value, environment.zone) if field.kind == "datetime" else value


__all__ = ["choices", "from_jsonable", "jsonable", "validate"]
