"""The page of a case of three years, as who leads it sees it, and what a case worker's pages weigh."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from statistics import median
from typing import Any, Final

import sqlalchemy as sa

from bench.furnished import Databases
from bench.long_case import LongCase, played
from bench.measuring import Figure, Scale, timed
from web.cli.gunicorn_server import collect_seldom

MOST_MILLISECONDS, MOST_QUERIES, MOST_KILOBYTES = 30.0, 12, 150.0
PAGES: Final = ("/tasks", "/cases", "{case}", "{case}/plan", "{case}/chronology", "{case}/letters", "{case}/child")
_LOADED: Final = re.compile(r'<(?:link rel="stylesheet" href|script[^>]* src)="([^"]+)"')


def measure(databases: Databases, scale: Scale) -> Iterator[Figure]:
    """Measure the page, count what it asks the database, and weigh what a browser loads for each page."""
    with played(databases) as case:
        databases.rested_all(case.engine.sessions)
        collect_seldom()  # as a worker of `caf serve`
        address = f"/cases/{case.case_id}"
        for _ in range(10):
            case.client.get(address)
        asked = _asked(case, address)
        before = time.process_time()
        spans = [timed(lambda: case.client.get(address)) for _ in range(scale.rounds * 5)]
        busy = (time.process_time() - before) * 1000 / len(spans)
        yield _page(databases.kind, case, median(spans), busy, asked)
        yield _weight(databases.kind, {page: _weighed(case, page) for page in PAGES})


def _asked(case: LongCase, address: str) -> int:
    """Count the statements of one page, with who asks and the line that says who read it."""
    counted: list[str] = []

    def count(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        counted.append(statement)

    sa.event.listen(case.engine.sessions.engine, "before_cursor_execute", count)
    answer = case.client.get(address)
    sa.event.remove(case.engine.sessions.engine, "before_cursor_execute", count)
    assert answer.status_code == 200, answer.status_code
    return len(counted)


def _weighed(case: LongCase, page: str) -> float:
    """Return the kilobytes that a browser without anything kept loads for a page, as they are sent."""
    takes = {"Accept-Encoding": "gzip, deflate, br"}
    answer = case.client.get(page.format(case=f"/cases/{case.case_id}"), headers=takes)
    assert answer.status_code == 200, (page, answer.status_code)
    whole = case.client.get(page.format(case=f"/cases/{case.case_id}")).text
    assert 'id="main-content"' in whole and "<noscript" not in whole
    files = [case.client.get(address, headers=takes) for address in set(_LOADED.findall(whole))]
    return sum(len(each.data) for each in (answer, *files)) / 1024


def _page(kind: str, case: LongCase, span: float, busy: float, asked: int) -> Figure:
    return Figure(
        row="case_page",
        measure=f"page of a case since {case.opened_on}, {case.entries} entries of history",
        database=kind,
        figure=f"{span:.1f} ms ({busy:.1f} our CPU), {asked} queries",
        reach=f"at most {MOST_MILLISECONDS:g} ms, {MOST_QUERIES} queries",
        met=span <= MOST_MILLISECONDS and asked <= MOST_QUERIES,
        numbers={"milliseconds": span, "cpu_milliseconds": busy, "queries": asked, "entries": case.entries},
    )


def _weight(kind: str, pages: dict[str, float]) -> Figure:
    heaviest = max(pages, key=lambda page: pages[page])
    return Figure(
        row="page_weight",
        measure="what a browser loads for a case worker's page, as sent, nothing kept before",
        database=kind,
        figure=", ".join(f"{page.removeprefix('{case}') or 'the case'} {size:.0f} KB" for page, size in pages.items()),
        reach=f"under {MOST_KILOBYTES:g} KB",
        met=pages[heaviest] < MOST_KILOBYTES,
        numbers={"kilobytes": pages},
    )
