"""Lists of cases and work as files to take away: what their pages show, and no more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.errors import Invalid
from engine.process_engine import ProcessEngine
from engine.queries import access_log, case_list, chronology, incidents, mag_queue, my_work, staff, waiting
from engine.queries.my_work import Choice
from engine.queries.task_rows import TaskRow
from web import access, chronologies, exports, words
from web.csv_rows import Cell
from web.current import actor, engine
from web.incidents import KIND_WORDS
from web.my_work import GROUPS, asked
from web.people import ROLE_WORDS

blueprint = Blueprint("list_files", __name__)

_CASES: Final = ("Child", "Reference", "Who leads", "Key worker", "Opened", "Paused until", "What is next")
_WORK: Final = ("What", "Child", "Why", "With", "Group", "Due", "Working days late or left", "Paused until")
_AWAITED: Final = ("What", "Child", "Why", "With", "Due", "Waiting since", "Asked how it gets on")
_PUT_OFF: Final = ("What", "Child", "Why", "Due", "On the list again")
_STORY: Final = ("When ({zone} time)", "On", "Who", "What", "Why it counted", "Marked by")
_READERS: Final = (
    "When ({zone} time)", "Who", "Agency", "What", "In an emergency, because", "As coordinator, for",
)  # fmt: skip
_MAG: Final = ("Child", "Reference", "Who leads", "First papers", "Working days", "Group", "Meeting", "Missing")
_INCIDENTS: Final = (
    "Kind", "What happened", "What to do", "Since ({zone} time)", "Tries", "By itself again ({zone} time)", "Diagram",
    "Step", "Case", "Message for",
)  # fmt: skip
_PEOPLE: Final = ("Name", "Job", "Agency", "Team", "Line manager", "E-mail", "Phone", "Roles", "Last day")


@exports.both(blueprint, "/cases")
@access.signed_in
def cases(kind: str) -> ResponseReturnValue:
    """Send every open case that one works on."""
    return exports.listed("cases", kind, _CASES, _cases(engine(), actor()))


def _cases(engine: ProcessEngine, who: Actor) -> Iterator[list[Cell]]:
    after: UUID | None = None
    while True:
        page = case_list.case_page(engine, actor=who, after=after)
        for row in page.rows:
            yield [
                row.child_name, row.reference, row.lead_name, row.key_worker, row.opened_on, row.paused_until, row.next,
            ]  # fmt: skip
        after = page.next
        if after is None:
            return


@exports.both(blueprint, "/tasks")
@access.signed_in
def work(kind: str) -> ResponseReturnValue:
    """Send every row of one list of work; an address that names no list leads to one's own."""
    try:
        choice = asked()
    except Invalid:
        return redirect(url_for("tasks.mine"), 303)
    return exports.listed("work", kind, _WORK, _work(engine(), actor(), choice))


def _work(engine: ProcessEngine, who: Actor, choice: Choice) -> Iterator[list[Cell]]:
    after: str | None = None
    while True:
        page = my_work.read(engine, actor=who, choice=choice, after=after)
        for row in page.rows:
            whom = f"Case {row.reference}" if isinstance(row, TaskRow) and row.alone else row.child_name
            yield [
                row.name, whom, row.why, row.assignee_name, GROUPS[row.due_state], row.due_on, row.days,
                row.paused_until,
            ]  # fmt: skip
        after = page.next
        if after is None:
            return


@exports.both(blueprint, "/tasks/waiting")
@access.signed_in
def awaited(kind: str) -> ResponseReturnValue:
    """Send what others have to do on one's cases."""
    rows = (
        (each.row.name, each.row.child_name, each.row.why, each.who, each.row.due_on, each.since, each.asked_on)
        for each in waiting.read(engine(), actor=actor())
    )
    return exports.listed("waiting", kind, _AWAITED, rows)


@exports.both(blueprint, "/tasks/later")
@access.signed_in
def put_off(kind: str) -> ResponseReturnValue:
    """Send what one has put off."""
    rows = (
        (each.row.name, each.row.child_name, each.row.why, each.row.due_on, each.until)
        for each in my_work.later(engine(), actor=actor())
    )
    return exports.listed("put-off", kind, _PUT_OFF, rows)


@exports.both(blueprint, "/cases/<uuid:case_id>/chronology")
@access.signed_in
def story(case_id: UUID, kind: str) -> ResponseReturnValue:
    """Send the story of a case as far as it was chosen; an address that chooses what there is not leads to all."""
    try:
        asked_ = chronologies.asked_for(request.args)
    except Invalid:
        return redirect(url_for("chronologies.page", case_id=case_id), 303)
    found = chronology.read(engine(), actor=actor(), case_id=case_id, asked=asked_, limit=chronology.WHOLE)
    rows = (
        (each.event.at, each.event.effective_on, each.event.who, each.event.what,
         each.reason, each.marked_by)
        for each in found.entries
    )  # fmt: skip
    return exports.listed("chronology", kind, _STORY, rows)


@exports.both(blueprint, "/cases/<uuid:case_id>/readers")
@access.signed_in
def readers(case_id: UUID, kind: str) -> ResponseReturnValue:
    """Send everybody who has looked at a record: a family may ask for it."""
    first = access_log.of_case(engine(), actor=actor(), case_id=case_id, limit=access_log.LONGEST)
    return exports.listed("readers", kind, _READERS, _readers(engine(), actor(), case_id, first))


def _readers(engine: ProcessEngine, who: Actor, case_id: UUID, page: access_log.Readings) -> Iterator[list[Cell]]:
    while True:
        for row in page.rows:
            why = (row.emergency, row.purpose)
            yield [row.at, row.who, row.agency, words.plain(row.what), *why]
        if page.next is None:
            return
        page = access_log.of_case(engine, actor=who, case_id=case_id, after=page.next, limit=access_log.LONGEST)


@exports.both(blueprint, "/mag")
@access.for_those(permissions.may_see_mag_queue)
def mag(kind: str) -> ResponseReturnValue:
    """Send what waits for the groups that one sits on."""
    rows = (
        (each.child_name, each.reference, each.lead_name, each.referred_on, each.days, each.mag, each.meeting_on,
         each.missing)
        for each in mag_queue.waiting(engine(), actor=actor())
    )  # fmt: skip
    return exports.listed("group", kind, _MAG, rows)


@exports.both(blueprint, "/incidents")
@access.for_those(permissions.may_operate)
def incident_list(kind: str) -> ResponseReturnValue:
    """Send the incidents that are open."""
    rows = (
        (KIND_WORDS[each.kind], each.sentence, each.advice, each.opened_at, each.tries, each.next_try_at,
         each.process_name, each.element_id, each.reference, each.to)
        for each in incidents.open_incidents(engine(), actor=actor())
    )  # fmt: skip
    return exports.listed("incidents", kind, _INCIDENTS, rows)


@exports.both(blueprint, "/people")
@access.for_those(permissions.may_see_people)
def people(kind: str) -> ResponseReturnValue:
    """Send the people one keeps."""
    rows = (
        (each.name, each.job_title, each.agency, each.team, each.manager, each.email, each.phone,
         ", ".join(ROLE_WORDS.get(role, role) for role in each.roles), each.last_day)
        for each in staff.members(engine(), actor=actor())
    )  # fmt: skip
    return exports.listed("people", kind, _PEOPLE, rows)
