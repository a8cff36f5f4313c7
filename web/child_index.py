"""Is this child known? Who leads, and how to reach them, without anything of the record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue

from engine.casework import permissions
from engine.commands import child_index
from engine.errors import Invalid
from web import access
from web.current import actor, engine
from web.day_fields import day_boxes, day_needed

blueprint = Blueprint("child_index", __name__, url_prefix="/cases/known")


@blueprint.get("")
@access.for_those(permissions.may_ask_index)
def page() -> ResponseReturnValue:
    """Ask for which child."""
    return _page({}, {})


@blueprint.post("")
@access.for_those(permissions.may_ask_index)
def ask() -> ResponseReturnValue:
    """Say whether the child is known. Sent as a form: a child's name never stands in an address or a log."""
    typed = request.form
    try:
        day = day_needed(typed, "day", "Enter the date of birth, or the expected date for an unborn baby")
        found = child_index.ask(
            engine(),
            actor=actor(),
            given_name=typed.get("given_name", ""),
            family_name=typed.get("family_name", ""),
            day=day,
        )
    except Invalid as wrong:
        return _page(typed, {str(wrong.details.get("field") or "day"): wrong.message}), 422
    may_start = permissions.may_start_case(actor())
    return render_template(
        "child_index/answer.html", known=found, child=_child(typed, day), may_start=may_start, errors={}
    )


def _child(typed: Mapping[str, str], day: date) -> dict[str, str]:
    """Return what was asked as the form that starts a case asks it; a day to come is that of a birth expected."""
    names = {name: typed.get(name, "") for name in ("given_name", "family_name")}
    return {**names, **day_boxes("expected_on" if day > g.today else "born_on", day)}


def _page(values: Mapping[str, str], errors: Mapping[str, str]) -> str:
    return render_template("child_index/ask.html", values=values, errors=errors)
