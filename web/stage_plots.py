"""How long cases were at each stage, drawn on the server: a bar to the median, a line on to the 90th percentile."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

from engine.queries.stage_times import StageTime

WIDTH: Final = 340
"""As wide as a phone shows without making it smaller."""
_ROW, _RIGHT = 46, 110


def stage_plot(stages: Sequence[StageTime]) -> str:
    """Return the plot as SVG; a table beside it says the same."""
    longest = max((each.ninetieth for each in stages), default=0) or 1
    height = _ROW * len(stages)
    rows = "".join(_row(each, number, longest) for number, each in enumerate(stages))
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="Working days at each stage; '
        f'the table below says the same" xmlns="http://www.w3.org/2000/svg">{rows}</svg>'
    )


def _row(each: StageTime, number: int, longest: int) -> str:
    top = number * _ROW
    middle = top + 28
    median, most = ((WIDTH - _RIGHT) * days / longest for days in (each.median, each.ninetieth))
    return (
        f'<text x="0" y="{top + 14}">{escape(each.stage)}</text>'
        f'<line x1="0" y1="{middle}" x2="{most:.1f}" y2="{middle}" stroke="#505a5f" stroke-width="3"/>'
        f'<rect x="0" y="{middle - 7}" width="{max(2.0, median):.1f}" height="14" fill="#1d70b8"/>'
        f'<text x="{max(most, 2) + 8:.1f}" y="{middle + 5}">{each.median}, at most {each.ninetieth}</text>'
    )
