"""How a guide is written: a small part of Markdown, read into blocks of words that a page can show safely.

    # Title
    for: practitioners, managers
    superseded: what has taken its place, in a sentence

    ## Heading {#anchor}
    A paragraph, with **strong words** and [a link](https://example.org).
    - a point           1. a step
    ### A smaller heading
    source: who said it | where | when

Links lead to https, to a telephone or to a mail address; anything else stays words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

from engine.errors import Invalid

LONGEST: Final = 200_000
"""Characters of a guide: a book of a hundred pages."""
MOST_SECTIONS: Final = 200
Kind = Literal["paragraph", "points", "steps", "heading"]
_HEADING = re.compile(r"(#{1,6})\s+(.+?)(?:\s+\{#([a-z0-9][a-z0-9-]{0,60})\})?\s*#*")
_POINT = re.compile(r"(?:[-*•]|(\d{1,3})[.)])\s+(.+)")
_FACT = re.compile(r"(for|superseded|source):\s*(.+)", re.IGNORECASE)
_INLINE = re.compile(r"\*\*(?P<strong>[^*]+)\*\*|\[(?P<words>[^\]]+)\]\((?P<href>[^)\s]+)\)")
_SAFE = re.compile(r"https://[^\s\"'<>]+|tel:[0-9+ ]+|mailto:[^\s\"'<>@]+@[^\s\"'<>@]+")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Span:
    """Words of a line: plain, strong, or a link to `href`."""

    text: str
    strong: bool = False
    href: str = ""


Line = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph or smaller heading of one line, or a list of several."""

    kind: Kind
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """Who said what a section says; `where` is its address or "", `dated` a year or a day in words, or ""."""

    who: str
    where: str
    dated: str


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a guide with its own heading and address."""

    anchor: str
    heading: str
    blocks: tuple[Block, ...]
    sources: tuple[Source, ...]

    @property
    def text(self) -> str:
        """Return all its words, for searching."""
        return " ".join("".join(span.text for span in line) for block in self.blocks for line in block.lines)


@dataclass(frozen=True, slots=True)
class Guide:
    """A guide. `audience` says whom it is for; `superseded` what has taken its place, "" when nothing has."""

    key: str
    title: str
    audience: tuple[str, ...]
    superseded: str
    sections: tuple[Section, ...]

    def section(self, anchor: str) -> Section | None:
        """Return the section with an address."""
        return next((each for each in self.sections if each.anchor == anchor), None)


def read_guide(key: str, text: str, *, title: str = "") -> Guide:
    """Return the guide that a text writes; `title` is its title when its first line gives none.

    Raises `Invalid` (field `text`) for one that is empty, too long, or without a title.
    """
    if len(text) > LONGEST:
        raise Invalid(f"This text is too long: at most {LONGEST:,} characters", field="text")
    reading = _Reading(title=title)
    for line in _CONTROLS.sub("", text.removeprefix("\ufeff")).splitlines():
        reading.take(line.strip())
    sections = tuple(reading.sections())
    if not sections:
        raise Invalid("This text says nothing", field="text")
    if not reading.title:
        raise Invalid("Enter a title, or begin the text with # and the title", field="title")
    return Guide(key, reading.title, tuple(reading.audience), reading.superseded, sections)


@dataclass(slots=True)
class _Part:
    anchor: str
    heading: str
    blocks: list[Block] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)


@dataclass(slots=True)
class _Reading:
    title: str = ""
    titled: bool = False
    audience: list[str] = field(default_factory=list)
    superseded: str = ""
    parts: list[_Part] = field(default_factory=list)
    run: tuple[Kind, list[str]] | None = None

    def take(self, line: str) -> None:
        """Read one more line."""
        if not line:
            return self._end_run()
        if heading := _HEADING.fullmatch(line):
            return self._heading(len(heading[1]), heading[2].strip(), heading[3] or "")
        if fact := _FACT.fullmatch(line):
            return self._fact(fact[1].lower(), fact[2].strip())
        if point := _POINT.fullmatch(line):
            return self._say("steps" if point[1] else "points", point[2], new=True)
        self._say("paragraph", line, new=False)

    def sections(self) -> Iterator[Section]:
        """Give what was read; a part without words is left out."""
        self._end_run()
        for part in self.parts[:MOST_SECTIONS]:
            if part.blocks or part.sources:
                yield Section(part.anchor, part.heading, tuple(part.blocks), tuple(part.sources))

    def _heading(self, level: int, words: str, anchor: str) -> None:
        self._end_run()
        if level == 1 and not self.titled:
            self.title, self.titled = words, True
        elif level <= 2:
            self.parts.append(_Part(self._free(anchor or _slug(words)), words))
        else:
            self._part.blocks.append(Block("heading", (_spans(words),)))

    def _fact(self, name: str, said: str) -> None:
        self._end_run()
        if name == "for":
            self.audience = [each.strip() for each in said.split(",") if each.strip()]
        elif name == "superseded":
            self.superseded = said
        else:
            who, where, dated = (*(each.strip() for each in said.split("|")), "", "")[:3]
            self._part.sources.append(Source(who, where if _SAFE.fullmatch(where) else "", dated))

    def _say(self, kind: Kind, words: str, *, new: bool) -> None:
        if self.run is not None and not new:
            self.run[1][-1] += f" {words}"  # a line that goes on: of a paragraph, or of a point
        elif self.run is not None and self.run[0] == kind:
            self.run[1].append(words)
        else:
            self._end_run()
            self.run = (kind, [words])

    def _end_run(self) -> None:
        if self.run is not None:
            kind, lines = self.run
            self._part.blocks.append(Block(kind, tuple(map(_spans, lines))))
            self.run = None

    @property
    def _part(self) -> _Part:
        if not self.parts:
            self.parts.append(_Part("about", "About this guide"))
        return self.parts[-1]

    def _free(self, anchor: str) -> str:
        taken, number, free = {part.anchor for part in self.parts}, 2, anchor
        while free in taken:
            free, number = f"{anchor}-{number}", number + 1
        return free


def _slug(words: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")[:60] or "part"


def _spans(words: str) -> Line:
    spans: list[Span] = []
    at = 0
    for found in _INLINE.finditer(words):
        spans.append(Span(words[at : found.start()]))
        href = found["href"] or ""
        if found["strong"]:
            spans.append(Span(found["strong"], strong=True))
        elif _SAFE.fullmatch(href):
            spans.append(Span(found["words"], href=href))
        else:
            spans.append(Span(found["words"]))
        at = found.end()
    spans.append(Span(words[at:]))
    return tuple(span for span in spans if span.text)
