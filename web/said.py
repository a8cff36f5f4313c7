"""The answers to a form's questions in words, one line for each question: to look at, to compare, to choose between."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.forms import Field, Form, Option, level
from engine.forms.parsing import DATE_PARTS
from web.words import paper_day

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """One question: where its answer stands among raw answers, what it asks, and the answer in words ("" for none).

    `text` tells that the answer is words of one's own, so that two may stand one after the other.
    """

    path: Path
    label: str
    answer: str
    text: bool

    @property
    def name(self) -> str:
        """Return the path as the name of an input."""
        return "-".join(self.path)


def questions(
    form: Form, raw: Mapping[str, Any], options: Mapping[str, Sequence[Option]], names: Mapping[str, str] | None = None
) -> list[Question]:
    """Return every question of `form` with its answer among `raw` ones (`web.task_forms.raw_answers`).

    Questions inside a group stand by themselves; repeated rows are one answer. `options` are the run-time choices,
    `names` those of people chosen who are no choice any more, by their ids.
    """
    known = {**options, "": [Option(id_, name) for id_, name in (names or {}).items()]}
    return list(_level(form.fields, raw, known, ()))


def _level(
    fields: Sequence[Field], raw: Mapping[str, Any], options: Mapping[str, Sequence[Option]], at: Path
) -> Iterator[Question]:
    for each in level(fields):
        if not each.asks:
            continue
        path, value = (*at, each.key), raw.get(each.key)
        if each.kind == "group":
            yield from _level(each.children, value if isinstance(value, Mapping) else {}, options, path)
        else:
            yield Question(path, each.label or each.key, _words(each, value, options), each.kind in _TEXT)


_TEXT = frozenset({"textfield", "textarea"})


def _words(field: Field, value: Any, options: Mapping[str, Sequence[Option]]) -> str:
    if field.kind == "dynamiclist":
        rows = value if isinstance(value, list) else []
        said = ["\n".join(_row(field, row, options)) for row in rows if isinstance(row, Mapping)]
        return "\n\n".join(f"{number}.\n{each}" for number, each in enumerate(said, 1) if each)
    if field.kind == "checkbox":
        return "Yes" if value else ""
    if field.kind in ("date", "datetime") and isinstance(value, Mapping):
        return _day(value)
    labels = {each.value: each.label for each in (*options.get("", ()), *field.options, *options.get(field.source, ()))}
    if isinstance(value, list):
        return ", ".join(labels.get(str(each), str(each)) for each in value)
    return labels.get(str(value), str(value)) if value not in (None, "") else ""


def _day(parts: Mapping[str, Any]) -> str:
    """Return a date in words, with its time where there is one; what was typed where that is no date."""
    typed = [str(part) for part in parts.values() if part]
    try:
        on = date(*(int(parts[name]) for name in DATE_PARTS[::-1]))
    except (KeyError, TypeError, ValueError):
        return " ".join(typed)
    return " ".join([paper_day(on), *([str(parts["time"])] if parts.get("time") else [])])


def _row(field: Field, row: Mapping[str, Any], options: Mapping[str, Sequence[Option]]) -> list[str]:
    found = _level(field.children, row, options, ())
    return [f"{each.label}{'' if each.label.endswith('?') else ':'} {each.answer}" for each in found if each.answer]


def put(answers: dict[str, Any], path: Path, value: Any) -> None:
    """Set the answer at `path` among raw answers."""
    for key in path[:-1]:
        answers = answers.setdefault(key, {})
    answers[path[-1]] = value


def at(answers: Mapping[str, Any], path: Path) -> Any:
    """Return the answer at `path` among raw answers, None when there is none."""
    found: Any = answers
    for key in path:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found
