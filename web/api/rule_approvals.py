"""Changes of rules that need somebody's approval."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

from engine.casework import permissions
from engine.commands import rule_approvals as approving
from engine.queries import rule_approvals
from web import access
from web.api.described import schema_of
from web.api.routes import Routes
from web.current import actor, engine
from web.schemas import LONGEST_TEXT, Sent

routes = Routes("rule-approvals", under="/api/rule-approvals", about="Changes of rules that need an approval")


class Agreement(Sent):
    """That a draft may be deployed exactly as it was shown."""

    file = fields.String(required=True, validate=validate.Length(min=1, max=200))
    digest = fields.String(
        required=True,
        validate=validate.Regexp("^[0-9a-f]{64}$", error="Send the `digest` of the draft as it was listed"),
        metadata={"description": "The draft's `digest` as it was listed: names exactly the text that was looked at"},
    )


class Agreed(Sent):
    """The rows that were agreed to."""

    rows = fields.List(fields.String())


class Reason(Agreement):
    """Why a draft may come into force although examples speak against it."""

    reason = fields.String(required=True, validate=validate.Length(min=1, max=LONGEST_TEXT))


class ExamplesLetBe(Sent):
    """The examples that need not be kept, each as `file: example`."""

    examples = fields.List(fields.String())


@routes.route("GET", "", gives=schema_of(rule_approvals.DraftToApprove)(many=True))
@access.for_those(permissions.may_let_examples_be)
def list_rules_to_approve() -> Any:
    """List the drafts that change rows under approval, row by row, or that examples speak against."""
    return list(rule_approvals.drafts(engine(), actor=actor()))


@routes.route("POST", "", takes=Agreement, gives=Agreed)
@access.for_those(permissions.may_approve_rules)
def approve_rules(sent: Mapping[str, Any]) -> Mapping[str, Any]:
    """Agree to a draft exactly as it was listed; 409 when it has changed since."""
    return {"rows": list(approving.approve_rules(engine(), actor=actor(), **sent))}


@routes.route("POST", "/examples", takes=Reason, gives=ExamplesLetBe)
@access.for_those(permissions.may_let_examples_be)
def let_examples_be(sent: Mapping[str, Any]) -> Mapping[str, Any]:
    """Let somebody else's draft come into force although examples speak against it; 409 when it has changed."""
    return {"examples": list(approving.let_examples_be(engine(), actor=actor(), **sent))}
