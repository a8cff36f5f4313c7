"""Who has how much, and sharing it out: tasks chosen and given to others, absences covered, caseloads handed over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.commands import batches, practitioners
from engine.commands import workload as workload_acts
from engine.errors import Conflict, Invalid
from engine.process_engine import ProcessEngine
from engine.queries import board_choices, caseload, covering, recipients, shareable, workload
from engine.queries.choice import NOBODY, Choice
from engine.queries.shareable import Shareable
from engine.queries.workload import Load
from web import access, exports
from web.csv_rows import Cell
from web.current import actor, engine
from web.day_fields import day_boxes, day_needed, day_typed
from web.overdue import chosen

blueprint = Blueprint("workload", __name__)

SORTS: Final = {
    "late": "Overdue tasks", "leads": "Plans led", "tasks": "Open tasks", "coming": "Due within four weeks",
    "load": "Work for their hours", "name": "Name",
}  # fmt: skip
DUE: Final = {"": "All open tasks", "late": "Only overdue tasks", "month": "Due within four weeks, or overdue"}


@blueprint.get("/workload")
@access.for_those(permissions.may_see_figures)
def page() -> ResponseReturnValue:
    """Show how much everybody has whom one keeps; an address that chooses what there is not leads to all."""
    try:
        found = workload.read(engine(), actor=actor(), **_asked())
    except Invalid:
        return redirect(url_for("workload.page"), 303)
    return render_template(
        "workload/page.html",
        found=found,
        asked=_asked(),
        sorts=SORTS,
        offered=board_choices.offered(engine(), actor=actor(), choice=Choice()),
        nobody=NOBODY,
    )


def _asked() -> dict[str, str]:
    return {"team": "", "agency": "", "sort": "late"} | {
        name: request.args[name] for name in ("team", "agency", "sort") if request.args.get(name)
    }


@exports.both(blueprint, "/workload")
@access.for_those(permissions.may_see_figures)
def file(kind: str) -> ResponseReturnValue:
    """Send the same as a file for a spreadsheet."""
    try:
        found = workload.read(engine(), actor=actor(), **_asked())
    except Invalid:
        return redirect(url_for("workload.page"), 303)
    return exports.listed("workload", kind, _HEAD, (_cells(row) for row in found.rows))


_HEAD: Final = (
    "Name", "Job title", "Agency", "Team", "Plans led", "Open tasks", "Overdue tasks", "Due within four weeks",
    "Hours a week", "Away from", "Away to", "Covered by", "Last day",
    "Why somebody else is needed", "Has room",
)  # fmt: skip


def _cells(row: Load) -> Iterator[Cell]:
    yield from (row.name, row.job_title, row.agency, row.team)
    yield from (row.leads, row.tasks, row.late, row.coming, row.weekly_hours)
    away = row.away
    yield from (away.from_on if away else None, away.to_on if away else None)
    yield (away.covered_by or away.cover_away) if away else ""
    yield from (row.leaves_on, row.cannot, "yes" if row.room else "no")


@blueprint.get("/workload/tasks")
@access.for_those(permissions.may_see_figures)
def tasks() -> ResponseReturnValue:
    """List open tasks to choose from, of somebody or of the children of a board, and ask who is to have them."""
    return _tasks({}, {}) or redirect(url_for("workload.page"), 303)


@exports.both(blueprint, "/workload/tasks")
@access.for_those(permissions.may_see_figures)
def tasks_file(kind: str) -> ResponseReturnValue:
    """Send the same tasks as a file for a spreadsheet."""
    try:
        found = _found(request.args)
    except Invalid:
        return redirect(url_for("workload.page"), 303)
    each = _each(engine(), actor(), found.ids)
    rows = (
        (row.name, row.child_name or f"Case {row.reference}", row.holder or "", row.due_on, row.days) for row in each
    )
    return exports.listed("tasks", kind, _TASKS, rows)


_TASKS: Final = ("Task", "Child or case", "With", "Due", "Working days late or left")
_AT_A_TIME: Final = 500


def _each(engine: ProcessEngine, who: Actor, ids: Sequence[UUID]) -> Iterator[Shareable]:
    for first in range(0, len(ids), _AT_A_TIME):
        yield from shareable.of_ids(engine, actor=who, ids=ids[first : first + _AT_A_TIME])


@blueprint.post("/workload/tasks")
@access.for_those(permissions.may_see_figures)
def plan_tasks() -> ResponseReturnValue:
    """Plan what was chosen; the next page shows it before anything moves."""
    typed = request.form
    try:
        ids = _found(typed).ids if typed.get("every") == "yes" else _ids(typed.getlist("task"))
        to = None if typed.get("how") == "room" else _person(typed.get("to", ""), "to", "Choose who is to have them")
        batch = batches.plan_tasks(engine(), actor=actor(), task_ids=ids, to=to, why=typed.get("why", ""))
    except Invalid as wrong:
        asked = _tasks(typed, {str(wrong.details.get("field") or "task"): wrong.message})
        return (asked, 422) if asked else redirect(url_for("workload.page"), 303)
    return redirect(url_for("batches.page", batch_id=batch), 303)


def _tasks(values: Mapping[str, Any], errors: Mapping[str, str]) -> str:
    """Return the page of the list; nothing when the address chooses what there is not."""
    given = request.form if request.method == "POST" else request.args
    try:
        found = _found(given)
    except Invalid:
        return ""
    asked = {name: given[name] for name in ("holder", "due") if given.get(name)} | chosen(given)
    return render_template(
        "workload/tasks.html",
        found=found,
        asked=asked,
        query=urlencode(asked),
        due=DUE,
        most=shareable.MOST,
        ticked=set(request.form.getlist("task")),
        people=recipients.everybody(engine(), actor=actor(), roles=found.takers),
        values={"how": "room", **values},
        errors=errors,
    )


def _found(given: Mapping[str, str]) -> shareable.Found:
    choice = Choice(**chosen(given))
    return shareable.read(
        engine(), actor=actor(), choice=choice, holder=given.get("holder", ""), due=given.get("due", "")
    )


def _ids(texts: Sequence[str]) -> list[UUID]:
    return [_person(text, "task", "Choose tasks from the list") for text in texts]


def _person(text: str, field: str, asked: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Invalid(asked, field=field) from error


@blueprint.get("/workload/people/<uuid:practitioner_id>")
@access.for_those(permissions.may_see_figures)
def person(practitioner_id: UUID) -> ResponseReturnValue:
    """Show what somebody has, and what can be done about it."""
    return _person_page(practitioner_id, {}, {})


@blueprint.post("/workload/people/<uuid:practitioner_id>/hours")
@access.for_those(permissions.may_see_figures)
def hours(practitioner_id: UUID) -> ResponseReturnValue:
    """Keep how many hours a week they have promised to this work."""
    text = request.form.get("hours", "").strip()
    try:
        if text and not (text.isascii() and text.isdigit() and len(text) < 4):
            raise Invalid("Enter whole hours a week, for example 20", field="hours")
        workload_acts.promise_hours(
            engine(), actor=actor(), practitioner_id=practitioner_id, hours=int(text) if text else None
        )
    except Invalid as wrong:
        return _person_page(practitioner_id, request.form, {"hours": wrong.message}), 422
    flash("The hours are kept.")
    return redirect(url_for("workload.person", practitioner_id=practitioner_id), 303)


@blueprint.post("/workload/people/<uuid:practitioner_id>/absence")
@access.for_those(permissions.may_see_figures)
def absence(practitioner_id: UUID) -> ResponseReturnValue:
    """Record when somebody is away and who covers: their tasks then, and those that come later too."""
    typed = request.form
    try:
        cover = _covering(typed.get("covered_by", ""))
        practitioners.record_absence(
            engine(),
            actor=actor(),
            practitioner_id=practitioner_id,
            from_on=day_needed(typed, "from_on", "Enter the first day"),
            expected_to_on=day_typed(typed, "expected_to_on"),
            reason=typed.get("reason", ""),
            covered_by=cover,
        )
    except (Invalid, Conflict) as wrong:
        field = str(wrong.details.get("field") or "from_on")
        return _person_page(practitioner_id, typed, {field: wrong.message}), 422
    told = "Whoever covers has been told, and sees the tasks on those days."
    alone = "Nobody covers yet: tasks go where the rules say, and the line manager is told where plans are led."
    unmet = covering.gap(engine(), actor=actor(), practitioner_id=practitioner_id)
    flash(" ".join(filter(None, ("The absence is recorded.", told if cover else alone, unmet and f"{unmet}."))))
    return redirect(url_for("workload.person", practitioner_id=practitioner_id), 303)


def _covering(text: str) -> UUID | None:
    return _person(text, "covered_by", "Choose who covers") if text else None


def _person_page(practitioner_id: UUID, values: Mapping[str, Any], errors: Mapping[str, str]) -> str:
    load = workload.of_one(engine(), actor=actor(), practitioner_id=practitioner_id)
    others = [each for each in workload.read(engine(), actor=actor(), sort="load").rows[::-1] if not _gone(each)]
    kept = {"hours": str(load.weekly_hours or ""), "reason": "planned", **day_boxes("from_on", g.today)}
    return render_template(
        "workload/person.html",
        person=load,
        cases=caseload.read(engine(), actor=actor(), practitioner_id=practitioner_id).cases,
        covers=_covers(load, others),
        gap=covering.gap(engine(), actor=actor(), practitioner_id=practitioner_id),
        may_record=permissions.may_record_away(actor(), practitioner_id),
        values={**kept, **values},
        errors=errors,
    )


def _gone(load: Load) -> bool:
    return load.leaves_on is not None or (load.away is not None and load.away.now)


def _covers(load: Load, others: Sequence[Load]) -> list[dict[str, str]]:
    """Return who could cover, with what they have: those of the same agency first, in it whoever has least.

    Of each it is said what covering would not open to them.
    """
    found = covering.choices(engine(), actor=actor(), practitioner_id=load.practitioner_id)
    limits = {each.practitioner.practitioner_id: each.limits for each in found}
    able = [each.practitioner_id for each in others if each.practitioner_id in limits]
    able.sort(key=lambda who: next(each.elsewhere for each in found if each.practitioner.practitioner_id == who))
    choices = {each.practitioner_id: each for each in recipients.everybody(engine(), actor=actor())}
    return [
        {"value": choices[who].value, "label": "; ".join(filter(None, (choices[who].label, limits[who])))}
        for who in able
    ]


@blueprint.route("/workload/people/<uuid:practitioner_id>/leads", methods=["GET", "POST"])
@access.for_those(permissions.may_see_figures)
def leads(practitioner_id: UUID) -> ResponseReturnValue:
    """Ask who is to lead each plan of somebody: in between while they are away, or for good when they leave."""
    if request.method == "GET":
        return _leads_page(practitioner_id, {}, {})
    typed = request.form
    try:
        chosen_leads = {
            UUID(name.removeprefix("lead-")): _person(value, "lead", "Choose people from the lists")
            for name, value in typed.items()
            if name.startswith("lead-") and value
        }
        why = typed.get("why", "")
        if typed.get("how") == "interim":
            batch = batches.plan_interim(
                engine(), actor=actor(), leads=chosen_leads, until=day_typed(typed, "on"), why=why
            )
        else:
            planned_on = day_needed(typed, "on", "Enter the day from which they are to lead")
            batch = batches.plan_handovers(engine(), actor=actor(), leads=chosen_leads, planned_on=planned_on, why=why)
    except Invalid as wrong:
        return _leads_page(practitioner_id, typed, {str(wrong.details.get("field") or "lead"): wrong.message}), 422
    return redirect(url_for("batches.page", batch_id=batch), 303)


def _leads_page(practitioner_id: UUID, values: Mapping[str, Any], errors: Mapping[str, str]) -> str:
    load = workload.of_one(engine(), actor=actor(), practitioner_id=practitioner_id)
    found = caseload.read(engine(), actor=actor(), practitioner_id=practitioner_id)
    away = load.away is not None and load.away.now
    usual = {"how": "interim" if away else "handovers"} | day_boxes(
        "on", load.leaves_on or (None if away else g.today + timedelta(weeks=2))
    )
    return render_template("workload/leads.html", person=load, found=found, values={**usual, **values}, errors=errors)
