"""Rows as a file for a spreadsheet, sent as they come: nothing but one row is held."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

MARK: Final = "\ufeff"
"""Tells a spreadsheet that the file is UTF-8."""
_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r")


def streamed(head: Sequence[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Give a file's text row by row: `head` first. What a spreadsheet would take for a formula is kept a text."""
    yield MARK + _line(head)
    for row in rows:
        yield _line(row)


def _line(cells: Iterable[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow([f"'{cell}" if cell.startswith(_FORMULAS) else cell for cell in cells])
    return text.getvalue()
