"""Rules to approve: drafts that change rows under somebody's approval, each row as it is and as it would be."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.casework import permissions
from engine.commands.rule_approvals import approve_rules
from engine.queries import rule_approvals
from web import access
from web.current import actor, engine

blueprint = Blueprint("rule_approvals", __name__, url_prefix="/rules-to-approve")


@blueprint.get("")
@access.for_those(permissions.may_approve_rules)
def index() -> ResponseReturnValue:
    """List the drafts that wait for the reader, with every row that they change."""
    return render_template("definitions/approvals.html", drafts=rule_approvals.drafts(engine(), actor=actor()))


@blueprint.post("")
@access.for_those(permissions.may_approve_rules)
def approve() -> ResponseReturnValue:
    """Agree to a draft exactly as it was shown."""
    file = request.form.get("file", "")
    approve_rules(engine(), actor=actor(), file=file, digest=request.form.get("digest", ""))
    flash(f"You have approved the change of {file}. A process designer can deploy it now, exactly as you saw it.")
    return redirect(url_for("rule_approvals.index"), 303)
