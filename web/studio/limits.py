"""Time limits as a plain form: a number for each, no expression; what is changed becomes a draft."""

from __future__ import annotations

import re
from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.casework import permissions
from engine.commands import model_drafts
from engine.errors import Conflict
from engine.limit_rows import MOST, with_amounts
from engine.queries import limits
from engine.queries.limits import Limit, Limits
from web import access
from web.current import actor, engine

blueprint = Blueprint("studio_limits", __name__, url_prefix="/studio/limits")
_MANY: Final = "In many diagrams"
_ELSEWHERE: Final = "Not said by a diagram or rule"
_A_FEW: Final = 4


@blueprint.get("")
@access.for_those(permissions.may_deploy)
def page() -> ResponseReturnValue:
    """Show every limit with its number."""
    return _page(limits.read(engine(), actor=actor()), {})


@blueprint.post("")
@access.for_those(permissions.may_deploy)
def change() -> ResponseReturnValue:
    """Make a draft with the numbers that were changed; nothing is in force yet."""
    found = limits.read(engine(), actor=actor())
    wanted, errors = _typed(found)
    if errors:
        return _page(found, errors), 422
    if not wanted:
        flash("No number is changed.")
        return redirect(url_for("studio_limits.page"), 303)
    if request.form.get("draft", "") != str(found.draft or ""):
        return _page(found, {"limits": "Somebody saved the draft meanwhile. Look at the numbers again"}), 409
    try:
        model_drafts.save(
            engine(), actor=actor(), file=found.file, content=with_amounts(found.text, wanted, file=found.file),
            expected=found.draft, based_on=found.definition_id,
        )  # fmt: skip
    except Conflict as conflict:
        return _page(found, {"limits": conflict.message}), 409
    flash("Saved as a draft. See what it would change for open cases, then publish it.")
    return redirect(url_for("studio_limits.page", _anchor="next"), 303)


def _typed(found: Limits) -> tuple[dict[str, int], dict[str, str]]:
    """Return the numbers that differ, by the row that holds them, and what is wrong with others, by limit."""
    wanted: dict[str, int] = {}
    errors: dict[str, str] = {}
    for limit in found.limits:
        typed = request.form.get(limit.name)
        if typed is None or limit.amount is None:
            continue
        if not re.fullmatch("[0-9]{1,4}", typed.strip()) or int(typed) > MOST:
            errors[limit.name] = f"{limit.said}: enter a whole number from 0 to {MOST:,}"
        elif int(typed) != limit.amount:
            wanted[limit.rule] = int(typed)
    return wanted, errors


def _words(limit: Limit) -> str:
    return f"{limit.said} {limit.name} {' '.join(limit.used_in)}".casefold()


def _group(limit: Limit) -> str:
    """Return under what a limit stands: where it counts, as long as that is one place before others."""
    if len(limit.used_in) > _A_FEW:
        return _MANY
    return limit.used_in[0] if limit.used_in else _ELSEWHERE


def _page(found: Limits, errors: dict[str, str]) -> str:
    find = request.args.get("find", "").strip()
    parts = find.casefold().split()
    shown = [each for each in found.limits if all(part in _words(each) for part in parts)]
    groups: dict[str, list[Limit]] = {}
    for each in shown:
        groups.setdefault(_group(each), []).append(each)
    groups |= {last: groups.pop(last) for last in (_MANY, _ELSEWHERE) if last in groups}
    return render_template(
        "studio/limits.html", found=found, limits=shown, groups=groups, find=find, errors=errors, values=request.form
    )
