"""What is said between meetings: reports to who leads, the family's worries and their answers, news for the team."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from engine.commands import between_meetings as acts
from engine.errors import Conflict, Invalid, KeyUsed
from engine.queries import between_meetings
from web import access, schemas
from web.current import actor, engine
from web.day_fields import day_typed
from web.errors import SENT_BEFORE

blueprint = Blueprint("between_meetings", __name__)
CHILD: Final = "child"
"""The choice of the child or young person themself among the family."""
_THANKS: Final = {
    "report": "Thank you. Who leads is told, and reads it signed in.",
    "worry": "The family’s worry is written down, and waits for an answer.",
    "team": "The news is written. Each of them gets an e-mail without its words, and reads it signed in.",
}
_TEXTS: Final = {"report": "report", "worry": "worry", "team": "body"}
"""The field of the words of each form of the page."""


@blueprint.get("/cases/<uuid:case_id>/between-meetings")
@access.signed_in
def page(case_id: UUID) -> ResponseReturnValue:
    """Show what was said between meetings, as far as it is the reader's."""
    return _page(case_id, {}, {})


@blueprint.post("/cases/<uuid:case_id>/between-meetings/reports")
@access.signed_in
def report(case_id: UUID) -> ResponseReturnValue:
    """Report back to who leads."""
    sent = _typed("report", "needs", "request_key")
    return _kept(case_id, "report", lambda: keep_report(case_id, schemas.ReportBack().load(sent)))


@blueprint.post("/cases/<uuid:case_id>/between-meetings/worries")
@access.signed_in
def worry(case_id: UUID) -> ResponseReturnValue:
    """Write down what worries somebody of the family."""

    def keep() -> None:
        said_on = day_typed(request.form, "said_on")
        sent = _typed("worry", "request_key") | ({"said_on": str(said_on)} if said_on else {})
        who = request.form.get("member_id", "")
        if not who:
            raise Invalid("Choose who said it", field="member_id")
        sent |= {"member_id": who} if who != CHILD else {}
        keep_worry(case_id, schemas.FamilyWorry().load(sent))

    return _kept(case_id, "worry", keep)


@blueprint.post("/cases/<uuid:case_id>/between-meetings/messages")
@access.signed_in
def write(case_id: UUID) -> ResponseReturnValue:
    """Write once to all or some of the team."""
    sent = {**_typed("body", "request_key"), "to": request.form.getlist("to")}
    return _kept(case_id, "team", lambda: keep_message(case_id, schemas.TeamMessage().load(sent)))


@blueprint.post("/cases/<uuid:case_id>/between-meetings/reports/<uuid:report_id>")
@access.signed_in
def answer_report(case_id: UUID, report_id: UUID) -> ResponseReturnValue:
    """Keep that a report was read, with an answer if there is one."""
    return _answer(case_id, report_id, "The report is marked as read.", report=True)


@blueprint.post("/cases/<uuid:case_id>/between-meetings/worries/<uuid:worry_id>")
@access.signed_in
def answer_worry(case_id: UUID, worry_id: UUID) -> ResponseReturnValue:
    """Keep what the family was answered."""
    return _answer(case_id, worry_id, "What the family was answered is kept.", report=False)


def keep_report(case_id: UUID, sent: Mapping[str, Any]) -> UUID:
    """Keep what `schemas.ReportBack` loaded; return the report's id."""
    return acts.report_back(engine(), actor=actor(), case_id=case_id, **sent)


def keep_worry(case_id: UUID, sent: Mapping[str, Any]) -> UUID:
    """Keep what `schemas.FamilyWorry` loaded; return the worry's id."""
    return acts.log_worry(engine(), actor=actor(), case_id=case_id, **sent)


def keep_message(case_id: UUID, sent: Mapping[str, Any]) -> UUID:
    """Keep and send what `schemas.TeamMessage` loaded; return the message's id."""
    return acts.write_to_team(engine(), actor=actor(), case_id=case_id, **sent)


def _answer(case_id: UUID, id_: UUID, thanks: str, *, report: bool) -> ResponseReturnValue:
    key = request.form.get("request_key") or None
    given: dict[str, Any] = {"answer": request.form.get("answer", ""), "request_key": key}
    try:
        if report:
            acts.answer_report(engine(), actor=actor(), case_id=case_id, report_id=id_, **given)
        else:
            acts.answer_worry(engine(), actor=actor(), case_id=case_id, worry_id=id_, **given)
    except (Invalid, Conflict) as wrong:
        typed, status = {f"answer-{id_}": given["answer"]}, 422 if isinstance(wrong, Invalid) else 409
        return _page(case_id, typed, {f"answer-{id_}": wrong.message}, status=status)
    flash(thanks)
    return redirect(url_for("between_meetings.page", case_id=case_id), 303)


def _kept(case_id: UUID, what: str, keep: Any) -> ResponseReturnValue:
    try:
        keep()
    except ValidationError as wrong:
        return _page(case_id, _all_typed(), schemas.first_errors(wrong), status=422)
    except (Invalid, Conflict) as wrong:
        words = SENT_BEFORE if isinstance(wrong, KeyUsed) else wrong.message
        errors = {str(wrong.details.get("field") or _TEXTS[what]): words}
        return _page(case_id, _all_typed(), errors, status=422 if isinstance(wrong, Invalid) else 409)
    flash(_THANKS[what])
    return redirect(url_for("between_meetings.page", case_id=case_id), 303)


def _typed(*names: str) -> dict[str, Any]:
    return {name: request.form[name] for name in names if name in request.form}


def _all_typed() -> dict[str, Any]:
    return {**request.form.to_dict(), "to": request.form.getlist("to")}


def _page(
    case_id: UUID, values: Mapping[str, Any], errors: Mapping[str, str], *, status: int = 200
) -> ResponseReturnValue:
    found = between_meetings.read(engine(), actor=actor(), case_id=case_id)
    page = render_template(
        "cases/between_meetings.html",
        found=found,
        values=values,
        errors=errors,
        family=[
            {"value": "", "label": "Choose a person"},
            *({"value": str(id_), "label": name} for id_, name in found.family),
            {"value": CHILD, "label": f"{found.child_name} themself"},
        ],
        request_key=secrets.token_urlsafe(16),
    )
    return page, status
