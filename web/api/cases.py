"""Cases: list, find, start, read, act on the plan, raise a concern."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from marshmallow import fields, validate

from engine.casework import permissions
from engine.casework.help_kinds import HELP_KINDS
from engine.commands import cases as case_acts
from engine.commands import child_index, comments, concerns, plan_actions, stalled_plans, team_places
from engine.errors import ChildKnown
from engine.queries import case_file, plan_story
from web import access
from web.api.described import schema_of
from web.api.routes import Routes, with_link
from web.cases import known_cases
from web.cases import start_case as start
from web.current import actor, engine
from web.schemas import LONGEST_NAME, NewComment, Sent, StartCase, request_key, words

routes = Routes("cases", under="/api/cases", about="Cases")


class WhichPage(Sent):
    """Which page of a list of cases."""

    after = fields.UUID(load_default=None, allow_none=True, metadata={"description": "`next` of the page before"})
    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=case_file.LONGEST_LIST))


class Search(WhichPage):
    """What to look for: a child's name, or a case reference."""

    words = fields.String(required=True, validate=validate.Length(min=1, max=LONGEST_NAME))


class Progress(Sent):
    """How an action of the plan is going."""

    progress = words(load_default="")
    done = fields.Boolean(load_default=False)
    help_kind = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(HELP_KINDS))
    request_key = request_key()


class NewCase(StartCase):
    """A child for whom a case is started. When the child has an open case, the answer is a 409 with `known`."""

    known_seen = fields.Boolean(
        load_default=False,
        metadata={"description": "That a case is started all the same: it is another child, or a second was agreed"},
    )


class Stuck(Sent):
    """That a plan does not get on, and why."""

    reason = fields.String(required=True, validate=validate.OneOf(stalled_plans.REASONS))
    why = words(required=True)
    request_key = request_key()


class EndPlace(Sent):
    """Why somebody is no longer part of the team; the team reads it."""

    why = words(required=True)
    request_key = request_key()


class NewConcern(Sent):
    """A safeguarding concern; nothing in it is required.

    It names the children of the cases `also`, and with `whole_family` every other child of the family who has an open
    case: each case keeps it. Children without a case are named in `other_children`.
    """

    harm = words(load_default="")
    immediate_danger = fields.Boolean(load_default=None, allow_none=True)
    what_happened = words(load_default="")
    told_family = words(load_default="")
    also = fields.List(fields.UUID(), load_default=list, validate=validate.Length(max=20))
    whole_family = fields.Boolean(load_default=False)
    other_children = words(load_default="")
    request_key = request_key()


class ConcernRaised(Sent):
    """The concern as kept."""

    concern_id = fields.UUID()


CasePage = schema_of(case_file.CasePage)


@routes.route("GET", "", takes=WhichPage, place="query", gives=CasePage)
@access.signed_in
def list_cases(which: Mapping[str, Any]) -> Any:
    """List the open cases you may see, by the child's name. `next`, and the header Link, lead to the page after."""
    return with_link(case_file.case_page(engine(), actor=actor(), **which))


@routes.route("POST", "/search", takes=Search, gives=CasePage)
@access.signed_in
def search_cases(sent: Mapping[str, Any]) -> Any:
    """Find cases you may see. A POST, so that a child's name never stands in an address or a log.

    Send the same words with `next` as `after` for the page after.
    """
    page = {name: value for name, value in sent.items() if name != "words"}
    return case_file.case_page(engine(), actor=actor(), search=sent["words"], **page)


@routes.route("POST", "", takes=NewCase, gives=schema_of(case_acts.CaseStarted), status=201)
@access.for_those(permissions.may_start_case)
def start_case(sent: Mapping[str, Any]) -> Any:
    """Start a case for a child; 409 with `known` when there is one, unless `known_seen` is sent."""
    asked = {name: value for name, value in sent.items() if name != "known_seen"}
    if not sent["known_seen"] and (known := known_cases(asked)):
        raise ChildKnown(_whom_to_ring(known))
    return start(asked)


def _whom_to_ring(known: Sequence[child_index.Known]) -> str:
    people = dict.fromkeys(_person(each.contact) for each in known if each.contact is not None)
    ring = "; ".join(people) or "the coordinators, as nobody answers for it"
    same = "If it is another child, or a second case was agreed, send it again with `known_seen`"
    return f"A child of this name and birthday has an open case here. Ring {ring}. {same}."


def _person(contact: child_index.Contact) -> str:
    role = "leads" if contact.leads else "assesses"
    reached = f" on {contact.phone or contact.email}" if contact.phone or contact.email else ""
    return f"{contact.name}{reached}, who {role}"


@routes.route("GET", "/<uuid:case_id>", gives=schema_of(case_file.CaseFile))
@access.signed_in
def read_case(case_id: UUID) -> Any:
    """Read the whole record of a case; that you read it is kept before it is answered."""
    return case_file.read(engine(), actor=actor(), case_id=case_id)


@routes.route("GET", "/<uuid:case_id>/plan", gives=schema_of(plan_story.PlanStory))
@access.signed_in
def read_plan(case_id: UUID) -> Any:
    """Read the plan of a case with every note on each action."""
    return plan_story.read(engine(), actor=actor(), case_id=case_id)


@routes.route("PATCH", "/<uuid:case_id>/actions/<uuid:action_id>", takes=Progress, status=204)
@access.signed_in
def report_action(sent: Mapping[str, Any], case_id: UUID, action_id: UUID) -> None:
    """Say how an action of the plan is going."""
    plan_actions.report(engine(), actor=actor(), case_id=case_id, action_id=action_id, **sent)


@routes.route("POST", "/<uuid:case_id>/comments", takes=NewComment, status=204)
@access.signed_in
def comment_on_case(sent: Mapping[str, Any], case_id: UUID) -> None:
    """Say something about a case; everyone who sees it can read it in what has happened."""
    comments.add(engine(), actor=actor(), case_id=case_id, **sent)


@routes.route("POST", "/<uuid:case_id>/actions/<uuid:action_id>/comments", takes=NewComment, status=204)
@access.signed_in
def comment_on_action(sent: Mapping[str, Any], case_id: UUID, action_id: UUID) -> None:
    """Say something about an action of the plan."""
    comments.add(engine(), actor=actor(), case_id=case_id, about=action_id, **sent)


@routes.route("POST", "/<uuid:case_id>/stuck", takes=Stuck, status=204)
@access.signed_in
def say_plan_is_stuck(sent: Mapping[str, Any], case_id: UUID) -> None:
    """Put a plan that is stuck to the line manager; one that is there already is joined."""
    stalled_plans.report(engine(), actor=actor(), case_id=case_id, **sent)


@routes.route("POST", "/<uuid:case_id>/team/<uuid:practitioner_id>/end", takes=EndPlace, status=204)
@access.signed_in
def end_team_place(sent: Mapping[str, Any], case_id: UUID, practitioner_id: UUID) -> None:
    """Say that somebody is no longer part of the team: what they had to do goes to who leads, and they are told."""
    team_places.end_place(engine(), actor=actor(), case_id=case_id, practitioner_id=practitioner_id, **sent)


@routes.route("POST", "/<uuid:case_id>/concerns", takes=NewConcern, gives=ConcernRaised, status=201)
@access.for_those(permissions.may_raise_concern)
def raise_concern(sent: Mapping[str, Any], case_id: UUID) -> Mapping[str, Any]:
    """Record a safeguarding concern. Ring social care first: this page does not."""
    apart = ("also", "whole_family", "request_key")
    answers = {name: value for name, value in sent.items() if name not in apart}
    given = {name: sent[name] for name in apart}
    concern_id = concerns.raise_concern(engine(), actor=actor(), case_id=case_id, answers=answers, **given)
    return {"concern_id": concern_id}
