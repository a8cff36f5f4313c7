"""My work: tasks and actions by whose they are and by when, what others owe, what is put off, lists saved by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands import chasing, own_lists
from engine.errors import Conflict, Invalid
from engine.queries import between_meetings, guidance, my_work, owed_reports, waiting, waiting_letters, worklist
from engine.queries.my_work import Choice
from web import access
from web.current import actor, engine
from web.day_fields import day_needed

_T = TypeVar("_T")
blueprint = Blueprint("work", __name__)

VIEWS: Final = {
    "mine": "Mine", "all": "Mine and my groups’", "team": "My team’s", "unclaimed": "Nobody’s yet",
    "overdue": "Overdue",
}  # fmt: skip
HEADINGS: Final = {
    "mine": "My work", "all": "My work and my groups’", "team": "My team’s work",
    "unclaimed": "Tasks nobody has taken yet", "overdue": "Overdue work",
}  # fmt: skip
GROUPS: Final = {
    "critically_overdue": "Critically overdue",
    "overdue": "Overdue",
    "due_soon": "Due soon",
    "not_due": "Not due yet",
}
WHAT: Final = (("", "Tasks and actions"), ("tasks", "Tasks only"), ("actions", "Actions of plans only"))
DUE: Final = (("", "At any time"), ("late", "Overdue"), ("week", "Overdue or within a working week"))
FIRST: Final = 10
"""How many rows stand open on a long page, the soonest: on a phone, each is a third of the screen."""
FIRST_AWAITED: Final = 5
"""The same of what others owe, whose rows are nearly twice as tall."""
FEW: Final = 4
"""So many more are not worth folding."""
_FILTERS: Final = ("whose", "what", "due", "process")


def asked() -> Choice:
    """Return the list that an address names. Raises `Invalid` for one that is none."""
    return Choice(**_filters(request.args))


def list_page(values: Mapping[str, Any] | None = None, errors: Mapping[str, str] | None = None) -> ResponseReturnValue:
    """Show one list of work; an address that names no list leads to one's own."""
    try:
        choice = asked()
    except Invalid:
        return redirect(url_for("tasks.mine"), 303)
    found = my_work.read(engine(), actor=actor(), choice=choice, after=request.args.get("after"))
    offered = 0
    letters: tuple[waiting_letters.Waiting, ...] = ()
    copies = 0
    if choice.whose == "mine" and not any((choice.what, choice.due, choice.process)):
        offered = worklist.offered(engine(), actor=actor())
        letters = waiting_letters.mine(engine(), actor=actor())
        copies = guidance.waiting_copies(engine(), actor=actor())
    return render_template(
        "tasks/list.html",
        choice=choice,
        heading=HEADINGS[choice.whose],
        views=VIEWS,
        groups=_by_state(found.rows, lambda row: row),
        found=found,
        offered=offered,
        most_offered=worklist.MOST_OFFERED,
        said=between_meetings.waiting(engine(), actor=actor()) if choice.whose == "mine" else (),
        owed=owed_reports.mine(engine(), actor=actor()) if choice.whose == "mine" else (),
        letters=letters,
        copies=copies,
        query=_query(choice),
        saved=found.saved,
        what_choices=WHAT,
        due_choices=DUE,
        processes=found.processes,
        values=values or {},
        errors=errors or {},
    )


@blueprint.post("/tasks/lists")
@access.signed_in
def save_list() -> ResponseReturnValue:
    """Keep the list that is shown under a name."""
    try:
        choice = Choice(**_filters(request.form))
    except Invalid:
        return redirect(url_for("tasks.mine"), 303)
    shared = request.form.get("shared") == "yes"
    try:
        own_lists.save(
            engine(), actor=actor(), name=request.form.get("name", ""), query=_query(choice), shared=shared
        )
    except Invalid as wrong:
        flash(wrong.message, "problem")
        return redirect(url_for("tasks.mine", **_given(choice), _anchor="save"), 303)
    flash("The list is saved" + (" and your team can see it." if shared else "."))
    return redirect(url_for("tasks.mine", **_given(choice)), 303)


@blueprint.post("/tasks/lists/<uuid:list_id>/remove")
@access.signed_in
def remove_list(list_id: UUID) -> ResponseReturnValue:
    """Remove a list of one's own."""
    own_lists.remove(engine(), actor=actor(), list_id=list_id)
    flash("The list is removed. The work on it is not.")
    return redirect(url_for("tasks.mine"), 303)


@blueprint.get("/tasks/waiting")
@access.signed_in
def waiting_page() -> ResponseReturnValue:
    """Show what others have to do on one's cases: who, since when, and how it gets on."""
    found = waiting.read(engine(), actor=actor())
    groups = _by_state(found, lambda each: each.row, FIRST_AWAITED)
    return render_template("tasks/waiting.html", groups=groups, views=VIEWS)


@blueprint.post("/tasks/<uuid:task_id>/ask")
@access.signed_in
def ask_about_task(task_id: UUID) -> ResponseReturnValue:
    """Ask who has a task how it gets on."""
    return _asked(lambda: chasing.ask_about_task(engine(), actor=actor(), task_id=task_id))


@blueprint.post("/actions/<uuid:action_id>/ask")
@access.signed_in
def ask_about_action(action_id: UUID) -> ResponseReturnValue:
    """Ask who has an action how it gets on."""
    return _asked(lambda: chasing.ask_about_action(engine(), actor=actor(), action_id=action_id))


def _asked(ask: Any) -> ResponseReturnValue:
    try:
        ask()
        flash("They are asked by e-mail how it gets on. The case’s history says so too.")
    except (Conflict, Invalid) as wrong:
        flash(f"{wrong.message}.", "problem")
    return redirect(url_for("work.waiting_page"), 303)


@blueprint.get("/tasks/later")
@access.signed_in
def later_page() -> ResponseReturnValue:
    """Show what one has put off, and until when."""
    return render_template("tasks/later.html", found=my_work.later(engine(), actor=actor()), views=VIEWS)


@blueprint.get("/tasks/<uuid:task_id>/later")
@access.signed_in
def put_off_task_page(task_id: UUID) -> ResponseReturnValue:
    """Ask until when a task is to be put off."""
    return _put_off_page(task_id, {}, {})


@blueprint.get("/actions/<uuid:action_id>/later")
@access.signed_in
def put_off_action_page(action_id: UUID) -> ResponseReturnValue:
    """Ask until when an action is to be put off."""
    return _put_off_page(action_id, {}, {})


@blueprint.post("/tasks/<uuid:task_id>/later")
@access.signed_in
def put_off_task(task_id: UUID) -> ResponseReturnValue:
    """Put a task off, or bring it back."""
    return _put_off(task_id, {"task_id": task_id})


@blueprint.post("/actions/<uuid:action_id>/later")
@access.signed_in
def put_off_action(action_id: UUID) -> ResponseReturnValue:
    """Put an action off, or bring it back."""
    return _put_off(action_id, {"action_id": action_id})


def _put_off(id_: UUID, which: Mapping[str, UUID]) -> ResponseReturnValue:
    typed = request.form
    if typed.get("act") == "back":
        own_lists.bring_back(engine(), actor=actor(), **which)
        flash("It is on your list again.")
        return redirect(url_for("work.later_page"), 303)
    try:
        ahead = WORKING_DAYS.get(typed.get("until", ""))
        if ahead:
            until = my_work.working_day(engine(), actor=actor(), ahead=ahead)
        else:
            until = day_needed(typed, "until_on", "Choose until when, or enter a day")
        own_lists.put_off_until(engine(), actor=actor(), until_on=until, **which)
    except Invalid as wrong:
        return _put_off_page(id_, typed, {"until_on": wrong.message}), 422
    flash("It is off your list until then. Nothing changes for anybody else.")
    return redirect(url_for("tasks.mine"), 303)


WORKING_DAYS: Final = {"tomorrow": 1, "week": 5}


def _put_off_page(id_: UUID, values: Mapping[str, Any], errors: Mapping[str, str]) -> str:
    row = my_work.one(engine(), actor=actor(), id_=id_)
    until = {name: my_work.working_day(engine(), actor=actor(), ahead=ahead) for name, ahead in WORKING_DAYS.items()}
    offered = {name for name, day in until.items() if row.due_on is None or day <= row.due_on}
    return render_template("tasks/put_off.html", row=row, offered=offered, values=values, errors=errors)


@dataclass(frozen=True, slots=True)
class Group:
    """The work of a page that is equally late: what stands open, and what is folded below it."""

    words: str
    rows: Sequence[Any]
    folded: Sequence[Any]


def _by_state(rows: Sequence[_T], work: Callable[[_T], my_work.Row], first: int = FIRST) -> list[Group]:
    """Return the groups in which there is something, the latest first; a long page folds all but its `first` rows.

    `work` gives the row of work of what is listed.
    """
    room = first if len(rows) > first + FEW else len(rows)
    groups = []
    for state, words in GROUPS.items():
        found = [row for row in rows if work(row).due_state == state]
        if found:
            groups.append(Group(words, found[:room], found[room:]))
        room = max(0, room - len(found))
    return groups


def _filters(given: Mapping[str, str]) -> dict[str, str]:
    return {name: given[name] for name in _FILTERS if given.get(name)}


def _given(choice: Choice) -> dict[str, Any]:
    plain = Choice()
    return {name: getattr(choice, name) for name in _FILTERS if getattr(choice, name) != getattr(plain, name)}


def _query(choice: Choice) -> str:
    return urlencode(_given(choice))
