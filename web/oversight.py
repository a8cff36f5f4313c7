"""Management oversight: notes on a case, and who has not had supervision on which case."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from datetime import date
from functools import partial
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.casework import oversight as may
from engine.commands import oversight as acts
from engine.errors import Conflict, Invalid
from engine.overseeing import Said
from engine.queries import oversight, supervision
from engine.queries.supervision import SupervisionRow
from web import access, exports, words
from web.csv_rows import Cell
from web.current import actor, engine
from web.day_fields import day_boxes, day_needed, day_typed
from web.paging import page_asked

blueprint = Blueprint("oversight", __name__)

ALONE: Final = "alone"
"""What the page sends when a manager looked at a case with nobody."""

_HEAD: Final = (
    "Reference", "Child", "Age", "Leads or assesses", "Last discussed", "Working days since", "Past the limit",
    "To be done by",
)  # fmt: skip


@blueprint.get("/oversight")
@access.for_those(may.may_see_supervision)
def index() -> ResponseReturnValue:
    """List the open cases that had no supervision for longest."""
    try:
        worker, only_late, page_number = _worker(), request.args.get("only") == "late", page_asked()
        found = supervision.board(engine(), actor=actor(), worker=worker, only_late=only_late, page=page_number)
    except Invalid:
        return redirect(url_for("oversight.index"), 303)
    if page_number > found.last:
        only = "late" if only_late else None
        return redirect(url_for("oversight.index", page=found.last, worker=worker, only=only), 303)
    return render_template("oversight/index.html", found=found, worker=worker, only_late=only_late, page=page_number)


@exports.both(blueprint, "/oversight")
@access.for_those(may.may_see_supervision)
def as_file(kind: str) -> ResponseReturnValue:
    """Send every row as a file for a spreadsheet, a few at a time."""
    rows = supervision.every_row(engine(), actor=actor())
    return exports.listed("supervision", kind, _HEAD, map(partial(_cells, today=g.today), rows))


def _cells(row: SupervisionRow, *, today: date) -> Iterator[Cell]:
    yield row.reference
    yield row.child_name
    yield words.age(row.born_on, today=today)
    yield row.holder or "nobody"
    yield row.last_on or "never"
    yield row.days
    yield "yes" if row.late else "no"
    yield row.by_on


@blueprint.get("/cases/<uuid:case_id>/oversight")
@access.signed_in
def page(case_id: UUID) -> ResponseReturnValue:
    """Show the notes of oversight on a case, and ask whoever may for one more."""
    return _page(case_id, {"request_key": secrets.token_urlsafe(16)}, {})


@blueprint.post("/cases/<uuid:case_id>/oversight")
@access.signed_in
def note(case_id: UUID) -> ResponseReturnValue:
    """Keep a note of oversight."""
    typed = request.form
    try:
        said = Said(
            discussed_on=day_needed(typed, "discussed_on", "Enter the day of the discussion"),
            discussed=typed.get("discussed", ""),
            decided=typed.get("decided", ""),
            by_on=day_typed(typed, "by_on"),
            discussed_with=_chosen(typed.get("discussed_with", "")),
        )
        acts.note(engine(), actor=actor(), case_id=case_id, said=said, request_key=typed.get("request_key"))
    except Invalid as wrong:
        return _page(case_id, typed, {str(wrong.details.get("field") or "discussed"): wrong.message}), 422
    except Conflict as wrong:
        return _page(case_id, typed, {"discussed": wrong.message}), 409
    flash("The note is on the case file and in the chronology.")
    return redirect(url_for("oversight.page", case_id=case_id), 303)


def _page(case_id: UUID, values: Mapping[str, Any], errors: Mapping[str, str]) -> str:
    found = oversight.of_case(engine(), actor=actor(), case_id=case_id)
    people = [{"value": str(id_), "label": name} for id_, name in found.people if id_ != actor().practitioner_id]
    people = [
        {"value": "", "label": "Choose"}, *people, {"value": ALONE, "label": "Nobody: I looked at the case alone"}
    ]  # fmt: skip
    today = day_boxes("discussed_on", g.today)
    return render_template("oversight/case.html", found=found, people=people, values={**today, **values}, errors=errors)


def _chosen(text: str) -> UUID | None:
    """Return with whom a case was discussed, None for nobody: what is left open is not taken for an answer."""
    if not text:
        raise Invalid("Choose with whom you discussed the case, or that you looked at it alone", field="discussed_with")
    try:
        return None if text == ALONE else UUID(text)
    except ValueError as error:
        raise Invalid("Choose a person from the list", field="discussed_with") from error


def _worker() -> UUID | None:
    text = request.args.get("worker", "")
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise Invalid("There is no such person", field="worker") from error
