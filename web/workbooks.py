"""Rows as an Excel file: days are days and numbers are numbers, the head stays in sight, nothing is a formula.

A file is written to the disk row by row and sent from there, so that a long list is never held whole.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, TYPE_CHECKING, Any, Final

from web.csv_rows import Cell

if TYPE_CHECKING:
    from openpyxl import Workbook

TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST: Final = 32_767
"""Characters that Excel lets a cell hold."""
MOST_ROWS: Final = 1_048_575
"""Rows that Excel lets a sheet hold below its head."""
_NARROWEST, _WIDEST = 12, 48
_PART: Final = 64 * 1024
_NOT_IN_XML: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_NOT_IN_TITLES: Final = re.compile(r"[\[\]:*?/\\]")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a file: its title, its head, its rows. A title is cut to the 31 characters that Excel allows."""

    title: str
    head: Sequence[str]
    rows: Iterable[Iterable[Cell]]


def streamed(sheets: Sequence[Sheet]) -> Iterator[bytes]:
    """Give the bytes of a file of these sheets, part by part; rows beyond what a sheet can hold go on in another."""
    # Takes a while to load, and few ask for a file.
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for sheet in sheets:
        _write(book, sheet)
    with tempfile.TemporaryFile() as kept:
        book.save(kept)
        yield from _parts(kept)


def _parts(kept: IO[bytes]) -> Iterator[bytes]:
    kept.seek(0)
    while part := kept.read(_PART):
        yield part


def _write(book: Workbook, sheet: Sheet) -> None:
    rows, number = iter(sheet.rows), 1
    page = _page(book, sheet, "")
    for written, row in enumerate(rows, start=1):
        if written > number * MOST_ROWS:
            number += 1
            page = _page(book, sheet, f" {number}")
        page.append([_cell(page, each) for each in row])


def _page(book: Workbook, sheet: Sheet, more: str) -> Any:
    from openpyxl.styles import Font

    page = book.create_sheet(_NOT_IN_TITLES.sub(" ", sheet.title)[: 31 - len(more)] + more)
    page.freeze_panes = "A2"
    for place, name in enumerate(sheet.head):
        page.column_dimensions[_letters(place)].width = min(_WIDEST, max(_NARROWEST, len(name) + 4))
    cells = [_cell(page, name) for name in sheet.head]
    for cell in cells:
        cell.font = Font(bold=True)
    page.append(cells)
    return page


def _letters(place: int) -> str:
    from openpyxl.utils import get_column_letter

    letters: str = get_column_letter(place + 1)
    return letters


def _cell(page: Any, value: Cell) -> Any:
    from openpyxl.cell import WriteOnlyCell

    if not isinstance(value, str):
        cell = WriteOnlyCell(page, value=value)
        if isinstance(value, date):
            cell.number_format = "dd/mm/yyyy hh:mm" if isinstance(value, datetime) else "dd/mm/yyyy"
        return cell
    cell = WriteOnlyCell(page, value=_NOT_IN_XML.sub("", value)[:LONGEST])
    # Set after the value: a text that begins with = would be taken for a formula, #N/A for an error.
    cell.data_type = "s"
    return cell
