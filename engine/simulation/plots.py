"""Small SVG plots, drawn here: lines and bars with their words beside them. Each has a table of the same figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, log10

WIDTH, HEIGHT = 720, 260
LEFT, RIGHT, TOP, BOTTOM = 48, 150, 14, 34
_STEP = 87
"""How wide the name of a step may be."""
COLOURS = ("#1d70b8", "#d4351c", "#00703c", "#f47738", "#4c2c92", "#505a5f", "#b58840", "#28a197")
"""Told apart by their words at the end of each line too, never by colour alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """Figures over the same steps: `series` by name, one value a step, None where there is none.

    `stacked` bars, or lines. `names` of its `width` is left for the words at the ends of lines.
    """

    title: str
    words: str
    steps: Sequence[str]
    series: Mapping[str, Sequence[float | None]]
    stacked: bool = False
    unit: str = ""
    width: int = WIDTH
    names: int = RIGHT

    def figure(self) -> str:
        """Return the plot with its title, words and table as HTML."""
        return (
            f"<section><h2>{escape(self.title)}</h2><p>{escape(self.words)}</p>"
            f"<figure>{self._svg()}</figure><details><summary>The figures as a table</summary>"
            f"{self._table()}</details></section>"
        )

    def _svg(self) -> str:
        top = _round_up(self._highest())
        drawn = self._bars(top) if self.stacked else self._lines(top)
        inside = [_grid(top, self._end), _steps(self.steps, self._end), *drawn]
        label = escape(f"{self.title}. {self.words}", quote=True)
        return (
            f'<svg viewBox="0 0 {self.width} {HEIGHT}" role="img" aria-label="{label}" '
            f'xmlns="http://www.w3.org/2000/svg">{"".join(inside)}</svg>'
        )

    @property
    def _end(self) -> int:
        return self.width - self.names

    def _highest(self) -> float:
        known = ([value or 0 for value in values] for values in self.series.values())
        columns = zip(*known, strict=True) if self.series else ()
        return max((sum(column) if self.stacked else max(column) for column in columns), default=0)

    def _lines(self, top: float) -> list[str]:
        found, taken = [], [0.0]
        for number, (name, values) in enumerate(self.series.items()):
            colour = COLOURS[number % len(COLOURS)]
            for part in _unbroken(values):
                places = ((_x(step, len(values), self._end), _y(value, top)) for step, value in part)
                points = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
                found.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
            last = next((value for value in reversed(values) if value is not None), 0)
            found.append(_label(name, colour, _free(_y(last, top), taken), self._end))
        return found

    def _bars(self, top: float) -> list[str]:
        found: list[str] = []
        below = [0.0] * len(self.steps)
        wide = (self._end - LEFT) / max(1, len(self.steps))
        for number, (name, values) in enumerate(self.series.items()):
            colour = COLOURS[number % len(COLOURS)]
            for index, value in enumerate(value or 0 for value in values):
                high, low = _y(below[index] + value, top), _y(below[index], top)
                below[index] += value
                if value:
                    found.append(
                        f'<rect x="{LEFT + index * wide:.1f}" y="{high:.1f}" width="{max(1.0, wide - 1.5):.1f}" '
                        f'height="{low - high:.1f}" fill="{colour}"/>'
                    )
            if len(self.series) > 1:
                found.append(_label(name, colour, TOP + 12 + number * 16, self._end))
        return found

    def _cell(self, value: float | None) -> str:
        return "–" if value is None else f"{_number(value)}{escape(self.unit)}"

    def _table(self) -> str:
        head = "".join(f'<th scope="col">{escape(name)}</th>' for name in ("", *self.series))
        rows = (
            f'<tr><th scope="row">{escape(step)}</th>'
            + "".join(f"<td>{self._cell(values[index])}</td>" for values in self.series.values())
            + "</tr>"
            for index, step in enumerate(self.steps)
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _unbroken(values: Sequence[float | None]) -> list[list[tuple[int, float]]]:
    """Return the stretches of a line that have a value at every step; one of a single step is drawn as a point."""
    found: list[list[tuple[int, float]]] = [[]]
    for step, value in enumerate(values):
        if value is not None:
            found[-1].append((step, value))
        elif found[-1]:
            found.append([])
    return [part if len(part) > 1 else part * 2 for part in found if part]


def table(heading: str, columns: Sequence[str], rows: Sequence[Sequence[str | int]]) -> str:
    """Return a section with a table; the first column names the rows. Without a heading, the table alone."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in columns)
    body = "".join(
        f'<tr><th scope="row">{escape(str(row[0]))}</th>'
        + "".join(f"<td>{_number(cell) if isinstance(cell, int) else escape(cell)}</td>" for cell in row[1:])
        + "</tr>"
        for row in rows
    )
    found = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f"<section><h2>{escape(heading)}</h2>{found}</section>" if heading else found


def _grid(top: float, end: int) -> str:
    lines = []
    for part in range(5):
        value = top * part / 4
        height = _y(value, top)
        lines.append(f'<line x1="{LEFT}" y1="{height:.1f}" x2="{end}" y2="{height:.1f}" stroke="#b1b4b6"/>')
        lines.append(f'<text x="{LEFT - 6}" y="{height + 4:.1f}" text-anchor="end">{_number(value)}</text>')
    return "".join(lines)


def _steps(steps: Sequence[str], end: int) -> str:
    every = max(1, ceil(len(steps) / max(3, (end - LEFT) // _STEP)))
    wide = (end - LEFT) / max(1, len(steps))
    return "".join(
        f'<text x="{LEFT + (index + 0.5) * wide:.1f}" y="{HEIGHT - 12}" text-anchor="middle">{escape(step)}</text>'
        for index, step in enumerate(steps)
        if index % every == 0
    )


def _label(name: str, colour: str, height: float, end: int) -> str:
    x = end + 8
    return (
        f'<rect x="{x}" y="{height - 8:.1f}" width="9" height="9" fill="{colour}"/>'
        f'<text x="{x + 14}" y="{height:.1f}">{escape(name)}</text>'
    )


def _free(height: float, taken: list[float]) -> float:
    """Return a height near the wanted one at which no other label stands."""
    height += 4
    while any(abs(height - other) < 15 for other in taken):
        height += 3
    taken.append(height)
    return height


def _x(index: int, count: int, end: int) -> float:
    return LEFT + (index + 0.5) * (end - LEFT) / max(1, count)


def _y(value: float, top: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top


def _round_up(value: float) -> float:
    """Return a round number, 4 or more, that a scale of four parts can end with."""
    if value <= 4:
        return 4
    size = float(10 ** int(log10(value)))
    return next(step * size for step in (1, 2, 4, 6, 8, 10) if step * size >= value)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"
