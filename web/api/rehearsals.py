"""Rehearsing a release over running cases: the figures, the cases, what is to become of them, and how far they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from marshmallow import fields, validate

from engine.casework import permissions
from engine.commands import rehearsals as acts
from engine.errors import NotFound
from engine.queries import rehearsals, rehearsed_cases
from engine.queries.rehearsed_cases import Which
from web import access
from web.api.deployments import File
from web.api.described import schema_of
from web.api.routes import Routes
from web.current import actor, engine
from web.schemas import LONGEST_TEXT, Sent
from web.studio.rehearsals import go_back

routes = Routes("rehearsals", under="/api/rehearsals", about="A release tried on every running case")

_LATER = {"description": "`later`: it stays until somebody decides; empty: as for all of its kind"}
_TO = {"description": "The id of the step at which they go on, where theirs is gone; with `move`"}


class NewRehearsal(Sent):
    """What is tried: files, or what is in force on cases of an earlier version when there are none."""

    files = fields.List(fields.Nested(File), load_default=list)
    processes = fields.List(fields.String(), load_default=list, metadata={"description": "Only these, by key"})
    choice = fields.String(load_default="stay", validate=validate.OneOf(("stay", "move")))


class Begun(Sent):
    """The rehearsal that began; it goes on by itself."""

    rehearsal_id = fields.UUID(required=True)


class GoneBack(Sent):
    """The rehearsal by which the cases go back that moved with the release; null where none had."""

    rehearsal_id = fields.UUID(required=True, allow_none=True)


class TryingAgain(Sent):
    """At which step the cases of a kind, by its number, go on."""

    to = fields.Dict(keys=fields.Integer(), values=fields.String(), load_default=dict)


class ReleaseChoice(Sent):
    """What becomes of cases that can move, unless somebody chooses otherwise for them."""

    choice = fields.String(required=True, validate=validate.OneOf(("stay", "move")))


class KindChoice(Sent):
    """What becomes of all cases of a kind."""

    choice = fields.String(required=True, validate=validate.OneOf(("", "stay", "move")))
    to = fields.String(load_default="", metadata=_TO)


class CasesChoice(Sent):
    """What becomes of several cases, each by its `row_id`."""

    rows = fields.List(fields.UUID(), required=True, validate=validate.Length(min=1, max=acts.MOST))
    choice = fields.String(required=True, validate=validate.OneOf(("", "stay", "move", "later")), metadata=_LATER)
    to = fields.String(load_default="", metadata=_TO)


class NotKept(Sent):
    """For which cases it could not be kept, and why, by `row_id`; for the others it is."""

    refused = fields.Dict(keys=fields.UUID(), values=fields.String())


class WhichCases(Sent):
    """Which cases, of those you may see."""

    search = fields.String(load_default="", metadata={"description": "Words of the child's name, or the reference"})
    verdict = fields.String(load_default="", validate=validate.OneOf(("", *sorted(rehearsed_cases.VERDICTS))))
    meets = fields.String(load_default="", validate=validate.OneOf(("", *sorted(rehearsed_cases.MEETS))))
    kind = fields.Integer(load_default=None, allow_none=True, strict=True)
    showing = fields.String(data_key="only", load_default="", validate=validate.OneOf(("", *rehearsed_cases.ONLY)))
    page = fields.Integer(load_default=1, strict=True, validate=validate.Range(1, 10_000))


class WhyBack(Sent):
    """Why the version before is to be in force again."""

    why = fields.String(required=True, validate=validate.Length(min=1, max=LONGEST_TEXT))


_ONE = "/<uuid:rehearsal_id>"
_CASES = f"{_ONE}/cases"


@routes.route("GET", "", gives=schema_of(rehearsals.Rehearsal)(many=True))
@access.for_those(permissions.may_see_rehearsals)
def list_rehearsals() -> Any:
    """List what was tried lately, the newest first."""
    return list(rehearsals.lately(engine(), actor=actor()))


@routes.route("POST", "", takes=NewRehearsal, gives=Begun, status=201)
@access.for_those(permissions.may_approve_changes)
def begin_rehearsal(sent: Mapping[str, Any]) -> Any:
    """Begin to try every running case; nothing changes by it, and it goes on by itself."""
    files = {file["name"]: file["content"].encode() for file in sent["files"]}
    choice, keys = sent["choice"], sent["processes"]
    return {"rehearsal_id": acts.begin(engine(), actor=actor(), files=files, keys=keys, choice=choice)}


@routes.route("GET", _ONE, gives=schema_of(rehearsals.RehearsalPage, name="RehearsalFigures"))
@access.for_those(permissions.may_see_rehearsals)
def read_rehearsal(rehearsal_id: UUID) -> Any:
    """Read the figures: how many came to what, kind by kind, and how far it is. No case is named."""
    return rehearsals.one(engine(), actor=actor(), rehearsal_id=rehearsal_id)


@routes.route("DELETE", _ONE, status=204)
@access.for_those(permissions.may_approve_changes)
def drop_rehearsal(rehearsal_id: UUID) -> None:
    """Throw a rehearsal away whose cases do not move yet."""
    acts.drop(engine(), actor=actor(), rehearsal_id=rehearsal_id)


@routes.route("POST", f"{_ONE}/again", takes=TryingAgain, gives=Begun, status=201)
@access.for_those(permissions.may_approve_changes)
def try_rehearsal_again(sent: Mapping[str, Any], rehearsal_id: UUID) -> Any:
    """Try every case anew, in which those of some kinds go on at the step given."""
    return {"rehearsal_id": acts.again(engine(), actor=actor(), rehearsal_id=rehearsal_id, to=sent["to"])}


@routes.route("POST", f"{_ONE}/choice", takes=ReleaseChoice, status=204)
@access.for_those(permissions.may_approve_changes)
def choose_for_release(sent: Mapping[str, Any], rehearsal_id: UUID) -> None:
    """Choose what becomes of cases that can move. They do, in a batch, once all texts are in force."""
    acts.choose(engine(), actor=actor(), rehearsal_id=rehearsal_id, choice=sent["choice"])


@routes.route("POST", f"{_ONE}/kinds/<number>", takes=KindChoice, status=204)
@access.for_those(permissions.sees_whole_authority)
def choose_for_kind(sent: Mapping[str, Any], rehearsal_id: UUID, number: str) -> None:
    """Choose what becomes of all cases of a kind that nobody chooses otherwise for."""
    if not (number.isascii() and number.isdigit() and len(number) < 9):
        raise NotFound("There is no such kind of cases")
    acts.choose_for_kind(engine(), actor=actor(), rehearsal_id=rehearsal_id, number=int(number), **sent)


@routes.route("POST", _CASES, takes=WhichCases, gives=schema_of(rehearsed_cases.CasesPage, name="RehearsedCases"))
@access.for_those(permissions.may_see_figures)
def list_rehearsed_cases(sent: Mapping[str, Any], rehearsal_id: UUID) -> Any:
    """List the cases that you may see: where each stands, what was chosen, what came of it.

    A POST, so that a child's name never stands in an address or a log.
    """
    asked = dict(sent)
    page, only = asked.pop("page"), asked.pop("showing")
    which = Which(**asked, only=only)
    return rehearsed_cases.read(engine(), actor=actor(), rehearsal_id=rehearsal_id, which=which, page=page)


@routes.route("POST", f"{_CASES}/choice", takes=CasesChoice, gives=NotKept)
@access.for_those(permissions.may_see_figures)
def choose_for_cases(sent: Mapping[str, Any], rehearsal_id: UUID) -> Any:
    """Choose what becomes of several cases, each for itself."""
    rehearsals.one(engine(), actor=actor(), rehearsal_id=rehearsal_id)
    refused = acts.choose_for_cases(
        engine(), actor=actor(), row_ids=sent["rows"], choice=sent["choice"], to=sent["to"]
    )  # fmt: skip
    return {"refused": refused}


@routes.route("POST", f"{_ONE}/pause", status=204)
@access.for_those(permissions.may_approve_changes)
def pause_moving(rehearsal_id: UUID) -> None:
    """Let the moving of cases rest after the case it is at."""
    acts.pause(engine(), actor=actor(), rehearsal_id=rehearsal_id)


@routes.route("POST", f"{_ONE}/resume", status=204)
@access.for_those(permissions.may_approve_changes)
def resume_moving(rehearsal_id: UUID) -> None:
    """Go on with moving cases."""
    acts.resume(engine(), actor=actor(), rehearsal_id=rehearsal_id)


@routes.route("POST", f"{_ONE}/stop", status=204)
@access.for_those(permissions.may_approve_changes)
def stop_moving(rehearsal_id: UUID) -> None:
    """End the moving of cases while it rests: who has moved stays moved."""
    acts.stop(engine(), actor=actor(), rehearsal_id=rehearsal_id)


@routes.route("POST", f"{_ONE}/back", takes=WhyBack, gives=GoneBack, status=201)
@access.for_those(permissions.may_deploy)
def go_back_from_release(sent: Mapping[str, Any], rehearsal_id: UUID) -> Any:
    """Put the version before in force again, and move the cases back that moved with the release where they can."""
    return {"rehearsal_id": go_back(rehearsal_id, sent["why"])}
