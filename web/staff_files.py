"""Lists that managers and administrators keep, as files to take away: what their pages show, and no more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine.casework import oversight as may
from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.process_engine import ProcessEngine
from engine.queries import access_checks, audits, batches, directory, job_roles, mag_queue, settings_history, teams
from web import access, exports
from web.authority import HISTORY_WORDS
from web.batches import KINDS, STATES
from web.csv_rows import Cell
from web.current import actor, engine
from web.directory import asked

blueprint = Blueprint("staff_files", __name__)

_COLLEAGUES: Final = ("Name", "Job", "Agency", "Phone", "E-mail", "Away from", "Back on", "Covered by", "Last day")
_ROLES: Final = ("Role", "People", "Retired")
_TEAMS: Final = ("Agency", "Team", "Closed on", "Name", "Job", "From", "To", "Last day")
_SEATS: Final = ("Name", "Agency", "Groups")
_HISTORY: Final = ("When ({zone} time)", "Who", "What", "From and to")
_AUDITS: Final = ("Audit", "Drawn by", "Drawn ({zone} time)", "Seed", "Drawn from", "Cases", "Judged")
_BATCHES: Final = ("What", "By", "When ({zone} time)", "Why", "State", "Pieces of work", "Done", "Not done")
_OPENINGS: Final = (
    "Case", "Child", "Opened by", "Agency", "Why", "From ({zone} time)", "Until ({zone} time)", "Looked",
    "Looked at by", "Found",
)  # fmt: skip


@exports.both(blueprint, "/directory")
@access.signed_in
def colleagues(kind: str) -> ResponseReturnValue:
    """Send who works with children here, as far as was asked for."""
    found = directory.read(engine(), actor=actor(), **asked(), limit=None).colleagues
    rows = (
        (each.name, each.job_title, each.agency, each.phone, each.email, each.away_from, each.back_on,
         each.covered_by or each.cover_away, each.leaves_on)
        for each in found
    )  # fmt: skip
    return exports.listed("directory", kind, _COLLEAGUES, rows)


@exports.both(blueprint, "/directory/roles")
@access.for_those(permissions.may_keep_authority)
def roles(kind: str) -> ResponseReturnValue:
    """Send the list of job roles and how many are each."""
    found = job_roles.read(engine(), actor=actor())
    rows = ((each.name, each.people, each.retired_on) for each in (*found.current, *found.retired))
    return exports.listed("job-roles", kind, _ROLES, rows)


@exports.both(blueprint, "/people/teams")
@access.for_those(permissions.may_keep_authority)
def in_teams(kind: str) -> ResponseReturnValue:
    """Send every agency and team with who is in it, and who was until lately; one without anybody has a row too."""
    return exports.listed("teams", kind, _TEAMS, _in_teams(engine(), actor()))


def _in_teams(engine: ProcessEngine, who: Actor) -> Iterator[list[Cell]]:
    for agency in teams.agencies_with_teams(engine, actor=who):
        if not agency.teams:
            yield [agency.name, "", agency.closed_on, "", "", None, None, None]
        for team in agency.teams:
            closed = team.closed_on or agency.closed_on
            places = (*team.current, *team.past)
            for each in places:
                days = [each.from_on, each.to_on, each.leaves_on]
                yield [agency.name, team.name, closed, each.name, each.job_title, *days]
            if not places:
                yield [agency.name, team.name, closed, "", "", None, None, None]


@exports.both(blueprint, "/mag/members")
@access.for_those(permissions.may_keep_mag_seats)
def seats(kind: str) -> ResponseReturnValue:
    """Send who sits on which group."""
    found = mag_queue.seats(engine(), actor=actor()).members
    rows = ((each.name, each.agency, ", ".join(sorted(each.mags))) for each in found)
    return exports.listed("group-members", kind, _SEATS, rows)


@exports.both(blueprint, "/authority/history")
@access.for_those(permissions.may_keep_authority)
def history(kind: str) -> ResponseReturnValue:
    """Send everything that was changed of the settings, the people or the calendar, the latest first."""
    of = request.args.get("of", "settings")
    if of not in HISTORY_WORDS:
        return redirect(url_for("authority.history"), 303)
    return exports.listed(f"{of}-changed", kind, _HISTORY, _changes(engine(), actor(), of))


def _changes(engine: ProcessEngine, who: Actor, of: str) -> Iterator[list[Cell]]:
    before: int | None = None
    while True:
        page = settings_history.read(engine, actor=who, of=of, before=before)
        for each in page.events:
            said = "; ".join(f"{one.name}: from {one.was} to {one.now}" for one in each.differences)
            yield [each.event.at, each.event.who or "The service itself", each.event.what, said]
        before = page.before
        if before is None:
            return


@exports.both(blueprint, "/oversight/audits")
@access.for_those(may.may_see_supervision)
def all_audits(kind: str) -> ResponseReturnValue:
    """Send the audits that were drawn."""
    rows = (
        (each.name, each.who, each.at, each.seed, each.drawn_from, each.size, each.judged)
        for each in audits.index(engine(), actor=actor())
    )
    return exports.listed("audits", kind, _AUDITS, rows)


@exports.both(blueprint, "/workload/batches")
@access.for_those(permissions.may_see_figures)
def shared_out(kind: str) -> ResponseReturnValue:
    """Send what was shared out lately."""
    rows = (
        (("Taken back: " if each.undoes_id else "") + KINDS[each.kind], each.who,
         each.planned_at, each.why, STATES[each.state], each.number, each.done,
         each.refused)
        for each in batches.lately(engine(), actor=actor())
    )  # fmt: skip
    return exports.listed("shared-out", kind, _BATCHES, rows)


@exports.both(blueprint, "/access")
@access.for_those(permissions.may_check_access)
def openings(kind: str) -> ResponseReturnValue:
    """Send which records were opened in an emergency, and what was found about it."""
    rows = (
        (each.reference, each.child_name, each.who, each.agency, each.reason,
         each.from_at, each.until_at, each.reads,
         each.looked_at_by, each.found)
        for each in access_checks.read(engine(), actor=actor()).openings
    )  # fmt: skip
    return exports.listed("opened-in-an-emergency", kind, _OPENINGS, rows)
