"""Describe the answers of a form as JSON Schema (2020-12), for programs. It documents; `validate` is what judges."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from engine.forms.model import NOTHING, Field, Form, Limit, Option, level
from engine.forms.validation import jsonable

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_CHECKS: Final = {"email": "email"}

Choices = Mapping[str, Sequence[Option]]


def json_schema(form: Form, *, options: Choices = NOTHING) -> dict[str, Any]:
    """Return the JSON Schema of the answers that `validate` takes, with plain JSON values only.

    `options` gives the run-time choices by source name; a source that is not given is described by `x-source` alone.
    A question with a condition is never in `required`; `x-hidden-when` is the FEEL condition that hides it.
    """
    return {
        "$schema": DIALECT,
        "$id": f"urn:caf:form:{form.key}:{form.hash}",
        "title": form.title,
        **_object(form.fields, options),
    }


def _object(fields: Sequence[Field], options: Choices) -> dict[str, Any]:
    asked = list(level(fields))
    return {
        "type": "object",
        "properties": {each.key: _property(each, options) for each in asked},
        "required": [each.key for each in asked if _is_needed(each)],
        "additionalProperties": False,
    }


def _is_needed(field: Field) -> bool:
    """Tell whether answers without this one are refused whatever else is answered."""
    if field.hide is not None or not field.asks:
        return False
    inside = field.kind == "group" and any(map(_is_needed, level(field.children)))
    return field.required or field.rules.min_rows > 0 or inside


def _property(field: Field, options: Choices) -> dict[str, Any]:
    if not field.asks:
        return {"readOnly": True, **_words(field)}
    told = _KINDS[field.kind](field, options)
    if not field.required and "type" in told and field.kind not in ("group", "dynamiclist"):
        told = {**told, "type": [told["type"], "null"]}
    return {**told, **_words(field)}


def _words(field: Field) -> dict[str, Any]:
    known = {
        "title": field.label,
        "description": field.description or field.help,
        "default": jsonable(field.default),
        "x-hidden-when": field.hide.text if field.hide is not None else None,
        "x-binds": field.binds,
    }
    return {name: value for name, value in known.items() if value not in (None, "", [])}


def _text(field: Field, _options: Choices) -> dict[str, Any]:
    rules = field.rules
    known = {
        "maxLength": rules.max_length,
        "minLength": rules.min_length or (1 if rules.required else None),
        "pattern": rules.pattern.pattern if rules.pattern else None,
        "format": _CHECKS.get(rules.check or ""),
    }
    return {"type": "string", **_known(known)}


def _number(field: Field, _options: Choices) -> dict[str, Any]:
    rules = field.rules
    known = {
        "minimum": _constant(rules.minimum),
        "maximum": _constant(rules.maximum),
        "multipleOf": jsonable(rules.increment),
    }
    return {"type": "integer" if rules.decimal_digits == 0 else "number", **_known(known)}


def _constant(limit: Limit | None) -> Any:
    return None if limit is None else jsonable(limit.constant)


def _known(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _tick(field: Field, _options: Choices) -> dict[str, Any]:
    return {"type": "boolean", "const": True} if field.required else {"type": "boolean"}


def _one(field: Field, options: Choices) -> dict[str, Any]:
    """Describe one choice; the list may hang on other answers, and is then not told."""
    offered = options.get(field.source, ()) if field.source else field.options
    told: dict[str, Any] = {"type": "string"}
    if field.source:
        told["x-source"] = field.source
    if offered:
        none = [] if field.required else [{"type": "null"}]
        return {**{k: v for k, v in told.items() if k != "type"}, "oneOf": [*map(_choice, offered), *none]}
    return told


def _choice(option: Option) -> dict[str, Any]:
    return {"const": option.value, "title": option.label}


def _many(field: Field, options: Choices) -> dict[str, Any]:
    items = _one(field, options)
    if "oneOf" in items:
        items["oneOf"] = [each for each in items["oneOf"] if "const" in each]
    least = {"minItems": 1} if field.required else {}
    return {"type": "array", "items": items, "uniqueItems": True, **least}


def _group(field: Field, options: Choices) -> dict[str, Any]:
    return _object(field.children, options)


def _rows(field: Field, options: Choices) -> dict[str, Any]:
    rules = field.rules
    return {
        "type": "array",
        "items": _object(field.children, options),
        "minItems": rules.min_rows,
        "maxItems": rules.max_rows,
    }


def _formatted(**told: Any) -> Callable[[Field, Choices], dict[str, Any]]:
    return lambda _field, _options: {"type": "string", **told}


_KINDS: Final[Mapping[str, Callable[[Field, Choices], dict[str, Any]]]] = {
    "textfield": _text,
    "textarea": _text,
    "number": _number,
    "checkbox": _tick,
    "radio": _one,
    "select": _one,
    "checklist": _many,
    "taglist": _many,
    "date": _formatted(format="date"),
    "time": _formatted(pattern="^[0-2][0-9]:[0-5][0-9]$"),
    "datetime": _formatted(format="date-time"),
    "group": _group,
    "dynamiclist": _rows,
}
