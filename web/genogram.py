"""A family's picture: where each shape, name and line of it stands. The template draws it; a list says the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Final

from engine.queries.family_tree import Kinsman

CELL: Final = 150
"""Units that each person takes in a row."""
ROW: Final = 130
SIZE: Final = 22
"""Half of a shape's width."""
_TOP: Final = 40
_LEADING: Final = 17
_LONGEST: Final = 20
"""Letters of a line of a name that fit into a cell."""


@dataclass(frozen=True, slots=True)
class Figure:
    """Somebody at (x, y): square for a male, round for a female, a diamond where nobody knows; `lines` of the name."""

    kinsman: Kinsman
    x: int
    y: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A line from one point to another."""

    x1: int
    y1: int
    x2: int
    y2: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """The whole picture, in units of its own."""

    width: int
    height: int
    figures: tuple[Figure, ...]
    lines: tuple[Line, ...]


def drawn(kin: Sequence[Kinsman]) -> Drawing:
    """Place everybody of `kin` (by row): rows centred, each row joined to the one below it that has somebody."""
    rows = [list(row) for _, row in groupby(kin, key=lambda each: each.row)]
    width = CELL * max((len(row) for row in rows), default=1)
    placed = [_row(row, number, width) for number, row in enumerate(rows)]
    lines = [line for upper, lower in pairwise(placed) for line in _joined(upper, lower)]
    height = _TOP + ROW * (len(rows) - 1) + SIZE + 50
    return Drawing(width, height, tuple(each for row in placed for each in row), tuple(lines))


def _row(row: Sequence[Kinsman], number: int, width: int) -> list[Figure]:
    left = (width - CELL * len(row)) // 2 + CELL // 2
    y = _TOP + ROW * number
    return [Figure(each, left + CELL * place, y, _lines(each.name)) for place, each in enumerate(row)]


def _joined(upper: Sequence[Figure], lower: Sequence[Figure]) -> list[Line]:
    """Draw a bar between two rows, with a line to each who is related."""
    above = [each for each in upper if each.kinsman.related]
    below = [each for each in lower if each.kinsman.related]
    if not above or not below:
        return []
    bar = below[0].y - SIZE - 14
    ends = [each.x for each in (*above, *below)]
    ups = [Line(each.x, each.y + SIZE + 9 + _LEADING * len(each.lines), each.x, bar) for each in above]
    downs = [Line(each.x, bar, each.x, each.y - SIZE) for each in below]
    return [*ups, Line(min(ends), bar, max(ends), bar), *downs]


def _lines(name: str) -> tuple[str, ...]:
    """Break a name into at most two lines that fit, the last shortened where it does not."""
    lines = [""]
    for word in name.split():
        if lines[-1] and len(f"{lines[-1]} {word}") > _LONGEST:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    kept = lines[:2] if len(lines) < 3 else [lines[0], " ".join(lines[1:])]
    return tuple(each if len(each) <= _LONGEST else f"{each[: _LONGEST - 1]}…" for each in kept)
