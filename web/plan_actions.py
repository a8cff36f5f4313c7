"""How the plan is going: progress on an action, and that it is stuck."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.casework.help_kinds import HELP_KINDS
from engine.commands import comments, contradictions, plan_actions, stalled_plans
from engine.errors import Conflict, Invalid, KeyUsed, NotFound
from engine.queries import plan_story, plan_versions
from web import access
from web.attachments import keep
from web.cases import case_page
from web.current import actor, engine
from web.errors import SENT_BEFORE

NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
blueprint = Blueprint("plan_actions", __name__)
blueprint.app_context_processor(lambda: {"help_kinds": HELP_KINDS})


@blueprint.get("/cases/<uuid:case_id>/plan")
@access.signed_in
def plan(case_id: UUID) -> ResponseReturnValue:
    """Show the plan with every note on each action, or as it stood (`version`), `beside` an earlier version of it."""
    return _plan_page(case_id)


@blueprint.get("/cases/<uuid:case_id>/actions/<uuid:action_id>")
@access.signed_in
def action(case_id: UUID, action_id: UUID) -> ResponseReturnValue:
    """Show one action: what shows how it goes, and what works against it."""
    return _action_page(case_id, action_id)


@blueprint.post("/cases/<uuid:case_id>/actions/<uuid:action_id>/files")
@access.signed_in
def add_file(case_id: UUID, action_id: UUID) -> ResponseReturnValue:
    """Keep a file that shows how an action goes, once however often the page is sent."""
    chosen = request.files.get("file")
    try:
        if chosen is None or not chosen.filename:
            raise Invalid("Choose a file", field="file")
        keep(case_id, chosen, request_key=request.form.get("request_key") or None, action_id=action_id)
    except Invalid as wrong:
        return _action_page(case_id, action_id, errors={"file": wrong.message}), 422
    flash("The file is kept with this action.")
    return redirect(url_for("plan_actions.action", case_id=case_id, action_id=action_id), 303)


@blueprint.post("/cases/<uuid:case_id>/actions/<uuid:action_id>/contradictions")
@access.signed_in
def contradict(case_id: UUID, action_id: UUID) -> ResponseReturnValue:
    """Keep that this action and another work against each other."""
    sent = {name: request.form.get(name, "") for name in ("other_id", "note", "request_key")}
    try:
        contradictions.mark(
            engine(),
            actor=actor(),
            case_id=case_id,
            action_id=action_id,
            other_id=_as_id(sent["other_id"]),
            note=sent["note"],
            request_key=sent["request_key"] or None,
        )
    except (Invalid, Conflict) as wrong:
        field = str(wrong.details.get("field") or "other_id")
        status = 422 if isinstance(wrong, Invalid) else 409
        return _action_page(case_id, action_id, values=sent, errors={field: wrong.message}), status
    flash("It stands on the plan until it is settled. Those who do the two actions, and who leads, are told.")
    return redirect(url_for("plan_actions.plan", case_id=case_id), 303)


@blueprint.post("/cases/<uuid:case_id>/contradictions/<uuid:contradiction_id>")
@access.signed_in
def settle(case_id: UUID, contradiction_id: UUID) -> ResponseReturnValue:
    """Keep how it was settled that two actions worked against each other."""
    how, key = request.form.get(f"how-{contradiction_id}", ""), request.form.get("request_key") or None
    entry = contradiction_id
    try:
        contradictions.settle(
            engine(), actor=actor(), case_id=case_id, contradiction_id=entry, how=how, request_key=key
        )
    except (Invalid, Conflict) as wrong:
        name, status = f"how-{contradiction_id}", 422 if isinstance(wrong, Invalid) else 409
        return _plan_page(case_id, values={name: how}, errors={name: wrong.message}), status
    flash("It is settled, and off the plan.")
    return redirect(url_for("plan_actions.plan", case_id=case_id), 303)


def _as_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid("Choose the other action", field="other_id") from None


def _plan_page(case_id: UUID, *, values: Mapping[str, str] = NOTHING, errors: Mapping[str, str] = NOTHING) -> str:
    found = plan_story.read(engine(), actor=actor(), case_id=case_id)
    number, beside = (request.args.get(name, type=int) for name in ("version", "beside"))
    version = found.version(number) if number is not None else None
    before = found.version(beside) if version and beside is not None else None
    return render_template(
        "cases/plan.html",
        plan=found,
        version=version,
        before=before,
        compared=plan_versions.side_by_side(before or version, version) if version else (),
        values={**values, "request_key": secrets.token_urlsafe(16)},
        errors=errors,
    )


def _action_page(
    case_id: UUID, action_id: UUID, *, values: Mapping[str, str] = NOTHING, errors: Mapping[str, str] = NOTHING
) -> str:
    found = plan_story.read(engine(), actor=actor(), case_id=case_id)
    every = [one for outcome in found.outcomes for one in outcome.actions]
    shown = next((one for one in every if one.action.action_id == action_id), None)
    if shown is None:
        raise NotFound("There is no such action", action_id=action_id)
    me = actor().practitioner_id
    return render_template(
        "cases/action.html",
        plan=found,
        one=shown,
        others=[
            one.action
            for one in every
            if one is not shown
            and one.action.may_update
            and (found.close or me in (one.action.owner_id, shown.action.owner_id))
        ],
        against=[each for each in found.contradictions if action_id in (each.first_id, each.second_id)],
        values={**values, "request_key": secrets.token_urlsafe(16)},
        errors=errors,
        largest_file=f"{engine().settings.largest_attachment // 1024 // 1024} MB",
    )


@blueprint.post("/cases/<uuid:case_id>/actions/<uuid:action_id>")
@access.signed_in
def update(case_id: UUID, action_id: UUID) -> ResponseReturnValue:
    """Note what has been done about an action, and whether it is finished."""
    sent = {name: request.form.get(name, "") for name in ("progress", "done", "help_kind", "request_key")}
    reported: dict[str, Any] = {**sent, "done": sent["done"] == "yes", "help_kind": sent["help_kind"] or None}
    try:
        plan_actions.report(engine(), actor=actor(), case_id=case_id, action_id=action_id, **reported)
    except Invalid as wrong:
        return _again(case_id, action_id, sent, wrong.message), 422
    except Conflict as conflict:
        said = SENT_BEFORE if isinstance(conflict, KeyUsed) else conflict.message
        return _again(case_id, action_id, sent, said), 409
    flash("Thank you. Everyone in the team can see it.")
    return redirect(url_for("cases.page", case_id=case_id, _anchor="plan"), 303)


def _again(case_id: UUID, action_id: UUID, sent: Mapping[str, str], said: str) -> str:
    """Show the case again, and on it what was typed about an action and is not kept."""
    typed = {f"{name}-{action_id}": sent[name] for name in ("progress", "done", "help_kind")}
    return case_page(case_id, values=typed, errors={f"progress-{action_id}": said})


@blueprint.post("/cases/<uuid:case_id>/comments")
@access.signed_in
def comment(case_id: UUID) -> ResponseReturnValue:
    """Keep what somebody says about the case."""
    text, key = request.form.get("comment", ""), request.form.get("request_key", "")
    try:
        comments.add(engine(), actor=actor(), case_id=case_id, text=text, request_key=key)
    except (Invalid, Conflict) as wrong:
        status = 422 if isinstance(wrong, Invalid) else 409
        return case_page(case_id, values={"comment": text}, errors={"comment": wrong.message}), status
    flash("Your comment is kept. Everyone who sees the case can read it.")
    return redirect(url_for("cases.page", case_id=case_id, _anchor="timeline"), 303)


@blueprint.post("/cases/<uuid:case_id>/stuck")
@access.signed_in
def stuck(case_id: UUID) -> ResponseReturnValue:
    """Put the plan to the line manager because it does not get on."""
    sent = {name: request.form.get(name, "") for name in ("reason", "why", "request_key")}
    try:
        stalled_plans.report(engine(), actor=actor(), case_id=case_id, **sent)
    except (Invalid, Conflict) as wrong:
        field, status = str(wrong.details.get("field") or "why"), 422 if isinstance(wrong, Invalid) else 409
        typed = {name: sent[name] for name in ("reason", "why")}
        return case_page(case_id, values=typed, errors={field: wrong.message}), status
    flash("Thank you. The line manager is asked to talk it through with you.")
    return redirect(url_for("cases.page", case_id=case_id, _anchor="plan"), 303)
