"""Submitting tasks over HTTP, signed in, to `caf serve`: one person by themselves, then eight at once."""

from __future__ import annotations

import re
import secrets
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from statistics import median, quantiles
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

import sqlalchemy as sa

from bench.furnished import Databases, Service, answers, furnish, session_of
from bench.measuring import Figure, Scale
from bench.serving import served
from engine.clock import SystemClock
from engine.store.tables.running import user_tasks
from web.auth import COOKIE

CLIENTS: Final = 8
WORKERS: Final = 2
MOST_ALONE: Final = {"sqlite": 6.0, "postgresql": 8.0}
FEWEST_A_SECOND, MOST_99TH = 200.0, 100.0
WARMING: Final = 40
"""Submissions before any is measured: each worker reads the diagram and its form when it is first asked."""


def measure(databases: Databases, scale: Scale) -> Iterator[Figure]:
    """Measure one client, then eight, each submission a task of its own case with 10 KB of answers."""
    alone, together = scale.acts_a_round * scale.rounds, CLIENTS * scale.acts_a_round * scale.rounds
    with databases.settings() as settings:
        service = furnish(settings, SystemClock())
        token = session_of(service)
        cases = [service.start("peers") for _ in range(WARMING + alone + together)]
        tasks = service.open_tasks(cases, "task_a")
        databases.rested(service)
        with served(settings, workers=WORKERS) as (port, _):
            _at_once(port, token, tasks[:WARMING])
            spans = _submit(port, token, tasks[WARMING : WARMING + alone])
            crowd, seconds = _at_once(port, token, tasks[WARMING + alone :])
        assert _completed(service) == len(tasks), "not every submission was recorded"
        service.engine.sessions.close()
    yield _alone(databases.kind, spans)
    yield _together(databases.kind, crowd, seconds)


def _at_once(port: int, token: str, tasks: Sequence[UUID]) -> tuple[list[float], float]:
    """Submit tasks from as many clients as there are, each its own one by one.

    Returns the milliseconds of all, and the seconds from the first to the last.
    """
    ready = threading.Barrier(CLIENTS)
    with ThreadPoolExecutor(CLIENTS) as clients:
        shares = [tasks[number::CLIENTS] for number in range(CLIENTS)]
        done = list(clients.map(lambda share: _sent(port, token, share, ready), shares))
    times = [each for spans in done for each in spans]
    seconds = max(ended for _, ended in times) - min(began for began, _ in times)
    return [_milliseconds(each) for each in times], seconds


def _submit(port: int, token: str, tasks: Sequence[UUID]) -> list[float]:
    """Submit tasks one after another over one connection, as a browser does; return the milliseconds of each."""
    return [_milliseconds(each) for each in _sent(port, token, tasks)]


def _sent(
    port: int, token: str, tasks: Sequence[UUID], ready: threading.Barrier | None = None
) -> list[tuple[float, float]]:
    """Submit tasks, with others who are `ready`; return when each began and ended.

    What is sent is written before: a browser does that on a machine of its own.
    """
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Cookie": f"{COOKIE}={token}"}
    connection.request("GET", f"/tasks/{tasks[0]}", headers=headers)
    page = connection.getresponse()
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.read().decode())
    assert page.status == 200 and found, page.status
    headers["Cookie"] += "".join(f"; {each.split(';')[0]}" for each in page.headers.get_all("Set-Cookie", ()))
    headers["Content-Type"] = "application/x-www-form-urlencoded"
    bodies = [(task_id, _body(found[1])) for task_id in tasks]
    connection.close()  # by now the server may have done so; the next request opens it again
    if ready is not None:
        ready.wait()
    times = []
    for task_id, body in bodies:
        began = time.perf_counter()
        connection.request("POST", f"/tasks/{task_id}", body, headers)
        answer = connection.getresponse()
        answer.read()
        times.append((began, time.perf_counter()))
        assert answer.status == 303, answer.status
    connection.close()
    return times


def _body(token: str) -> bytes:
    """Return a form as a browser sends it, with a key and words of its own."""
    sent = {"csrf_token": token, "act": "complete", "expected_version": "1"}
    return urlencode({**sent, "request_key": secrets.token_urlsafe(16), **answers()}).encode()


def _milliseconds(time_: tuple[float, float]) -> float:
    began, ended = time_
    return (ended - began) * 1000


def _completed(service: Service) -> int:
    done = sa.select(sa.func.count()).where(user_tasks.c.element_id == "task_a", user_tasks.c.state == "completed")
    with service.engine.sessions.read() as connection:
        return connection.execute(done).scalar_one()


def _alone(kind: str, spans: Sequence[float]) -> Figure:
    typical, most = median(spans), MOST_ALONE[kind]
    return Figure(
        row="submitting",
        measure="a task submitted over HTTP, signed in and recorded, 10 KB, one client",
        database=kind,
        figure=f"{typical:.1f} ms",
        reach=f"at most {most:g} ms",
        met=typical <= most,
        numbers={"milliseconds": typical},
    )


def _together(kind: str, spans: Sequence[float], seconds: float) -> Figure:
    rate, slowest = len(spans) / seconds, quantiles(spans, n=100)[98]
    return Figure(
        row="submitting",
        measure=f"the same with {CLIENTS} clients at once",
        database=kind,
        figure=f"{rate:.0f} a second, 99 of 100 within {slowest:.0f} ms",
        reach=f"at least {FEWEST_A_SECOND:g} a second, within {MOST_99TH:g} ms",
        met=rate >= FEWEST_A_SECOND and slowest <= MOST_99TH,
        numbers={"a_second": rate, "milliseconds_99th": slowest},
    )
