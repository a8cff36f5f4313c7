"""A new diagram, rules table or form: a small one that can be published as it is, to be changed from there."""

from __future__ import annotations

import re
from typing import Final

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.casework import permissions
from engine.commands import model_drafts
from engine.queries import model_drafts as drafts
from web import access
from web.current import actor, engine

blueprint = Blueprint("studio_starting", __name__, url_prefix="/studio/new")

KINDS: Final = {"diagram": ".bpmn", "rules": ".dmn", "form": ".form"}
LONGEST: Final = 60


@blueprint.get("")
@access.for_those(permissions.may_deploy)
def page() -> ResponseReturnValue:
    """Ask what is to be made, and its name."""
    return _page({})


@blueprint.post("")
@access.for_those(permissions.may_deploy)
def start() -> ResponseReturnValue:
    """Make the draft and open it; a name that is taken is refused."""
    kind, name = request.form.get("kind", ""), " ".join(request.form.get("name", "").split())
    key = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    errors = _wrong(kind, name, key)
    if errors:
        return _page(errors)
    file = key + KINDS[kind]
    if any(each(engine(), actor=actor(), file=file) for each in (drafts.draft, drafts.in_force)):
        return _page({"name": f"There is a {file} already: choose another name"})
    content = render_template(f"studio/new/{kind}{KINDS[kind]}", name=name, key=key)
    model_drafts.save(engine(), actor=actor(), file=file, content=content.encode(), expected=None)
    return redirect(url_for("studio_editing.page", file=file), 303)


def _wrong(kind: str, name: str, key: str) -> dict[str, str]:
    errors = {} if kind in KINDS else {"kind": "Choose what to make"}
    if not name:
        errors["name"] = "Enter a name"
    elif len(name) > LONGEST:
        errors["name"] = f"The name must be {LONGEST} characters or fewer"
    elif not key or not key[0].isalpha():
        errors["name"] = "The name must begin with a letter from a to z"
    return errors


def _page(errors: dict[str, str]) -> ResponseReturnValue:
    page = render_template("studio/edit_new.html", errors=errors, values=request.form)
    return page, 422 if errors else 200
