"""Start a case and complete a task, measured in bare committed rows of the same bytes; statements of a task."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from bench.furnished import KILOBYTES, Databases, Service, answers, words
from bench.measuring import Act, Figure, Scale, in_turns
from engine.clock import SystemClock

TIMES_A_ROW = {"sqlite": 5.0, "postgresql": 6.0}
MOST_STATEMENTS = 10


def measure(databases: Databases, scale: Scale) -> Iterator[Figure]:
    """Measure starting a case and completing each task of the peers' model."""
    with databases.service(SystemClock()) as service:
        spans = in_turns(_makers(service, scale.acts_a_round), scale)
        bare = spans["row"]
        for name, measure_ in _MEASURES.items():
            yield _figure(databases.kind, measure_, spans[name], bare)
        yield _statements(databases.kind, service)


_MEASURES = {
    "start": "start a case (10 KB, peers' model)",
    "complete_a": "complete task A (10 KB; opens B and its timer)",
    "complete_b": "complete task B (10 KB; disarms its timer, opens C)",
    "complete_c": "complete task C (10 KB; ends the process)",
}


def _makers(service: Service, number: int) -> dict[str, Callable[[], Iterable[Act]]]:
    started: list[UUID] = []
    row = words(KILOBYTES)

    def start() -> Iterable[Act]:
        started.clear()
        return [lambda: started.append(service.start("peers", address=row))] * number

    def complete(element_id: str) -> Callable[[], Iterable[Act]]:
        def make() -> Iterable[Act]:
            return [_completing(service, task_id) for task_id in service.open_tasks(started, element_id)]

        return make

    return {
        "row": lambda: [lambda: service.bare_row(row)] * number,
        "start": start,
        "complete_a": complete("task_a"),
        "complete_b": complete("task_b"),
        "complete_c": complete("task_c"),
    }


def _completing(service: Service, task_id: UUID) -> Act:
    given = answers()
    return lambda: service.complete(task_id, given)


def _figure(kind: str, measure_: str, span: float, bare: float) -> Figure:
    times, reach = span / bare, TIMES_A_ROW[kind]
    return Figure(
        row="acts",
        measure=measure_,
        database=kind,
        figure=f"{times:.1f}x a row ({span:.2f} ms; row {bare:.2f} ms)",
        reach=f"at most {reach:g}x",
        met=times <= reach,
        numbers={"times": times, "milliseconds": span, "row_milliseconds": bare},
    )


def _statements(kind: str, service: Service) -> Figure:
    case_id = service.start("peers")
    counts = []
    for element_id in ("task_a", "task_b", "task_c"):
        task_id = service.open_tasks([case_id], element_id)[0]
        given = answers()
        counts.append(count(service, lambda task_id=task_id, given=given: service.complete(task_id, given)))
    statements, commits = max(found for found, _ in counts), max(found for _, found in counts)
    return Figure(
        row="acts",
        measure="database work of one completed task (the most of A, B, C)",
        database=kind,
        figure=f"{statements} statements, {commits} commit",
        reach=f"at most {MOST_STATEMENTS}, exactly 1",
        met=statements <= MOST_STATEMENTS and commits == 1,
        numbers={"statements": [found for found, _ in counts], "commits": commits},
    )


def count(service: Service, act: Act) -> tuple[int, int]:
    """Do `act` and return how many statements (BEGIN aside) and commits it made."""
    with listening(service.engine.sessions.engine) as seen:
        act()
    return len(seen["statements"]), len(seen["commits"])


@contextmanager
def listening(engine: sa.Engine) -> Iterator[dict[str, list[str]]]:
    """Give the texts of the statements and the commits made inside the block."""
    seen: dict[str, list[str]] = {"statements": [], "commits": []}

    def statement(_connection: Any, _cursor: Any, text: str, *_rest: Any) -> None:
        if not text.startswith("BEGIN"):
            seen["statements"].append(text)

    def commit(_connection: Any) -> None:
        seen["commits"].append("COMMIT")

    sa.event.listen(engine, "before_cursor_execute", statement)
    sa.event.listen(engine, "commit", commit)
    try:
        yield seen
    finally:
        sa.event.remove(engine, "before_cursor_execute", statement)
        sa.event.remove(engine, "commit", commit)
