"""Cases: the ones a person works on, finding one, starting one, and the page of one child."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.casework import permissions
from engine.casework.consent_cover import KINDS
from engine.commands import cases as case_acts
from engine.commands import child_index
from engine.errors import Invalid, NotFound
from engine.forms import Option
from engine.forms.parsing import DATE_PARTS
from engine.queries import (
    access_checks,
    access_log,
    case_family,
    case_file,
    case_where,
    pathways,
    people,
    timeline,
)
from web import access, schemas, start_forms
from web.current import actor, engine
from web.day_fields import day_typed
from web.form_values import me_first

blueprint = Blueprint("cases", __name__, url_prefix="/cases")
_NOT_THE_CHILD = ("request_key", "family", "assessor_id", "pathway", "sibling_of")

@blueprint.get("")
@access.signed_in
def index() -> ResponseReturnValue:
    """List the cases the person works on."""
    return _list(case_file.case_page(engine(), actor=actor(), after=request.args.get("after", type=UUID)))


@blueprint.post("/search")
@access.signed_in
def search() -> ResponseReturnValue:
    """List the cases that match. Sent as a form: a child's name never stands in an address or a log."""
    words = request.form.get("words", "").strip()[: schemas.LONGEST_NAME]
    after = request.form.get("after", type=UUID)
    return _list(case_file.case_page(engine(), actor=actor(), search=words, after=after), searched=words)


@blueprint.get("/start")
@access.for_those(permissions.may_start_case)
def start_page() -> ResponseReturnValue:
    """Ask who the child is."""
    sibling = {"sibling_of": request.args["sibling_of"]} if request.args.get("sibling_of", type=UUID) else {}
    return _start_form({**_usual(), **sibling}, {}, rows=[{}])


@blueprint.post("/start")
@access.for_those(permissions.may_start_case)
def start() -> ResponseReturnValue:
    """Start the case, once however often the page is sent; or give the form a row more or less, or what is known."""
    if request.form.get("act") == start_forms.FILL:
        return _start_form({**_usual(), **request.form}, {}, rows=[{}])
    rows = start_forms.rows_after(request.form)
    if rows is not None:
        return _start_form(request.form, {}, rows=rows)
    asked, errors = start_forms.read(request.form)
    seen = request.form.get("known_seen") == "yes"
    if not errors and not seen and (known := known_cases(asked)):
        return _start_form(request.form, {}, rows=start_forms.rows_typed(request.form) or [{}], known=known, status=409)
    if not errors:
        try:
            started = start_case(asked)
        except Invalid as wrong:
            errors = {str(wrong.details.get("field") or "family_name"): wrong.message}
    if errors:
        rows = start_forms.rows_typed(request.form) or [{}]
        return _start_form(request.form, errors, rows=rows, status=422)
    flash("The case is started.")
    # Somebody else may be the one who assesses, and the case theirs to see.
    if case_file.may_open(engine(), actor=actor(), case_id=started.case_id):
        return redirect(url_for("cases.page", case_id=started.case_id), 303)
    return redirect(url_for("cases.index"), 303)


def known_cases(asked: Mapping[str, Any]) -> tuple[child_index.Known, ...]:
    """Return the open cases of the child of what `schemas.StartCase` loaded, after keeping that they were shown."""
    return child_index.ask_before_start(
        engine(),
        actor=actor(),
        given_name=asked["given_name"],
        known_as=asked["known_as"],
        family_name=asked["family_name"],
        day=asked["born_on"] or asked["expected_on"],
        sibling_of=asked["sibling_of"],
        request_key=asked["request_key"],
    )


def start_case(asked: Mapping[str, Any]) -> case_acts.CaseStarted:
    """Start a case for what `schemas.StartCase` loaded."""
    child = {name: value for name, value in asked.items() if name not in _NOT_THE_CHILD}
    if asked["sibling_of"] is not None:
        child["family_id"], _ = case_family.family_of(engine(), actor=actor(), case_id=asked["sibling_of"])
    return case_acts.start(
        engine(),
        actor=actor(),
        child=case_acts.Child(**child),
        family=[case_acts.FamilyMember(**member) for member in asked["family"]],
        assessor_id=asked["assessor_id"],
        pathway=asked["pathway"],
        request_key=asked["request_key"],
    )


@blueprint.get("/<uuid:case_id>")
@access.signed_in
def page(case_id: UUID) -> ResponseReturnValue:
    """Show the whole case; the engine records that it was opened before it answers."""
    return case_page(case_id)


def case_page(
    case_id: UUID, *, values: Mapping[str, str] | None = None, errors: Mapping[str, str] | None = None
) -> str:
    """Return the page of a case; `values` and `errors` are those of what was just refused on it."""
    found = case_file.read(engine(), actor=actor(), case_id=case_id, events=_EVENTS_SHOWN)
    typed = {"request_key": secrets.token_urlsafe(16), **(values or {})}
    return render_template(
        "cases/case.html",
        case=found,
        kinds=KINDS,
        drawings=case_where.drawings(found.instances, [task.element_id for task in found.tasks]),
        values=typed,
        errors=errors or {},
        largest_file=f"{engine().settings.largest_attachment // 1024 // 1024} MB",
        may_restrict=permissions.may_restrict(actor()),
        emergency_until=access_checks.emergency_until(engine(), actor=actor(), case_id=case_id),
    )


_EVENTS_SHOWN = 10
"""Of what has happened, on the page of a case; a page of its own has everything."""


@blueprint.get("/<uuid:case_id>/history")
@access.signed_in
def history(case_id: UUID) -> ResponseReturnValue:
    """Show what happened on a case, newest first, a stretch at a time."""
    before = request.args.get("before", type=int)
    found = timeline.read(engine(), actor=actor(), case_id=case_id, before=before)
    return render_template("cases/history.html", case_id=case_id, timeline=found)


@blueprint.get("/<uuid:case_id>/readers")
@access.signed_in
def readers(case_id: UUID) -> ResponseReturnValue:
    """Show who has looked at a record, for those who answer a family that asks."""
    asked, errors = request.args, {}
    try:
        days = {name: day_typed(asked, name) for name in ("from_on", "to_on")}
    except Invalid as wrong:
        days, errors = {}, {str(wrong.details["field"]): wrong.message}
    found = access_log.of_case(
        engine(),
        actor=actor(),
        case_id=case_id,
        after=asked.get("after", type=UUID),
        limit=access_log.LONGEST if "whole" in asked else access_log.USUAL,
        who=asked.get("who", type=UUID),
        emergencies=asked.get("emergencies") == "yes",
        **days,
    )
    kept = {name: text for name, text in asked.items() if text and name != "after"}
    page = render_template(
        "cases/readers.html",
        case_id=case_id,
        readings=found,
        people=access_log.readers(engine(), actor=actor(), case_id=case_id),
        asked=asked,
        narrowed=any(asked.get(name) for name in _NARROWING),
        onward={**kept, "after": found.next},
        whole={**kept, "whole": "yes"},
        may_open=case_file.may_open(engine(), actor=actor(), case_id=case_id),
        errors=errors,
    )
    return page, 422 if errors else 200


_NARROWING = ("who", "emergencies", *(f"{name}-{part}" for name in ("from_on", "to_on") for part in DATE_PARTS))
"""What the readings of a record are narrowed by: no name of a child stands in it."""


def _list(found: case_file.CasePage, *, searched: str = "") -> ResponseReturnValue:
    may_start = permissions.may_start_case(actor())
    return render_template(
        "cases/list.html",
        cases=found.rows,
        next=found.next,
        searched=searched,
        may_start=may_start,
        may_ask_index=permissions.may_ask_index(actor()),
    )


def _start_form(
    values: Mapping[str, str],
    errors: Mapping[str, str],
    *,
    rows: Sequence[start_forms.Row],
    known: Sequence[child_index.Known] = (),
    status: int = 200,
) -> ResponseReturnValue:
    cells = {f"family-{number}-{name}": text for number, row in enumerate(rows) for name, text in row.items()}
    page = render_template(
        "cases/start.html",
        values={**values, **cells},
        errors=errors,
        known=known,
        rows=len(rows),
        can_add=len(rows) < start_forms.MOST_ROWS,
        pathways=[(each.key, each.words) for each in pathways.offered(engine(), actor=actor())],
        people=_people(),
        sibling=_sibling(values.get("sibling_of", "")),
        request_key=values.get("request_key") or secrets.token_urlsafe(16),
    )
    return page, status


def _usual() -> dict[str, str]:
    return {"sex": "unknown", "pathway": pathways.FIRST, "assessor_id": str(actor().practitioner_id)}


def _people() -> list[Option]:
    """Return who may assess, oneself first: nobody else needs to be asked then."""
    everybody = people.practitioners(engine(), actor=actor(), roles=permissions.WORK_WITH_CASES)
    return me_first((Option(each.value, each.label) for each in everybody), actor().practitioner_id)


def _sibling(case_id: str) -> str:
    """Return the name of the brother or sister whose case is named, empty when none is."""
    try:
        return case_family.family_of(engine(), actor=actor(), case_id=UUID(case_id))[1] if case_id else ""
    except (ValueError, NotFound):
        return ""
