"""Audits: a random sample of cases judged item by item, what came of it as a table and a file."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.casework import oversight as may
from engine.casework.audit_items import ANSWER_WORDS, ITEMS, JUDGEMENTS, SCORES, SECTIONS
from engine.commands import audits as acts
from engine.commands.audits import Judged
from engine.errors import Conflict, Invalid
from engine.overseeing import Said
from engine.queries import audits, oversight
from engine.queries.audits import AuditResults
from web import access, exports
from web.csv_rows import Cell
from web.current import actor, engine
from web.day_fields import day_typed

blueprint = Blueprint("audits", __name__, url_prefix="/oversight/audits")

_HEAD: Final = ("Section", "Item", *(ANSWER_WORDS[each] for each in (*JUDGEMENTS, *SCORES)), "Average score")


@blueprint.get("")
@access.for_those(may.may_see_supervision)
def index() -> ResponseReturnValue:
    """List the audits, and ask for a new sample."""
    return _index({"size": "10"}, {})


@blueprint.post("")
@access.for_those(may.may_see_supervision)
def draw() -> ResponseReturnValue:
    """Draw a sample of the open cases that one may see."""
    typed = request.form
    try:
        audit_id = acts.draw(
            engine(),
            actor=actor(),
            name=typed.get("name", ""),
            size=_size(typed.get("size", "")),
            seed=typed.get("seed", "").strip() or secrets.token_hex(4),
            drawn_from=audits.open_to(engine(), actor=actor()),
        )
    except (Invalid, Conflict) as wrong:
        status = 422 if isinstance(wrong, Invalid) else 409
        return _index(typed, {str(wrong.details.get("field") or "name"): wrong.message}), status
    flash("The sample is drawn and kept.")
    return redirect(url_for("audits.page", audit_id=audit_id), 303)


@blueprint.get("/<uuid:audit_id>")
@access.for_those(may.may_see_supervision)
def page(audit_id: UUID) -> ResponseReturnValue:
    """Show an audit: its cases, and what came of those that are judged."""
    found = audits.read(engine(), actor=actor(), audit_id=audit_id)
    return render_template(
        "oversight/audit.html", found=found, judgements=JUDGEMENTS, scores=SCORES, answer_words=ANSWER_WORDS
    )


@exports.both(blueprint, "/<uuid:audit_id>/results")
@access.for_those(may.may_see_supervision)
def results(audit_id: UUID, kind: str) -> ResponseReturnValue:
    """Send what came of an audit, by item, as a file for a spreadsheet."""
    found = audits.read(engine(), actor=actor(), audit_id=audit_id)
    return exports.listed("audit", kind, _HEAD, _rows(found))


def _rows(found: AuditResults) -> Iterator[list[Cell]]:
    for each in (*found.items, *found.sections):
        numbers = [each.counts.get(answer) for answer in (*JUDGEMENTS, *SCORES)]
        yield [each.section, each.question, *numbers, "" if each.average is None else str(each.average)]


@blueprint.route("/cases/<uuid:audit_case_id>", methods=["GET", "POST"])
@access.for_those(may.may_see_supervision)
def judge(audit_case_id: UUID) -> ResponseReturnValue:
    """Ask what a reader judges of a case, beside what the record itself says; keep it."""
    if request.method == "GET":
        return _form(audit_case_id, None, {})
    typed = request.form
    found = audits.form(engine(), actor=actor(), audit_case_id=audit_case_id)
    try:
        judged = _judged(typed, found.case.case_id)
        acts.judge(
            engine(), actor=actor(), audit_case_id=audit_case_id, judged=judged, request_key=typed.get("request_key")
        )
    except Invalid as wrong:
        field = str(wrong.details.get("field") or next(iter(ITEMS)))
        return _form(audit_case_id, typed, {"action" if field == "decided" else field: wrong.message}), 422
    except Conflict as wrong:
        return _form(audit_case_id, typed, {next(iter(ITEMS)): wrong.message}), 409
    flash("What you judged is kept.")
    return redirect(url_for("audits.page", audit_id=found.audit_id), 303)


def _judged(typed: Mapping[str, str], case_id: UUID) -> Judged:
    action, by_on = typed.get("action", "").strip(), day_typed(typed, "by_on")
    if by_on is not None and not action:
        raise Invalid("Say what is to be done by then", field="action")
    said = None
    if action:
        people = oversight.of_case(engine(), actor=actor(), case_id=case_id).people
        holder = next((id_ for id_, _ in people if id_ != actor().practitioner_id), None) if people else None
        said = Said(g.today, "Looked at in an audit", action, by_on, holder)
    return Judged(
        answers={item: typed.get(item, "") for item in ITEMS},
        scores={section.key: typed.get(f"score-{section.key}", "") for section in SECTIONS},
        notes={item: typed.get(f"{item}-note", "") for item in ITEMS},
        action=said,
    )


def _form(audit_case_id: UUID, typed: Mapping[str, str] | None, errors: Mapping[str, str]) -> str:
    found = audits.form(engine(), actor=actor(), audit_case_id=audit_case_id)
    values: dict[str, Any] = {"request_key": secrets.token_urlsafe(16)}
    values |= {item: found.answers.get(item, "") for item in ITEMS}
    values |= {f"{item}-note": found.notes.get(item, "") for item in ITEMS}
    values |= {f"score-{section.key}": found.answers.get(section.key, "") for section in SECTIONS}
    return render_template(
        "oversight/judge.html",
        found=found,
        sections=SECTIONS,
        judgements=[(each, ANSWER_WORDS[each]) for each in JUDGEMENTS],
        scores=[(each, ANSWER_WORDS[each]) for each in SCORES],
        values=typed if typed is not None else values,
        errors=errors,
    )


def _index(values: Mapping[str, Any], errors: Mapping[str, str]) -> str:
    found = audits.index(engine(), actor=actor())
    number = len(audits.open_to(engine(), actor=actor()))
    return render_template("oversight/audits.html", found=found, number=number, values=values, errors=errors)


def _size(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 4):
        raise Invalid("Enter how many cases as a whole number", field="size")
    return int(text)
