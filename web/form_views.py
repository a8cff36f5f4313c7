"""What the templates of `forms/` show: each question with its words, its value as typed, and its error."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any, Final
from uuid import UUID

from engine.feel import Environment
from engine.forms import (
    HIDDEN,
    Block,
    Field,
    Form,
    Level,
    Option,
    Scope,
    blocks,
    choices,
    days_allowed,
    level,
    mark,
)
from web.form_values import Choice, Part, count_to, date_parts, offered_choices, shown_value, table_cells
from web.words import local

MANY: Final = frozenset({"checklist", "taglist"})
LONG: Final = 12
"""More boxes than these under one heading are nothing to look through: they are folded by what narrows them."""
_CHOICES = frozenset({"radio", "select", "checklist", "taglist"})


@dataclass(frozen=True, slots=True)
class RowView:
    """One row of a repeated group; `title` tells it from the others ("Action 2")."""

    number: int
    id: str
    title: str
    fields: tuple[FieldView, ...]
    remove: str

    @property
    def folds(self) -> list[Fold]:
        """Return its questions in order: those that follow one another under the same words of `fold` together."""
        runs = groupby(self.fields, key=lambda each: each.attributes.get("fold", ""))
        return [Fold(words, tuple(fields)) for words, fields in runs]


@dataclass(frozen=True, slots=True)
class Fold:
    """Questions of a row that stand folded away under `words`; in the open when there are none."""

    words: str
    fields: tuple[FieldView, ...]

    @property
    def answered(self) -> int:
        """Return how many have an answer, so that it is seen while they are folded."""
        return sum(bool(each.value) for each in self.fields)

    @property
    def wrong(self) -> bool:
        """Tell whether one has to be put right, and so must be seen."""
        return any(each.error for each in self.fields)


@dataclass(frozen=True, slots=True)
class FieldView:
    """One component as a page shows it.

    `hidden` tells whether its condition hides it for now; `applies` then says in words when it is asked, when it can.
    `when` names the condition among those of the page, empty when there is none.
    Of a table, `cells` are its rows under `columns`, each cell the lines in it.
    """

    kind: str
    name: str = ""
    id: str = ""
    label: str = ""
    hint: str = ""
    help: str = ""
    value: str = ""
    error: str = ""
    optional: bool = False
    hidden: bool = False
    when: str = ""
    applies: str = ""
    checked: bool = False
    parts: tuple[Part, ...] = ()
    choices: tuple[Choice, ...] = ()
    fields: tuple[FieldView, ...] = ()
    rows: tuple[RowView, ...] = ()
    row_words: str = ""
    can_add: bool = False
    count_to: int | None = None
    lines: int = 1
    blocks: tuple[Block, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    suggestions: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    cells: tuple[tuple[tuple[str, ...], ...], ...] = ()

    @property
    def choice_groups(self) -> list[tuple[str, list[Choice]]]:
        """Return the choices under their headings, in order; one heading of "" when there is none."""
        return [(heading, list(choices)) for heading, choices in groupby(self.choices, key=lambda each: each.group)]

    def narrowed(self, choices: Sequence[Choice]) -> list[tuple[str, list[Choice]]]:
        """Return a long list of which several may be chosen by what narrows it, by name; none for a short one.

        What narrows nothing comes last, under "Others".
        """
        found: dict[str, list[Choice]] = {}
        for each in choices:
            found.setdefault(each.within, []).append(each)
        if self.kind not in MANY or len(choices) <= LONG or len(found) < 2:
            return []
        return [(within or "Others", found[within]) for within in sorted(found, key=lambda name: (not name, name))]

    @property
    def described_by(self) -> str:
        """Return the ids of the hint and the error, for `aria-describedby`."""
        named = (("hint", self.hint), ("error", self.error), ("info", self.count_to))
        return " ".join(f"{self.id}-{name}" for name, there in named if there)


@dataclass(frozen=True, slots=True)
class FormView:
    """A whole form: its questions, its errors in order by path, and the id that each error's link goes to."""

    title: str
    fields: tuple[FieldView, ...]
    errors: Mapping[str, str]
    targets: Mapping[str, str]

    @property
    def takes_files(self) -> bool:
        """Tell whether a file can be added to an answer."""
        return any(each.attributes.get("upload") for each in _every(self.fields))

    @property
    def hidden(self) -> list[str]:
        """Return the conditions (`FieldView.when`) that hide something for now."""
        return [each.when for each in _every(self.fields) if each.hidden and each.when]

    @property
    def some_optional(self) -> bool:
        """Tell whether a question is marked as one that need not be answered."""
        return any(each.optional and not each.hidden for each in _every(self.fields))

    @property
    def has_rows(self) -> bool:
        """Tell whether the page holds buttons that add or remove rows."""
        return any(each.rows or each.can_add for each in _every(self.fields))


def form_view(
    form: Form,
    answers: Mapping[str, Any],
    *,
    environment: Environment,
    errors: Mapping[str, str] | None = None,
    options: Mapping[str, Sequence[Option]] | None = None,
    variables: Mapping[str, Any] | None = None,
    names: Mapping[UUID, str] | None = None,
) -> FormView:
    """Return what the page of `form` shows for raw `answers` (see `web.task_forms.raw_answers`).

    `errors` are those of `InvalidAnswers`; `options` the run-time choices; `variables` what conditions,
    texts and read-only fields may see besides the answers; `names` those of people chosen (see `chosen_ids`).
    """
    builder = _Builder(errors or {}, names or {})
    marked = mark(form.fields, answers, Scope(variables or {}, environment, options or {}))
    fields = builder.level(form.fields, _Place(answers, marked, "", ""))
    return FormView(form.title, fields, builder.summary(), builder.targets)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the answers a field stands: the raw level, the marked one, and the prefixes of names and paths."""

    raw: Mapping[str, Any]
    marked: Level
    name: str
    path: str
    row: str = ""


def in_row(row: str, text: str, *asked: str) -> str:
    """Say which row an error is of, and what was asked there, by the first of its names, where the error names none."""
    names = [each for each in asked if each]
    told = not names or any(each.casefold() in text.casefold() for each in names)
    return f"{row}: {text}" if told else f"{row}, “{names[0]}”: {text}"


class _Builder:
    def __init__(self, errors: Mapping[str, str], names: Mapping[UUID, str]) -> None:
        self._errors, self._names = errors, names
        self._rows: dict[str, str] = {}
        self._asked: dict[str, tuple[str, str]] = {}
        self.targets: dict[str, str] = {}

    def summary(self) -> Mapping[str, str]:
        """Return the errors for the summary; those inside rows say which row, and which question."""
        return {path: in_row(self._rows[path], text, *self._asked.get(path, ())) if self._rows.get(path) else text
                for path, text in self._errors.items()}

    def level(self, fields: Sequence[Field], place: _Place) -> tuple[FieldView, ...]:
        shown = []
        for each in fields:
            if _offers_nothing(each, place.marked.scope):
                continue
            view = self._view(each, place)
            view = replace(view, when=place.name + each.id) if each.hide is not None else view
            shown.append(replace(view, applies=_applies(each, fields, place.marked.scope)) if view.hidden else view)
        return tuple(shown)

    def _view(self, each: Field, place: _Place) -> FieldView:
        each = replace(each, label=local(each.label), description=local(each.description), help=local(each.help))
        scope = place.marked.scope
        hidden = (place.marked.get(each.key) is HIDDEN and each.asks) or _hides(each, scope)
        if each.kind in ("text", "separator", "spacer"):
            return FieldView(each.kind, blocks=blocks(each.content, scope), hidden=hidden)
        if each.kind == "table":
            columns, cells = tuple(local(column.label) for column in each.options), table_cells(each, scope)
            return FieldView("table", id=each.id, label=each.label, hint=each.description, hidden=hidden,
                             columns=columns, cells=cells, attributes=each.attributes)
        if each.kind == "group" and not each.key:
            return FieldView("group", label=each.label, hint=each.description, help=each.help, hidden=hidden,
                             fields=self.level(each.children, place))
        if not each.asks:
            return FieldView("shown", label=each.label, value=shown_value(each, scope), hidden=hidden)
        name, path = place.name + each.key, place.path + each.key
        self.targets[path] = f"field-{name}"
        self._rows[path], self._asked[path] = place.row, (each.label, each.name)
        hint = " ".join(part for part in (each.description, days_allowed(each, scope)) if part)
        common = {"name": name, "id": f"field-{name}", "label": each.label, "hint": hint,
                  "help": each.help, "hidden": hidden, "error": self._errors.get(path, "")}
        return self._input(each, place, path, common)

    def _input(self, each: Field, place: _Place, path: str, common: Mapping[str, Any]) -> FieldView:
        value = place.raw.get(each.key)
        if each.kind == "group":
            return FieldView("group", **common, fields=self._group(each, place, common["name"], path))
        if each.kind == "dynamiclist":
            return self._list(each, place, path, common)
        optional = not each.required and each.kind != "checkbox" and "optional" not in each.label.lower()
        if each.kind in ("date", "datetime"):
            parts = date_parts(each, value, common, place.marked.scope)
            self.targets[path] = next((part.id for part in parts if part.wrong), parts[0].id)
            return FieldView(each.kind, **common, optional=optional, parts=parts)
        if each.kind in _CHOICES:
            kind = "fixed" if each.kind == "select" and each.attributes.get("fixed") and value else each.kind
            return FieldView(kind, **common, optional=optional, attributes=each.attributes,
                             value=value if isinstance(value, str) else "",
                             choices=tuple(offered_choices(each, value, common["id"], place.marked.scope, self._names)))
        return FieldView(
            each.kind, **common, optional=optional, checked=value is True, count_to=count_to(each),
            value=value if isinstance(value, str) else "", lines=each.rows, attributes=each.attributes,
            suggestions=tuple(option.label for option in place.marked.scope.options.get(each.suggest, ())),
        )

    def _group(self, each: Field, place: _Place, name: str, path: str) -> tuple[FieldView, ...]:
        inner = _inner(each, place.raw.get(each.key), place.marked.get(each.key), place)
        return self.level(each.children, _Place(*inner, f"{name}-", f"{path}.", place.row))

    def _list(self, each: Field, place: _Place, path: str, common: Mapping[str, Any]) -> FieldView:
        raw, marked = place.raw.get(each.key) or [], place.marked.get(each.key)
        words = each.row_name[:1].upper() + each.row_name[1:] or "Row"
        rows = []
        for number, row in enumerate(raw):
            judged = marked[number] if isinstance(marked, list) and number < len(marked) else None
            inner = _inner(each, row, judged, place)
            title = f"{words} {number + 1}"
            here = _Place(*inner, f"{common['name']}-{number}-", f"{path}[{number}].", title)
            rows.append(RowView(number + 1, f"{common['id']}-{number}", title, self.level(each.children, here),
                                f"remove:{common['name']}:{number}" if each.can_add else ""))
            self.targets[f"{path}[{number}]"], self._rows[f"{path}[{number}]"] = rows[-1].id, title
        room = each.can_add and len(rows) < each.rules.max_rows
        words = words[:1].lower() + words[1:]
        optional = not (each.required or each.rules.min_rows)
        return FieldView(
            "dynamiclist", **common, optional=optional, rows=tuple(rows), row_words=words, can_add=room
        )


def _inner(each: Field, raw: Any, marked: Any, place: _Place) -> tuple[Mapping[str, Any], Level]:
    """Return the raw and marked level inside a group or row; a hidden one is marked afresh, to be shown too."""
    known = raw if isinstance(raw, Mapping) else {}
    return known, marked if isinstance(marked, Level) else mark(each.children, known, place.marked.scope)


def _offers_nothing(each: Field, scope: Scope) -> bool:
    """Tell whether a question that need not be answered has nothing to choose from, as a child without siblings has."""
    optional = bool(each.source) and not each.required and not each.attributes.get("upload")
    return each.kind in ("select", "checklist") and optional and not choices(each, scope)


def _hides(each: Field, scope: Scope) -> bool:
    return each.hide is not None and each.hide.evaluate(scope.variables, scope.environment) is True


def _applies(each: Field, beside: Sequence[Field], scope: Scope) -> str:
    """Say for which answer to the question beside it a hidden one is asked; "" when that takes more than a phrase."""
    if each.hide is None:
        return ""
    asked = [other for other in level(beside) if other.key in each.hide.names_used and other.options]
    if len(asked) != 1 or len(each.hide.names_used) != 1:
        return ""
    asking: list[str] = []
    silent: list[str] = []
    for option in asked[0].options:
        hides = each.hide.evaluate({**scope.variables, asked[0].key: option.value}, scope.environment) is True
        (silent if hides else asking).append(f"“{option.label}”")
    fewer = (asking, "if") if len(asking) <= len(silent) else (silent, "unless")
    return f"{fewer[1]} {' or '.join(fewer[0])}" if len(fewer[0]) in (1, 2) else ""


def _every(fields: Sequence[FieldView]) -> Iterator[FieldView]:
    for each in fields:
        yield each
        yield from _every(each.fields)
        for row in each.rows:
            yield from _every(row.fields)
