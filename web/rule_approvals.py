"""Rules to approve: drafts that change rows under somebody's approval, each row as it is and as it would be."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.casework import permissions
from engine.commands.rule_approvals import approve_rules, let_examples_be
from engine.queries import rule_approvals
from web import access
from web.current import actor, engine

blueprint = Blueprint("rule_approvals", __name__, url_prefix="/rules-to-approve")


@blueprint.get("")
@access.for_those(permissions.may_approve_rules)
def index() -> ResponseReturnValue:
    """List the drafts that wait for the reader, with every row that they change."""
    return _page({})


@blueprint.post("")
@access.for_those(permissions.may_approve_rules)
def approve() -> ResponseReturnValue:
    """Agree to a draft exactly as it was shown."""
    file = request.form.get("file", "")
    approve_rules(engine(), actor=actor(), file=file, digest=request.form.get("digest", ""))
    flash(f"You have approved the change of {file}. A process designer can deploy it now, exactly as you saw it.")
    return redirect(url_for("rule_approvals.index"), 303)


@blueprint.post("/examples")
@access.for_those(permissions.may_let_examples_be)
def let_be() -> ResponseReturnValue:
    """Let a draft come into force although examples speak against it, with the reason."""
    who, file, digest = actor(), request.form.get("file", ""), request.form.get("digest", "")
    # One page may hold several of these forms, and no two fields of a page share an id.
    reason = request.form.get(f"reason_{digest[:8]}", "")
    if not reason.strip():
        errors = {f"reason_{digest[:8]}": "Say why the examples do not count"}
        return _page(errors), 422
    let_examples_be(engine(), actor=who, file=file, digest=digest, reason=reason)
    flash(f"{file} can be deployed now, exactly as it is kept. Your reason stays with it.")
    if permissions.may_deploy(who):
        return redirect(url_for("definitions.index", _anchor="drafts"), 303)
    return redirect(url_for("rule_approvals.index"), 303)


def _page(errors: Mapping[str, str]) -> str:
    found = rule_approvals.drafts(engine(), actor=actor())
    return render_template("definitions/approvals.html", drafts=found, errors=errors)
