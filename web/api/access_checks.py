"""Whether a child is known, records opened in an emergency, and restricted cases."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from marshmallow import fields, validate

from engine.casework import permissions
from engine.casework.purposes import PURPOSES
from engine.commands import child_index, emergency_openings, office_readings, restrictions
from engine.queries import access_checks
from web import access
from web.api.described import schema_of
from web.api.routes import Routes
from web.current import actor, engine
from web.schemas import LONGEST_NAME, Sent

routes = Routes("access", under="/api", about="Need to know: emergencies and restricted cases")


class SoughtChild(Sent):
    """A child; two of the three have to be right."""

    given_name = fields.String(required=True, validate=validate.Length(max=LONGEST_NAME))
    family_name = fields.String(required=True, validate=validate.Length(max=LONGEST_NAME))
    day = fields.Date(required=True, metadata={"description": "The date of birth, or when the baby is expected"})


class AccessReason(Sent):
    """Why, in a sentence."""

    reason = fields.String(required=True, validate=validate.Length(max=emergency_openings.LONGEST_REASON))


class ReadFor(Sent):
    """What a record is read for; `other` needs a reason."""

    purpose = fields.String(required=True, validate=validate.OneOf(list(PURPOSES)))
    reason = fields.String(load_default="", validate=validate.Length(max=office_readings.LONGEST_REASON))


class EmergencyFound(Sent):
    """What a coordinator found, in a sentence."""

    found = fields.String(required=True, validate=validate.Length(max=emergency_openings.LONGEST_REASON))


class OpenUntil(Sent):
    """Until when the record may be read."""

    until = fields.AwareDateTime(required=True)


@routes.route("POST", "/child-index", takes=SoughtChild, gives=schema_of(child_index.Known)(many=True))
@access.for_those(permissions.may_ask_index)
def ask_child_index(sent: Mapping[str, Any]) -> Any:
    """Say whether a child is known: who leads and how to reach them, and nothing of the record."""
    return list(child_index.ask(engine(), actor=actor(), **sent))


@routes.route("GET", "/access", gives=schema_of(access_checks.Checks))
@access.for_those(permissions.may_check_access)
def list_access_checks() -> Any:
    """List what coordinators and line managers check."""
    return access_checks.read(engine(), actor=actor())


@routes.route("PUT", "/access/openings/<uuid:opening_id>", takes=EmergencyFound, status=204)
@access.for_those(permissions.may_restrict)
def look_at_emergency(sent: Mapping[str, Any], opening_id: UUID) -> None:
    """Keep what was found about a record opened in an emergency, once."""
    emergency_openings.look_at(engine(), actor=actor(), opening_id=opening_id, **sent)


@routes.route("POST", "/cases/<uuid:case_id>/emergency", takes=AccessReason, gives=OpenUntil)
@access.for_those(permissions.may_ask_index)
def open_record_in_emergency(sent: Mapping[str, Any], case_id: UUID) -> Mapping[str, datetime]:
    """Open a record for reading, for an hour; the line manager, the lead and the coordinators are told."""
    return {"until": emergency_openings.open_record(engine(), actor=actor(), case_id=case_id, **sent)}


@routes.route("POST", "/cases/<uuid:case_id>/look-into", takes=ReadFor, gives=OpenUntil)
@access.for_those(permissions.sees_whole_authority)
def look_into_record(sent: Mapping[str, Any], case_id: UUID) -> Mapping[str, datetime]:
    """Say, as a coordinator, what you read a record for on which nothing is asked of you; it holds for the day."""
    return {"until": office_readings.look_into(engine(), actor=actor(), case_id=case_id, **sent)}


@routes.route("DELETE", "/cases/<uuid:case_id>/emergency", status=204)
@access.signed_in
def end_emergency(case_id: UUID) -> None:
    """End your own emergency before its hour is over; nothing happens when none is under way."""
    emergency_openings.close_record(engine(), actor=actor(), case_id=case_id)


@routes.route("PUT", "/cases/<uuid:case_id>/restriction", takes=AccessReason, status=204)
@access.for_those(permissions.may_restrict)
def restrict_case(sent: Mapping[str, Any], case_id: UUID) -> None:
    """Hide a case from everybody who does not work on it themselves."""
    restrictions.restrict(engine(), actor=actor(), case_id=case_id, **sent)


@routes.route("POST", "/cases/<uuid:case_id>/restriction/keep", takes=AccessReason, status=204)
@access.for_those(permissions.may_restrict)
def keep_case_restricted(sent: Mapping[str, Any], case_id: UUID) -> None:
    """Agree again that a case stays restricted, for 90 days."""
    restrictions.keep_restricted(engine(), actor=actor(), case_id=case_id, **sent)


@routes.route("POST", "/cases/<uuid:case_id>/restriction/lift", takes=AccessReason, status=204)
@access.for_those(permissions.may_restrict)
def lift_case_restriction(sent: Mapping[str, Any], case_id: UUID) -> None:
    """Open a restricted case again to those who may usually see it."""
    restrictions.lift(engine(), actor=actor(), case_id=case_id, **sent)
