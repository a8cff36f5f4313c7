"""Which questions are hidden, which choices are offered, what limits hold, given the answers so far.

Conditions see the answers of their own level, then of the levels around it, then the given variables; in
a repeated row also `this` (the row), `parent` and `i` (the row's number), as form-js has them. A hidden
answer counts as null. Answers that cannot be read yet count as null too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from engine.errors import Invalid
from engine.feel import Environment, Expression, to_plain
from engine.forms.model import CHOICE_KINDS, MANY_KINDS, NOTHING, Field, Limit, Option, walk
from engine.forms.parsing import Unreadable, is_blank, read_date, read_datetime, read_number, read_text, read_time
from engine.forms.sentences import spoken_days

HIDDEN: Final = object()
# A condition that hides what another depends on settles in as many passes as the chain is long.
_PASSES = 12


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression at one level of the answers may see."""

    variables: Mapping[str, Any]
    environment: Environment
    options: Mapping[str, Sequence[Option]] = field(default_factory=lambda: NOTHING)


class Level(dict[str, Any]):
    """The answers of one level with hidden ones replaced by `HIDDEN`, and the scope they are judged in."""

    __slots__ = ("scope",)

    def __init__(self, answers: Mapping[str, Any], scope: Scope) -> None:
        super().__init__(answers)
        self.scope = scope


def mark(fields: Sequence[Field], answers: Mapping[str, Any], scope: Scope) -> Level:
    """Return `answers` with `HIDDEN` in place of every hidden, computed or read-only one, at all depths."""
    placed = tuple(_placed(fields, ()))
    hidden: frozenset[str] = frozenset()
    inner = scope
    if has_expressions(tuple(fields)):
        values = {each.key: provisional(each, answers.get(each.key), scope) for each, _ in placed if each.asks}
        hidden = _hidden(placed, values, scope)
        shown = {key: None if key in hidden else value for key, value in values.items()}
        inner = replace(scope, variables={**scope.variables, **shown})
    marked = Level(answers, inner)
    for each, _ in placed:
        if each.key in hidden or not each.asks:
            marked[each.key] = HIDDEN
        elif each.kind == "group":
            marked[each.key] = _marked_group(each, answers.get(each.key), inner)
        elif each.kind == "dynamiclist":
            marked[each.key] = _marked_rows(each, answers.get(each.key), inner)
    return marked


@lru_cache(maxsize=1024)
def has_expressions(fields: tuple[Field, ...]) -> bool:
    """Tell whether any field, at any depth, has an expression: without one nobody asks what was answered so far."""
    return any(
        each.hide or each.computes or each.options_expression
        or any(limit is not None and limit.expression is not None for limit in (each.rules.minimum, each.rules.maximum))
        or any(not isinstance(part, str) for part in each.content)
        for each in walk(fields)
    )  # fmt: skip


def _placed(fields: Sequence[Field], around: tuple[Expression, ...]) -> Iterator[tuple[Field, tuple[Expression, ...]]]:
    for each in fields:
        conditions = (*around, each.hide) if each.hide else around
        if each.kind == "group" and not each.key:
            yield from _placed(each.children, conditions)
        elif each.key:
            yield each, conditions


def _hidden(
    placed: Sequence[tuple[Field, tuple[Expression, ...]]], values: Mapping[str, Any], scope: Scope
) -> frozenset[str]:
    hidden: frozenset[str] = frozenset()
    if not any(conditions for _, conditions in placed):
        return hidden
    for _ in range(_PASSES):
        variables = {**scope.variables, **{key: None if key in hidden else value for key, value in values.items()}}
        found = frozenset(
            each.key for each, conditions in placed
            if any(condition.evaluate(variables, scope.environment) is True for condition in conditions)
        )
        if found == hidden:
            break
        hidden = found
    return hidden


def _marked_group(field: Field, value: Any, scope: Scope) -> Any:
    if value is None:
        value = {}
    return mark(field.children, value, scope) if isinstance(value, Mapping) else value


def _marked_rows(field: Field, value: Any, scope: Scope) -> Any:
    if not isinstance(value, list | tuple) or len(value) > field.rules.max_rows:
        return value
    return [
        mark(field.children, row, row_scope(field, row, number, scope)) if isinstance(row, Mapping) else row
        for number, row in enumerate(value, start=1)
    ]


def row_scope(field: Field, row: Mapping[str, Any], number: int, scope: Scope) -> Scope:
    """Return the scope in which row `number` (from 1) of a dynamic list is judged."""
    own = {each.key: provisional(each, row.get(each.key), scope) for each, _ in _placed(field.children, ())}
    around = {"this": own, "parent": dict(scope.variables), "i": [number]}
    return replace(scope, variables={**scope.variables, **around})


def provisional(field: Field, value: Any, scope: Scope) -> Any:
    """Return the best reading of a raw answer, or None: conditions must work while the form is half filled."""
    if field.kind == "group":
        return _inside(field, value, scope)
    if field.kind == "dynamiclist":
        rows = value[: field.rules.max_rows] if isinstance(value, list | tuple) else ()
        return [_inside(field, row, scope) for row in rows]
    if field.kind == "checkbox":
        return value is True
    if is_blank(value):
        return [] if field.kind in MANY_KINDS else None
    try:
        return _read(field, value, scope)
    except Unreadable:
        return None


def _inside(field: Field, value: Any, scope: Scope) -> dict[str, Any]:
    given = value if isinstance(value, Mapping) else {}
    return {each.key: provisional(each, given.get(each.key), scope) for each, _ in _placed(field.children, ())}


def _read(field: Field, value: Any, scope: Scope) -> Any:
    if field.kind == "number":
        return read_number(value)
    if field.kind == "date":
        return read_date(value)
    if field.kind == "time":
        return read_time(value)
    if field.kind == "datetime":
        return read_datetime(value, scope.environment.zone)
    if field.kind in MANY_KINDS:
        return [read_text(each, one_line=True) for each in value] if isinstance(value, list | tuple) else []
    return read_text(value, one_line=field.kind == "textfield")


def is_hidden(field: Field, scope: Scope) -> bool:
    """Tell whether the field's own condition hides it in `scope`."""
    return field.hide is not None and field.hide.evaluate(scope.variables, scope.environment) is True


def choices(field: Field, scope: Scope) -> Sequence[Option]:
    """Return the choices a field offers. Raises `Invalid` when its run-time choices were not given."""
    if field.kind not in CHOICE_KINDS or field.options:
        return field.options
    if field.source:
        if field.source not in scope.options:
            raise Invalid(f"The choices “{field.source}” were not given", source=field.source, field=field.key)
        return scope.options[field.source]
    if field.options_expression is None:
        return ()
    found = field.options_expression.evaluate(scope.variables, scope.environment)
    return tuple(_option(each) for each in found) if isinstance(found, list | tuple) else ()


def _option(value: Any) -> Option:
    if isinstance(value, Mapping):
        stored = value.get("value", value.get("label"))
        return Option(str(to_plain(stored)), str(to_plain(value.get("label", stored))))
    text = str(to_plain(value))
    return Option(text, text)


def number_limit(limit: Limit | None, scope: Scope) -> Decimal | int | None:
    """Return a number's limit, or None when there is none or its expression gives no number."""
    if limit is None or limit.expression is None:
        return limit.constant if limit else None
    found = to_plain(limit.expression.evaluate(scope.variables, scope.environment))
    return found if isinstance(found, int | Decimal) and not isinstance(found, bool) else None


def local_today(scope: Scope) -> date | None:
    """Return the local day of the act or read, None when the environment has no clock."""
    now = scope.environment.local_now()
    return now.date() if now else None


def date_limits(field: Field, scope: Scope) -> tuple[date | None, date | None]:
    """Return the earliest and the latest day a date may be, each None when there is none."""
    return _date_limit(field.rules.minimum, scope), _date_limit(field.rules.maximum, scope)


def days_allowed(field: Field, scope: Scope) -> str:
    """Return a hint such as “Between 22 May 2026 and today.”; "" for a field that does not ask for one."""
    if not field.rules.show_limits:
        return ""
    days = spoken_days(*date_limits(field, scope), today=local_today(scope))
    return f"Between {days}." if days else ""


def _date_limit(limit: Limit | None, scope: Scope) -> date | None:
    """Return a date's limit as a local day, or None when there is none or its expression gives no date."""
    if limit is None or limit.expression is None:
        return None
    found = to_plain(limit.expression.evaluate(scope.variables, scope.environment))
    if isinstance(found, datetime):
        return found.astimezone(scope.environment.zone).date() if found.tzinfo else found.date()
    return found if isinstance(found, date) else None
