"""Read one component of a form file. Each refusal names the file and the component, and says what to do."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any, NoReturn, ParamSpec, TypeVar, cast

from engine.errors import Invalid, faults_of, shown
from engine.feel import Expression, FeelSyntaxError, HostFunction, compile_expression
from engine.forms.model import CHOICE_KINDS, Field, Kind, Limit, Option, Rules
from engine.forms.rules import read_rules
from engine.forms.text import segments

T = TypeVar("T")
Given = ParamSpec("Given")
MAX_TEXT = 5_000
MAX_OPTIONS = 500
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_INPUTS = frozenset({"textfield", "textarea", "number", "checkbox", "checklist", "radio", "select", "taglist",
                     "datetime", "expression"})
_CONTAINERS = frozenset({"group", "dynamiclist"})
_DISPLAY = frozenset({"text", "separator", "spacer"})
_MOST_COLUMNS = 8
_ADVICE = {
    "html": "use a text component with Markdown",
    "iframe": "use a text component with a link",
    "image": "use a text component; pictures are not shown in forms",
    "documentPreview": "use a text component with a link",
}
_MESSAGES = re.compile(r"error_([a-z_]{1,20})")
_ATTRIBUTES = ("autocomplete", "blank", "empty", "fixed", "fold", "inputmode", "upload", "width")
FILES_OF_TASK = "files_of_task"
"""The run-time choices of a file field: the files that were kept with the task, to which its page adds."""
_OF_TABLES = ("empty", "refresh")


class Reader:
    """Reads the components of one file. What is wrong with one part is kept in `faults`, and the rest read on."""

    def __init__(
        self,
        file: str,
        *,
        known: Collection[str],
        functions: Mapping[str, HostFunction],
        sources: Collection[str] | None,
    ) -> None:
        self._file = file
        self._names = tuple(sorted({*known, "this", "parent", "i"}))
        self._functions = functions
        self._sources = sources
        self.faults: list[Invalid] = []

    def fields(self, components: Sequence[Any]) -> tuple[Field, ...]:
        """Return the fields of a list of components, submit buttons and what cannot be read left out."""
        read = [self._try(None, self._field, each, number) for number, each in enumerate(components, start=1)]
        return tuple(each for each in read if each is not None)

    def _try(
        self, instead: T, read: Callable[Given, T], /, *given: Given.args, **options: Given.kwargs
    ) -> T:
        """Return what `read` returns; when it refuses, keep why and return `instead`."""
        try:
            return read(*given, **options)
        except Invalid as error:
            self.faults += faults_of(error)
            return instead

    def refuse(self, component: Mapping[str, Any], what: str) -> NoReturn:
        """Raise `Invalid` about `component`."""
        label = str(component.get("key") or component.get("path") or component.get("id") or component.get("type"))
        raise Invalid(f"{self._file}:{shown(label)}: {what}", file=self._file, component=component.get("id"),
                      key=component.get("key"))

    def words(self, component: Mapping[str, Any], name: str) -> str:
        """Return the text under `name`, trimmed; templates are allowed in text components only."""
        value = component.get(name, "")
        if not isinstance(value, str) or len(value) > MAX_TEXT:
            self.refuse(component, f"“{name}” must be text of {MAX_TEXT} characters or fewer")
        if value.startswith("=") or "{{" in value:
            self.refuse(component, f"“{name}” must be plain words; put computed words in a text component")
        return value.strip()

    def expression(self, component: Mapping[str, Any], text: Any, what: str) -> Expression:
        """Return a FEEL expression compiled; its leading `=` is optional."""
        if not isinstance(text, str) or not text.strip().removeprefix("=").strip():
            self.refuse(component, f"{what} must be a FEEL expression")
        try:
            return compile_expression(text.strip().removeprefix("="), names=self._names, functions=self._functions)
        except FeelSyntaxError as error:
            self.refuse(component, f"{what} is not FEEL: {error.message}")

    def limit(self, component: Mapping[str, Any], value: Any, what: str) -> Limit | None:
        """Return a smallest or largest value: a number, or a FEEL expression as text."""
        if value is None or value == "":
            return None
        if isinstance(value, int | float) and not isinstance(value, bool):
            return Limit(str(value), constant=Decimal(repr(value)))
        if isinstance(value, str) and re.fullmatch(r"-?\d{1,20}(\.\d{1,20})?", value.strip(), re.ASCII):
            return Limit(value.strip(), constant=Decimal(value.strip()))
        return Limit(str(value), expression=self.expression(component, value, what))

    def properties(self, component: Mapping[str, Any]) -> Mapping[str, str]:
        """Return the custom properties, all of them short text."""
        given = component.get("properties", {})
        if not isinstance(given, dict) or not all(isinstance(each, str | int | bool) for each in given.values()):
            self.refuse(component, "“properties” must be names and texts")
        found = {name: str(value).strip() for name, value in given.items()}
        if any(len(value) > MAX_TEXT for value in found.values()):
            self.refuse(component, f"a property is longer than {MAX_TEXT} characters")
        return found

    def _field(self, component: Any, number: int) -> Field | None:
        if not isinstance(component, dict):
            raise Invalid(f"{self._file}: component {number} is not a form component", file=self._file)
        kind = str(component.get("type"))
        if kind == "button":
            self._check_button(component)
            return None
        if kind in _INPUTS:
            return self._input(component)
        if kind == "filepicker":
            return self._files(component)
        if kind in _CONTAINERS:
            return self._container(component)
        if kind in _DISPLAY:
            return self._display(component)
        if kind == "table":
            return self._table(component)
        advice = _ADVICE.get(kind, "use one of the form editor's own fields")
        self.refuse(component, f"components of type “{shown(kind)}” are not supported; {advice}")

    def _files(self, component: Mapping[str, Any]) -> Field:
        """Return a file field: a list of the files kept with the task, which its page lets people add to."""
        properties = {**self.properties(component), "options": FILES_OF_TASK, "upload": "files"}
        return self._input({**component, "type": "checklist", "properties": properties})

    def _check_button(self, component: Mapping[str, Any]) -> None:
        if component.get("action", "submit") != "submit":
            self.refuse(component, "a reset button would lose what was typed; remove it")

    def _display(self, component: Mapping[str, Any]) -> Field:
        text = component.get("text", "")
        if not isinstance(text, str) or len(text) > MAX_TEXT:
            self.refuse(component, f"“text” must be text of {MAX_TEXT} characters or fewer")
        return Field(
            id=self._id(component), kind=cast(Kind, component["type"]), hide=self._hide(component),
            content=segments(text, lambda part: self.expression(component, part, "the text")),
        )

    def _table(self, component: Mapping[str, Any]) -> Field:
        """Return a table of what `dataSource` computes, with a column for each key."""
        properties, columns = self.properties(component), component.get("columns")
        if not isinstance(columns, list) or not 1 <= len(columns) <= _MOST_COLUMNS:
            self.refuse(component, f"a table needs 1 to {_MOST_COLUMNS} columns, each with a key and a label")
        named = tuple(self._option(component, {**each, "value": each.get("key")}) for each in columns)
        return Field(
            id=self._id(component), kind="table", label=self.words(component, "label"), options=named,
            description=properties.get("description", ""), hide=self._hide(component),
            computes=self.expression(component, component.get("dataSource"), "its rows"),
            attributes={name: properties[name] for name in _OF_TABLES if properties.get(name)},
        )

    def _container(self, component: Mapping[str, Any]) -> Field:
        kind, properties = component["type"], self.properties(component)
        key = component.get("path") or ""
        if kind == "dynamiclist" or key:
            self._try(None, self._check_key, component, key, "path")
        children = component.get("components")
        if not isinstance(children, list) or not children:
            self.refuse(component, "it holds no components; add some or remove it")
        inside = self.fields(children)
        default_rows = component.get("defaultRepetitions", 1)
        if not isinstance(default_rows, int) or not 0 <= default_rows <= 50:
            self.refuse(component, "the default number of rows must be from 0 to 50")
        return Field(
            id=self._id(component), kind=kind, key=key, label=self.words(component, "label"),
            description=properties.get("description", ""), help=properties.get("help", ""),
            name=properties.get("name", ""), hide=self._try(None, self._hide, component),
            binds=properties.get("binds", ""),
            rules=self._try(Rules(), read_rules, self, component, properties), children=inside, rows=default_rows,
            can_add=component.get("allowAddRemove", True) is not False, row_name=properties.get("row_name", ""),
            messages=self._messages(properties),
        )

    def _input(self, component: Mapping[str, Any]) -> Field:
        properties, kind = self.properties(component), self._kind(component)
        attempt = self._try
        attempt(None, self._check_key, component, component.get("key"), "key")
        unread: tuple[tuple[Option, ...], str, Expression | None] = ((), "", None)
        options, source, expression = attempt(unread, self._options, component, kind, properties)
        return Field(
            id=self._id(component), kind=kind, key=str(component.get("key")),
            label=attempt("", self._label, component, kind),
            description=attempt("", self.words, component, "description"), help=properties.get("help", ""),
            name=properties.get("name", ""), rules=attempt(Rules(), read_rules, self, component, properties),
            options=options, source=source, suggest=attempt("", self._suggest, component, kind, properties),
            options_expression=expression, hide=attempt(None, self._hide, component),
            binds=properties.get("binds", ""), default=attempt(None, self._default, component, kind, options),
            read_only=attempt(False, self._read_only, component), computes=attempt(None, self._computes, component),
            rows=attempt(1, self._text_rows, component, properties), messages=self._messages(properties),
            attributes=attempt({}, self._attributes, component, properties),
        )

    def _computes(self, component: Mapping[str, Any]) -> Expression | None:
        if component["type"] != "expression":
            return None
        return self.expression(component, component.get("expression"), "its expression")

    def _kind(self, component: Mapping[str, Any]) -> Kind:
        if component["type"] != "datetime":
            return cast(Kind, component["type"])
        subtype = component.get("subtype", "date")
        if subtype not in ("date", "time", "datetime"):
            self.refuse(component, "its subtype must be date, time or datetime")
        return cast(Kind, subtype)

    def _label(self, component: Mapping[str, Any], kind: Kind) -> str:
        """Return the label: a question without one cannot be understood by anybody, least of all when heard."""
        label = self.words(component, "label") or (
            self.words(component, "dateLabel") or self.words(component, "timeLabel")
            if kind in ("date", "time", "datetime") else "")
        if not label and kind != "expression":
            self.refuse(component, "it has no label; say what to enter")
        return label

    def _id(self, component: Mapping[str, Any]) -> str:
        given = component.get("id")
        return given[:128] if isinstance(given, str) else ""

    def _check_key(self, component: Mapping[str, Any], key: Any, what: str) -> None:
        if not isinstance(key, str) or not _KEY.fullmatch(key):
            self.refuse(component, f"its {what} must begin with a letter and hold letters, digits and _ only (up to"
                                   " 64); to nest answers, put them in a group with a path")

    def _hide(self, component: Mapping[str, Any]) -> Expression | None:
        conditional = component.get("conditional")
        if conditional is None:
            return None
        if not isinstance(conditional, dict):
            self.refuse(component, "“conditional” must hold a “hide” expression")
        hide = conditional.get("hide")
        return self.expression(component, hide, "the condition that hides it") if hide else None

    def _read_only(self, component: Mapping[str, Any]) -> bool:
        for name in ("readonly", "disabled"):
            if component.get(name, False) not in (True, False):
                self.refuse(component, f"“{name}” must be true or false; hide it by a condition instead")
        return bool(component.get("readonly") or component.get("disabled"))

    def _options(
        self, component: Mapping[str, Any], kind: Kind, properties: Mapping[str, str]
    ) -> tuple[tuple[Option, ...], str, Expression | None]:
        if kind not in CHOICE_KINDS:
            return (), "", None
        if properties.get("options"):
            return (), self._source(component, properties["options"]), None
        computed = component.get("valuesExpression") or component.get("valuesKey")
        if computed:
            return (), "", self.expression(component, computed, "its choices")
        values = component.get("values")
        if not isinstance(values, list) or not 1 <= len(values) <= MAX_OPTIONS:
            self.refuse(component, f"it needs 1 to {MAX_OPTIONS} choices, or the property “options”")
        options = tuple(self._option(component, each) for each in values)
        if len({each.value for each in options}) < len(options):
            self.refuse(component, "two of its choices have the same value; make each different")
        return options, "", None

    def _suggest(self, component: Mapping[str, Any], kind: Kind, properties: Mapping[str, str]) -> str:
        if properties.get("suggest") and kind != "textfield":
            self.refuse(component, "only a text field can suggest answers; use the property “options” for choices")
        return self._source(component, properties["suggest"]) if properties.get("suggest") else ""

    def _source(self, component: Mapping[str, Any], named: str) -> str:
        if self._sources is not None and named not in self._sources:
            known = ", ".join(sorted(self._sources))
            self.refuse(component, f"the choices '{shown(named)}' do not exist; known are {known}")
        return named

    def _option(self, component: Mapping[str, Any], given: Any) -> Option:
        value = given.get("value") if isinstance(given, dict) else None
        sound = isinstance(value, str | int) and not isinstance(value, bool) and 0 < len(str(value).strip()) <= 200
        if not sound:
            self.refuse(component, "each of its choices needs a label and a value (up to 200 characters)")
        return Option(str(value), self.words(given, "label") or str(value), self.words(given, "hint"))

    def _default(self, component: Mapping[str, Any], kind: Kind, options: Sequence[Option]) -> Any:
        value = component.get("defaultValue")
        if value is None or value == "":
            return None
        shape = {"checkbox": bool, "number": (int, float, str), "checklist": list, "taglist": list}.get(kind, str)
        if not isinstance(value, cast(type, shape)) or len(str(value)) > MAX_TEXT:
            self.refuse(component, "its default value does not fit its type")
        chosen = value if isinstance(value, list) else [value]
        if options and not {str(each) for each in chosen} <= {each.value for each in options}:
            self.refuse(component, "its default value is not one of its choices")
        return str(value) if kind == "number" else value

    def _text_rows(self, component: Mapping[str, Any], properties: Mapping[str, str]) -> int:
        rows = properties.get("rows", "5" if component["type"] == "textarea" else "1")
        if not re.fullmatch(r"[1-9]\d?", rows, re.ASCII):
            self.refuse(component, "the property “rows” must be from 1 to 99")
        return int(rows)

    def _messages(self, properties: Mapping[str, str]) -> Mapping[str, str]:
        found = {match[1]: text for name, text in properties.items() if (match := _MESSAGES.fullmatch(name)) and text}
        return found

    def _attributes(self, component: Mapping[str, Any], properties: Mapping[str, str]) -> Mapping[str, str]:
        appearance = component.get("appearance", {})
        if not isinstance(appearance, dict):
            self.refuse(component, "“appearance” must hold a prefix or a suffix")
        found = {name: properties[name] for name in _ATTRIBUTES if properties.get(name)}
        if "width" in found and found["width"] not in ("2", "3", "4", "5", "10", "20", "30"):
            self.refuse(component, "the property “width” must be 2, 3, 4, 5, 10, 20 or 30 characters")
        for name in ("prefix", "suffix"):
            if appearance.get(f"{name}Adorner"):
                found[name] = self.words(appearance, f"{name}Adorner")
        return found
