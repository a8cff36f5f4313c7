"""Rows as a file for a spreadsheet, sent as they come: nothing but one row is held."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Final

Cell = str | int | date | None
"""What a file's cell may hold: a text, a whole number, a local day, a local time without its zone, or nothing."""
MARK: Final = "\ufeff"
"""Tells a spreadsheet that the file is UTF-8."""
_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r")


def streamed(head: Sequence[str], rows: Iterable[Iterable[Cell]], *, mark: str = MARK) -> Iterator[str]:
    """Give a file's text row by row: `head` first. What a spreadsheet would take for a formula is kept a text."""
    yield mark + _line(head)
    for row in rows:
        yield _line(row)


def _line(cells: Iterable[Cell]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow([_said(cell) for cell in cells])
    return text.getvalue()


def _said(cell: Cell) -> str:
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(_FORMULAS) else cell
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="minutes")
    return cell.isoformat() if isinstance(cell, date) else str(cell)
