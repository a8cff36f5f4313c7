"""How the plan is going: progress on an action, and that it is stuck."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.casework.help_kinds import HELP_KINDS
from engine.commands import comments, plan_actions, stalled_plans
from engine.errors import Conflict, Invalid, KeyUsed
from engine.queries import plan_story
from web import access
from web.cases import case_page
from web.current import actor, engine
from web.errors import SENT_BEFORE

blueprint = Blueprint("plan_actions", __name__)
blueprint.app_context_processor(lambda: {"help_kinds": HELP_KINDS})


@blueprint.get("/cases/<uuid:case_id>/plan")
@access.signed_in
def plan(case_id: UUID) -> ResponseReturnValue:
    """Show the plan with every note on each action, to be read before a meeting and printed."""
    return render_template("cases/plan.html", plan=plan_story.read(engine(), actor=actor(), case_id=case_id))


@blueprint.post("/cases/<uuid:case_id>/actions/<uuid:action_id>")
@access.signed_in
def update(case_id: UUID, action_id: UUID) -> ResponseReturnValue:
    """Note what has been done about an action, and whether it is finished."""
    sent = {name: request.form.get(name, "") for name in ("progress", "done", "help_kind", "request_key")}
    reported: dict[str, Any] = {**sent, "done": sent["done"] == "yes", "help_kind": sent["help_kind"] or None}
    try:
        plan_actions.report(engine(), actor=actor(), case_id=case_id, action_id=action_id, **reported)
    except Invalid as wrong:
        return _again(case_id, action_id, sent, wrong.message), 422
    except Conflict as conflict:
        said = SENT_BEFORE if isinstance(conflict, KeyUsed) else conflict.message
        return _again(case_id, action_id, sent, said), 409
    flash("Thank you. Everyone in the team can see it.")
    return redirect(url_for("cases.page", case_id=case_id, _anchor="plan"), 303)


def _again(case_id: UUID, action_id: UUID, sent: Mapping[str, str], said: str) -> str:
    """Show the case again, and on it what was typed about an action and is not kept."""
    typed = {f"{name}-{action_id}": sent[name] for name in ("progress", "done", "help_kind")}
    return case_page(case_id, values=typed, errors={f"progress-{action_id}": said})


@blueprint.post("/cases/<uuid:case_id>/comments")
@access.signed_in
def comment(case_id: UUID) -> ResponseReturnValue:
    """Keep what somebody says about the case."""
    text, key = request.form.get("comment", ""), request.form.get("request_key", "")
    try:
        comments.add(engine(), actor=actor(), case_id=case_id, text=text, request_key=key)
    except (Invalid, Conflict) as wrong:
        status = 422 if isinstance(wrong, Invalid) else 409
        return case_page(case_id, values={"comment": text}, errors={"comment": wrong.message}), status
    flash("Your comment is kept. Everyone who sees the case can read it.")
    return redirect(url_for("cases.page", case_id=case_id, _anchor="timeline"), 303)


@blueprint.post("/cases/<uuid:case_id>/stuck")
@access.signed_in
def stuck(case_id: UUID) -> ResponseReturnValue:
    """Put the plan to the line manager because it does not get on."""
    sent = {name: request.form.get(name, "") for name in ("reason", "why", "request_key")}
    try:
        stalled_plans.report(engine(), actor=actor(), case_id=case_id, **sent)
    except Invalid as wrong:
        field = str(wrong.details.get("field") or "why")
        return case_page(case_id, values=sent, errors={field: wrong.message}), 422
    flash("Thank you. The line manager is asked to talk it through with you.")
    return redirect(url_for("cases.page", case_id=case_id, _anchor="plan"), 303)
