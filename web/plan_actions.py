"""How the plan is going: progress on an action, and that it is stuck."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine.casework.help_kinds import HELP_KINDS
from engine.commands import plan_actions, stalled_plans
from engine.errors import Invalid
from web import access
from web.cases import case_page
from web.current import actor, engine

blueprint = Blueprint("plan_actions", __name__)
blueprint.app_context_processor(lambda: {"help_kinds": HELP_KINDS})


@blueprint.post("/cases/<uuid:case_id>/actions/<uuid:action_id>")
@access.signed_in
def update(case_id: UUID, action_id: UUID) -> ResponseReturnValue:
    """Note what has been done about an action, and whether it is finished."""
    done = request.form.get("done") == "yes"
    plan_actions.report(
        engine(),
        actor=actor(),
        action_id=action_id,
        progress=request.form.get("progress", ""),
        done=done,
        help_kind=request.form.get("help_kind") or None,
    )
    flash("Thank you. Everyone in the team can see it.")
    return redirect(url_for("cases.page", case_id=case_id, _anchor="plan"), 303)


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
