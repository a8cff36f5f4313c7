"""A restricted case leaves no trace: every page reads the same, byte for byte, as if there were no such case."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
import sqlalchemy as sa
from openpyxl import load_workbook

from engine.casework.severity import STATES
from engine.casework.stages import ORDER
from engine.clock import FakeClock
from engine.commands import setup
from engine.queries import my_work
from engine.queries.choice import ONLY
from engine.store.tables import METADATA, record
from tests.conftest import MONDAY_MORNING
from tests.unit.web.standing import Standing, arranged
from tests.unit.web.test_who_may_ask_what import TABLE

OUTSIDERS = ("bea", "otto", "gus", "finn", "xan", "sana", "dora", "abe", "ruth", "amara")
NEW_EACH_TIME = re.compile(r'name="(?:csrf_token|request_key)" value="[^"]*"|"reference":"[0-9a-f]{16}"')
ONE_S_OWN = {"/health", "/sign-in", "/sign-out", "/account/second-factor", "/sign-in/organisation"} | {
    "/returns/return.pdf"
}  # fmt: skip
"""What is not compared; the return's PDF is its page, printed."""
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PAGES = [
    line.split()[-1]
    for line in TABLE.splitlines()
    if line.startswith("    ") and "GET" in line.split()[:-1] and "<" not in line and line.split()[-1] not in ONE_S_OWN
]
PAGES += [f"/tasks?whose={whose}" for whose in my_work.VIEWS]
PAGES += [
    f"/overdue?{name}={each}"
    for name, those in (("state", STATES), ("stage", ORDER[:2]), ("only", ONLY))
    for each in those
]
PAGES += [
    "/overdue.csv?worker=nobody", "/overdue?unsupervised=4", "/workload?sort=load", "/workload/tasks?holder=nobody",
    "/workload/tasks.csv?due=late", "/oversight?only=late", "/authority/history?of=people", "/returns?month=2026-02",
    "/where-cases-stand?from_on-day=1&from_on-month=1&from_on-year=2026&to_on-day=2&to_on-month=3&to_on-year=2026",
]  # fmt: skip


def without_the_case(standing: Standing) -> None:
    """Give everything of the case to another authority, as if this one had never had it."""
    service = standing.service
    other = setup.create_authority(service.engine, key="elsewhere", name="Elsewhere Council")
    with service.engine.sessions.act() as connection:
        for table in METADATA.sorted_tables:
            if "case_id" in table.c and "authority_id" in table.c:
                moved = sa.update(table).where(table.c.case_id == standing.ids["case_id"])
                connection.execute(moved.values(authority_id=other))
        case = record.cases.c.id == standing.ids["case_id"]
        connection.execute(sa.update(record.cases).where(case).values(authority_id=other))


def read(answer) -> str:
    """Return what an answer says; a workbook's cells, because the file also says when it was made."""
    if answer.mimetype != WORKBOOK:
        return answer.text
    sheets = load_workbook(BytesIO(answer.data), read_only=True)
    return "\n".join(str(row) for sheet in sheets for row in sheet.iter_rows(values_only=True))


def pages(standing: Standing) -> dict[tuple[str, str], str]:
    found = {}
    for who in OUTSIDERS:
        for path in PAGES:
            found[who, path] = NEW_EACH_TIME.sub("", read(standing.ask(who, "GET", path, None)))
        lead = f"/people/{standing.ids['practitioner_id']}"
        found[who, lead] = NEW_EACH_TIME.sub("", standing.ask(who, "GET", lead, None).text)
        sought = {"words": "Whitlock"}
        found[who, "search"] = NEW_EACH_TIME.sub("", standing.ask(who, "POST", "/cases/search", sought).text)
        child = {"given_name": "Sam", "family_name": "Whitlock", "day-day": "2", "day-month": "3", "day-year": "2018"}
        found[who, "known"] = NEW_EACH_TIME.sub("", standing.ask(who, "POST", "/cases/known", child).text)
    return found


@pytest.fixture(scope="module")
def both() -> tuple[dict[tuple[str, str], str], dict[tuple[str, str], str]]:
    """Give every page of every outsider, with the restricted case and without it."""
    standing = arranged(FakeClock(MONDAY_MORNING), restricted=True, waiting_for="line_managers")
    for who in OUTSIDERS:
        if who not in standing.tokens:
            standing.tokens[who] = standing.service.signed_in(who).client.get_cookie("caf_session").value
    standing.keep()
    hidden = pages(standing)
    without_the_case(standing)
    standing.keep()
    none = pages(standing)
    standing.close()
    return hidden, none


def test_every_page_is_the_same_byte_for_byte(both):
    hidden, none = both
    assert [key for key in hidden if hidden[key] != none[key]] == []
    assert len(hidden) > 200


def test_nothing_of_it_stands_on_any_page(both):
    hidden, _ = both
    assert not [key for key, text in hidden.items() if "Sam Whitlock" in text or "CAF-" in text]


def test_what_would_show_it_does_show_it_while_it_is_not_restricted():
    standing = arranged(FakeClock(MONDAY_MORNING), waiting_for="line_managers")
    for path in ("/cases", "/overdue", "/tasks?whose=team", "/tasks?whose=unclaimed"):
        page = standing.ask("bea", "GET", path, None).text
        assert "Sam" in page, "else the pages would be the same whatever is hidden"
    standing.close()
