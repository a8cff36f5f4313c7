"""Rehearsing a release: every running case tried on it, in figures; who designs chooses what becomes of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.casework import permissions
from engine.commands import deployments
from engine.commands import rehearsals as acts
from engine.errors import Conflict, Invalid
from engine.queries import definitions, rehearsals
from engine.queries.words import capital
from web import access
from web.current import actor, engine
from web.studio import publish_checks
from web.studio.publish_checks import Shown
from web.words import counted

blueprint = Blueprint("studio_rehearsals", __name__, url_prefix="/studio/rehearsals")

OF_VERDICT: Final = {
    "unharmed": ("moves unharmed", "move unharmed"),
    "changes": ("moves with these changes", "move with these changes"),
    "stays": ("has to finish on its version", "have to finish on their version"),
    "decide": ("needs a decision", "need a decision"),
}
"""What one case does, and what several do, by verdict; `OF_MEETS` by how they meet what changes."""
OF_MEETS: Final = {
    "at": ("stands at a step that changes", "stand at a step that changes"),
    "ahead": ("has still to come to a step that changes", "have still to come to a step that changes"),
    "again": (
        "could come to a step that changes only if its way leads back",
        "could come to a step that changes only if their way leads back",
    ),
    "past": ("does not come to a step that changes", "do not come to a step that changes"),
}
VERDICTS: Final = {verdict: capital(many) for verdict, (_, many) in OF_VERDICT.items()}
MEETS: Final = {meets: capital(many) for meets, (_, many) in OF_MEETS.items()}
STATES: Final = {"running": "Under way", "done": "All tried", "failed": "Could not be tried"}
CHOICES: Final = (
    ("stay", "Every case finishes on the version that it began with"),
    ("move", "Cases move that can, unharmed or with the changes named"),
)


@blueprint.get("")
@access.for_those(permissions.may_see_rehearsals)
def index() -> ResponseReturnValue:
    """List the rehearsals, and offer to begin one."""
    return _index_page({}, {})


@blueprint.post("")
@access.for_those(permissions.may_approve_changes)
def begin() -> ResponseReturnValue:
    """Begin to try every running case on the drafts chosen, or on what is in force."""
    chosen = request.form.getlist("file")
    try:
        files = {file: definitions.draft_source(engine(), actor=actor(), file=file) for file in chosen}
        rehearsal_id = acts.begin(engine(), actor=actor(), files=files)
    except Invalid as wrong:
        return _index_page({"file": chosen}, {"file": wrong.message}), 422
    return redirect(url_for("studio_rehearsals.page", rehearsal_id=rehearsal_id), 303)


@blueprint.get("/<uuid:rehearsal_id>")
@access.for_those(permissions.may_see_rehearsals)
def page(rehearsal_id: UUID) -> ResponseReturnValue:
    """Show what came of a rehearsal, how far it is, and what was chosen."""
    found = rehearsals.one(engine(), actor=actor(), rehearsal_id=rehearsal_id)
    may = permissions.may_approve_changes(actor())
    return render_template(
        "studio/rehearsal.html", found=found, rehearsal=found.rehearsal, verdicts=VERDICTS,
        of_verdict=OF_VERDICT, of_meets=OF_MEETS, choices=CHOICES,
        may_rehearse=may, may_see_cases=permissions.may_see_figures(actor()),
        may_go_back=permissions.may_deploy(actor()),
    )  # fmt: skip


@blueprint.post("/<uuid:rehearsal_id>")
@access.for_those(permissions.may_approve_changes)
def act(rehearsal_id: UUID) -> ResponseReturnValue:
    """Choose for all cases that can move, try them again with steps chosen, throw it away; pause, end, go back."""
    rehearsals.one(engine(), actor=actor(), rehearsal_id=rehearsal_id)
    chosen = request.form.get("act", "")
    try:
        if chosen not in _ACTS:
            raise Invalid("There is nothing of that name to do", field="act")
        after = _ACTS[chosen](rehearsal_id, request.form)
    except (Conflict, Invalid) as wrong:
        flash(f"{wrong.message}.", "problem")
        after = rehearsal_id
    if after is None:
        return redirect(url_for("studio_rehearsals.index"), 303)
    return redirect(url_for("studio_rehearsals.page", rehearsal_id=after), 303)


def shown_before_publishing(files: Mapping[str, bytes]) -> Shown | None:
    """Say what a change makes of running cases, for whoever approves it; None where it concerns no diagram."""
    if not any(file.endswith((".bpmn", ".form")) for file in files):
        return None
    found = rehearsals.of_files(engine(), actor=actor(), files=files)
    heading, index = "Running cases", url_for("studio_rehearsals.index")
    if found is None:
        said = "These texts have not been tried on running cases. Cases finish on the version that they began with."
        return Shown(heading, (said,), "nothing", ((index, "Try every running case"),))
    href = url_for("studio_rehearsals.page", rehearsal_id=found.rehearsal.rehearsal_id)
    counts = [f"{words}: {found.of(verdict)}" for verdict, words in VERDICTS.items() if found.of(verdict)]
    meeting = [f"{words}: {found.meeting(how)}" for how, words in MEETS.items() if found.meeting(how)]
    then = dict(CHOICES)[found.rehearsal.choice]
    published = f"When it is published: {then[0].lower()}{then[1:]}"
    later = found.rehearsal.later
    begun, they = counted(later, "case has", "cases have"), "is" if later == 1 else "are"
    since = f"{begun} begun since, and {they} not in these numbers"
    says = (*("; ".join(each) for each in (meeting, counts) if each), *([since] if later else []), published)
    says = says if counts else ("No case runs that this concerns", published)
    state: Final = "warning" if found.of("stays", "decide") else "well"
    return Shown(heading, tuple(f"{each}." for each in says), state, ((href, "What becomes of them"),))


publish_checks.CHECKS.append(shown_before_publishing)


def _index_page(values: Mapping[str, Any], errors: Mapping[str, str]) -> str:
    may = permissions.may_deploy(actor())
    drafts = definitions.drafts(engine(), actor=actor()) if may else ()
    tried = [each for each in drafts if each.file.endswith((".bpmn", ".form"))]
    whole = [each.file for each in tried if not each.findings]
    return render_template(
        "studio/rehearsals.html", found=rehearsals.lately(engine(), actor=actor()), states=STATES, errors=errors,
        drafts=tried, may_deploy=may,
        chosen=values.get("file") or request.args.getlist("file") or ([] if errors else whole),
        may_rehearse=permissions.may_approve_changes(actor()),
    )  # fmt: skip


def _choose(rehearsal_id: UUID, typed: Mapping[str, str]) -> UUID:
    choice = typed.get("choice", "")
    if choice not in ("stay", "move"):
        raise Invalid("Choose what becomes of the cases", field="choice")
    acts.choose(engine(), actor=actor(), rehearsal_id=rehearsal_id, choice="move" if choice == "move" else "stay")
    flash("This is kept.")
    return rehearsal_id


def _again(rehearsal_id: UUID, typed: Mapping[str, str]) -> UUID:
    to = {int(name[3:]): step for name, step in typed.items() if name.startswith("to-") and name[3:].isdigit() and step}
    return acts.again(engine(), actor=actor(), rehearsal_id=rehearsal_id, to=to)


def _drop(rehearsal_id: UUID, _typed: Mapping[str, str]) -> None:
    acts.drop(engine(), actor=actor(), rehearsal_id=rehearsal_id)


def go_back(rehearsal_id: UUID, why: str) -> UUID | None:
    """Put the earlier texts in force again, and let the cases go back that moved; return by which rehearsal, if any.

    Raises `Conflict` for what is not in force, and as `deployments.revert_release` and `acts.back`.
    """
    who = actor()
    found = rehearsals.one(engine(), actor=who, rehearsal_id=rehearsal_id).rehearsal
    if not found.in_force or not found.files:
        raise Conflict("This is not in force, so there is nothing to go back from")
    back: dict[str, Any] = {"authority_id": who.authority_id, "names": found.changed, "reason": why, "actor": who}
    deployments.revert_release(engine(), **back)
    return acts.back(engine(), actor=who, rehearsal_id=rehearsal_id)


def _back(rehearsal_id: UUID, typed: Mapping[str, str]) -> UUID:
    begun = go_back(rehearsal_id, typed.get("why", ""))
    then = " Cases that moved go back where they can, one after the other." if begun else " No case had moved."
    flash(f"The version before is in force again.{then}")
    return begun or rehearsal_id


def _moving(command: Callable[..., None]) -> Callable[[UUID, Mapping[str, str]], UUID]:
    def do(rehearsal_id: UUID, _typed: Mapping[str, str]) -> UUID:
        command(engine(), actor=actor(), rehearsal_id=rehearsal_id)
        return rehearsal_id

    return do


_ACTS: Final[Mapping[str, Callable[[UUID, Mapping[str, str]], UUID | None]]] = {
    "choose": _choose, "again": _again, "drop": _drop, "back": _back,
    "pause": _moving(acts.pause), "resume": _moving(acts.resume), "stop": _moving(acts.stop),
}  # fmt: skip
