"""Read what designers' tools write in expression slots, and say it in FEEL.

Camunda 7 and Operaton write `${...}` (or `#{...}`), Camunda 8 writes FEEL after `=`, and people write
plain text. What plain text means depends on the slot, so there is one function for each kind:

- `read_condition`, `read_expression`: plain text is FEEL (gateway conditions, collections, counts,
  completion conditions, source expressions, priorities);
- `read_assignment`, `read_candidates`: plain text is a name, or names apart by commas;
- `read_time`: ISO 8601 text is a date, a date and time, a duration or a cycle; other text is FEEL;
- `read_value`: plain text is that text, as Camunda has it for input and output parameters.

Nothing is compiled here: who reads an expression compiles it, with the functions it knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from engine.bpmn.iso_times import iso_in_feel
from engine.bpmn.juel import feel_string, translate
from engine.errors import Invalid, shown

MAX_CHARACTERS = 5_000
_NAME = re.compile(r"[\w .@'\-]+")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_LOOKS_LIKE_FEEL = re.compile(r"[a-z]\w*_\w*|.*[(){}\[\]<>=*\"].*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ReadExpression:
    """FEEL source text; `notice` tells the designer what was read into it, when it was not FEEL already."""

    feel: str
    notice: str | None = None


def read_expression(text: str) -> ReadExpression:
    """Read FEEL, with or without a leading `=`, or one `${...}`. Raises `Invalid` with advice."""
    text = _checked(text)
    if not _has_juel(text):
        return ReadExpression(_without_equals(text))
    parts = tuple(_parts(text))
    if len(parts) != 1 or not parts[0][0]:
        raise Invalid(f"{shown(text)!r} mixes ${{...}} with other text; write one FEEL expression")
    feel = translate(parts[0][1])
    return ReadExpression(feel, _translated(text, feel))


def read_condition(text: str) -> ReadExpression:
    """Read a condition: FEEL, with or without a leading `=`, or one `${...}`. Raises `Invalid` with advice."""
    return read_expression(text)


def read_assignment(text: str) -> ReadExpression:
    """Read who has a task: a name, or an expression after `=` or in `${...}`. Raises `Invalid` with advice."""
    return _read_name(_checked(text))


def read_candidates(text: str) -> ReadExpression:
    """Read who may claim a task: names and `${...}` apart by commas, or FEEL after `=` giving a name or a list.

    Plain names become a FEEL list of strings. Raises `Invalid` with advice.
    """
    text = _checked(text)
    if text.startswith("="):
        return read_expression(text)
    readings = tuple(_read_name(_checked(part)) for part in _split_commas(text))
    if not readings:
        raise Invalid(f"{shown(text)!r} names nobody; write one or more names apart by commas")
    if len(readings) == 1 and _has_juel(text):
        return readings[0]
    feel = "[" + ", ".join(reading.feel for reading in readings) + "]"
    if _has_juel(text):
        feel = f"flatten({feel})"
        return ReadExpression(feel, _translated(text, feel))
    return ReadExpression(feel)


def read_value(text: str) -> ReadExpression:
    """Read a parameter's value: an expression after `=` or in `${...}`, a number, true or false, or else text.

    Raises `Invalid` with advice when a `${...}` cannot be translated.
    """
    text = _checked(text)
    if text.startswith("="):
        return read_expression(text)
    if _has_juel(text):
        return _read_template(text)
    if _NUMBER.fullmatch(text) or text in ("true", "false", "null"):
        return ReadExpression(text)
    notice = None
    if _LOOKS_LIKE_FEEL.fullmatch(text):
        notice = f"{shown(text)!r} was read as those very words; if an expression is meant, write = in front of it"
    return ReadExpression(feel_string(text), notice)


def read_time(text: str) -> ReadExpression:
    """Read a due date or a timer: ISO 8601 text, FEEL with or without a leading `=`, or `${...}`.

    ISO text becomes `date(...)`, `date and time(...)` (no offset: local time in the authority's zone),
    `duration(...)` (weeks as days) or, for a cycle, a duration of months and days, or of 24 hours and more,
    the string itself (`"R3/PT1H"`). Raises `Invalid` with advice, also for a time without a date, cron and a
    negative duration.
    """
    text = _checked(text)
    if _has_juel(text):
        return _read_template(text)
    if text.startswith("="):
        return read_expression(text)
    return ReadExpression(iso_in_feel(text) or text)


def _checked(text: str) -> str:
    text = text.strip()
    if not text or text == "=":
        raise Invalid("the expression is empty; write one or remove the field")
    if len(text) > MAX_CHARACTERS:
        raise Invalid(f"the expression is longer than {MAX_CHARACTERS} characters; move the rule to a decision table")
    return text


def _without_equals(text: str) -> str:
    return text[1:].strip() if text.startswith("=") else text


def _has_juel(text: str) -> bool:
    return not text.startswith("=") and ("${" in text or "#{" in text)


def _translated(text: str, feel: str) -> str:
    return f"{text} was read as the FEEL expression {feel}"


def _parts(text: str) -> Iterator[tuple[bool, str]]:
    """Split into (is an expression, text) pieces; braces inside quoted strings do not count."""
    at = 0
    for found in re.finditer(r"[$#]\{((?:[^'\"}]|'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")*)\}", text, re.DOTALL):
        if text[at : found.start()]:
            yield False, text[at : found.start()]
        yield True, found[1]
        at = found.end()
    if "${" in text[at:] or "#{" in text[at:]:
        raise Invalid(f"{shown(text)!r} has a ${{ without its closing brace; close it, or write the expression in FEEL")
    if text[at:]:
        yield False, text[at:]


def _read_template(text: str) -> ReadExpression:
    parts = tuple(_parts(text))
    if len(parts) == 1:
        return read_expression(text)
    feel = " + ".join(f"string({translate(part)})" if juel else feel_string(part) for juel, part in parts)
    return ReadExpression(feel, _translated(text, feel))


def _read_name(text: str) -> ReadExpression:
    if text.startswith("="):
        return read_expression(text)
    if _has_juel(text):
        return _read_template(text)
    if not _NAME.fullmatch(text):
        raise Invalid(f"{shown(text)!r} is not a plain name; if an expression is meant, write = in front of it")
    return ReadExpression(feel_string(text))


def _split_commas(text: str) -> Iterator[str]:
    return (found[0] for found in re.finditer(r"(?:[$#]\{[^}]*\}|[^,])+", text))
