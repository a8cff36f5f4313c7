"""The cases of a rehearsal, for who answers for them: found, looked at, and several decided at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.casework import permissions
from engine.commands import rehearsals as acts
from engine.errors import Conflict, Invalid
from engine.queries import rehearsed_cases
from engine.queries.rehearsed_cases import CasesPage, Which
from web import access
from web.current import actor, engine
from web.studio.rehearsals import MEETS, VERDICTS

blueprint = Blueprint("studio_rehearsed_cases", __name__, url_prefix="/studio/rehearsals")

CHOICES: Final = ("", "stay", "move", "later")


@blueprint.get("/<uuid:rehearsal_id>/cases")
@access.for_those(permissions.may_see_figures)
def page(rehearsal_id: UUID) -> ResponseReturnValue:
    """List the cases of a rehearsal that the asker may see."""
    return _shown(rehearsal_id, request.args)


@blueprint.post("/<uuid:rehearsal_id>/cases")
@access.for_those(permissions.may_see_figures)
def act(rehearsal_id: UUID) -> ResponseReturnValue:
    """Find cases by words, which never stand in an address, or choose what becomes of those ticked or of a kind."""
    typed, said = request.form, request.form.get("act", "")
    if said == "find":
        return _shown(rehearsal_id, typed)
    _read(rehearsal_id, typed)
    refused: Mapping[UUID, str] = {}
    try:
        choice, to = _choice(typed.get("choice", ""))
        if said == "kind":
            number = int(_which(typed).kind or 0)
            acts.choose_for_kind(
                engine(), actor=actor(), rehearsal_id=rehearsal_id, number=number, choice=choice, to=to
            )
            flash("This is kept for all of them. It is done once the release is published.")
        else:
            rows = [_id(text) for text in typed.getlist("row")]
            refused = acts.choose_for_cases(engine(), actor=actor(), row_ids=rows, choice=choice, to=to)
            _tell(len(rows) - len(refused))
    except (Conflict, Invalid) as wrong:
        flash(f"{wrong.message}.", "problem")
    if refused or typed.get("search"):
        return _shown(rehearsal_id, typed, refused)
    names = ("verdict", "meets", "kind", "only", "page")
    asked: dict[str, Any] = {name: value for name in names if (value := typed.get(name))}
    return redirect(url_for("studio_rehearsed_cases.page", rehearsal_id=rehearsal_id, **asked), 303)


def _tell(kept: int) -> None:
    if kept:
        many = "1 case" if kept == 1 else f"{kept} cases"
        flash(f"Kept for {many}. It is done once the release is published.")


def _shown(rehearsal_id: UUID, asked: Mapping[str, str], refused: Mapping[UUID, str] | None = None) -> str:
    found = _read(rehearsal_id, asked)
    return render_template(
        "studio/rehearsal_cases.html", found=found, rehearsal=found.rehearsal, kind=found.kind, verdicts=VERDICTS,
        meets=MEETS, refused=refused or {},
        asked={name: asked.get(name, "") for name in ("search", "verdict", "meets", "kind", "only", "page")},
        only_after={name: words.lower() for name, words in rehearsed_cases.ONLY.items() if name != "undecided"},
        may_choose_all=permissions.sees_whole_authority(actor()) and found.rehearsal.moved_at is None,
        may_rehearse=permissions.may_approve_changes(actor()),
    )  # fmt: skip


def _read(rehearsal_id: UUID, asked: Mapping[str, str]) -> CasesPage:
    page = asked.get("page", "")
    return rehearsed_cases.read(
        engine(), actor=actor(), rehearsal_id=rehearsal_id, which=_which(asked), page=_number(page) if page else 1
    )  # fmt: skip


def _which(asked: Mapping[str, str]) -> Which:
    kind = asked.get("kind", "")
    return Which(
        search=asked.get("search", ""), verdict=asked.get("verdict", ""), meets=asked.get("meets", ""),
        only=asked.get("only", ""), kind=_number(kind) if kind else None,
    )  # fmt: skip


def _choice(said: str) -> tuple[Any, str]:
    """Return what was chosen and the step that goes with it. Raises `Invalid`."""
    if said.startswith("to:"):
        return "move", said.removeprefix("to:")
    if said not in CHOICES:
        raise Invalid("Choose what becomes of them", field="choice")
    return said, ""


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        raise Invalid("There is no such page", field="page")
    return int(text)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Invalid("There is no such case", field="row") from error
