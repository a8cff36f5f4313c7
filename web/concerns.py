"""The button on every page: a child may be at risk of harm. The numbers come first; recording comes after."""

from __future__ import annotations

import secrets
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands import concerns as concern_acts
from engine.queries import case_file, people, siblings
from web import access
from web.current import actor, actor_or_none, engine

blueprint = Blueprint("concerns", __name__, url_prefix="/concern")

_QUESTIONS = ("harm", "immediate_danger", "what_happened", "told_family", "other_children")


@blueprint.get("")
@access.anyone
def page() -> ResponseReturnValue:
    """Show whom to ring, at once and to anybody; then offer to record the concern, to who is signed in."""
    case_id = _case_id(request.args.get("case", ""))
    if actor_or_none() is None:
        numbers = people.safeguarding_numbers_for_anybody(engine())
        return render_template("concerns/page.html", numbers=numbers, onward=url_for("concerns.page", case=case_id))
    return _page(case_id)


@blueprint.post("")
@access.signed_in
def record() -> ResponseReturnValue:
    """Record the concern; every question may be left empty."""
    case_id = _case_id(request.form.get("case", ""))
    if case_id is None:
        return _page(None)
    concern_acts.raise_concern(
        engine(),
        actor=actor(),
        case_id=case_id,
        answers={name: request.form.get(name, "").strip() for name in _QUESTIONS},
        also=[each for each in map(_case_id, request.form.getlist("also")) if each is not None],
        whole_family=request.form.get("whole_family") == "yes",
        request_key=request.form.get("request_key", ""),
    )
    flash("The concern is recorded, and the safeguarding lead has been told. If you have not rung yet, ring now.")
    return redirect(url_for("cases.page", case_id=case_id), 303)


def _page(case_id: UUID | None) -> ResponseReturnValue:
    cases = case_file.cases(engine(), actor=actor())
    chosen = next((case for case in cases if case.case_id == case_id), None)
    return render_template(
        "concerns/page.html",
        numbers=people.safeguarding_numbers(engine(), actor=actor()),
        cases=cases,
        case_id=case_id,
        child_name=chosen.child_name if chosen else "",
        siblings=siblings.visible_siblings(engine(), actor=actor(), case_id=case_id) if case_id else (),
        request_key=secrets.token_urlsafe(16),
        values={},
        errors={},
    )


def _case_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
