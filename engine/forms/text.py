"""The words of a form's text components: a small, safe part of Markdown, with FEEL between braces.

`{{expression}}` stands for a value; a text that begins with `=` is one expression. Markdown is read
before values are put in, so that a value can never become a link or a heading.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Literal
from zoneinfo import ZoneInfo

from engine.feel import Expression, to_plain
from engine.forms.conditions import Scope
from engine.forms.sentences import spoken_date

_HOLE = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_MARK = re.compile("\ue000(\\d+)\ue001")
_INLINE = re.compile(r"\*\*(?P<strong>[^*]+)\*\*|\*(?P<em>[^*\s][^*]*)\*|\[(?P<words>[^\]]+)\]\((?P<href>[^)\s]+)\)")
_SAFE_LINK = re.compile(r"(https?://|mailto:|tel:|/(?!/)|#)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Span:
    """Some words of one style; `href` for links."""

    text: str
    style: Literal["plain", "strong", "em", "link"] = "plain"
    href: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, a heading (level 2 to 4) or a list of items, each a run of spans."""

    kind: Literal["p", "h", "ul", "ol"]
    items: tuple[tuple[Span, ...], ...]
    level: int = 0


def segments(text: str, compile_part: Callable[[str], Expression]) -> tuple[str | Expression, ...]:
    """Return `text` cut at its `{{expressions}}`, these compiled by `compile_part`."""
    if text.lstrip().startswith("="):
        return (compile_part(text),)
    pieces = _HOLE.split(text.replace("\ue000", "").replace("\ue001", ""))
    return tuple(compile_part(piece) if number % 2 else piece for number, piece in enumerate(pieces) if piece)


def blocks(content: Sequence[str | Expression], scope: Scope) -> tuple[Block, ...]:
    """Return the blocks to show, values put in; a value that is null shows nothing."""
    holes = [part for part in content if not isinstance(part, str)]
    zone = scope.environment.zone
    values = [spoken(to_plain(each.evaluate(scope.variables, scope.environment)), zone=zone) for each in holes]
    number = iter(range(len(values)))
    text = "".join(part if isinstance(part, str) else f"\ue000{next(number)}\ue001" for part in content)
    return tuple(_block(chunk, values) for chunk in _chunks(text))


def spoken(value: Any, *, zone: ZoneInfo) -> str:
    """Return a plain value as a person reads it: 4 June 2026, 2:30pm in `zone`, yes; lists with commas."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        local = value.astimezone(zone) if value.tzinfo else value
        return f"{spoken_date(local.date())} at {_spoken_time(local.time())}"
    if isinstance(value, date):
        return spoken_date(value)
    if isinstance(value, time):
        return _spoken_time(value)
    if isinstance(value, list | tuple):
        return ", ".join(spoken(each, zone=zone) for each in value)
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _spoken_time(at: time) -> str:
    half = "am" if at.hour < 12 else "pm"
    return f"{(at.hour - 1) % 12 + 1}:{at.minute:02}{half}"


def _chunks(text: str) -> Iterator[list[str]]:
    """Cut the text into runs of lines that make one block each."""
    run: list[str] = []
    for line in [*text.splitlines(), ""]:
        stripped = line.strip()
        if run and (not stripped or _kind(stripped) != _kind(run[0]) or _kind(stripped) == "h"):
            yield run
            run = []
        if stripped:
            run.append(stripped)


def _kind(line: str) -> Literal["p", "h", "ul", "ol"]:
    if re.match(r"#{1,6} ", line):
        return "h"
    if re.match(r"[-*] ", line):
        return "ul"
    return "ol" if re.match(r"\d{1,3}[.)] ", line) else "p"


def _block(lines: list[str], values: Sequence[str]) -> Block:
    kind = _kind(lines[0])
    if kind == "p":
        return Block("p", (_spans(" ".join(lines), values),))
    items = tuple(_spans(line.split(" ", 1)[1], values) for line in lines)
    # The page's own heading is level 1.
    return Block(kind, items, level=min(4, max(2, len(lines[0].split(" ", 1)[0]))) if kind == "h" else 0)


def _spans(text: str, values: Sequence[str]) -> tuple[Span, ...]:
    spans, position = [], 0
    for found in _INLINE.finditer(text):
        spans.append(Span(text[position:found.start()]))
        spans.append(_styled(found))
        position = found.end()
    spans.append(Span(text[position:]))
    filled = (Span(_fill(each.text, values), each.style, each.href) for each in spans)
    return tuple(each for each in filled if each.text)


def _styled(found: re.Match[str]) -> Span:
    if found["strong"]:
        return Span(found["strong"], "strong")
    if found["em"]:
        return Span(found["em"], "em")
    # A link whose address is computed, or runs a script, is only words.
    if _SAFE_LINK.match(found["href"]) and not _MARK.search(found["href"]):
        return Span(found["words"], "link", found["href"])
    return Span(found["words"])


def _fill(text: str, values: Sequence[str]) -> str:
    return _MARK.sub(lambda mark: values[int(mark[1])], text)
