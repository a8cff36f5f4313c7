"""A person finishes a task at 23:59 in the nights the clocks change: every day on the pages is the local one."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from engine.calendar import WorkingCalendar
from engine.scheduler import tick
from engine.store.tables.keeping import history
from engine.store.tables.record import assessments
from engine.store.tables.running import user_tasks
from tests.unit.web.workers import Worker, day

LONDON = ZoneInfo("Europe/London")
CALENDAR = WorkingCalendar("england-and-wales")
NIGHTS = [
    pytest.param(date(2026, 3, 9), date(2026, 3, 28), id="forward"),
    pytest.param(date(2026, 10, 5), date(2026, 10, 24), id="back"),
]
"""The Monday on which the assessment began, and the Saturday before the Sunday on which the clocks change."""


class _Nowhere:
    def send(self, message):
        pass


def local(on, hour, minute):
    return datetime(on.year, on.month, on.day, hour, minute, tzinfo=LONDON).astimezone(UTC)


def begun(service, monday):
    """Begin an assessment at nine on a Monday; return the case's id."""
    service.clock.set(local(monday, 9, 0))
    case_id = service.start_case()
    Worker(service, "amara").does(
        "Ask for the family's consent", consent="given", given_by="Tess Whitlock", **day("signed_on", monday)
    )
    return case_id


def form_of(service, visitor):
    row = re.search(
        r'<a class="govuk-link" href="(/tasks/[0-9a-f-]+)">Complete the assessment</a>', visitor.get("/tasks")
    )
    visitor.get(row.group(1))
    return row.group(1), {name: visitor.hidden(name) for name in ("expected_version", "request_key")}


def rows(service, query):
    with service.engine.sessions.read() as connection:
        return connection.execute(query).all()


@pytest.mark.parametrize(("monday", "saturday"), NIGHTS)
def test_a_task_done_a_minute_before_midnight_is_of_that_day(service, monday, saturday):
    case_id, sunday = begun(service, monday), saturday + timedelta(days=1)
    service.clock.set(local(saturday, 23, 59))
    amara = service.signed_in("amara")
    address, hidden = form_of(service, amara)
    typed = {name: re.search(rf'name="completed_on-{name}"[^>]* value="(\d+)"', amara.page).group(1)
             for name in ("day", "month", "year")}  # fmt: skip
    assert (int(typed["day"]), int(typed["month"]), int(typed["year"])) == (saturday.day, saturday.month, 2026)
    content = {"strengths": "Close", "needs": "Calm mornings", "conclusions": "A plan would help", "signed_by": "Jo"}
    amara.post(address, act="complete", **hidden, **content, **day("completed_on", sunday))
    assert amara.status == 422
    _, hidden = form_of(service, amara)
    amara.post(address, act="complete", **hidden, **content, **day("completed_on", saturday))
    assert amara.says("“Complete the assessment” is finished")
    (kept,) = rows(service, sa.select(assessments.c.completed_on))
    assert kept.completed_on == saturday
    done = sa.select(history).where(history.c.case_id == case_id, history.c.kind == "task_completed")
    event = rows(service, done.order_by(history.c.seq.desc()))[0]
    assert (event.effective_on, event.recorded_at) == (saturday, local(saturday, 23, 59))
    (task,) = rows(
        service, sa.select(user_tasks.c.due_on).where(user_tasks.c.element_id == "appoint_lead_professional")
    )
    assert task.due_on == CALENDAR.add_working_days(saturday, 5)
    amara.get(f"/cases/{case_id}/history")
    assert amara.says(f"{saturday.day} {saturday:%B}") and not amara.says(f"{sunday.day} {sunday:%B}")


@pytest.mark.parametrize(("monday", "saturday"), NIGHTS)
@pytest.mark.parametrize(("hour", "minute", "next_day"), [(23, 59, False), (0, 1, True), (0, 30, True), (23, 59, True)])
def test_today_turns_at_local_midnight_in_forms_lists_and_escalations(
    service, monday, saturday, hour, minute, next_day
):
    begun(service, monday)
    today = saturday + timedelta(days=1) if next_day else saturday
    service.clock.set(local(today, hour, minute))
    tick(service.engine, _Nowhere())
    amara, ruth = service.signed_in("amara"), service.signed_in("ruth")
    form_of(service, amara)
    assert re.search(rf'name="completed_on-day"[^>]* value="{today.day}"', amara.page)
    ruth.get("/overdue")
    assert ruth.says("The assessment has been open for 14 working days.")
