"""An upgrade of an original beside the own copy: element by element, the upgrade's is taken or yours is kept."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.casework import permissions
from engine.commands import upgrades as commands
from engine.errors import Conflict, Invalid
from engine.queries import model_drafts, upgrades
from engine.queries.upgrades import Upgrade
from engine.titles import title_of
from web import access
from web.current import actor, engine

blueprint = Blueprint("studio_adapting", __name__, url_prefix="/studio/adapt")


@blueprint.get("")
@access.for_those(permissions.may_deploy)
def page() -> ResponseReturnValue:
    """Show what the upgrade changes, and where something was changed here too."""
    return _page(_asked(), {})


@blueprint.post("")
@access.for_those(permissions.may_deploy)
def choose() -> ResponseReturnValue:
    """Take what is ticked of the upgrade, all of it, or nothing of it for good."""
    found, act = _asked(), request.form.get("act", "")
    try:
        if act == "keep":
            commands.keep_yours(engine(), actor=actor(), file=found.file, why=request.form.get("why", ""))
            flash(f"{found.file} stays as it is here. This upgrade is not offered again.")
            return redirect(url_for("definitions.index"), 303)
        keys = None if act == "whole" else set(request.form.getlist("take"))
        if keys is not None and not keys:
            return _page(found, {"take": "Tick what to take, or keep yours"}), 422
        _take(found, keys)
    except Invalid as wrong:
        return _page(found, {str(wrong.details.get("field") or "take"): wrong.message}), 422
    except Conflict as wrong:
        return _page(found, {"take": wrong.message}), 409
    flash("Taken into a draft. Look at it, then publish it: nothing is in force yet.")
    return redirect(url_for("studio_versions.page", file=found.file), 303)


def _take(found: Upgrade, keys: set[str] | None) -> None:
    current = model_drafts.in_force(engine(), actor=actor(), file=found.file)
    seen = request.form.get("draft", "")
    commands.take(
        engine(),
        actor=actor(),
        file=found.file,
        yours=found.yours,
        keys=keys,
        expected=int(seen) if seen.isdecimal() else None,
        based_on=current.id if current is not None else None,
    )


def _asked() -> Upgrade:
    return upgrades.read(engine(), actor=actor(), file=request.args.get("file", ""))


def _page(found: Upgrade, errors: dict[str, str]) -> str:
    ticked = request.form.getlist("take")
    clean = {each.choice.key for each in found.offers if each.takeable and each.choice.clean}
    return render_template(
        "studio/adapt.html", found=found, title=title_of(found.file, found.yours), errors=errors, values=request.form,
        ticked=set(ticked) if request.method == "POST" else clean,
    )  # fmt: skip
