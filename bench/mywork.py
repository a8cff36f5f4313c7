"""My work, "mine and my groups'", with few and with very many open tasks: the query alone, and the whole page."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask.testing import FlaskClient

from bench.furnished import Databases, Service, session_of
from bench.measuring import Act, Figure, Scale, in_turns
from engine.casework.permissions import GROUP_ROLES
from engine.clock import FakeClock, SystemClock
from engine.queries import my_work
from engine.queries.my_work import Choice
from engine.queries.view import viewing
from engine.store.tables.people import account_roles, practitioners
from engine.store.tables.record import cases, children, families, lead_professionals
from engine.store.tables.running import instances, user_tasks
from web import create_app
from web.auth import COOKIE
from web.cli.gunicorn_server import collect_seldom

PEOPLE = 200
ROLES = ("line_manager", "senior_officer")
"""Besides their own: whoever asks stands in three groups' queues."""
TASKS_A_CASE = 10
MOST_QUERY = 2.0
MOST_PAGE = {"sqlite": 10.0, "postgresql": 12.0}
MOST_GROWTH = 1.5
ALL = Choice(whose="all")


def measure(databases: Databases, scale: Scale) -> Iterator[Figure]:
    """Measure the first page of 50 rows for somebody of three groups, at each number of open tasks in turns."""
    clock = FakeClock(SystemClock().now())
    with ExitStack() as stack:
        makers: dict[str, Callable[[], Iterable[Act]]] = {}
        for count in scale.open_tasks:
            service = stack.enter_context(databases.service(clock))
            asker = _fill(service, count, clock.now().date())
            makers[f"query {count}"] = _repeated(asker.query)
            makers[f"page {count}"] = _repeated(asker.page)
        collect_seldom()  # as a worker of `caf serve`
        spans = in_turns(makers, scale)
        busy = {name: _busy(make) for name, make in makers.items()}
    for what, most in (("query", MOST_QUERY), ("page", MOST_PAGE[databases.kind])):
        yield _figure(databases.kind, what, _of(what, spans, scale), _of(what, busy, scale), most)


def _of(what: str, spans: Mapping[str, float], scale: Scale) -> dict[int, float]:
    return {count: spans[f"{what} {count}"] for count in scale.open_tasks}


def _busy(make: Callable[[], Iterable[Act]]) -> float:
    """Return how many milliseconds of our own CPU one act takes, the least of five batches."""
    found = []
    for _ in range(5):
        acts, began = list(make()), time.process_time()
        for act in acts:
            act()
        found.append((time.process_time() - began) * 1000 / len(acts))
    return min(found)


def _repeated(act: Act) -> Callable[[], Iterable[Act]]:
    return lambda: [act] * 20


class _Asker:
    """Somebody who looks at their work."""

    def __init__(self, service: Service, client: FlaskClient) -> None:
        self._service, self._client = service, client
        groups = service.worker.roles | set(ROLES)
        self._actor = replace(service.worker, roles=groups)

    def query(self) -> None:
        """Ask where the first page's rows stand, and what they say of themselves."""
        with viewing(self._service.engine, self._actor) as view:
            found = my_work.places(view, ALL, limit=my_work.PAGE)
        assert len(found) == my_work.PAGE

    def page(self) -> None:
        """Ask for the page."""
        answer = self._client.get("/tasks?whose=all")
        assert (
            answer.status_code == 200
            and answer.data.count(b'class="caf-row ') + answer.data.count(b'class="caf-row"') == my_work.PAGE
        ), answer.status_code


def _fill(service: Service, count: int, today: date) -> _Asker:
    """Let `count` tasks be open: half with 200 people, half in the queues of seven groups, due over two years."""
    token = _roles_and_session(service)
    service.start("peers")
    rows = _Rows(service, max(1, count // TASKS_A_CASE), today)
    for begin in range(0, count, BATCH):
        with service.engine.sessions.act() as connection:
            for table, made in rows.of(begin, min(count, begin + BATCH)):
                connection.execute(sa.insert(table), made)
    with service.engine.sessions.act() as connection:
        connection.execute(sa.text("ANALYZE"))
    client = create_app(service.engine).test_client()
    client.set_cookie(COOKIE, token)
    return _Asker(service, client)


class _Rows:
    """The rows of people, cases and tasks, numbered; a number is the end of an id."""

    def __init__(self, service: Service, of_cases: int, today: date) -> None:
        self._cases, self._today = of_cases, today
        self._authority, self._me = {"authority_id": service.authority_id}, service.worker.practitioner_id
        with service.engine.sessions.act() as connection:
            self._definition = connection.execute(sa.select(instances.c.definition_id)).scalars().first()
            self._form = connection.execute(sa.select(user_tasks.c.form_id)).scalars().first()
            agency = connection.execute(sa.select(practitioners.c.agency_id)).scalars().first()
            made = [
                {"id": _id(PERSON, n), "agency_id": agency, "name": f"Worker {n}", **self._authority}
                for n in range(PEOPLE)
            ]
            connection.execute(sa.insert(practitioners), made)
            connection.execute(sa.insert(families).values(id=_id(FAMILY, 0), name="Bench", **self._authority))

    def of(self, begin: int, end: int) -> Iterator[tuple[sa.Table, list[dict[str, Any]]]]:
        """Give the rows of the tasks numbered `begin` to `end`, and of their cases, by table in order."""
        numbers = range(begin // TASKS_A_CASE, min(self._cases, end // TASKS_A_CASE))
        if numbers:
            yield children, [self._child(n) for n in numbers]
            yield cases, [self._case(n) for n in numbers]
            yield instances, [self._instance(n) for n in numbers]
            yield lead_professionals, [self._lead(n) for n in numbers]
        yield user_tasks, [self._task(n) for n in range(begin, end)]

    def _child(self, n: int) -> dict[str, Any]:
        names = {"given_name": f"Child {n}", "family_name": "Bench", "born_on": date(2018, 3, 2)}
        return {"id": _id(CASE, n), "family_id": _id(FAMILY, 0), **names, **self._authority}

    def _case(self, n: int) -> dict[str, Any]:
        """Give a case that the scheduler has judged: a page judges none of them."""
        opened = {
            "checked_version": 1,
            "opened_on": self._today - timedelta(days=100),
            "version": 1,
            "history_count": 0,
            "history_head": "",
        }
        return {"id": _id(CASE, n), "child_id": _id(CASE, n), "reference": f"B{n}", **opened, **self._authority}

    def _instance(self, n: int) -> dict[str, Any]:
        ran = {"process_key": "peers", "status": "running", "state": b"", "current": [], "messages": [], "version": 1}
        of = {"definition_id": self._definition, "case_id": _id(CASE, n)}
        return {"id": _id(CASE, n), **of, **ran, "started_at": _noon(self._today), **self._authority}

    def _lead(self, n: int) -> dict[str, Any]:
        led = {"case_id": _id(CASE, n), "practitioner_id": _id(PERSON, n % PEOPLE)}
        return {"id": _id(CASE, n), **led, "from_on": self._today - timedelta(days=60), **self._authority}

    def _task(self, n: int) -> dict[str, Any]:
        held = n % 2 == 0
        holder = (self._me if n % 400 == 0 else _id(PERSON, n % PEOPLE)) if held else None
        group = None if held else GROUPS[n // 2 % len(GROUPS)]
        due = None if n % 20 == 0 else self._today + timedelta(days=n * 7919 % 730 - 30)
        of = {"instance_id": _id(CASE, n // TASKS_A_CASE), "case_id": _id(CASE, n // TASKS_A_CASE)}
        what = {"process_key": "peers", "element_id": "task_a", "name": "Say how it goes", "form_id": self._form}
        who = {"assignee_id": holder, "queue": group, "candidate_groups": [group] if group else []}
        when = {"due_on": due, "opened_at": _noon(self._today)}
        rest: dict[str, Any] = {"state": "open", "version": 1, "variables": {}}
        return {"id": _id(TASK, n), **of, **what, **who, **when, **rest, **self._authority}


PERSON, CASE, FAMILY, TASK = 1, 2, 3, 4
GROUPS = sorted(GROUP_ROLES)
BATCH = 10_000


def _id(kind: int, number: int) -> UUID:
    return UUID(int=kind * 10**12 + number)


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def _roles_and_session(service: Service) -> str:
    """Give the worker the other roles, and return the token of a session of theirs."""
    row = {"authority_id": service.authority_id, "account_id": service.worker.account_id}
    with service.engine.sessions.act() as connection:
        today = service.engine.clock.now().date()
        connection.execute(
            sa.insert(account_roles),
            [{"id": service.engine.ids.new(), "role": role, "from_on": today, **row} for role in ROLES],
        )
    return session_of(service)


def _figure(kind: str, what: str, spans: dict[int, float], busy: dict[int, float], most: float) -> Figure:
    fewest, largest = min(spans), max(spans)
    growth, slowest = spans[largest] / spans[fewest], max(spans.values())
    said = ", ".join(f"{count:,}: {span:.2f} ms ({busy[count]:.2f} our CPU)" for count, span in spans.items())
    named = "the query" if what == "query" else "the whole page"
    return Figure(
        row="mywork",
        measure=f"My work, mine and my groups', {named}, at numbers of open tasks",
        database=kind,
        figure=f"{said}; {growth:.2f}x",
        reach=f"at most {most:g} ms each; {MOST_GROWTH:g}x",
        met=slowest <= most and growth <= MOST_GROWTH,
        numbers={
            "milliseconds": {str(count): span for count, span in spans.items()},
            "cpu_milliseconds": {str(count): span for count, span in busy.items()},
            "growth": growth,
        },
    )
