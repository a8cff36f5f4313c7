"""Words looked for in guides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from engine.guidance.written import Guide, Section

AROUND: Final = 90
"""Characters shown on each side of the first word that was found."""


@dataclass(frozen=True, slots=True)
class Found:
    """A section in which every word stands, with some words around the first of them."""

    guide: Guide
    section: Section
    excerpt: str


def found(guides: Iterable[Guide], asked: str) -> list[Found]:
    """Return the sections that hold every word of `asked`, whatever the case; those with it in the heading first."""
    words = asked.casefold().split()
    if not words:
        return []
    hits = list(_hits(guides, words))
    return sorted(hits, key=lambda hit: not all(word in hit.section.heading.casefold() for word in words))


def _hits(guides: Iterable[Guide], words: list[str]) -> Iterator[Found]:
    for guide in guides:
        for section in guide.sections:
            text = section.text
            if all(word in f"{guide.title} {section.heading} {text}".casefold() for word in words):
                yield Found(guide, section, _excerpt(text, words))


def _excerpt(text: str, words: list[str]) -> str:
    lower = text.casefold()
    at = min((place for place in map(lower.find, words) if place >= 0), default=0)
    begin = text.rfind(" ", 0, max(0, at - AROUND)) + 1 if at > AROUND else 0
    end = text.find(" ", at + AROUND)
    return f"{'… ' if begin else ''}{text[begin : end if end > 0 else len(text)]}{' …' if end > 0 else ''}"
