"""Bank holidays and the days the offices are closed, with what a change moves before it is made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from marshmallow import fields, validate

from engine.casework import permissions
from engine.commands import local_closures
from engine.queries import calendar_changes
from engine.redating import Wanted, period
from web import access
from web.api.described import schema_of
from web.api.routes import Routes
from web.current import actor, engine
from web.schemas import Sent, request_key

routes = Routes("calendar", under="/api/calendar", about="Days on which nobody works")

_Foreseen: Final = schema_of(
    calendar_changes.Foreseen, without=frozenset({"days", "teams"}), name="ForeseenByCalendar"
)


class CalendarChange(Sent):
    """Days on which the offices are closed, and closures (by id) that end. One of both at least."""

    first_on = fields.Date(load_default=None, allow_none=True)
    last_on = fields.Date(load_default=None, allow_none=True)
    name = fields.String(load_default="", metadata={"description": "What the offices are closed for"})
    end = fields.List(fields.UUID(), load_default=list)


class CalendarAct(CalendarChange):
    """The same, why it is so, and the authority's version that was looked at."""

    why = fields.String(required=True, validate=validate.Length(min=1))
    version = fields.Integer(required=True, validate=validate.Range(min=1))
    request_key = request_key()


@routes.route("GET", "", gives=schema_of(calendar_changes.Days, name="CalendarDays"))
@access.for_those(permissions.may_keep_authority)
def read_calendar() -> Any:
    """Read the bank holidays to come, the closures, and who changed the calendar."""
    return calendar_changes.days(engine(), actor=actor())


@routes.route("POST", "/foresee", takes=CalendarChange, gives=_Foreseen)
@access.for_those(permissions.may_keep_authority)
def foresee_calendar_change(sent: Mapping[str, Any]) -> Any:
    """Say which open due dates and reminders a change would move; nothing is changed."""
    return calendar_changes.foreseen(engine(), actor=actor(), wanted=_wanted(sent))


@routes.route("POST", "", takes=CalendarAct, gives=schema_of(local_closures.Moved, name="MovedByCalendar"))
@access.for_those(permissions.may_keep_authority)
def change_calendar(sent: Mapping[str, Any]) -> Any:
    """Change the calendar, and move every open promise that was reckoned by it, in one act."""
    return local_closures.carry_out(
        engine(),
        actor=actor(),
        wanted=_wanted(sent),
        why=sent["why"],
        expected_version=sent["version"],
        request_key=sent["request_key"],
    )


def _wanted(sent: Mapping[str, Any]) -> Wanted:
    close = {} if sent["first_on"] is None else period(sent["first_on"], sent["last_on"], sent["name"]).close
    return Wanted(close=close, end=frozenset(sent["end"]))
