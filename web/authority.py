"""Authority: what it is called, how it is reached, the words it uses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.casework import checklists, permissions, profiles
from engine.casework.terms import TERMS
from engine.commands import authorities
from engine.errors import Conflict, Invalid
from engine.queries import authority_settings, settings_history
from web import access, people
from web.current import actor, engine
from web.schemas import version_seen

blueprint = Blueprint("authority", __name__, url_prefix="/authority")

TEXTS: Final = (
    "team", "address", "phone", "fax", "email", "website", "meeting_term", "service_address",
    "digest_hour", "supervision_days", "logo_text", "brand_colour", "link_colour",
)  # fmt: skip
NATION_WORDS: Final = {
    "england-and-wales": "England and Wales",
    "scotland": "Scotland",
    "northern-ireland": "Northern Ireland",
}
HISTORY_WORDS: Final = {"settings": "Settings", "people": "People and accounts", "calendar": "Calendar"}
"""What the history may be asked for, in words."""
NUMBERS: Final = 4
"""Rows of numbers to ring that the form has room for."""


@blueprint.get("")
@access.for_those(permissions.may_keep_authority)
def page() -> ResponseReturnValue:
    """Show the authority's settings."""
    return _page({}, {})


@blueprint.post("")
@access.for_those(permissions.may_keep_authority)
def change() -> ResponseReturnValue:
    """Change the authority's settings."""
    typed = request.form
    profile: dict[str, Any] = {name: typed.get(name, "").strip() for name in TEXTS}
    profile["checklists"] = {part: _lines(typed.get(f"checklist_{part}", "")) for part in checklists.PARTS}
    profile["mags"] = [_group(line) for line in typed.get("mags", "").splitlines() if line.strip()]
    profile["safeguarding"] = _numbers(typed)
    profile[profiles.SECOND_FACTOR_ROLES] = typed.getlist("factor_roles")
    try:
        authorities.change(
            engine(),
            actor=actor(),
            name=typed.get("name", ""),
            nation=typed.get("nation", ""),
            profile=profile,
            expected_version=version_seen(typed, "version"),
        )
    except Invalid as wrong:
        field = str(wrong.details.get("field") or "name")
        return _page(typed, {"number-0-name" if field == "safeguarding" else field: _said(wrong)}), 422
    except Conflict as wrong:
        return _page(typed, {"name": wrong.message}), 409
    flash("The settings are changed.")
    return redirect(url_for("authority.page"), 303)


@blueprint.get("/history")
@access.for_those(permissions.may_keep_authority)
def history() -> ResponseReturnValue:
    """Show what was changed of the authority: who, when, what from what to."""
    of, before = request.args.get("of", "settings"), request.args.get("before", "")
    if of not in HISTORY_WORDS:
        return redirect(url_for("authority.history"), 303)
    earlier = int(before) if re.fullmatch("[0-9]{1,9}", before) else None
    found = settings_history.read(engine(), actor=actor(), of=of, before=earlier)
    return render_template("authority/history.html", found=found, of=of, choices=HISTORY_WORDS)


def _said(wrong: Invalid) -> str:
    if wrong.details.get("field") == "safeguarding":
        return "Give each number to ring a name and a phone number"
    return wrong.message


def _group(line: str) -> str | dict[str, Any]:
    """Return a group as a profile holds it: its name, its area in brackets, after a colon the days of its meetings."""
    called, colon, days = line.partition(":")
    parts = re.fullmatch(r"(?P<name>[^()]+)\((?P<area>[^()]+)\)\s*", called)
    if not colon and not parts:
        return line.strip()
    name, area = (parts["name"].strip(), parts["area"].strip()) if parts else (called.strip(), "")
    meetings = [_iso(each.strip()) for each in days.split(",") if each.strip()]
    return {"name": name, **({"area": area} if area else {}), "meetings": meetings}


def _iso(typed: str) -> str:
    """Return a day typed as 3/12/2026 in ISO form; anything else as it is, for the profile's own check to refuse."""
    parts = re.fullmatch(r"(\d{1,2})[/. ](\d{1,2})[/. ](\d{4})", typed)
    return f"{parts[3]}-{parts[2]:0>2}-{parts[1]:0>2}" if parts else typed


def _groups_typed(profile: Mapping[str, Any]) -> str:
    """Return the groups of a profile as they are typed, one on each line."""
    lines = []
    for group in profiles.groups(profile):
        days = ", ".join(f"{day.day}/{day.month}/{day.year}" for day in group.meetings)
        called = f"{group.name} ({group.area})" if group.area else group.name
        lines.append(f"{called}: {days}" if days else called)
    return "\n".join(lines)


def _lines(typed: str) -> list[str]:
    return [line.strip() for line in typed.splitlines() if line.strip()]


def _numbers(typed: Mapping[str, str]) -> list[dict[str, str]]:
    rows = [
        {name: typed.get(f"number-{row}-{name}", "").strip() for name in ("name", "phone", "when")}
        for row in range(NUMBERS)
    ]
    return [row for row in rows if any(row.values())]


def _page(values: Mapping[str, Any], errors: Mapping[str, str]) -> str:
    found = authority_settings.read(engine(), actor=actor())
    kept: dict[str, Any] = {name: found.profile.get(name, "") for name in TEXTS}
    kept |= {"name": found.name, "nation": found.nation, "mags": _groups_typed(found.profile)}
    kept["meeting_term"] = found.term
    kept |= {f"checklist_{part}": "\n".join(checklists.of_profile(found.profile, part)) for part in checklists.PARTS}
    for row, number in enumerate(found.profile.get("safeguarding", [])[:NUMBERS]):
        kept |= {f"number-{row}-{name}": number.get(name, "") for name in ("name", "phone", "when")}
    terms = {**TERMS, **({} if found.term in TERMS else {found.term: "your own term"})}
    return render_template(
        "authority/page.html",
        values={**kept, **values},
        errors=errors,
        version=found.version,
        nations=tuple(NATION_WORDS.items()),
        terms=tuple((term, f"{term} ({meaning})") for term, meaning in terms.items()),
        numbers=NUMBERS,
        roles=tuple(people.ROLE_WORDS.items()),
        factor_roles=request.form.getlist("factor_roles") or found.profile.get(profiles.SECOND_FACTOR_ROLES, []),
        numbered=bool(found.profile.get("safeguarding")),
    )
