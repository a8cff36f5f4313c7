"""The family has withdrawn its consent: said here, and sharing stops at once."""

from __future__ import annotations

import secrets
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.casework.consent_cover import ASK_AGAIN
from engine.commands import consents
from engine.errors import Invalid
from engine.queries import case_file
from web import access
from web.current import actor, engine

blueprint = Blueprint("consents", __name__)


@blueprint.get("/cases/<uuid:case_id>/consent")
@access.signed_in
def page(case_id: UUID) -> ResponseReturnValue:
    """Ask who withdrew consent, and how."""
    return _page(case_id, {"request_key": secrets.token_urlsafe(16)}, {})


@blueprint.post("/cases/<uuid:case_id>/consent")
@access.signed_in
def withdraw(case_id: UUID) -> ResponseReturnValue:
    """Stop sharing, and ask the line manager whether the child may come to harm."""
    sent = {name: request.form.get(name, "") for name in ("why", "taken_back_by", "request_key")}
    try:
        asked = consents.withdraw(engine(), actor=actor(), case_id=case_id, **sent)
    except Invalid as wrong:
        return _page(case_id, sent, {str(wrong.details.get("field", "why")): wrong.message}), 422
    flash(f"Sharing has stopped. {_ASKED if asked else _NOBODY_ASKED}")
    return redirect(url_for("cases.page", case_id=case_id), 303)


_ASKED = "The line manager is asked whether the child may come to harm."
_NOBODY_ASKED = (
    "The diagram that asks the line manager whether the child may come to harm could not be started, and is tried "
    "again by itself. Speak to them now."
)


@blueprint.post("/cases/<uuid:case_id>/consent/mag")
@access.signed_in
def withdraw_mag(case_id: UUID) -> ResponseReturnValue:
    """End what the family agreed to about the multi-agency group, and nothing else."""
    sent = {"why": request.form.get("mag_why", ""), "request_key": request.form.get("request_key", "")}
    try:
        consents.withdraw_mag(engine(), actor=actor(), case_id=case_id, **sent)
    except Invalid as wrong:
        return _page(case_id, {**sent, "mag_why": sent["why"], "why": ""}, {"mag_why": wrong.message}), 422
    flash("The multi-agency group no longer looks at the plan. It is with the line manager again.")
    return redirect(url_for("cases.page", case_id=case_id), 303)


def _page(case_id: UUID, values: dict[str, str], errors: dict[str, str]) -> str:
    found = case_file.read(engine(), actor=actor(), case_id=case_id)
    agreed = any(each.purpose == "mag" and each.answer == "yes" and not each.to_on for each in found.consents)
    sharing = next((each for each in found.consents if each.purpose == "sharing" and not each.to_on), None)
    return render_template(
        "cases/consent.html",
        case=found,
        mag_agreed=agreed,
        own_consent=sharing is not None and sharing.whose == "young_person",
        may_ask_again=any(each.process_key == ASK_AGAIN for each in found.startable),
        values=values,
        errors=errors,
    )
