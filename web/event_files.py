"""A log of events as tools for process mining read it: the columns of a table, or XES (IEEE 1849)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final
from xml.sax.saxutils import quoteattr

from engine.queries.event_log import LoggedEvent
from web.csv_rows import Cell

HEAD: Final = ("case:concept:name", "concept:name", "time:timestamp", "org:role", "lifecycle:transition")
"""The names that XES gives these columns: a program that knows them needs no telling which is which."""
_EXTENSIONS: Final = (
    ("Concept", "concept"), ("Time", "time"), ("Organizational", "org"), ("Lifecycle", "lifecycle"),
)  # fmt: skip
_COMPLETE: Final = "complete"


def rows(events: Iterable[LoggedEvent]) -> Iterator[list[Cell]]:
    """Give each event as the cells of `HEAD`; instants are ISO 8601 with their offset."""
    for each in events:
        yield [each.case, each.activity, each.at.isoformat(), each.role, _COMPLETE]


def xes(events: Iterable[LoggedEvent]) -> Iterator[str]:
    """Give the text of an XES file: a trace for each case, its events in order."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield '<log xes.version="1849-2016" xes.features="" xmlns="http://www.xes-standard.org/">\n'
    for name, prefix in _EXTENSIONS:
        yield f'<extension name="{name}" prefix="{prefix}" uri="http://www.xes-standard.org/{prefix}.xesext"/>\n'
    yield f'<global scope="trace">{_text("concept:name", "case")}</global>\n'
    yield f'<global scope="event">{_text("concept:name", "event")}</global>\n'
    yield '<classifier name="Activity" keys="concept:name"/>\n'
    for case, of_case in groupby(events, key=lambda each: each.case):
        yield f"<trace>{_text('concept:name', case)}\n"
        for each in of_case:
            yield _event(each)
        yield "</trace>\n"
    yield "</log>\n"


def _event(each: LoggedEvent) -> str:
    when = f'<date key="time:timestamp" value="{each.at.isoformat(timespec="milliseconds")}"/>'
    texts = (("concept:name", each.activity), ("org:role", each.role), ("lifecycle:transition", _COMPLETE))
    return f"<event>{''.join(_text(key, value) for key, value in texts)}{when}</event>\n"


def _text(key: str, value: str) -> str:
    return f'<string key="{key}" value={quoteattr(value)}/>'
