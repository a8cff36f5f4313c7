"""How long records are kept: the authority's rules, what they would erase before they are set, what they erased."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.casework import permissions
from engine.casework import retention as rules
from engine.commands import authorities
from engine.errors import Conflict, Invalid
from engine.queries import authority_settings, retention
from web import access
from web.current import actor, engine
from web.schemas import version_seen

blueprint = Blueprint("retention", __name__, url_prefix="/authority/retention")


@blueprint.get("")
@access.for_those(permissions.may_keep_authority)
def page() -> ResponseReturnValue:
    """Show the rules and what they have erased."""
    return _page({}, {})


@blueprint.post("")
@access.for_those(permissions.may_keep_authority)
def change() -> ResponseReturnValue:
    """Show what other rules would erase; when that is confirmed, set them."""
    typed = request.form
    try:
        wanted = {rules.FIELD: _typed(typed)}
        coming = retention.foreseen(engine(), actor=actor(), profile=wanted)
        if typed.get("act") != "do":
            return _page(typed, {}, coming=coming, asked=True)
        now = authority_settings.read(engine(), actor=actor())
        version = version_seen(typed, "version")
        authorities.change(
            engine(), actor=actor(), name=now.name, nation=now.nation, profile=wanted, expected_version=version
        )
    except (Invalid, Conflict) as wrong:
        status = 422 if isinstance(wrong, Invalid) else 409
        return _page(typed, {str(wrong.details.get("field") or "kept"): wrong.message}), status
    flash("The rules are set.")
    return redirect(url_for("retention.page"), 303)


def _typed(typed: Mapping[str, str]) -> dict[str, Any]:
    found = {}
    for kind in rules.KINDS:
        years, age = (typed.get(f"{kind}_{name}", "").strip() for name in ("years", "age"))
        if years:
            found[kind] = {"years": _number(years), **({"age": _number(age)} if age else {})}
        elif age:
            raise Invalid("Enter after how many years", field=f"{kind}_years")
    return {"rules": found, "kept": [line.strip() for line in typed.get("kept", "").splitlines() if line.strip()]}


def _number(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else text


def _page(values: Mapping[str, Any], errors: Mapping[str, str], **more: Any) -> str:
    found = retention.read(engine(), actor=actor())
    kept: dict[str, Any] = {"kept": "\n".join(found.kept)}
    for kind, rule in found.rules.items():
        kept |= {f"{kind}_years": rule.years, f"{kind}_age": "" if rule.age is None else rule.age}
    return render_template(
        "authority/retention.html",
        found=found,
        kinds=rules.KINDS,
        grace=rules.GRACE.days,
        values=values or kept,
        errors=errors,
        version=values.get("version") or authority_settings.read(engine(), actor=actor()).version,
        **more,
    )
