"""Read what an answer must satisfy: form-js's own `validate`, and the limits kept in `properties`.

`properties` add what form-js lacks: `min` and `max` of dates (FEEL, as `today() - duration("P6M")`),
`show_limits` to tell them beside the question, `min_rows` and `max_rows` of dynamic lists.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from engine.feel import Environment, FeelWarning, to_plain
from engine.forms.model import Limit, Rules
from engine.forms.patterns import MAX_SUBJECT, UnsafePattern, compile_pattern

if TYPE_CHECKING:
    from engine.forms.components import Reader

# Generous: a page of pasted text fits a line, a short book fits an area.
LONGEST_LINE, LONGEST_AREA = 1_000, 50_000
MOST_ROWS = 200
_SOME_DAY, _ZONE = datetime(2026, 3, 2, 12, tzinfo=UTC), ZoneInfo("Europe/London")


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
    first = properties.get("min") or ("today()" if component.get("disallowPassedDates") is True else "")
    least = _day_limit(reader, component, first, "its earliest day")
    most = _day_limit(reader, component, properties.get("max", ""), "its latest day")
    if least and most and _is_fixed(least) and _is_fixed(most) and _sample(least) > _sample(most):
        reader.refuse(component, "its earliest day is after its latest day")
    shown = properties.get("show_limits", "false").lower()
    if shown not in ("true", "false"):
        reader.refuse(component, "the property “show_limits” must be true or false")
    return Rules(
        required=_required(reader, component, validate), minimum=least, maximum=most, show_limits=shown == "true"
    )


def _day_limit(reader: Reader, component: Mapping[str, Any], text: str, what: str) -> Limit | None:
    """Return a limit that gives a day; one that never could would silently let every day through."""
    if not text:
        return None
    limit = Limit(text, expression=reader.expression(component, text, what))
    warnings: list[FeelWarning] = []
    found = _sample(limit, warnings)
    if any(each.code == "not-a-function" for each in warnings):
        reader.refuse(component, f"{what} calls a function that does not exist; write for example today()")
    if _is_fixed(limit) and not isinstance(found, date):
        reader.refuse(component, f"{what} gives no date; write for example today() or today() - duration(\"P6M\")")
    return limit


def _is_fixed(limit: Limit) -> bool:
    """Tell whether the limit depends on today only, not on other answers."""
    return limit.expression is not None and not limit.expression.names_used


def _sample(limit: Limit, warnings: list[FeelWarning] | None = None) -> Any:
    """Return what the limit gives on a day of no importance."""
    environment = Environment(now=_SOME_DAY, zone=_ZONE, warnings=[] if warnings is None else warnings)
    found = to_plain(limit.expression.evaluate({}, environment)) if limit.expression else None
    return found.date() if isinstance(found, datetime) else found


def _whole(
    reader: Reader, component: Mapping[str, Any], value: Any, least: int, most: int, what: str
) -> int | None:
    if value is None or value == "":
        return None
    text = str(value).strip()
    if isinstance(value, bool) or not re.fullmatch(r"\d{1,6}", text, re.ASCII) or not least <= int(text) <= most:
        reader.refuse(component, f"“{what}” must be a whole number from {least:,} to {most:,}")
    return int(text)
