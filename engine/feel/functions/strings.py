"""Built-ins on strings. Places count from 1; a character is one Unicode code point."""

from __future__ import annotations

from decimal import Decimal

from engine.errors import BudgetExceeded
from engine.feel.environment import Runtime
from engine.feel.functions.registry import define
from engine.feel.patterns import Match, PatternError, Program, compile_pattern, find_all, search
from engine.feel.values import Value


@define("substring", "string:string", "start position:number", "length:number=")
def _substring(_: Runtime, text: str, start: Decimal, length: Decimal | None = None) -> Value:
    place = int(start) if abs(start) < 10**15 else 0
    if place == 0 or abs(place) > max(len(text), 1):
        return None
    begin = place - 1 if place > 0 else max(len(text) + place, 0)
    if length is None:
        return text[begin:]
    return text[begin : begin + min(int(length), len(text))] if length >= 1 else None


@define("string length", "string:string")
def _string_length(_: Runtime, text: str) -> Value:
    return Decimal(len(text))


@define("upper case", "string:string")
def _upper_case(runtime: Runtime, text: str) -> Value:
    runtime.check_string(len(text))
    return text.upper()


@define("lower case", "string:string")
def _lower_case(runtime: Runtime, text: str) -> Value:
    runtime.check_string(len(text))
    return text.lower()


@define("substring before", "string:string", "match:string")
def _substring_before(_: Runtime, text: str, match: str) -> Value:
    place = text.find(match)
    return text[:place] if place > 0 else ""


@define("substring after", "string:string", "match:string")
def _substring_after(_: Runtime, text: str, match: str) -> Value:
    place = text.find(match)
    return text[place + len(match) :] if place >= 0 else ""


@define("contains", "string:string", "match:string")
def _contains(_: Runtime, text: str, match: str) -> Value:
    return match in text


@define("starts with", "string:string", "match:string")
def _starts_with(_: Runtime, text: str, match: str) -> Value:
    return text.startswith(match)


@define("ends with", "string:string", "match:string")
def _ends_with(_: Runtime, text: str, match: str) -> Value:
    return text.endswith(match)


@define("string join", "list:list", "delimiter:string?=")
def _string_join(runtime: Runtime, items: list[Value], delimiter: str | None = None) -> Value:
    parts = [item for item in items if item is not None]
    if not all(type(part) is str for part in parts):
        return None
    glue = delimiter or ""
    runtime.check_string(sum(map(len, parts)) + len(glue) * len(parts))
    return glue.join(parts)


@define("matches", "input:string", "pattern:string", "flags:string?=")
def _matches(runtime: Runtime, text: str, pattern: str, flags: str | None = None) -> Value:
    program = _program(runtime, pattern, flags)
    return None if program is None else search(program, text, 0, runtime.spend) is not None


@define("replace", "input:string", "pattern:string", "replacement:string", "flags:string?=")
def _replace(
    runtime: Runtime, text: str, pattern: str, replacement: str, flags: str | None = None
) -> Value:
    program = _program(runtime, pattern, flags)
    if program is None or _matches_nothing(program):
        return None
    template = [replacement] if "q" in (flags or "") else _template(replacement, program.groups)
    if template is None:
        return None
    done, place, length = [], 0, 0
    for match in find_all(program, text, runtime.spend):
        start, end = _ends(match, 0)
        done += [text[place:start], *(_filled(part, text, match) for part in template)]
        length += sum(map(len, done[-len(template) - 1 :]))
        runtime.check_string(length)
        place = end
    return "".join(done) + text[place:]


@define("split", "string:string", "delimiter:string")
def _split(runtime: Runtime, text: str, delimiter: str) -> Value:
    program = _program(runtime, delimiter, None)
    if program is None or _matches_nothing(program):
        return None
    parts, place = [], 0
    for match in find_all(program, text, runtime.spend):
        start, end = _ends(match, 0)
        parts.append(text[place:start])
        place = end
    return [*parts, text[place:]]


def _program(runtime: Runtime, pattern: str, flags: str | None) -> Program | None:
    limit = runtime.budget.pattern_length
    if len(pattern) > limit:
        raise BudgetExceeded("A pattern is too long", limit=limit, what="pattern")
    try:
        return compile_pattern(pattern, "".join(sorted(set(flags or ""))))
    except PatternError as error:
        runtime.warn("pattern", f"This is no pattern: {error}")
        return None


def _matches_nothing(program: Program) -> bool:
    """Say whether the pattern matches text of no length, where replacing and splitting have no meaning."""
    return search(program, "") is not None


def _ends(match: Match, group: int) -> tuple[int, int]:
    low, high = match[2 * group], match[2 * group + 1]
    return (0, 0) if low is None or high is None else (low, high)


def _template(replacement: str, groups: int) -> list[str | int] | None:
    """Return the replacement's pieces: text, and the numbers of groups written `$1`."""
    parts: list[str | int] = []
    place = 0
    while place < len(replacement):
        sign, follower = replacement[place], replacement[place + 1 : place + 2]
        place += 2
        if sign == "\\":
            if follower not in ("\\", "$"):
                return None
            parts.append(follower)
        elif sign == "$":
            if not (follower.isascii() and follower.isdigit()):
                return None
            number = int(follower)
            # Further digits belong to the number for as long as there are so many groups.
            while replacement[place : place + 1].isdecimal() and number * 10 + int(replacement[place]) <= groups:
                number = number * 10 + int(replacement[place])
                place += 1
            parts.append(number)
        else:
            place -= 1
            parts.append(sign)
    return parts


def _filled(part: str | int, text: str, match: Match) -> str:
    if isinstance(part, str):
        return part
    if 2 * part >= len(match):
        return ""
    low, high = _ends(match, part)
    return text[low:high]

