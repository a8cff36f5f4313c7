"""Publishing: choose drafts and say why; a second person looks at what changes, and approves or sends back."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, time
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.casework import permissions
from engine.commands import deployments, publishing, second_person
from engine.commands import rehearsals as acts
from engine.commands.deployments import ApprovalMissing, DeploymentRefused, ExamplesNotKept, ScenariosNotKept
from engine.errors import Conflict, Invalid
from engine.queries import definitions, model_drafts, newer_versions, rehearsals
from engine.queries import publishing as proposed
from engine.scenario_files import SUFFIX, read_scenario
from engine.titles import title_of
from web import access
from web.current import actor, engine
from web.day_fields import day_typed
from web.definitions import as_file
from web.studio import scenario_trials
from web.studio.publish_checks import checks_of

blueprint = Blueprint("studio_publishing", __name__, url_prefix="/studio/publish")

STATES = {
    "waiting": "Waits for a second person",
    "approved": "Approved, comes into force later",
    "published": "In force",
    "sent_back": "Sent back",
    "withdrawn": "Withdrawn",
    "failed": "Could not be published",
    "publishing": "Being published",
    "past": "Was in force",
}
"""How a proposal stands, in words."""


@blueprint.get("")
@access.for_those(permissions.may_approve_changes)
def page() -> ResponseReturnValue:
    """List what is proposed, and for a designer the drafts that can be."""
    return _page()


@blueprint.post("")
@access.for_those(permissions.may_deploy)
def propose() -> ResponseReturnValue:
    """Propose the drafts chosen; where nobody else is asked they come into force."""
    typed, who = request.form, actor()
    chosen = typed.getlist("file")
    try:
        files = {file: definitions.draft_source(engine(), actor=who, file=file) for file in chosen}
        done = publishing.propose(
            engine(), actor=who, files=files, why=typed.get("why", ""), publish_at=_moment(typed)
        )
    except DeploymentRefused as refused:
        return _page({"files": "Nothing was proposed. Put right what is listed first"}, refused.findings, 422)
    except Invalid as wrong:
        return _page({str(wrong.details.get("field") or "files"): wrong.message}, status=422)
    except Conflict as wrong:
        return _page({"files": wrong.message}, status=409)
    flash(said_of(done.state, [title_of(file, content) for file, content in files.items()]))
    if done.state == "published":
        return redirect(url_for("definitions.index"), 303)
    return redirect(url_for("studio_publishing.proposal", proposal_id=done.proposal_id), 303)


def said_of(state: str, titles: Sequence[str]) -> str:
    """Say what came of proposing what is called so."""
    names = ", ".join(sorted(titles))
    if state == "published":
        return f"In force now: {names}."
    if state == "approved":
        return f"{names} will come into force at the time you chose."
    return f"Proposed: {names}. Nothing is in force yet: whoever may approve it has been told."


@blueprint.get("/<uuid:proposal_id>")
@access.for_those(permissions.may_approve_changes)
def proposal(proposal_id: UUID) -> ResponseReturnValue:
    """Show one proposal: what it changes, what was found, and what there is to decide."""
    return _proposal_page(proposal_id)


@blueprint.post("/<uuid:proposal_id>/approve")
@access.for_those(permissions.may_approve_changes)
def approve(proposal_id: UUID) -> ResponseReturnValue:
    """Approve a proposal exactly as it was shown: its page says how far it is with coming into force."""
    digest, why = request.form.get("digest", ""), request.form.get("examples_why", "")
    if not why.strip() and (against := _known_against(proposal_id)):
        said = f"Say why the {against} do not count, or send it back"
        return _proposal_page(proposal_id, {"examples_why": said}, 422)
    try:
        publishing.approve(
            engine(), actor=actor(), proposal_id=proposal_id, digest=digest, examples_why=why
        )
    except ExamplesNotKept:
        return _proposal_page(proposal_id, {"examples_why": "Say why the examples do not count, or send it back"}, 422)
    except ScenariosNotKept:
        return _proposal_page(proposal_id, {"examples_why": "Say why the scenarios do not count, or send it back"}, 422)
    except DeploymentRefused as refused:
        return _proposal_page(proposal_id, {"approve": _refused(refused)}, 422)
    except Conflict as wrong:
        return _proposal_page(proposal_id, {"approve": wrong.message}, 409)
    flash("Approved.")
    return redirect(url_for("studio_publishing.proposal", proposal_id=proposal_id), 303)


def _known_against(proposal_id: UUID) -> str:
    """Return what is known to speak against a proposal: without a why nothing need be tried on it, which takes long."""
    found = proposed.read(engine(), actor=actor(), proposal_id=proposal_id)
    if not found.proposal.may_approve or found.let_be:
        return ""
    if found.unkept:
        return "examples"
    texts = {each.file: each.content for each in found.files}
    return "scenarios" if any(each.asks_why for each in checks_of(texts)) else ""


@blueprint.post("/<uuid:proposal_id>/send-back")
@access.for_those(permissions.may_approve_changes)
def send_back(proposal_id: UUID) -> ResponseReturnValue:
    """Send a proposal back with words."""
    try:
        publishing.send_back(
            engine(), actor=actor(), proposal_id=proposal_id, answer=request.form.get("answer", "")
        )
    except Invalid as wrong:
        return _proposal_page(proposal_id, {"answer": wrong.message}, 422)
    flash("Sent back. Whoever proposed it has been told; the drafts are as they were.")
    return redirect(url_for("studio_publishing.page"), 303)


@blueprint.post("/<uuid:proposal_id>/withdraw")
@access.for_those(permissions.may_deploy)
def withdraw(proposal_id: UUID) -> ResponseReturnValue:
    """Withdraw a proposal; its drafts stay."""
    publishing.withdraw(engine(), actor=actor(), proposal_id=proposal_id)
    flash("Withdrawn. The drafts are as they were.")
    return redirect(url_for("studio_publishing.page"), 303)


@blueprint.get("/<uuid:proposal_id>/scenarios")
@access.for_those(permissions.may_approve_changes)
def scenarios(proposal_id: UUID) -> ResponseReturnValue:
    """Try one more scenario on a proposal, and say how far that is: to the page's script, else on the page."""
    texts = proposed.texts_of(engine(), actor=actor(), proposal_id=proposal_id)
    if "all" in request.args:
        while (told := scenario_trials.of_change(texts, go_on=True)) is not None and not told.done:
            pass
        return redirect(url_for("studio_publishing.proposal", proposal_id=proposal_id, _anchor="scenarios"), 303)
    return jsonify(asdict(scenario_trials.of_change(texts, go_on=True) or scenario_trials.Told(())))


@blueprint.post("/<uuid:proposal_id>/back")
@access.for_those(permissions.may_deploy)
def take_back(proposal_id: UUID) -> ResponseReturnValue:
    """Take a published change back whole: what was before is in force again, and cases that moved go back."""
    who = actor()
    found = proposed.read(engine(), actor=who, proposal_id=proposal_id)
    if found.before is None or found.deployment_id is None:
        raise Conflict("This is not in force as it was published, so there is nothing to take back")
    texts = {each.file: each.content for each in found.files}
    tried = rehearsals.of_files(engine(), actor=who, files=texts)
    given: dict[str, Any] = {"deployment_ids": {found.deployment_id}, "reason": request.form.get("back_why", "")}
    try:
        done = deployments.take_back(engine(), authority_id=who.authority_id, actor=who, **given)
    except DeploymentRefused as refused:
        return _proposal_page(proposal_id, {"back_why": refused.message}, 422)
    except Invalid as wrong:
        return _proposal_page(proposal_id, {"back_why": wrong.message}, 422)
    ended = f" No longer in force: {', '.join(done.ended)}." if done.ended else ""
    flash(f"Taken back whole: what was before is in force again.{ended}")
    moving = None if tried is None else acts.back(engine(), actor=who, rehearsal_id=tried.rehearsal.rehearsal_id)
    if moving is not None:
        return redirect(url_for("studio_rehearsals.page", rehearsal_id=moving), 303)
    return redirect(url_for("studio_publishing.proposal", proposal_id=proposal_id), 303)


@blueprint.get("/<uuid:proposal_id>/file")
@access.for_those(permissions.may_approve_changes)
def download(proposal_id: UUID) -> ResponseReturnValue:
    """Return a text exactly as it was proposed."""
    file = request.args.get("file", "")
    return as_file(file, proposed.text_of(engine(), actor=actor(), proposal_id=proposal_id, file=file))


@blueprint.get("/second-person")
@access.for_those(permissions.may_keep_authority)
def asking() -> ResponseReturnValue:
    """Ask whether changes need a second person here."""
    return _asking_page({})


@blueprint.post("/second-person")
@access.for_those(permissions.may_keep_authority)
def ask() -> ResponseReturnValue:
    """Set whether changes need a second person, with the reason."""
    asked = request.form.get("asked", "")
    if asked not in ("yes", "no"):
        return _asking_page({"asked": "Say whether a second person is asked"}), 422
    try:
        second_person.ask_second_person(
            engine(), actor=actor(), asked=asked == "yes", why=request.form.get("why", "")
        )
    except Invalid as wrong:
        return _asking_page({"why": wrong.message}), 422
    flash("From now on a second person approves changes." if asked == "yes" else "Changes need no second person now.")
    return redirect(url_for("authority.history"), 303)


def _asking_page(errors: Mapping[str, str]) -> str:
    asked = "yes" if proposed.second_person(engine(), actor=actor()) else "no"
    values = {"asked": asked, **request.form}
    return render_template("studio/second_person.html", errors=errors, values=values, asked=asked)


def _refused(refused: DeploymentRefused) -> str:
    if isinstance(refused, ApprovalMissing):
        return f"Nothing is in force yet: somebody named in the rules has to agree to them first. {refused.findings[0]}"
    return f"Nothing is in force yet: it does not fit what is in force now. {refused.findings[0]}"


def _moment(typed: Mapping[str, str]) -> datetime | None:
    """Return the instant typed as a day and a time of the authority's clocks, None for at once. Raises `Invalid`."""
    day, clock = day_typed(typed, "publish_at"), typed.get("publish_time", "").strip()
    if day is None:
        if clock:
            raise Invalid("Enter the day too, or leave both empty", field="publish_at")
        return None
    found = re.fullmatch(r"([01]?\d|2[0-3])[:.]([0-5]\d)", clock or "0:00")
    if found is None:
        raise Invalid("Enter the time like 07:30", field="publish_time")
    local = datetime.combine(day, time(int(found[1]), int(found[2])), tzinfo=g.zone)
    return local.astimezone(UTC)


def _page(
    errors: Mapping[str, str] | None = None, findings: Sequence[Any] = (), status: int = 200
) -> ResponseReturnValue:
    who = actor()
    designs = permissions.may_deploy(who)
    drafts = definitions.drafts(engine(), actor=who) if designs else ()
    wanted = request.args.get("file", "")
    known = model_drafts.in_force(engine(), actor=who, file=wanted) if wanted and designs else None
    asked = request.method == "POST"
    chosen = request.form.getlist("file") if asked else [wanted, *_scenarios_along(wanted, drafts)]
    shown = render_template(
        "studio/publish.html",
        file=wanted if any(each.file == wanted for each in drafts) or known else "",
        drafts=drafts,
        overtaken=newer_versions.files(engine(), actor=who) if drafts else (),
        chosen=chosen,
        waiting=proposed.waiting_in(engine(), actor=who),
        proposals=proposed.latest(engine(), actor=who),
        second_person=proposed.second_person(engine(), actor=who),
        designs=designs,
        keeps_settings=permissions.may_keep_authority(who),
        states=STATES,
        errors=errors or {},
        error_targets={"files": "drafts"},
        findings=findings,
        values=request.form,
    )
    return shown, status


def _scenarios_along(file: str, drafts: Sequence[definitions.Draft]) -> list[str]:
    """Return the drafts of scenarios that are about the diagram of a draft: whoever publishes it means them too."""
    if not file.endswith(".bpmn") or not any(each.file == file for each in drafts):
        return []
    who, found = actor(), []
    diagram = definitions.draft_source(engine(), actor=who, file=file)
    for each in (draft.file for draft in drafts if draft.file.endswith(SUFFIX)):
        try:
            about = read_scenario(definitions.draft_source(engine(), actor=who, file=each), name=each).diagram
        except Invalid:
            continue
        if f'id="{about}"'.encode() in diagram:
            found.append(each)
    return found


def _proposal_page(
    proposal_id: UUID, errors: Mapping[str, str] | None = None, status: int = 200
) -> ResponseReturnValue:
    found = proposed.read(engine(), actor=actor(), proposal_id=proposal_id)
    texts = {each.file: each.content for each in found.files}
    may_move = found.proposal.may_approve or found.proposal.state == "published"
    tried = rehearsals.of_files(engine(), actor=actor(), files=texts) if may_move else None
    shown = render_template(
        "studio/publish_proposal.html",
        found=found,
        going_back=rehearsals.back_from(engine(), actor=actor(), rehearsal_id=tried.rehearsal.rehearsal_id)
        if tried is not None and found.proposal.past
        else None,
        rehearsed=tried.rehearsal if tried else None,
        drawn=any(file.endswith((".bpmn", ".form")) for file in texts),
        checks=checks_of(texts) if found.proposal.pending else [],
        states=STATES,
        errors=errors or {},
        values=request.form,
        designs=permissions.may_deploy(actor()),
    )
    return shown, status
