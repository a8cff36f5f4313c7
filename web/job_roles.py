"""Job roles: what practitioners can be here, as an administrator keeps the list."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.casework import permissions
from engine.commands import job_roles as commands
from engine.errors import Conflict, Invalid
from engine.queries import job_roles
from web import access, words
from web.current import actor, engine

blueprint = Blueprint("job_roles", __name__, url_prefix="/directory/roles")


@blueprint.get("")
@access.for_those(permissions.may_keep_authority)
def page() -> ResponseReturnValue:
    """Show the list, how many are each, and who changed it."""
    return _page({}, {})


@blueprint.post("")
@access.for_those(permissions.may_keep_authority)
def add() -> ResponseReturnValue:
    """Put a role on the list."""

    def act() -> str:
        commands.add(engine(), actor=actor(), name=request.form.get("name", ""))
        return "The role is on the list."

    return _done(act)


@blueprint.post("/rename")
@access.for_those(permissions.may_keep_authority)
def rename() -> ResponseReturnValue:
    """Call a role otherwise."""

    def act() -> str:
        name, to = request.form.get("role", ""), request.form.get("to", "")
        people = commands.rename(engine(), actor=actor(), name=name, to=to)
        return f"The role is renamed, for {words.counted(people, 'person', 'people')}."

    return _done(act)


@blueprint.post("/retire")
@access.for_those(permissions.may_keep_authority)
def retire() -> ResponseReturnValue:
    """Let nobody new be given a role."""

    def act() -> str:
        commands.retire(engine(), actor=actor(), name=request.form.get("role", ""))
        return "The role is retired. Nobody new is given it; who has it keeps it."

    return _done(act)


@blueprint.post("/take-back")
@access.for_those(permissions.may_keep_authority)
def take_back() -> ResponseReturnValue:
    """Let people be given a retired role again."""

    def act() -> str:
        commands.take_back(engine(), actor=actor(), name=request.form.get("role", ""))
        return "The role is in use again."

    return _done(act)


def _done(act: Callable[[], str]) -> ResponseReturnValue:
    try:
        flash(act())
    except (Invalid, Conflict) as wrong:
        field = str(wrong.details.get("field") or "name")
        return _page(request.form, {field: wrong.message}), 422 if isinstance(wrong, Invalid) else 409
    return redirect(url_for("job_roles.page"), 303)


def _page(values: Mapping[str, str], errors: Mapping[str, str]) -> str:
    found = job_roles.read(engine(), actor=actor())
    return render_template("people/job_roles.html", found=found, values=values, errors=errors)
