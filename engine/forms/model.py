"""What a form file says, as frozen values. Nothing here knows a person's answers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Literal

from marshmallow import Schema

from engine.errors import Invalid
from engine.feel import Expression

Kind = Literal[
    "textfield", "textarea", "number", "checkbox", "checklist", "radio", "select", "taglist", "date", "time",
    "datetime", "group", "dynamiclist", "expression", "text", "separator", "spacer", "table",
]
DISPLAY_KINDS = frozenset({"text", "separator", "spacer", "table"})
CHOICE_KINDS = frozenset({"radio", "select", "checklist", "taglist"})
MANY_KINDS = frozenset({"checklist", "taglist"})
NOTHING: Mapping[str, Any] = MappingProxyType({})


class InvalidAnswers(Invalid):
    """Some answers cannot be accepted; `errors` maps each path, like `actions[1].due_on`, to one sentence."""

    def __init__(self, form: str, errors: Mapping[str, str]) -> None:
        first = next(iter(errors.values()), "")
        super().__init__(first, form=form, errors=dict(errors))
        self.errors: Mapping[str, str] = MappingProxyType(dict(errors))


@dataclass(frozen=True, slots=True)
class Option:
    """One choice a person can make: what is stored, what is shown, an optional hint, the heading it stands under.

    `within` is what a long list under one heading may be narrowed by, as a person's agency.
    """

    value: str
    label: str
    hint: str = ""
    group: str = ""
    within: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Limit:
    """A smallest or largest value: a constant, or a FEEL expression over the answers; `text` as the file has it."""

    text: str
    constant: Decimal | None = None
    expression: Expression | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """What an answer must satisfy. Lengths in characters, rows in number of rows.

    `show_limits` asks the page to tell a date's earliest and latest day beside the question.
    """

    required: bool = False
    min_length: int = 0
    max_length: int | None = None
    minimum: Limit | None = None
    maximum: Limit | None = None
    pattern: re.Pattern[str] | None = None
    check: Literal["email", "phone"] | None = None
    decimal_digits: int | None = None
    increment: Decimal | None = None
    min_rows: int = 0
    max_rows: int = 50
    show_limits: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """One component of a form. `key` is its name among the answers ("" for text, lines and groups without a path).

    `hide` is the compiled condition that hides it; `options` the fixed choices, `source` the name of choices
    given at run time, `options_expression` choices computed from the answers; `suggest` names run-time choices
    whose labels a line of text offers without insisting. A table shows the rows that `computes` gives, one column for
    each of its `options`. `binds` names the property of the record that the answer
    becomes. `messages` overrides error sentences by code (`required`, `format`,
    `min`, `max`, `min_length`, `max_length`, `pattern`, `choice`, `rows`).
    """

    id: str
    kind: Kind
    key: str = ""
    label: str = ""
    description: str = ""
    help: str = ""
    name: str = ""
    rules: Rules = Rules()
    options: tuple[Option, ...] = ()
    source: str = ""
    suggest: str = ""
    options_expression: Expression | None = None
    hide: Expression | None = None
    binds: str = ""
    children: tuple[Field, ...] = ()
    default: Any = None
    read_only: bool = False
    rows: int = 1
    row_name: str = ""
    can_add: bool = True
    content: tuple[str | Expression, ...] = ()
    computes: Expression | None = None
    messages: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    attributes: Mapping[str, str] = field(default_factory=lambda: NOTHING)

    @property
    def required(self) -> bool:
        """Tell whether a visible question must be answered."""
        return self.rules.required

    @property
    def asks(self) -> bool:
        """Tell whether a person answers it: false for text, lines, computed and read-only fields."""
        return bool(self.key) and self.kind != "expression" and not self.read_only


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """A form file that has been read and found sound; shared between threads.

    `key` is the form's id, `hash` the SHA-256 of the file, `sources` the run-time choices it needs by name.
    """

    key: str
    title: str
    fields: tuple[Field, ...]
    hash: str
    names_used: frozenset[str]
    schema_class: type[Schema]
    loader: Schema

    @property
    def name(self) -> str:
        """Return the words a person knows the form by."""
        return self.title

    @property
    def sources(self) -> frozenset[str]:
        """Return the names of the choices that must be given at run time, such as `practitioners`."""
        return frozenset(name for each in walk(self.fields) for name in (each.source, each.suggest) if name)

    @property
    def choice_sources(self) -> frozenset[str]:
        """Return those of the `sources` that answers must be chosen from; the others only suggest them."""
        return frozenset(each.source for each in walk(self.fields) if each.source)

    @property
    def bindings(self) -> Mapping[str, str]:
        """Return record property -> path of the answer bound to it (`actions[].due_on` inside rows)."""
        return dict(_bindings(self.fields, ""))

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the top-level answer keys in the order of the file."""
        return tuple(each.key for each in level(self.fields))

    def schema(self, *, options: Mapping[str, Sequence[Option]] = NOTHING) -> type[Schema]:
        """Return the Marshmallow schema of the answers; `options` gives the run-time choices by source name."""
        if not options:
            return self.schema_class
        return type(self.schema_class.__name__, (self.schema_class,), {"options": dict(options)})


def walk(fields: Sequence[Field]) -> Iterator[Field]:
    """Yield every field of the tree, parents before children, in the order of the file."""
    for each in fields:
        yield each
        yield from walk(each.children)


def level(fields: Sequence[Field]) -> Iterator[Field]:
    """Yield the keyed fields whose answers sit side by side: groups without a path are looked through."""
    for each in fields:
        if each.kind == "group" and not each.key:
            yield from level(each.children)
        elif each.key:
            yield each


def _bindings(fields: Sequence[Field], prefix: str) -> Iterator[tuple[str, str]]:
    for each in level(fields):
        if each.binds:
            yield each.binds, prefix + each.key
        inside = f"{prefix}{each.key}[]." if each.kind == "dynamiclist" else f"{prefix}{each.key}."
        yield from _bindings(each.children, inside)
