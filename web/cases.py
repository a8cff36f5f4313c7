"""Cases: the ones a person works on, finding one, starting one, and the page of one child."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from engine.casework import permissions
from engine.commands import cases as case_acts
from engine.forms import Unreadable
from engine.forms.parsing import DATE_PARTS, read_date
from engine.queries import case_file, timeline
from web import access, schemas
from web.current import actor, engine

blueprint = Blueprint("cases", __name__, url_prefix="/cases")

_DATES = ("born_on", "expected_on")
_WRONG_DATES = {
    "date": "Enter a real date, for example 31 3 2016",
    "parts": "Enter the day, the month and the year",
    "year": "Enter the year with four digits",
}
_NOT_ASKED = frozenset({"csrf_token", *(f"{name}-{part}" for name in _DATES for part in DATE_PARTS)})


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
    return _start_form({"sex": "unknown"}, {})


@blueprint.post("/start")
@access.for_those(permissions.may_start_case)
def start() -> ResponseReturnValue:
    """Start the case, once however often the page is sent."""
    sent: dict[str, Any] = {key: text for key, text in request.form.items() if key not in _NOT_ASKED}
    errors = _read_dates(sent)
    try:
        asked = schemas.StartCase().load(sent)
    except ValidationError as wrong:
        errors = {**schemas.first_errors(wrong), **errors}
    if errors:
        return _start_form(request.form, errors, status=422)
    started = start_case(asked)
    flash("The case is started. Record next what the family agreed to.")
    return redirect(url_for("cases.page", case_id=started.case_id), 303)


def start_case(asked: Mapping[str, Any]) -> case_acts.CaseStarted:
    """Start a case for what `schemas.StartCase` loaded."""
    child = {name: value for name, value in asked.items() if name != "request_key"}
    key = asked["request_key"]
    return case_acts.start(engine(), actor=actor(), child=case_acts.Child(**child), request_key=key)


@blueprint.get("/<uuid:case_id>")
@access.signed_in
def page(case_id: UUID) -> ResponseReturnValue:
    """Show the whole case; the engine records that it was opened before it answers."""
    return case_page(case_id)


def case_page(
    case_id: UUID, *, values: Mapping[str, str] | None = None, errors: Mapping[str, str] | None = None
) -> str:
    """Return the page of a case; `values` and `errors` are those of what was just refused on it."""
    found = case_file.read(engine(), actor=actor(), case_id=case_id)
    typed = {"request_key": secrets.token_urlsafe(16), **(values or {})}
    return render_template("cases/case.html", case=found, values=typed, errors=errors or {})


@blueprint.get("/<uuid:case_id>/history")
@access.signed_in
def history(case_id: UUID) -> ResponseReturnValue:
    """Show what happened on a case, newest first, a stretch at a time."""
    before = request.args.get("before", type=int)
    found = timeline.read(engine(), actor=actor(), case_id=case_id, before=before)
    return render_template("cases/history.html", case_id=case_id, timeline=found)


def _list(found: case_file.CasePage, *, searched: str = "") -> ResponseReturnValue:
    may_start = permissions.may_start_case(actor())
    return render_template("cases/list.html", cases=found.rows, next=found.next, searched=searched, may_start=may_start)


def _start_form(values: Mapping[str, str], errors: Mapping[str, str], *, status: int = 200) -> ResponseReturnValue:
    key = values.get("request_key") or secrets.token_urlsafe(16)
    return render_template("cases/start.html", values=values, errors=errors, request_key=key), status


def _read_dates(sent: dict[str, Any]) -> dict[str, str]:
    """Put the dates typed in three boxes into `sent` as ISO text; return what is wrong with them, by field."""
    errors = {}
    for name in _DATES:
        typed = {part: request.form.get(f"{name}-{part}", "").strip() for part in DATE_PARTS}
        try:
            sent[name] = read_date(typed).isoformat() if any(typed.values()) else None
        except Unreadable as problem:
            errors[name] = _WRONG_DATES.get(problem.code, _WRONG_DATES["date"])
    return errors
