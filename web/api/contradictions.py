"""Actions of a plan that work against each other: pointed out, and settled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from marshmallow import fields

from engine.commands import contradictions
from web import access
from web.api.routes import Routes
from web.current import actor, engine
from web.schemas import Sent, request_key, words

routes = Routes("contradictions", under="/api/cases", about="Actions of a plan that work against each other")


class NewContradiction(Sent):
    """Which other action works against this one, and how."""

    other_id = fields.UUID(required=True)
    note = words(required=True)
    request_key = request_key()


class ContradictionKept(Sent):
    """The entry, as kept: it stands on the plan until it is settled."""

    contradiction_id = fields.UUID()


class ContradictionSettled(Sent):
    """How it was settled."""

    how = words(required=True)
    request_key = request_key()


@routes.route(
    "POST", "/<uuid:case_id>/actions/<uuid:action_id>/contradictions",
    takes=NewContradiction, gives=ContradictionKept, status=201,
)  # fmt: skip
@access.signed_in
def mark_contradiction(sent: Mapping[str, Any], case_id: UUID, action_id: UUID) -> Mapping[str, Any]:
    """Keep that two actions of a plan work against each other; who does them and who leads are told."""
    id_ = contradictions.mark(engine(), actor=actor(), case_id=case_id, action_id=action_id, **sent)
    return {"contradiction_id": id_}


@routes.route("POST", "/<uuid:case_id>/contradictions/<uuid:contradiction_id>", takes=ContradictionSettled, status=204)
@access.signed_in
def settle_contradiction(sent: Mapping[str, Any], case_id: UUID, contradiction_id: UUID) -> None:
    """Keep how it was settled."""
    contradictions.settle(engine(), actor=actor(), case_id=case_id, contradiction_id=contradiction_id, **sent)
