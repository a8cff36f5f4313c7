"""What runs on a case is put right: another day for a task or a timer, a diagram stopped, with the reason."""

from __future__ import annotations

import re
from datetime import timedelta

import sqlalchemy as sa

from engine.commands import case_processes
from engine.operations.lead_professionals import appoint_lead_professional
from engine.store import locking
from engine.store.tables import keeping, running
from engine.work import open_work

LATER = {"on-day": "20", "on-month": "3", "on-year": "2026"}


def rows(service, query):
    with service.engine.sessions.read() as connection:
        return connection.execute(query).all()


def events(service, case_id, kind: str):
    query = sa.select(keeping.history.c.detail).where(keeping.history.c.case_id == case_id)
    return [row.detail for row in rows(service, query.where(keeping.history.c.kind == kind))]


def handed_over(service):
    """Start a handover of a case that Amara leads; return the case's id and the handover's."""
    case_id = service.start_shared()
    with service.engine.sessions.act() as connection:
        line = locking.case(connection, case_id)
        work = open_work(service.engine, connection, line, actor=None, at=service.engine.clock.now())
        appoint_lead_professional(work, {"lead_professional": service.ids["Amara Osei"]}, {})
        work.finish()
    answers = {"successor": str(service.ids["Dele Martins"]), "planned_on": "2026-03-20", "reasons": "Amara is busy"}
    instance = case_processes.start(
        service.engine, actor=service.actor("ruth"), case_id=case_id, process_key="handover", answers=answers
    )
    return case_id, instance


def test_a_task_gets_another_day_and_who_has_it_is_told(service):
    case_id = service.start_case()
    ruth, page = service.signed_in("ruth"), f"/cases/{case_id}/running"
    ruth.get(page)
    assert ruth.says("What runs for Sam Whitlock?", "Ask for the family’s consent") or ruth.says("with Amara Osei")
    (task,) = rows(service, sa.select(running.user_tasks).where(running.user_tasks.c.state == "open"))
    change = f"{page}/{task.id}"
    ruth.get(change)
    ruth.post(change, **LATER, why=" ")
    assert ruth.status == 422 and ruth.says("Say why")
    ruth.post(change, **{**LATER, "on-year": "2025"}, why="The family is on holiday")
    assert ruth.status == 422 and ruth.says("Enter today or a day that is still to come")
    ruth.post(change, **LATER, why="The family is on holiday")
    assert ruth.says("Whoever has it is told")
    (moved,) = rows(service, sa.select(running.user_tasks).where(running.user_tasks.c.id == task.id))
    assert moved.due_on.isoformat() == "2026-03-20"
    (detail,) = events(service, case_id, "due_date_moved")
    assert detail == {"was": task.due_on.isoformat(), "now": "2026-03-20"}
    told = rows(service, sa.select(keeping.outbox.c.practitioner_id, keeping.outbox.c.subject))
    assert (service.ids["Amara Osei"], "The day of a task of yours has changed") in [tuple(row) for row in told]
    assert "The family is on holiday" in ruth.get(f"/cases/{case_id}/history")


def test_a_timer_gets_another_day_at_its_time_of_day(service):
    case_id, instance = handed_over(service)
    waits = (running.timers.c.instance_id == instance) & running.timers.c.fired_at.is_(None)
    timer = rows(service, sa.select(running.timers).where(waits))[0]
    ruth = service.signed_in("ruth")
    change = f"/cases/{case_id}/running/{timer.id}"
    ruth.get(change)
    assert ruth.says("The time of day stays")
    ruth.post(change, **LATER, why="The school is closed")
    assert ruth.says("has another day")
    (moved,) = rows(service, sa.select(running.timers).where(running.timers.c.id == timer.id))
    assert (moved.due_at.date().isoformat(), moved.due_at.time()) == ("2026-03-20", timer.due_at.time())
    assert len(events(service, case_id, "timer_moved")) == 1


def test_a_diagram_begun_by_mistake_is_stopped_and_its_episode_is_not(service):
    case_id, instance = handed_over(service)
    page = f"/cases/{case_id}/running"
    ines = service.signed_in("ines")
    ines.get(f"/cases/{case_id}")
    assert ines.says("something was begun by mistake")
    ines.get(f"{page}/{instance}")
    assert ines.says("Stop “Handover of the lead”?", "Tell the family")
    ines.post(f"{page}/{instance}", why="The wrong child")
    assert ines.says("“Handover of the lead” is stopped")
    tasks = sa.select(running.user_tasks.c.state).where(running.user_tasks.c.instance_id == instance)
    assert {row.state for row in rows(service, tasks)} == {"cancelled"}
    assert ines.get(f"{page}/{instance}") and ines.status == 404
    mine = (running.instances.c.status != "ended") & (running.instances.c.process_key == "caf_episode")
    (episode,) = rows(service, sa.select(running.instances).where(mine))
    ines.get(page)
    assert f'{page}/{episode.id}"' not in ines.page
    ines.post(f"{page}/{episode.id}", why="A slip")
    assert ines.status == 422 and ines.says("This is not stopped by hand")
    amara = service.signed_in("amara")
    assert amara.get(page) and amara.status == 403


def test_a_diagram_goes_on_at_another_step_after_showing_what_ends_and_begins(service):
    case_id, instance = handed_over(service)
    ruth, page = service.signed_in("ruth"), f"/cases/{case_id}/running"
    ruth.get(page)
    assert ruth.says("Move it to another step")
    move = f"{page}/{instance}/move"
    ruth.get(move)
    places = re.findall(r'<option value="([0-9a-f-]{36}:[^"]+)"[^>]*>([^<]+)<', ruth.page)
    waits = rows(service, sa.select(running.user_tasks).where(running.user_tasks.c.instance_id == instance))
    (ending,) = [task for task in waits if task.state == "open"]
    step, name = next((value, name) for value, name in places if ending.element_id not in value)
    ruth.get(f"{move}?step=nothing")
    assert ruth.status == 422
    ruth.get(f"{move}?step={step}")
    assert ruth.says("What ends with it", ending.name, "What begins", name, "Nothing has moved yet")
    ruth.post(move, step=step, why=" ")
    assert ruth.status == 422 and ruth.says("Say why", name)
    assert events(service, case_id, "process_put_elsewhere") == []
    service.clock.advance(timedelta(minutes=1))
    ruth.post(move, step=step, why="The family has been told already")
    assert ruth.says("goes on at", "is told")
    (ended,) = rows(service, sa.select(running.user_tasks).where(running.user_tasks.c.id == ending.id))
    assert ended.state == "cancelled"
    (detail,) = events(service, case_id, "process_put_elsewhere")
    assert detail["to"] == step.partition(":")[2]
    told = rows(service, sa.select(keeping.outbox.c.practitioner_id, keeping.outbox.c.subject))
    assert (ending.assignee_id, "A task of yours is not needed any more") in [tuple(row) for row in told]
    assert "The family has been told already" in ruth.get(f"/cases/{case_id}/history")
    ruth.get(f"/tasks/{ending.id}")
    assert ruth.says("This is not needed any more, since", "Ruth Adeyemi: ", "The family has been told already")
