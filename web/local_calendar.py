"""Calendar: bank holidays and the days the offices are closed, with what a change moves before it is made."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.casework import permissions
from engine.commands import local_closures
from engine.commands.local_closures import Moved
from engine.errors import Conflict, Invalid
from engine.queries import calendar_changes
from engine.redating import Held, Wanted, period
from web import access, words
from web.authority import NATION_WORDS
from web.current import actor, engine
from web.day_fields import day_boxes, day_needed, day_typed
from web.schemas import version_seen

blueprint = Blueprint("local_calendar", __name__, url_prefix="/authority/calendar")


@blueprint.get("")
@access.for_those(permissions.may_keep_authority)
def page() -> ResponseReturnValue:
    """Show the calendar, and how it came about."""
    return _page({"request_key": secrets.token_urlsafe(16)}, {})


@blueprint.post("")
@access.for_those(permissions.may_keep_authority)
def close() -> ResponseReturnValue:
    """Show what closing the offices would move; when that is confirmed, close them."""
    typed = request.form
    try:
        first = day_needed(typed, "first_on", "Enter the first day")
        wanted = period(first, day_typed(typed, "last_on"), typed.get("name", ""))
        return _looked_at_or_done(wanted, typed, back=url_for("local_calendar.page"))
    except (Invalid, Conflict) as wrong:
        return _page(typed, {str(wrong.details.get("field") or "first_on"): wrong.message}), _status(wrong)


@blueprint.route("/<uuid:closure_id>", methods=["GET", "POST"])
@access.for_those(permissions.may_keep_authority)
def change(closure_id: UUID) -> ResponseReturnValue:
    """Ask whether a closure is on another day or ends; show what that moves, and when it is confirmed, do it."""
    held = calendar_changes.closure(engine(), actor=actor(), closure_id=closure_id)
    if request.method == "GET":
        kept = day_boxes("on_day", held.on_day) | {"name": held.name, "request_key": secrets.token_urlsafe(16)}
        return _change_page(held, kept, {})
    typed = request.form
    try:
        wanted = _other(closure_id, typed)
        return _looked_at_or_done(wanted, typed, back=url_for("local_calendar.change", closure_id=closure_id))
    except (Invalid, Conflict) as wrong:
        return _change_page(held, typed, {str(wrong.details.get("field") or "on_day"): wrong.message}), _status(wrong)


def _other(closure_id: UUID, typed: Mapping[str, str]) -> Wanted:
    gone = frozenset({closure_id})
    if typed.get("what") == "end":
        return Wanted(end=gone)
    if typed.get("what") != "change":
        raise Invalid("Choose what is to be done", field="what")
    day = day_needed(typed, "on_day", "Enter the day")
    return Wanted(close=period(day, None, typed.get("name", "")).close, end=gone)


def _looked_at_or_done(wanted: Wanted, typed: Mapping[str, str], *, back: str) -> ResponseReturnValue:
    """Show what the change would move; carry it out when that has been seen."""
    if not typed.get("why", "").strip():
        raise Invalid("Say why the calendar changes", field="why")
    if typed.get("act") != "do":
        found = calendar_changes.foreseen(engine(), actor=actor(), wanted=wanted)
        return render_template("authority/calendar_foreseen.html", found=found, typed=typed, back_to=back)
    moved = local_closures.carry_out(
        engine(),
        actor=actor(),
        wanted=wanted,
        why=typed["why"],
        expected_version=version_seen(typed, "version"),
        request_key=typed.get("request_key"),
    )
    flash(_said(moved))
    return redirect(url_for("local_calendar.page"), 303)


def _said(moved: Moved) -> str:
    if not (moved.tasks or moved.timers):
        return "The calendar is changed. No date had to move."
    parts = [words.counted(moved.tasks, "due date"), words.counted(moved.timers, "reminder")]
    return f"The calendar is changed. {' and '.join(parts)} moved on {words.counted(moved.cases, 'case')}."


def _status(wrong: Invalid | Conflict) -> int:
    return 422 if isinstance(wrong, Invalid) else 409


def _page(values: Mapping[str, Any], errors: Mapping[str, str]) -> str:
    found = calendar_changes.days(engine(), actor=actor())
    said = NATION_WORDS[found.nation]
    return render_template("authority/calendar.html", found=found, nation=said, values=values, errors=errors)


def _change_page(held: Held, values: Mapping[str, Any], errors: Mapping[str, str]) -> str:
    return render_template("authority/closure.html", closure=held, values=values, errors=errors)
