"""Management oversight: notes on a case, who had no supervision on which case, audits of a sample."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from flask import g
from marshmallow import fields, validate

from engine.casework import oversight as may
from engine.casework.audit_items import ITEMS, JUDGEMENTS, SCORES, SECTIONS
from engine.commands import audits as audit_acts
from engine.commands import oversight as acts
from engine.commands.audits import Judged
from engine.overseeing import Said
from engine.queries import audits, oversight, supervision
from web import access
from web.api.described import schema_of
from web.api.routes import Routes
from web.current import actor, engine
from web.schemas import Sent, request_key

routes = Routes("oversight", under="/api", about="What managers discussed and decided, supervision, audits")

_NotesOfCase: Final = schema_of(oversight.CaseOversight, without=frozenset({"people"}))
_Supervision: Final = schema_of(supervision.Supervision, without=frozenset({"workers"}))


class WhichSupervision(Sent):
    """Whose cases, whether only those past the limit, and which page."""

    worker = fields.UUID(load_default=None, metadata={"description": "Of this practitioner"})
    only_late = fields.Boolean(load_default=False)
    page = fields.Integer(load_default=1, validate=validate.Range(1, 10_000))


class NewOversightNote(Sent):
    """What was discussed and decided; `discussed_with` is null when a manager looked at the case alone."""

    discussed_on = fields.Date(required=True)
    discussed = fields.String(required=True)
    decided = fields.String(required=True)
    by_on = fields.Date(load_default=None, allow_none=True)
    discussed_with = fields.UUID(load_default=None, allow_none=True)
    request_key = request_key()


class NewAudit(Sent):
    """A sample to draw of the open cases that one oversees; the same seed draws the same one."""

    name = fields.String(required=True)
    size = fields.Integer(required=True, validate=validate.Range(1, audit_acts.MOST))
    seed = fields.String(required=True)


class AuditMade(Sent):
    """The audit that was drawn."""

    audit_id = fields.UUID()


class Audits(Sent):
    """Audits, the latest first."""

    items = fields.List(fields.Nested(schema_of(audits.Audit)))


class AuditJudgement(Sent):
    """What is judged of one case: every item, every section; `action` is what is to be done, by a day or not."""

    answers = fields.Dict(
        keys=fields.String(validate=validate.OneOf(list(ITEMS))),
        values=fields.String(validate=validate.OneOf(JUDGEMENTS)),
        required=True,
    )
    scores = fields.Dict(
        keys=fields.String(validate=validate.OneOf([each.key for each in SECTIONS])),
        values=fields.String(validate=validate.OneOf(SCORES)),
        required=True,
    )
    notes = fields.Dict(
        keys=fields.String(validate=validate.OneOf(list(ITEMS))), values=fields.String(), load_default=dict
    )
    action = fields.String(load_default="")
    by_on = fields.Date(load_default=None, allow_none=True)
    request_key = request_key()


@routes.route("GET", "/oversight", takes=WhichSupervision, place="query", gives=_Supervision)
@access.for_those(may.may_see_supervision)
def list_supervision(which: Mapping[str, Any]) -> Any:
    """List the open cases that had no supervision for longest."""
    return supervision.board(engine(), actor=actor(), **which)


@routes.route("GET", "/cases/<uuid:case_id>/oversight", gives=_NotesOfCase)
@access.signed_in
def list_oversight_notes(case_id: UUID) -> Any:
    """List the notes of oversight on a case."""
    return oversight.of_case(engine(), actor=actor(), case_id=case_id)


@routes.route("POST", "/cases/<uuid:case_id>/oversight", takes=NewOversightNote, status=204)
@access.signed_in
def note_oversight(sent: Mapping[str, Any], case_id: UUID) -> None:
    """Keep a note of oversight on a case."""
    said = Said(**{name: value for name, value in sent.items() if name != "request_key"})
    acts.note(engine(), actor=actor(), case_id=case_id, said=said, request_key=sent["request_key"])


@routes.route("GET", "/oversight/audits", gives=Audits)
@access.for_those(may.may_see_supervision)
def list_audits() -> Mapping[str, Any]:
    """List one's own audits, for coordinators all."""
    return {"items": audits.index(engine(), actor=actor())}


@routes.route("POST", "/oversight/audits", takes=NewAudit, gives=AuditMade, status=201)
@access.for_those(may.may_see_supervision)
def draw_audit(sent: Mapping[str, Any]) -> Mapping[str, Any]:
    """Draw a sample of the open cases that one oversees, and keep it."""
    drawn_from = audits.open_to(engine(), actor=actor())
    return {"audit_id": audit_acts.draw(engine(), actor=actor(), drawn_from=drawn_from, **sent)}


@routes.route("GET", "/oversight/audits/<uuid:audit_id>", gives=schema_of(audits.AuditResults))
@access.for_those(may.may_see_supervision)
def read_audit(audit_id: UUID) -> Any:
    """Read an audit with its cases and what was judged of them."""
    return audits.read(engine(), actor=actor(), audit_id=audit_id)


@routes.route("GET", "/oversight/audits/cases/<uuid:audit_case_id>", gives=schema_of(audits.AuditForm))
@access.for_those(may.may_see_supervision)
def read_audited_case(audit_case_id: UUID) -> Any:
    """Read a case of an audit with what the record itself says of its items, and what was judged before."""
    return audits.form(engine(), actor=actor(), audit_case_id=audit_case_id)


@routes.route("PUT", "/oversight/audits/cases/<uuid:audit_case_id>", takes=AuditJudgement, status=204)
@access.for_those(may.may_see_supervision)
def judge_audited_case(sent: Mapping[str, Any], audit_case_id: UUID) -> None:
    """Keep what is judged of a case of an audit; judged again, the last judgement counts."""
    action = None
    if sent["action"].strip():
        action = Said(g.today, "Looked at in an audit", sent["action"], sent["by_on"], None)
    judged = Judged(answers=sent["answers"], scores=sent["scores"], notes=sent["notes"], action=action)
    key = sent["request_key"]
    audit_acts.judge(engine(), actor=actor(), audit_case_id=audit_case_id, judged=judged, request_key=key)
