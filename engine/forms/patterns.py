"""Compile the pattern of a form field, refusing those that could run for ever on a hostile answer.

Python's matcher backtracks. A pattern is refused when a repeated group holds a choice (another repeat or
an alternative), when it has more than three open-ended repeats, or when its bounded repeats multiply to
more than `MAX_CHOICES`; a field with a pattern takes at most `MAX_SUBJECT` characters. What is left is
polynomial and small.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

MAX_PATTERN = 300
MAX_SUBJECT = 200
MAX_OPEN_REPEATS = 3
MAX_CHOICES = 10_000
_REPEAT = re.compile(r"\*|\+|\?|\{(\d+)(,?)(\d*)\}")
_CLASS = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)


class UnsafePattern(ValueError):
    """The pattern is malformed or too costly; the message says what to change."""


@dataclass(slots=True)
class _Group:
    varies: bool = False
    alternatives: bool = False


@dataclass(slots=True)
class _Cost:
    open_repeats: int = 0
    choices: int = 1
    groups: list[_Group] = field(default_factory=lambda: [_Group()])


def compile_pattern(text: str) -> re.Pattern[str]:
    """Return `text` compiled. Raises `UnsafePattern`."""
    if len(text) > MAX_PATTERN:
        raise UnsafePattern(f"it is longer than {MAX_PATTERN} characters")
    try:
        compiled = re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        raise UnsafePattern(f"it is not a regular expression ({error})") from error
    _check(text)
    return compiled


def _check(text: str) -> None:
    cost, position, closed = _Cost(), 0, None
    while position < len(text):
        repeat = _REPEAT.match(text, position) if position else None
        if repeat:
            _count(cost, repeat, closed)
            position = repeat.end()
            # A lazy or possessive mark belongs to the repeat before it.
            position += text[position:position + 1] in ("?", "+")
            closed = None
        else:
            position, closed = _step(cost, text, position)


def _step(cost: _Cost, text: str, position: int) -> tuple[int, _Group | None]:
    character = text[position]
    if character == "\\":
        if text[position + 1:position + 2].isdigit() and text[position + 1] != "0":
            raise UnsafePattern("it refers back to a group; write the pattern without \\1")
        return position + 2, None
    if character == "[":
        found = _CLASS.match(text, position)
        return (found.end() if found else position + 1), None
    if character == "(":
        if text.startswith(("(?=", "(?!", "(?<", "(?P", "(?("), position):
            raise UnsafePattern("it looks ahead or behind or names a group; use plain groups")
        cost.groups.append(_Group())
        return position + (3 if text.startswith("(?:", position) else 1), None
    if character == ")" and len(cost.groups) > 1:
        group = cost.groups.pop()
        cost.groups[-1].varies |= group.varies or group.alternatives
        return position + 1, group
    if character == "|":
        cost.groups[-1].alternatives = True
        cost.choices *= 2
    return position + 1, None


def _count(cost: _Cost, repeat: re.Match[str], closed: _Group | None) -> None:
    least, most = _bounds(repeat)
    if closed and (closed.varies or closed.alternatives) and most != 1:
        raise UnsafePattern("a repeated group holds another repeat or an alternative; use a character class like [ab]+")
    if least == most:
        return
    cost.groups[-1].varies = True
    if most is None:
        cost.open_repeats += 1
    else:
        cost.choices *= most - least + 1
    if cost.open_repeats > MAX_OPEN_REPEATS or cost.choices > MAX_CHOICES:
        raise UnsafePattern("it has too many repeats; use fixed counts like {3}")


def _bounds(repeat: re.Match[str]) -> tuple[int, int | None]:
    fixed = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(repeat.group())
    if fixed:
        return fixed
    least = int(repeat[1])
    if not repeat[2]:
        return least, least
    return least, (int(repeat[3]) if repeat[3] else None)
