"""Read what an answer must satisfy: form-js's own `validate`, and the limits kept in `properties`.

`properties` add what form-js lacks: `min` and `max` of dates (FEEL, as `today()`), `min_rows` and
`max_rows` of dynamic lists, `required` of groups of ticks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.forms.model import Limit, Rules
from engine.forms.patterns import MAX_SUBJECT, UnsafePattern, compile_pattern

if TYPE_CHECKING:
    from engine.forms.components import Reader

# Generous: a page of pasted text fits a line, a short book fits an area.
LONGEST_LINE, LONGEST_AREA = 1_000, 50_000
MOST_ROWS = 200


def read_rules(reader: Reader, component: Mapping[str, Any], properties: Mapping[str, str]) -> Rules:
    """Return the rules of `component`. Raises `Invalid` through the reader."""
    validate = component.get("validate") or {}
    if not isinstance(validate, dict):
        reader.refuse(component, "“validate” must be a set of rules")
    kind = component["type"]
    if kind == "dynamiclist":
        least = _whole(reader, component, properties.get("min_rows"), 0, MOST_ROWS, "min_rows")
        most = _whole(reader, component, properties.get("max_rows"), 1, MOST_ROWS, "max_rows")
        return Rules(min_rows=least or 0, max_rows=most or 50)
    if kind in ("textfield", "textarea"):
        return _text_rules(reader, component, validate)
    if kind == "number":
        return _number_rules(reader, component, validate)
    if kind == "datetime":
        return _date_rules(reader, component, validate, properties)
    return Rules(required=_required(reader, component, validate))


def _required(reader: Reader, component: Mapping[str, Any], validate: Mapping[str, Any]) -> bool:
    required = validate.get("required", False)
    if not isinstance(required, bool):
        reader.refuse(component, "“required” must be true or false; hide the field by a condition instead")
    return required


def _text_rules(reader: Reader, component: Mapping[str, Any], validate: Mapping[str, Any]) -> Rules:
    cap = LONGEST_AREA if component["type"] == "textarea" else LONGEST_LINE
    check = validate.get("validationType")
    if check not in (None, "", "custom", "email", "phone"):
        reader.refuse(component, f"its validation type “{str(check)[:40]}” is not email, phone or custom")
    pattern = _pattern(reader, component, validate.get("pattern")) if check not in ("email", "phone") else None
    if pattern:
        cap = MAX_SUBJECT
    longest = _whole(reader, component, validate.get("maxLength"), 1, cap, "maxLength")
    shortest = _whole(reader, component, validate.get("minLength"), 0, cap, "minLength") or 0
    if shortest > (longest or cap):
        reader.refuse(component, "its minLength is greater than its maxLength")
    return Rules(
        required=_required(reader, component, validate), min_length=shortest, max_length=longest or cap,
        pattern=pattern, check=check if check in ("email", "phone") else None,
    )


def _pattern(reader: Reader, component: Mapping[str, Any], text: Any) -> re.Pattern[str] | None:
    if not text:
        return None
    if not isinstance(text, str):
        reader.refuse(component, "its pattern must be text")
    try:
        return compile_pattern(text)
    except UnsafePattern as problem:
        reader.refuse(component, f"its pattern cannot be used: {problem}")


def _number_rules(reader: Reader, component: Mapping[str, Any], validate: Mapping[str, Any]) -> Rules:
    least = reader.limit(component, validate.get("min"), "its minimum")
    most = reader.limit(component, validate.get("max"), "its maximum")
    if least and most and least.constant is not None and most.constant is not None and least.constant > most.constant:
        reader.refuse(component, "its minimum is greater than its maximum")
    step = reader.limit(component, component.get("increment"), "its increment")
    if step and (step.constant is None or step.constant <= 0):
        reader.refuse(component, "its increment must be a number above 0")
    return Rules(
        required=_required(reader, component, validate), minimum=least, maximum=most,
        decimal_digits=_whole(reader, component, component.get("decimalDigits"), 0, 20, "decimalDigits"),
        increment=step.constant if step else None,
    )


def _date_rules(
    reader: Reader, component: Mapping[str, Any], validate: Mapping[str, Any], properties: Mapping[str, str]
) -> Rules:
    least: Limit | None = None
    if properties.get("min"):
        least = Limit(properties["min"], expression=reader.expression(component, properties["min"], "its earliest day"))
    elif component.get("disallowPassedDates") is True:
        least = Limit("today()", expression=reader.expression(component, "today()", "its earliest day"))
    most = None
    if properties.get("max"):
        most = Limit(properties["max"], expression=reader.expression(component, properties["max"], "its latest day"))
    return Rules(required=_required(reader, component, validate), minimum=least, maximum=most)


def _whole(
    reader: Reader, component: Mapping[str, Any], value: Any, least: int, most: int, what: str
) -> int | None:
    if value is None or value == "":
        return None
    text = str(value).strip()
    if isinstance(value, bool) or not re.fullmatch(r"\d{1,6}", text, re.ASCII) or not least <= int(text) <= most:
        reader.refuse(component, f"“{what}” must be a whole number from {least:,} to {most:,}")
    return int(text)
