"""One answer of a decision in force: its inputs typed on a page, and what the rules make of them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from engine.casework import permissions
from engine.errors import BudgetExceeded, Invalid
from engine.queries import decisions
from engine.queries.decisions import Asked, Tried
from engine.strict_json import read_json
from web import access
from web.current import actor, engine

blueprint = Blueprint("decision_trials", __name__)
_YES_OR_NO = {"yes": True, "true": True, "no": False, "false": False}


@blueprint.get("/definitions/decisions/<decision>")
@access.for_those(permissions.may_deploy)
def page(decision: str) -> ResponseReturnValue:
    """Ask for a decision's inputs; nothing about any case is kept or changed."""
    return _page(decisions.asked(engine(), actor=actor(), decision=decision))


@blueprint.post("/definitions/decisions/<decision>")
@access.for_those(permissions.may_deploy)
def answer(decision: str) -> ResponseReturnValue:
    """Answer the decision for what was typed, with the rows that matched; what was typed stays on the page."""
    asked = decisions.asked(engine(), actor=actor(), decision=decision)
    try:
        inputs = {each.name: _value(request.form.get(each.name, ""), each.name) for each in asked.questions}
        tried = decisions.evaluate(engine(), actor=actor(), decision=decision, inputs=inputs)
    except (Invalid, BudgetExceeded) as wrong:
        return _page(asked, errors={str(wrong.details.get("field") or "decision"): wrong.message})
    return _page(asked, tried=tried)


def _value(typed: str, name: str) -> Any:
    """Read what was typed: yes or no, a number, a list or a context as JSON, else a text; nothing is not known."""
    text = typed.strip()
    if not text:
        return None
    if text.lower() in _YES_OR_NO:
        return _YES_OR_NO[text.lower()]
    if not (text[0] in "[{" or text.lstrip("-").replace(".", "", 1).isdecimal()):
        return text
    try:
        return read_json(text, name=name)
    except Invalid as wrong:
        raise Invalid(f"This cannot be read: {wrong.message}", field=name) from wrong


def _page(asked: Asked, *, tried: Tried | None = None, errors: dict[str, str] | None = None) -> ResponseReturnValue:
    page = render_template(
        "definitions/decision.html", asked=asked, tried=tried, errors=errors or {}, values=request.form
    )
    return page, 422 if errors else 200
