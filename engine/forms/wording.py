"""A form in other words: what it shows is reworded, what it asks for and keeps stays the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from engine.forms.model import Field, Form, Option
from engine.forms.schema import build_schema

Say = Callable[[str], str]


def reworded(form: Form, say: Say) -> Form:
    """Return `form` with every text that a person is shown put through `say`: keys, values and defaults stay."""
    fields = tuple(_field(each, say) for each in form.fields)
    schema = build_schema(form.schema_class.__name__, fields)
    return replace(form, title=say(form.title), fields=fields, schema_class=schema, loader=schema())


def _field(each: Field, say: Say) -> Field:
    return replace(
        each,
        label=say(each.label),
        description=say(each.description),
        help=say(each.help),
        name=say(each.name),
        row_name=say(each.row_name),
        options=tuple(_option(option, say) for option in each.options),
        children=tuple(_field(child, say) for child in each.children),
        content=tuple(say(part) if isinstance(part, str) else part for part in each.content),
        messages={code: say(text) for code, text in each.messages.items()},
    )


def _option(option: Option, say: Say) -> Option:
    return replace(option, label=say(option.label), hint=say(option.hint), group=say(option.group))
