"""How an action of the plan is going."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands import plan_actions
from web import access
from web.current import actor, engine

blueprint = Blueprint("plan_actions", __name__)


@blueprint.post("/cases/<uuid:case_id>/actions/<uuid:action_id>")
@access.signed_in
def update(case_id: UUID, action_id: UUID) -> ResponseReturnValue:
    """Note what has been done about an action, and whether it is finished."""
    done = request.form.get("done") == "yes"
    plan_actions.report(
        engine(), actor=actor(), action_id=action_id, progress=request.form.get("progress", ""), done=done
    )
    flash("Thank you. Everyone in the team can see it.")
    return redirect(url_for("cases.page", case_id=case_id, _anchor="plan"), 303)
