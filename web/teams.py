"""Agencies and teams: who is in each since when; joiners and leavers; one that closes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.casework import permissions
from engine.commands import teams as commands
from engine.errors import Conflict, Invalid, NotFound
from engine.queries import people, teams
from engine.queries.teams import Agency, Team
from web import access, words
from web.current import actor, engine
from web.day_fields import day_needed

blueprint = Blueprint("teams", __name__, url_prefix="/people/teams")


@blueprint.get("")
@access.for_those(permissions.may_keep_authority)
def page() -> ResponseReturnValue:
    """Show every agency with its teams, and who is in them since when."""
    return _page({}, {})


@blueprint.post("")
@access.for_those(permissions.may_keep_authority)
def add() -> ResponseReturnValue:
    """Add a team, or an agency when none is chosen for it."""

    def act() -> str:
        name = request.form.get("name", "")
        if request.form.get("agency_id") == "new":
            commands.add_agency(engine(), actor=actor(), name=name)
            return "The agency is added."
        commands.add_team(engine(), actor=actor(), agency_id=_chosen("agency_id"), name=name)
        return "The team is added."

    return _done(act)


@blueprint.get("/<uuid:team_id>")
@access.for_those(permissions.may_keep_authority)
def one(team_id: UUID) -> ResponseReturnValue:
    """Show a team with who is in it since when, or an agency, and what can be changed."""
    return _one_page(team_id, {}, {})


@blueprint.post("/<uuid:team_id>/rename")
@access.for_those(permissions.may_keep_authority)
def rename(team_id: UUID) -> ResponseReturnValue:
    """Call a team or an agency otherwise."""

    def act() -> str:
        commands.rename(engine(), actor=actor(), id_=team_id, to=request.form.get("to", ""))
        return "It is renamed."

    return _done(act, team_id)


@blueprint.post("/<uuid:team_id>/close")
@access.for_those(permissions.may_keep_authority)
def close(team_id: UUID) -> ResponseReturnValue:
    """Close a team or an agency; its people go to another."""

    def act() -> str:
        moved = commands.close(engine(), actor=actor(), id_=team_id, to=_chosen("heir_id"))
        went = f" {words.counted(moved, 'person goes', 'people go')} over, with tasks and cases." if moved else ""
        return f"It is closed.{went} What was recorded of it stays."

    return _done(act, team_id)


@blueprint.post("/<uuid:team_id>/reopen")
@access.for_those(permissions.may_keep_authority)
def reopen(team_id: UUID) -> ResponseReturnValue:
    """Let people be put in a closed team or agency again."""

    def act() -> str:
        commands.reopen(engine(), actor=actor(), id_=team_id)
        return "It is open again. Who went elsewhere stays there until you put them back."

    return _done(act, team_id)


@blueprint.post("/<uuid:team_id>/join")
@access.for_those(permissions.may_keep_authority)
def join(team_id: UUID) -> ResponseReturnValue:
    """Put somebody in a team."""

    def act() -> str:
        from_on = day_needed(request.form, "from_on", "Enter the day on which they join")
        who = _chosen("practitioner_id")
        commands.join(engine(), actor=actor(), practitioner_id=who, team_id=team_id, from_on=from_on)
        return "They are in the team."

    return _done(act, team_id)


@blueprint.post("/<uuid:team_id>/leave")
@access.for_those(permissions.may_keep_authority)
def leave(team_id: UUID) -> ResponseReturnValue:
    """End somebody's place in a team."""

    def act() -> str:
        to_on = day_needed(request.form, "to_on", "Enter their last day in the team")
        commands.leave(engine(), actor=actor(), team_id=team_id, practitioner_id=_chosen("leaver_id"), to_on=to_on)
        return "Recorded. They keep their tasks and their cases: give them to others under Workload."

    return _done(act, team_id)


def _chosen(name: str) -> UUID | None:
    try:
        return UUID(request.form.get(name, ""))
    except ValueError:
        return None


def _done(act: Callable[[], str], id_: UUID | None = None) -> ResponseReturnValue:
    try:
        flash(act())
    except (Invalid, Conflict) as wrong:
        errors = {str(wrong.details.get("field") or "name"): wrong.message}
        page_of = _page(request.form, errors) if id_ is None else _one_page(id_, request.form, errors)
        return page_of, 422 if isinstance(wrong, Invalid) else 409
    return redirect(url_for("teams.page") if id_ is None else url_for("teams.one", team_id=id_), 303)


def _page(values: Mapping[str, str], errors: Mapping[str, str]) -> str:
    found = teams.agencies_with_teams(engine(), actor=actor())
    shown = [each for each in found if each.closed_on is None]
    closed: list[tuple[Agency, Team | None]] = [(each, None) for each in found if each.closed_on]
    closed += [(agency, team) for agency in found for team in agency.teams if team.closed_on]
    return render_template("people/teams.html", agencies=shown, closed=closed, values=values, errors=errors)


def _one_page(id_: UUID, values: Mapping[str, str], errors: Mapping[str, str]) -> str:
    found = teams.agencies_with_teams(engine(), actor=actor())
    agency = next((each for each in found if id_ == each.agency_id or id_ in {own.team_id for own in each.teams}), None)
    if agency is None:
        raise NotFound("There is no such team", team_id=id_)
    team = next((own for own in agency.teams if own.team_id == id_), None)
    inside = [] if team is None else [(each.practitioner_id, each.name) for each in team.current]
    everybody = [(each.practitioner_id, each.name) for each in people.practitioners(engine(), actor=actor())]
    return render_template(
        "people/team.html",
        agency=agency,
        team=team,
        heirs=_options(_heirs(found, agency, team)),
        joiners=_options(each for each in everybody if each not in inside),
        leavers=_options(inside),
        values=values,
        errors=errors,
    )


def _heirs(found: Iterable[Agency], agency: Agency, team: Team | None) -> Iterator[tuple[UUID, str]]:
    """Give what may take over: the other open teams, those of the same agency first; or the other open agencies."""
    if team is None:
        yield from ((each.agency_id, each.name) for each in found if each is not agency and each.closed_on is None)
        return
    for each in sorted(found, key=lambda one: one is not agency):
        for own in each.teams:
            if own.team_id != team.team_id and own.closed_on is None:
                yield own.team_id, f"{own.name}, {each.name}"


def _options(people_named: Iterable[tuple[UUID, str]]) -> list[dict[str, str]]:
    return [{"value": str(id_), "label": name} for id_, name in people_named]
