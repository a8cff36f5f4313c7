"""A manager's overdue board, and where cases stand, inside an authority of very many open cases."""

from __future__ import annotations

import secrets
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask.testing import FlaskClient

from bench.furnished import Databases, Service
from bench.measuring import Act, Figure, Scale, in_turns, timed
from engine.casework.permissions import Actor
from engine.casework.stages import CLOSED, ORDER
from engine.clock import FakeClock, SystemClock
from engine.queries import figures_ready, overdue, stage_times, where_cases_stand
from engine.queries.choice import Choice
from engine.store.sessions import token_hash
from engine.store.tables.boards import stage_spells, standings
from engine.store.tables.people import account_roles, accounts, line_managers, practitioners, sessions
from engine.store.tables.record import cases, children, escalations, families, lead_professionals
from engine.store.tables.running import instances, user_tasks
from web import create_app
from web.auth import COOKIE

A_MANAGERS = 2_500
LED = 25
TASKS_A_CASE = 4
MOST_BOARD, MOST_GROWTH, MOST_FIGURES, MOST_MEGABYTES = 50.0, 1.5, 300.0, 30.0
BATCH = 5_000
CASE, PERSON, FAMILY, TASK, REASON = 1, 2, 3, 4, 5
STAGES = [stage for stage in ORDER if stage != CLOSED]
SMALLER = {"sqlite": 10, "postgresql": 1}
"""By how much each database's caseload is smaller."""


def measure(databases: Databases, scale: Scale) -> Iterator[Figure]:
    """Measure the pages at the whole size and at a tenth of it in turns, then the figures and the file at the whole."""
    whole = max(10 * A_MANAGERS, scale.open_cases // SMALLER[databases.kind])
    clock = FakeClock(SystemClock().now())
    with ExitStack() as stack:
        found = {}
        for count in (whole // 10, whole):
            service = stack.enter_context(databases.service(clock))
            fill(service, count, clock.now().date())
            found[count] = _Asker(service, clock)
        makers: dict[str, Callable[[], Iterable[Act]]] = {
            str(count): (lambda asker=asker: [asker.page] * 5) for count, asker in found.items()  # type: ignore[misc]
        }
        spans = in_turns(makers, replace(scale, rounds=min(scale.rounds, 6)))
        yield _board(databases.kind, whole, spans)
        yield _figures(databases.kind, whole, found[whole])
        yield _file(databases.kind, whole, found[whole])


class _Asker:
    """A line manager and a coordinator who look."""

    def __init__(self, service: Service, clock: FakeClock) -> None:
        self.service, self.clock = service, clock
        self.client = _signed_in(service, service.manager_id)
        id_, roles = service.manager_id, frozenset({"coordinator"})
        self.coordinator = Actor(id_, id_, service.authority_id, "Mo Marsh", roles)

    def page(self) -> None:
        """Ask for the manager's board."""
        answer = self.client.get("/overdue")
        assert answer.status_code == 200 and answer.data.count(b'<li class="caf-row') == overdue.PAGE

    def figures(self) -> None:
        """Ask how the whole authority stands, and for the stage times of thirteen weeks."""
        where_cases_stand.now(self.service.engine, actor=self.coordinator)
        period = stage_times.default_period(self.service.engine, actor=self.coordinator)
        stage_times.figures(self.service.engine, actor=self.coordinator, period=period)

    def works(self) -> None:
        """Let an hour pass without a look, then open some page: what was kept is made anew behind whoever works."""
        self.clock.advance(timedelta(hours=1))
        figures_ready.prepare(self.service.engine, actor=self.coordinator)
        for _ in range(2):
            self.service.engine.kept.finish()

    def rows(self, most: int) -> int:
        """Read the rows of the whole authority's file, up to `most` of them."""
        each = overdue.every_row(self.service.engine, actor=self.coordinator, choice=Choice())
        return sum(1 for _ in zip(range(most), each, strict=False))


def _board(kind: str, whole: int, spans: dict[str, float]) -> Figure:
    small, large = spans[str(whole // 10)], spans[str(whole)]
    return Figure(
        row="board",
        measure=f"a manager's board of {A_MANAGERS:,} cases among {whole:,} open, {whole * TASKS_A_CASE:,} open tasks",
        database=kind,
        figure=f"{large:.1f} ms, the whole page; {large / small:.2f}x of a tenth of the size",
        reach=f"at most {MOST_BOARD:g} ms; {MOST_GROWTH:g}x",
        met=large <= MOST_BOARD and large / small <= MOST_GROWTH,
        numbers={"milliseconds": spans, "growth": large / small},
    )


def _figures(kind: str, whole: int, asker: _Asker) -> Figure:
    anew = timed(asker.figures)
    spans = []
    for _ in range(3):
        asker.works()
        spans.append(timed(asker.figures))
    kept = sorted(spans)[1]
    return Figure(
        row="board",
        measure=f"where cases stand and stage times, a coordinator's, {whole:,} open cases",
        database=kind,
        figure=f"{kept:.1f} ms after any page of theirs; made behind them in {anew:.0f} ms, twice a minute at most",
        reach=f"at most {MOST_FIGURES:g} ms, at most a minute old",
        met=kept <= MOST_FIGURES,
        numbers={"milliseconds": kept, "anew_milliseconds": anew},
    )


def _file(kind: str, whole: int, asker: _Asker) -> Figure:
    most = min(whole, 100_000)
    asker.rows(1_000)
    tracemalloc.start()
    try:
        count = asker.rows(most)
        megabytes = tracemalloc.get_traced_memory()[1] / 1024 / 1024
    finally:
        tracemalloc.stop()
    return Figure(
        row="board",
        measure=f"the board as a file, {count:,} rows",
        database=kind,
        figure=f"memory grew by {megabytes:.1f} MB at most",
        reach=f"under {MOST_MEGABYTES:g} MB",
        met=megabytes < MOST_MEGABYTES,
        numbers={"megabytes": megabytes, "rows": count},
    )


def _signed_in(service: Service, practitioner: UUID) -> FlaskClient:
    token, now = secrets.token_urlsafe(32), service.engine.clock.now()
    with service.engine.sessions.act() as connection:
        account = connection.execute(
            sa.select(accounts.c.id).where(accounts.c.practitioner_id == practitioner)
        ).scalar_one()
        row = {"token_hash": token_hash(token), "account_id": account, "started_at": now}
        connection.execute(sa.insert(sessions).values(expires_at=now + timedelta(hours=12), **row))
        roles = sa.select(account_roles.c.role).where(account_roles.c.account_id == account)
        assert "line_manager" in connection.execute(roles).scalars().all()
    client = create_app(service.engine).test_client()
    client.set_cookie(COOKIE, token)
    return client


def fill(service: Service, count: int, today: date) -> None:
    """Write `count` open cases that were judged, each with its tasks; the manager's people lead the first of them."""
    service.start("peers")
    rows = _Rows(service, count, today)
    with service.engine.sessions.act() as connection:
        for table, made in rows.people():
            connection.execute(sa.insert(table), made)
    for begin in range(0, count, BATCH):
        with service.engine.sessions.act() as connection:
            for table, made in rows.of(range(begin, min(count, begin + BATCH))):
                connection.execute(sa.insert(table), made)
    with service.engine.sessions.act() as connection:
        connection.execute(sa.text("ANALYZE"))


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of people, cases, tasks and reasons, numbered; a number is the end of an id."""

    service: Service
    count: int
    today: date

    def people(self) -> Iterator[tuple[sa.Table, list[dict[str, Any]]]]:
        """Give as many people as lead all cases, and the manager's own."""
        with self.service.engine.sessions.read() as connection:
            agency = connection.execute(sa.select(practitioners.c.agency_id)).scalars().first()
        leads = range(-(-self.count // LED))
        yield practitioners, [self._own(PERSON, n, name=f"Worker {n}", agency_id=agency) for n in leads]
        managed = {"manager_id": self.service.manager_id, "from_on": self.today}
        yield line_managers, [
            self._own(PERSON, n, practitioner_id=_id(PERSON, n), **managed) for n in leads[: A_MANAGERS // LED]
        ]
        yield families, [self._own(FAMILY, 0, name="Bench")]

    def of(self, numbers: range) -> Iterator[tuple[sa.Table, list[dict[str, Any]]]]:
        """Give the rows of some cases by table, in an order that foreign keys allow."""
        with self.service.engine.sessions.read() as connection:
            definition = connection.execute(sa.select(instances.c.definition_id)).scalars().first()
        yield children, [self._child(n) for n in numbers]
        yield cases, [self._case(n) for n in numbers]
        yield instances, [self._instance(n, definition) for n in numbers]
        yield lead_professionals, [self._lead(n) for n in numbers]
        yield user_tasks, [self._task(n, part) for n in numbers for part in range(TASKS_A_CASE)]
        yield escalations, [self._reason(n) for n in numbers if n % 5 == 0]
        yield standings, [self._standing(n) for n in numbers]
        yield stage_spells, [self._spell(n, part) for n in numbers for part in (1, 2)]

    def _own(self, kind: int, n: int, **values: Any) -> dict[str, Any]:
        return {"id": _id(kind, n), "authority_id": self.service.authority_id, **values}

    def _child(self, n: int) -> dict[str, Any]:
        names = {"given_name": f"Child {n}", "family_name": "Bench", "born_on": date(2018, 3, 2)}
        return self._own(CASE, n, family_id=_id(FAMILY, 0), **names)

    def _case(self, n: int) -> dict[str, Any]:
        said = {"version": 1, "checked_version": 1, "history_count": 0, "history_head": ""}
        opened = self.today - timedelta(days=30 + n % 300)
        return self._own(CASE, n, child_id=_id(CASE, n), reference=f"B{n}", opened_on=opened, **said)

    def _instance(self, n: int, definition: UUID | None) -> dict[str, Any]:
        ran = {"process_key": "peers", "status": "running", "state": b"", "current": [], "messages": [], "version": 1}
        of = {"definition_id": definition, "case_id": _id(CASE, n), "started_at": _noon(self.today)}
        return self._own(CASE, n, **of, **ran)

    def _lead(self, n: int) -> dict[str, Any]:
        led = {"case_id": _id(CASE, n), "practitioner_id": _id(PERSON, n // LED)}
        return self._own(CASE, n, from_on=self.today - timedelta(days=20), **led)

    def _task(self, n: int, part: int) -> dict[str, Any]:
        of = {"instance_id": _id(CASE, n), "case_id": _id(CASE, n), "process_key": "peers"}
        what = {"element_id": f"step_{part}_{n % 10}", "name": "Say how it goes", "assignee_id": _id(PERSON, n // LED)}
        when = {"due_on": self._due(n, part), "opened_at": _noon(self.today - timedelta(days=(n + part) % 40))}
        rest: dict[str, Any] = {"state": "open", "version": 1, "variables": {}, "candidate_groups": []}
        return self._own(TASK, n * TASKS_A_CASE + part, **of, **what, **when, **rest)

    def _due(self, n: int, part: int) -> date:
        return self.today + timedelta(days=(n * 7919 % 60) - 12 + part * 9)

    def _reason(self, n: int) -> dict[str, Any]:
        said = {"reason": "review_late", "level": "line_manager", "addressee": "line_manager"}
        since = self.today - timedelta(days=n % 25)
        return self._own(REASON, n, case_id=_id(CASE, n), sentence="The review is late", first_true_on=since, **said)

    def _standing(self, n: int) -> dict[str, Any]:
        reason = n % 5 == 0
        said = {"harm": 3, "escalated": 1 if reason else 3, "vacant": False, "worse": n % 17 == 0, "silent": False}
        return {
            "case_id": _id(CASE, n), "authority_id": self.service.authority_id, "version": 1,
            "stage": STAGES[n % len(STAGES)], "holder_id": _id(PERSON, n // LED), "due_on": self._due(n, 0),
            "escalated_on": self.today - timedelta(days=n % 25) if reason else None, **said,
        }  # fmt: skip

    def _spell(self, n: int, number: int) -> dict[str, Any]:
        turned = self.today - timedelta(days=n % 100)
        days = (turned - timedelta(days=n % 90), turned) if number == 1 else (turned, None)
        stage = STAGES[(n + number) % len(STAGES)]
        own = {"case_id": _id(CASE, n), "authority_id": self.service.authority_id, "number": number}
        return {**own, "stage": stage, "from_on": days[0], "to_on": days[1]}


def _id(kind: int, number: int) -> UUID:
    return UUID(int=kind * 10**12 + number)


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
