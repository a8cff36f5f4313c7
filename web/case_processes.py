"""Something has changed on a case: the page that asks what the chosen diagram asks first, and starts it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, flash, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands import case_processes
from engine.commands import messages as message_commands
from engine.errors import Conflict, Invalid
from engine.feel import Environment
from engine.forms import InvalidAnswers
from engine.queries import awaited_messages, case_file, case_starts
from engine.queries.case_starts import StartPage
from web import access, task_files, task_forms
from web.current import actor, engine
from web.form_values import me_first

blueprint = Blueprint("case_processes", __name__)

KEEP_FILE: Final = "draft"
"""The button of a form that keeps a file without sending the rest."""
ASKS: Final = "asks"
"""What the page's script sends after each choice, to hear which questions are asked now."""


@blueprint.get("/cases/<uuid:case_id>/start/<process_key>")
@access.signed_in
def page(case_id: UUID, process_key: str) -> ResponseReturnValue:
    """Ask what has to be known before the diagram starts."""
    found = _read(case_id, process_key)
    return _page(found, answers=found.known)


@blueprint.post("/cases/<uuid:case_id>/start/<process_key>")
@access.signed_in
def start(case_id: UUID, process_key: str) -> ResponseReturnValue:
    """Start the diagram, once however often the page is sent; or give the form a row more or less."""
    found = _read(case_id, process_key)
    act = request.form.get("act", "")
    typed = task_forms.answers_from_post(found.form, request.form) if found.form else {}
    if act == ASKS:
        asked = _view(found, typed, {})
        return jsonify(hidden=asked.hidden if asked else [])
    wrong_files = task_files.keep(found.form, case_id, typed) if found.form else {}
    if request.files:  # what was kept may be chosen from now on
        found = _read(case_id, process_key)
    if wrong_files:
        return _page(found, answers=typed, errors=wrong_files, status=422)
    changed = task_forms.edit_rows(found.form, typed, act) if found.form else None
    if changed is not None or act == KEEP_FILE:
        return _page(found, answers=typed if changed is None else changed)
    try:
        case_processes.start(
            engine(),
            actor=actor(),
            case_id=case_id,
            process_key=process_key,
            answers=typed,
            request_key=request.form.get("request_key", ""),
        )
    except InvalidAnswers as wrong:
        return _page(found, answers=typed, errors=wrong.errors, status=422)
    except Conflict as conflict:
        return _page(found, answers=typed, conflict=conflict.message, status=409)
    except Invalid as wrong:
        return _page(found, answers=typed, errors={str(wrong.details.get("field") or ""): wrong.message}, status=422)
    flash(f"“{found.start.words}” has begun.")
    if case_file.may_open(engine(), actor=actor(), case_id=case_id):
        return redirect(url_for("cases.page", case_id=case_id), 303)
    return redirect(url_for("tasks.mine"), 303)


@blueprint.get("/cases/<uuid:case_id>/messages")
@access.signed_in
def messages(case_id: UUID) -> ResponseReturnValue:
    """Ask which of the things that the case waits for has come, and what it says."""
    return _messages(case_id, {"request_key": secrets.token_urlsafe(16)}, {})


@blueprint.post("/cases/<uuid:case_id>/messages")
@access.signed_in
def bring(case_id: UUID) -> ResponseReturnValue:
    """Tell the case, once however often the page is sent."""
    sent = {name: request.form.get(name, "") for name in ("name", "note", "request_key")}
    errors = {} if sent["name"] else {"name": "Choose what has come"}
    if errors:
        return _messages(case_id, sent, errors), 422
    try:
        key = sent["request_key"]
        message_commands.bring(
            engine(), actor=actor(), case_id=case_id, name=sent["name"], note=sent["note"], request_key=key
        )
    except Conflict as conflict:
        return _messages(case_id, sent, {}, conflict=conflict.message), 409
    except Invalid as wrong:
        return _messages(case_id, sent, {str(wrong.details.get("field") or "name"): wrong.message}), 422
    flash("The case has been told, and goes on.")
    return redirect(url_for("cases.page", case_id=case_id), 303)


def _messages(case_id: UUID, values: Mapping[str, str], errors: Mapping[str, str], conflict: str = "") -> str:
    found = awaited_messages.read(engine(), actor=actor(), case_id=case_id)
    choices = [(each.name, each.words) for each in found.awaited]
    shown = {"found": found, "choices": choices, "values": values, "errors": errors, "conflict": conflict}
    return render_template("cases/messages.html", **shown)


def _read(case_id: UUID, process_key: str) -> StartPage:
    return case_starts.page(engine(), actor=actor(), case_id=case_id, process_key=process_key)


def _page(
    found: StartPage,
    *,
    answers: Mapping[str, Any],
    errors: Mapping[str, str] | None = None,
    conflict: str = "",
    status: int = 200,
) -> ResponseReturnValue:
    view = _view(found, answers, errors or {}) if found.form else None
    page = render_template(
        "cases/start_process.html",
        found=found,
        fields=task_forms.render(view) if view else "",
        takes_files=view is not None and view.takes_files,
        errors={**(errors or {}), **(view.errors if view else {})},
        error_targets=view.targets if view else {},
        conflict=conflict,
        lacks=_lacks(found),
        request_key=request.form.get("request_key") or secrets.token_urlsafe(16),
    )
    return page, status


def _lacks(found: StartPage) -> str:
    """Say what has to be there first, where a question that must be answered has nothing to choose from; else ""."""
    for each in found.form.fields if found.form else ():
        one_of = each.source if each.required and each.kind in ("select", "radio") else ""
        if one_of and not found.options.get(one_of):
            return each.attributes.get("empty") or f"{each.label} There is nothing to choose from."
    return ""


def _view(found: StartPage, answers: Mapping[str, Any], errors: Mapping[str, str]) -> task_forms.FormView | None:
    if found.form is None:
        return None
    environment = Environment(now=g.now, zone=g.zone, warnings=[], host=None)
    raw = task_forms.raw_answers(found.form, answers, zone=g.zone)
    offered = {source: me_first(choices, actor().practitioner_id) for source, choices in found.options.items()}
    return task_forms.form_view(
        found.form, raw, environment=environment, errors=errors, options=offered, variables=found.shown
    )
