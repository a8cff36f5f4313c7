"""Whoever finds no page finds no act either: what is sent by hand is answered as of a thing that is not there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.clock import FakeClock
from engine.commands import emergency_openings
from engine.store.tables import access, people, record, running
from tests.conftest import MONDAY_MORNING
from tests.unit.web.standing import COLUMNS, LONG_AGO, Standing, arranged, routes
from tests.unit.web.test_who_may_ask_what import BODIES

PAGES = {
    "/cases/<case_id>": "/cases/<case_id>",
    "/api/cases/<case_id>": "/api/cases/<case_id>",
    "/overdue/<case_id>": "/cases/<case_id>",
    "/actions/<action_id>": "/cases/<case_id>",
    "/tasks/<task_id>": "/tasks/<task_id>",
    "/api/tasks/<task_id>": "/api/tasks/<task_id>",
    "/api/attachments/<attachment_id>": "/api/cases/<case_id>",
}
"""What an address begins with, and the page on which what it does is offered."""
PUT_OFF = {"until": "tomorrow"}
SENT = {**BODIES, "POST /tasks/<task_id>/later": PUT_OFF, "POST /actions/<action_id>/later": PUT_OFF}
"""What is sent by hand: with an empty body these would show their page again."""
OPEN_TO_STRANGERS = {
    "POST /api/cases/<case_id>/concerns": "a concern is raised of any child",
    "GET /cases/<case_id>/emergency": "a record is opened in an emergency",
    "POST /cases/<case_id>/emergency": "the same",
    "POST /api/cases/<case_id>/emergency": "the same",
    "GET /api/cases/<case_id>/readers": "an administrator answers a family that asks who looked",
    "GET /cases/<case_id>/readers": "the same",
    "GET /cases/<case_id>/readers.csv": "the same",
    "GET /cases/<case_id>/readers.xlsx": "the same",
}
NOBODY_S = UUID(int=77)
OF_NOTHING: dict[tuple[str, str, str], int] = {}
"""What somebody is answered where nothing is: the same in each situation, as none changes what anybody may."""


def holds(standing: Standing, who: str, *, personal: bool = True) -> None:
    """Let the task be a question to one person alone, and the action theirs."""
    person = standing.service.ids[next(name for name in standing.service.ids if name.lower().startswith(who))]
    task = running.user_tasks.c.id == standing.ids["task_id"]
    action = record.plan_actions.c.id == standing.ids["action_id"]
    write(standing, sa.update(running.user_tasks).where(task).values(assignee_id=person, personal=personal, queue=None))
    write(standing, sa.update(record.plan_actions).where(action).values(owner_id=person))


def write(standing: Standing, *statements: sa.Executable) -> None:
    with standing.service.engine.sessions.act() as connection:
        for statement in statements:
            connection.execute(statement)


def answer(standing: Standing, said: str) -> None:
    """Let the family's answer on sharing be this one."""
    own = {"id": standing.service.engine.ids.new(), "authority_id": standing.service.authority_id}
    own |= {"case_id": standing.ids["case_id"], "purpose": "sharing", "answer": said, "from_on": LONG_AGO}
    write(standing, sa.insert(record.consents).values(**own))


def it_rests(standing: Standing) -> None:
    answer(standing, "withdrawn")
    holds(standing, "milo")


def it_is_limited(standing: Standing) -> None:
    answer(standing, "limited")
    holds(standing, "milo")


def nobody_was_asked(standing: Standing) -> None:
    """Somebody of another agency has the task, as from before this was refused."""
    holds(standing, "xan", personal=False)
    other = sa.select(people.practitioners.c.agency_id).where(people.practitioners.c.name == "Dele Martins")
    own = people.practitioners.c.name == "Xan Moor"
    write(standing, sa.update(people.practitioners).where(own).values(agency_id=other.scalar_subquery()))


def an_emergency_is_over(standing: Standing) -> None:
    service, case_id = standing.service, standing.ids["case_id"]
    xan = service.actor("xan")
    emergency_openings.open_record(service.engine, actor=xan, case_id=case_id, reason="A neighbour rang")
    ended = access.emergency_openings.c.case_id == case_id
    write(
        standing, sa.update(access.emergency_openings).where(ended).values(until_at=access.emergency_openings.c.from_at)
    )


def a_stand_in_is_of_another_agency(standing: Standing) -> None:
    """Who covers for who leads could not be given the task they have."""
    answer(standing, "withdrawn")
    holds(standing, "lena", personal=False)
    other = sa.select(people.practitioners.c.agency_id).where(people.practitioners.c.name == "Dele Martins")
    own = people.practitioners.c.name == "Vera Quill"
    write(standing, sa.update(people.practitioners).where(own).values(agency_id=other.scalar_subquery()))


def only_a_task_is_managed(standing: Standing) -> None:
    """Who manages the holder of a task finds the task's page, and no page of the case."""
    holds(standing, "tess", personal=False)


def it_is_restricted(standing: Standing) -> None:
    """Nobody's task to do by a group of theirs: who leads has it."""


SITUATIONS: Mapping[str, tuple[Callable[[Standing], None], set[str]]] = {
    "sharing rests": (it_rests, {"milo", "otto", "finn", "xan", "gus"}),
    "consent is limited": (it_is_limited, {"milo", "otto", "finn", "xan"}),
    "the family is not asked": (nobody_was_asked, {"xan", "finn"}),
    "an emergency is over": (an_emergency_is_over, {"xan", "finn"}),
    "a stand-in is of another agency": (a_stand_in_is_of_another_agency, {"vera", "hugh", "finn", "xan"}),
    "only a task is managed": (only_a_task_is_managed, {"hugh", "otto", "finn", "xan"}),
    "restricted": (it_is_restricted, {"bea", "otto", "hugh", "vera", "gus", "finn", "xan"}),
}
"""How a case is kept from somebody, and from whom at least."""


@cache
def situated(situation: str) -> Standing:
    standing = arranged(FakeClock(MONDAY_MORNING), restricted=situation == "restricted")
    SITUATIONS[situation][0](standing)
    with standing.service.engine.sessions.read() as connection:
        own = running.user_tasks.c.id == standing.ids["task_id"]
        standing.ids["version"] = connection.execute(sa.select(running.user_tasks.c.version).where(own)).scalar_one()
    standing.keep()
    return standing


def acts(standing: Standing) -> Iterator[tuple[str, str, str, str]]:
    """Give everything that is done under a page: method, pattern, address, the page's address."""
    addresses = {pattern: path for method, pattern, path in routes(standing) if method == "GET"}
    for method, pattern, path in routes(standing):
        page = next((page for begins, page in PAGES.items() if f"{pattern}/".startswith(f"{begins}/")), None)
        if page is not None and f"{method} {pattern}" not in OPEN_TO_STRANGERS:
            yield method, pattern, path, addresses[page]


def elsewhere(standing: Standing, path: str) -> str:
    """Return an address of the same kind with nothing at it."""
    for name, value in standing.ids.items():
        if isinstance(value, UUID) and name != "practitioner_id":
            path = path.replace(str(value), str(NOBODY_S))
    return path


@pytest.mark.parametrize("situation", SITUATIONS)
def test_whoever_finds_no_page_finds_no_act(situation: str) -> None:
    standing, wrong, kept_out = situated(situation), [], set[str]()
    hidden: dict[tuple[str, str], bool] = {}
    for method, pattern, path, page in acts(standing):
        body: Any = SENT.get(f"{method} {pattern}")
        for who in filter(None, COLUMNS):
            if (who, page) not in hidden:
                hidden[who, page] = standing.ask(who, "GET", page, None).status_code == 404
            if not hidden[who, page]:
                continue
            kept_out.add(who)
            found = standing.ask(who, method, path, body).status_code
            if (who, method, pattern) not in OF_NOTHING:
                nothing = standing.ask(who, method, elsewhere(standing, path), body)
                OF_NOTHING[who, method, pattern] = nothing.status_code
            if found != OF_NOTHING[who, method, pattern]:
                wrong.append(f"{method} {pattern}: {who} {found}, of nothing {OF_NOTHING[who, method, pattern]}")
    assert not wrong, "\n".join(wrong)
    assert kept_out >= SITUATIONS[situation][1], "there is somebody to keep out"
