"""How each kind of question reads and checks one answer, as Marshmallow fields.

A field leaves out what is hidden, asks for what is missing, and refuses in the form's own sentences.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from marshmallow import Schema, ValidationError, fields, missing

from engine.feel import Environment
from engine.forms.conditions import HIDDEN, Level, Scope, choices, date_limits, local_today, number_limit
from engine.forms.model import Field, level
from engine.forms.parsing import (
    Unreadable,
    is_blank,
    is_email,
    is_phone,
    read_date,
    read_datetime,
    read_number,
    read_text,
    read_time,
)
from engine.forms.sentences import missing_parts, sentence, spoken_date, spoken_days, spoken_number


class Answer(fields.Field[Any]):
    """One question: leaves out what is hidden, asks for what is missing, reads and checks the rest."""

    empty: Any = None

    def __init__(self, spec: Field, *args: Any, **kwargs: Any) -> None:
        self.spec = spec
        kwargs.setdefault("metadata", _documentation(spec))
        super().__init__(*args, required=spec.required and spec.hide is None, allow_none=True, **kwargs)

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **kwargs: Any) -> Any:
        """Return the clean answer, or Marshmallow's `missing` when it is hidden. Raises `ValidationError`."""
        if value is HIDDEN:
            return missing
        if self.is_empty(value):
            if self.spec.required:
                self.refuse("required")
            return self.empty
        scope = data.scope if isinstance(data, Level) else Scope({}, Environment())
        try:
            return self.read(value, scope)
        except Unreadable as problem:
            self.refuse(problem.code, missing=missing_parts(problem.parts))

    def is_empty(self, value: Any) -> bool:
        """Tell whether nothing was answered."""
        return value is missing or is_blank(value)

    def read(self, value: Any, scope: Scope) -> Any:
        """Return `value` clean; overridden by each kind."""
        raise NotImplementedError

    def refuse(self, code: str, **facts: object) -> NoReturn:
        """Raise the sentence for `code`."""
        raise ValidationError(sentence(self.spec, code, **facts))


class TextAnswer(Answer, fields.String):
    """One line or several."""

    def read(self, value: Any, scope: Scope) -> str:
        """Return the text trimmed, its shape and length checked."""
        rules = self.spec.rules
        text = read_text(value, one_line=self.spec.kind == "textfield")
        if rules.max_length is not None and len(text) > rules.max_length:
            self.refuse("max_length", limit=spoken_number(rules.max_length))
        if len(text) < rules.min_length:
            self.refuse("min_length", limit=spoken_number(rules.min_length))
        if rules.check and not (is_email if rules.check == "email" else is_phone)(text):
            self.refuse(rules.check)
        if rules.pattern and not rules.pattern.search(text):
            self.refuse("pattern")
        return text


class NumberAnswer(Answer, fields.Decimal):
    """A number."""

    def read(self, value: Any, scope: Scope) -> Any:
        """Return an `int` or `Decimal` with its decimal places, limits and steps checked."""
        rules, number = self.spec.rules, read_number(value)
        digits = max(0, -int(number.as_tuple().exponent)) if not isinstance(number, int) else 0
        if rules.decimal_digits is not None and digits > rules.decimal_digits:
            self.refuse("digits" if rules.decimal_digits else "whole", limit=rules.decimal_digits)
        least, most = number_limit(rules.minimum, scope), number_limit(rules.maximum, scope)
        if least is not None and number < least:
            self.refuse("min", limit=least)
        if most is not None and number > most:
            self.refuse("max", limit=most)
        if rules.increment and number % rules.increment:
            self.refuse("increment", step=rules.increment)
        return number


class YesNoAnswer(Answer, fields.Boolean):
    """One box: ticked or not. A required box must be ticked."""

    empty = False

    def is_empty(self, value: Any) -> bool:
        """Tell whether the box is not ticked."""
        return value is False or super().is_empty(value)

    def read(self, value: Any, scope: Scope) -> bool:
        """Return True; anything but a truth value is refused."""
        if value is not True:
            self.refuse("boolean")
        return True


class ChoiceAnswer(Answer, fields.String):
    """One of a list."""

    def read(self, value: Any, scope: Scope) -> str:
        """Return the stored value of the choice."""
        if not isinstance(value, str) or all(value != each.value for each in choices(self.spec, scope)):
            self.refuse("choice")
        return value


class ChoicesAnswer(Answer, fields.List[Any]):
    """Any number of a list."""

    def __init__(self, spec: Field) -> None:
        super().__init__(spec, fields.String())

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **kwargs: Any) -> Any:
        """Return the chosen values; a fresh empty list for none."""
        found = super().deserialize(value, attr, data, **kwargs)
        return [] if found is None else found

    def read(self, value: Any, scope: Scope) -> list[str]:
        """Return the chosen values once each, in the order of the list."""
        if not isinstance(value, list | tuple):
            self.refuse("list")
        offered = [each.value for each in choices(self.spec, scope)]
        chosen = {each for each in value if isinstance(each, str)}
        if not all(isinstance(each, str) for each in value) or not chosen <= set(offered):
            self.refuse("choice")
        return [each for each in offered if each in chosen]


class DateAnswer(Answer, fields.Date):
    """A local day."""

    def read(self, value: Any, scope: Scope) -> Any:
        """Return the date, its limits checked."""
        try:
            day = read_date(value)
        except Unreadable as problem:
            days = spoken_days(*date_limits(self.spec, scope), today=local_today(scope))
            # A year such as 1890: a real date, only far from any that could be meant.
            if days and problem.parts == ("year",) and problem.code == "date":
                self.refuse("between", limit=days)
            raise
        self.check_limits(day, scope)
        return day

    def check_limits(self, day: Any, scope: Scope) -> None:
        """Refuse a day before the earliest or after the latest allowed; the sentence names all that is allowed."""
        first, last = date_limits(self.spec, scope)
        today = local_today(scope)
        both = spoken_days(first, last, today=today)
        if first and day < first:
            code = "future" if first == today else "early"
            self.refuse("min" if "min" in self.spec.messages else "between" if both else code,
                        limit=both or spoken_date(first))
        if last and day > last:
            code = "past" if last == today else "late"
            self.refuse("max" if "max" in self.spec.messages else "between" if both else code,
                        limit=both or spoken_date(last))


class TimeAnswer(Answer, fields.Time):
    """A time of day."""

    def read(self, value: Any, scope: Scope) -> Any:
        """Return the time."""
        return read_time(value)


class InstantAnswer(DateAnswer, fields.DateTime):  # type: ignore[misc]
    """A local date and time."""

    def read(self, value: Any, scope: Scope) -> Any:
        """Return the aware instant, its day's limits checked."""
        instant = read_datetime(value, scope.environment.zone)
        self.check_limits(instant.date(), scope)
        return instant


class GroupAnswer(Answer, fields.Nested):
    """Answers under a path of their own."""

    def __init__(self, spec: Field, schema: type[Schema]) -> None:
        super().__init__(spec, schema)
        self.loader = schema()

    def is_empty(self, value: Any) -> bool:
        """Tell whether the group is missing; an empty one still owes its required answers."""
        return value is missing or value is None

    def read(self, value: Any, scope: Scope) -> Any:
        """Return the group's clean answers."""
        if not isinstance(value, Mapping):
            self.refuse("mapping")
        return self.loader.load(value)


class RowsAnswer(Answer, fields.List[Any]):
    """Repeated rows. Rows without any answer are left out; errors keep the number of the row as shown."""

    def __init__(self, spec: Field, schema: type[Schema]) -> None:
        super().__init__(spec, fields.Nested(schema))
        self.loader = schema()

    def is_empty(self, value: Any) -> bool:
        """Leave the counting of rows to `read`."""
        return False

    def read(self, value: Any, scope: Scope) -> list[Any]:
        """Return the clean rows that hold an answer, at least `min_rows` of them."""
        given = [] if value is missing or value is None else value
        rules = self.spec.rules
        if not isinstance(given, list | tuple):
            self.refuse("list")
        if len(given) > rules.max_rows:
            self.refuse("many", limit=rules.max_rows)
        kept = self._kept(given)
        if len(kept) < rules.min_rows and len(given) < rules.min_rows:
            self.refuse("few", limit=rules.min_rows)
        return self._load(given, kept)

    def _kept(self, given: Sequence[Any]) -> list[int]:
        filled = {number for number, row in enumerate(given) if not row_is_blank(self.spec.children, row)}
        # Blank rows that are needed to reach the fewest allowed are judged, so that the message stands at the row.
        needed = [number for number in range(len(given)) if number not in filled]
        return sorted(filled | set(needed[: max(0, self.spec.rules.min_rows - len(filled))]))

    def _load(self, given: Sequence[Any], kept: Sequence[int]) -> list[Any]:
        rows: list[Any] = []
        errors: dict[int, Any] = {}
        for number in kept:
            try:
                rows.append(self._row(given[number]))
            except ValidationError as problem:
                errors[number] = problem.messages
        if errors:
            raise ValidationError(errors)
        return rows

    def _row(self, row: Any) -> Any:
        if not isinstance(row, Mapping):
            self.refuse("mapping")
        return self.loader.load(row)


def row_is_blank(children: Sequence[Field], row: Any) -> bool:
    """Tell whether a row holds nothing a person entered: blanks, unticked boxes and untouched defaults."""
    if not isinstance(row, Mapping):
        return False
    by_key = {each.key: each for each in level(children)}
    return all(_is_untouched(by_key.get(key), value) for key, value in row.items())


def _is_untouched(field: Field | None, value: Any) -> bool:
    if value is HIDDEN or is_blank(value):
        return True
    if field is None:
        return False
    if field.kind == "group":
        return row_is_blank(field.children, value)
    if field.kind == "dynamiclist":
        return isinstance(value, list | tuple) and all(row_is_blank(field.children, row) for row in value)
    return value is False or (field.default is not None and value == field.default)


class Computed(fields.Raw):
    """A value the form works out or only shows; what is sent for it is ignored."""

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **kwargs: Any) -> Any:
        """Return Marshmallow's `missing`, whatever was sent."""
        return missing


def _documentation(field: Field) -> dict[str, Any]:
    """Return the OpenAPI words and limits of a field; documentation only, the checks stand above."""
    rules = field.rules
    known: dict[str, Any] = {
        "title": field.label, "description": field.description, "maxLength": rules.max_length,
        "minLength": rules.min_length or None, "pattern": rules.pattern.pattern if rules.pattern else None,
        "minItems": rules.min_rows or None, "maxItems": rules.max_rows if field.kind == "dynamiclist" else None,
        "x-options": field.source or None, "x-binds": field.binds or None,
    }
    if field.options and field.kind in ("radio", "select"):
        known["enum"] = [each.value for each in field.options]
    return {name: value for name, value in known.items() if value}
