"""A list as a file to take away: CSV or Excel, the same rows and cells in both, streamed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import wraps
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, g

from web import csv_rows, workbooks
from web.csv_rows import Cell
from web.workbooks import Sheet

KINDS: Final = ("csv", "xlsx")
ZONE: Final = "{zone}"
"""Stands in a heading over times of day for the place whose time they are: "When ({zone} time)"."""
View = TypeVar("View", bound=Callable[..., Any])


def both(blueprint: Blueprint, path: str) -> Callable[[View], View]:
    """Route `path` with .csv and with .xlsx to a view, which is given the `kind`; without one an address is a CSV's.

    In an address it is the `file_kind`: what was chosen of a list may have a kind of its own.
    """

    def routed(view: View) -> View:
        @wraps(view)
        def given(file_kind: str, **values: Any) -> Any:
            return view(kind=file_kind, **values)

        for kind in KINDS:
            blueprint.add_url_rule(f"{path}.{kind}", view_func=given, defaults={"file_kind": kind})
        return view

    return routed


def listed(name: str, kind: str, head: Sequence[str], rows: Iterable[Iterable[Cell]]) -> Response:
    """Return a list as a file of one of `KINDS`; `name` must say nothing of anybody: it stays in a downloads folder.

    Instants become times of the authority's own zone, which a spreadsheet can put in order; `head` names it at `ZONE`.
    """
    place = str(g.zone).rpartition("/")[2].replace("_", " ")
    head, rows = [each.replace(ZONE, place) for each in head], _local(rows, g.zone)
    if kind == "xlsx":
        return workbook(name, [Sheet(name.replace("-", " ").capitalize(), head, rows)])
    return _sent(csv_rows.streamed(head, rows), "text/csv", f"{name}.csv")


def _local(rows: Iterable[Iterable[Cell]], zone: ZoneInfo) -> Iterator[list[Cell]]:
    for row in rows:
        yield [each.astimezone(zone).replace(tzinfo=None) if isinstance(each, datetime) else each for each in row]


def workbook(name: str, sheets: Sequence[Sheet]) -> Response:
    """Return sheets as one Excel file."""
    return _sent(workbooks.streamed(sheets), workbooks.TYPE, f"{name}.xlsx")


def _sent(parts: Iterator[str] | Iterator[bytes], media_type: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(parts, mimetype=media_type, headers=headers)
