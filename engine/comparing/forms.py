"""A form as the list of its fields, each with its label, its kind, whether it must be answered, and its choices."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from engine.comparing.items import Item
from engine.strict_json import read_json

_LABELS: Final = {
    "label": "question", "dateLabel": "question", "timeLabel": "question of the time", "type": "kind of field",
    "key": "kept as", "description": "hint", "text": "text", "required": "must be answered", "values": "choices",
    "hide": "hidden when", "min": "at least", "max": "at most", "minLength": "at least so many characters",
    "maxLength": "at most so many characters", "defaultValue": "filled in with", "subtype": "kind of date",
}  # fmt: skip
_NOT_SAID: Final = ("id", "exporter", "schemaVersion", "type")
_LEFT_OUT: Final = ("id", "components", "layout", "path")


def form_items(content: bytes, file: str) -> dict[str, Item]:
    """Return the form itself and its fields, by id, in order. Raises `Invalid` for what is no form file."""
    given = read_json(content, name=file)
    if not isinstance(given, Mapping):
        return {}
    title = str(given.get("title") or given.get("id") or "")
    told = {name: value for name, value in given.items() if isinstance(value, str) and name not in _NOT_SAID}
    own = {_LABELS.get(name, name): value for name, value in told.items()}
    items = {"form": Item("form", "Form", title, own)}
    for item in _fields(given.get("components"), ""):
        items.setdefault(item.key, item)
    return items


def _fields(given: Any, within: str) -> Iterator[Item]:
    for number, each in enumerate(given if isinstance(given, list) else ()):
        if not isinstance(each, Mapping):
            continue
        key = str(each.get("id") or each.get("key") or f"{within} field {number + 1}")
        name = str(each.get("label") or each.get("dateLabel") or each.get("text") or each.get("key") or key)
        short = name if len(name) <= 80 else f"{name[:77]}..."
        yield Item(key, "Field" if each.get("key") else "Text", short, dict(_said(each)), within, True)
        yield from _fields(each.get("components"), short)


def _said(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in given.items():
        if name in _LEFT_OUT:
            continue
        if name in ("validate", "properties", "conditional") and isinstance(value, Mapping):
            yield from ((_LABELS.get(inner, inner.replace("_", " ")), _text(told)) for inner, told in value.items())
        else:
            yield _LABELS.get(name, name), _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and all(isinstance(each, Mapping) and "label" in each for each in value):
        return "; ".join(str(each["label"]) for each in value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
