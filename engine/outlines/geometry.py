"""Places and lines in a drawing: what overlaps, what is led through what, and how ill a line would lie."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

SAME: Final = 2.0
"""What is not farther apart than this lies on one line."""
Axis = Literal["x", "y"]


@dataclass(frozen=True, slots=True)
class Box:
    """A place in the drawing."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Return where it ends."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Return where it ends below."""
        return self.y + self.height

    @property
    def middle(self) -> tuple[float, float]:
        """Return its centre."""
        return self.x + self.width / 2, self.y + self.height / 2

    def spans(self, axis: Axis, cut: float) -> bool:
        """Say whether it lies on both sides of a line."""
        return self.x <= cut < self.right if axis == "x" else self.y <= cut < self.bottom

    def holds(self, point: tuple[float, float]) -> bool:
        """Say whether a point lies in it."""
        return self.spans("x", point[0]) and self.spans("y", point[1])

    def meets(self, other: Box, margin: float = 0) -> bool:
        """Say whether two places overlap, or lie nearer than `margin`."""
        return (
            self.x < other.right + margin and other.x < self.right + margin
            and self.y < other.bottom + margin and other.y < self.bottom + margin
        )  # fmt: skip


Point = tuple[float, float]


def segments(points: list[Point]) -> Iterator[Box]:
    for (ax, ay), (bx, by) in pairwise(points):
        yield Box(min(ax, bx), min(ay, by), abs(ax - bx), abs(ay - by))


def crosses(points: list[Point], box: Box) -> bool:
    """Say whether a line goes through a place; one that only touches its edge does not."""
    return any(segment.meets(box, -1) for segment in segments(points))


def cost(way: list[Point], steps: list[Box], lines: list[Box]) -> float:
    """Say how ill a line would lie: through steps worst, then on other lines, across them, with corners, and long."""
    mine = list(segments(way))
    through = sum(crosses(way, box) for box in steps)
    on_others = sum(_lies_on(segment, line) for segment in mine for line in lines)
    across = sum(segment.meets(line, 1) for segment in mine for line in lines)
    length = sum(segment.width + segment.height for segment in mine)
    return through * 10_000 + on_others * 400 + across * 100 + len(mine) * 60 + length


def _lies_on(one: Box, other: Box) -> bool:
    flat = one.height <= SAME and other.height <= SAME and abs(one.y - other.y) < 8
    steep = one.width <= SAME and other.width <= SAME and abs(one.x - other.x) < 8
    along = one.x < other.right and other.x < one.right if flat else one.y < other.bottom and other.y < one.bottom
    return (flat or steep) and along
