"""Build a Marshmallow schema from a form's fields. It is the one validator of pages, API and simulation.

A schema takes the answers as a page or a program gives them and returns them clean: dates as `date`,
numbers as `int` or `Decimal`, times as `time`, instants aware in the environment's zone, unanswered
questions as None (no ticks: an empty list or False), hidden ones left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from marshmallow import RAISE, Schema, fields, pre_load

from engine.feel import Environment
from engine.forms.answers import (
    Answer,
    ChoiceAnswer,
    ChoicesAnswer,
    Computed,
    DateAnswer,
    GroupAnswer,
    InstantAnswer,
    NumberAnswer,
    RowsAnswer,
    TextAnswer,
    TimeAnswer,
    YesNoAnswer,
)
from engine.forms.conditions import Level, Scope, mark
from engine.forms.model import Field, Option, level


class AnswersSchema(Schema):
    """Base of every form's schema: unknown answers are refused, hidden ones ignored."""

    class Meta:
        """Refuse what the form does not ask."""

        unknown = RAISE

    _form_fields: ClassVar[Sequence[Field]] = ()
    options: ClassVar[Mapping[str, Sequence[Option]]] = {}
    error_messages: ClassVar[dict[str, str]] = {"unknown": "This form does not ask for this"}  # type: ignore[misc]

    @pre_load
    def mark_hidden(self, data: Any, **_: Any) -> Any:
        """Mark what is hidden, unless the caller has done so with the environment it judges in."""
        if isinstance(data, Level) or not isinstance(data, Mapping):
            return data
        return mark(self._form_fields, data, Scope({}, Environment(), self.options))


_KINDS: Mapping[str, Callable[[Field], Answer]] = {
    "textfield": TextAnswer, "textarea": TextAnswer, "number": NumberAnswer, "checkbox": YesNoAnswer,
    "radio": ChoiceAnswer, "select": ChoiceAnswer, "checklist": ChoicesAnswer, "taglist": ChoicesAnswer,
    "date": DateAnswer, "time": TimeAnswer, "datetime": InstantAnswer,
}


def build_schema(name: str, form_fields: Sequence[Field]) -> type[AnswersSchema]:
    """Return the schema class of one level of a form, with those of its groups and rows inside it."""
    declared = {each.key: _answer(name, each) for each in level(form_fields)}
    members = {**declared, "_form_fields": tuple(form_fields), "__module__": __name__}
    return type(name, (AnswersSchema,), members)


def _answer(name: str, field: Field) -> fields.Field[Any]:
    if field.kind == "expression" or field.read_only:
        # Accepted and ignored, so that a program may send back what it was shown.
        return Computed(dump_only=False, allow_none=True, metadata={"readOnly": True})
    if field.kind == "group":
        return GroupAnswer(field, build_schema(f"{name}_{field.key}", field.children))
    if field.kind == "dynamiclist":
        return RowsAnswer(field, build_schema(f"{name}_{field.key}", field.children))
    return _KINDS[field.kind](field)
