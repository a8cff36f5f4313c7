"""The practitioner directory, and a case's contact card: who leads and how to reach them, to be given on paper."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from engine.casework import permissions
from engine.queries import case_file, directory, people
from web import access, schemas
from web.current import actor, engine
from web.paging import page_asked

blueprint = Blueprint("directory", __name__)


@blueprint.get("/directory")
@access.signed_in
def page() -> ResponseReturnValue:
    """List who works with children here; names of colleagues are open to all."""
    given = asked()
    found = directory.read(engine(), actor=actor(), **given, page=max(1, page_asked()))
    return render_template(
        "people/directory.html",
        found=found,
        asked=given,
        chosen={name: text for name, text in given.items() if text},
        may_keep_roles=permissions.may_keep_authority(actor()),
    )


def asked() -> dict[str, Any]:
    """Return who is asked for: a part of the name, an agency, a job role; each empty for any."""
    return {name: request.args.get(name, "").strip()[: schemas.LONGEST_NAME] for name in _ASKED}


@blueprint.get("/cases/<uuid:case_id>/contact-card")
@access.signed_in
def card(case_id: UUID) -> ResponseReturnValue:
    """Show who leads and how to reach them: one card for the family, one with the team for practitioners."""
    found = case_file.read(engine(), actor=actor(), case_id=case_id)
    ids = [each.practitioner_id for each in found.people]
    away = people.away(engine(), actor=actor(), case_id=case_id, ids=ids)
    return render_template("cases/contact_card.html", case=found, away=away)


_ASKED = ("words", "agency", "job_title")
