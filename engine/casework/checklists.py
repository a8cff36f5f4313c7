"""The local checklist of a team meeting: before, during and after it. Settings of the authority. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from engine.errors import Invalid

PARTS: Final = ("before", "during", "after")
MOST: Final = 20
LONGEST: Final = 200
USUAL: Final[Mapping[str, tuple[str, ...]]] = {
    "before": (
        "The day, time and place suit the family",
        "The family has agreed who is asked",
        "Language, hearing, access and child care have been thought of",
        "The family knows what the meeting is for and may bring somebody",
        "Everybody is invited in writing",
        "Those who cannot come are asked for a report",
    ),
    "during": (
        "Everybody said who they are",
        "It was said what stays in the room",
        "The family spoke first",
        "Actions agreed before were gone through",
        "New actions have an owner and a day",
        "The next date was fixed before people left",
    ),
    "after": (
        "Each of the family who may have it has the notes in a language they read",
        "The team has the notes and the actions",
        "Those who could not come know what was agreed",
        "Whoever remembers it otherwise has said so, and it is written down",
        "The next date is in everybody's diary",
    ),
}
"""Essex, Buckinghamshire and Oldham guidance on team meetings; the last part is drawn out of "circulate"."""


def of_profile(profile: Mapping[str, Any], part: str) -> tuple[str, ...]:
    """Return the lines of a part of the checklist, "before", "during" or "after", as an authority sets them."""
    given = profile.get("checklists", {}).get(part)
    return tuple(given) if given else USUAL[part]


def ticked(profile: Mapping[str, Any], part: str, done: Collection[str]) -> list[dict[str, Any]]:
    """Return a part of the checklist as it is kept with a meeting: each line as it is now, and whether it was done."""
    return [{"said": line, "done": line in done} for line in of_profile(profile, part)]


def check(given: Any) -> None:
    """Raise `Invalid` for what is no mapping of parts to lines, each once, none too long."""
    if not isinstance(given, Mapping) or not set(given) <= set(PARTS):
        raise Invalid("checklists: give lists of lines under before, during and after", field="checklists")
    for part, lines in given.items():
        field = f"checklist_{part}"
        if not isinstance(lines, list) or not all(isinstance(line, str) and line.strip() for line in lines):
            raise Invalid(f"checklists: give the lines of {part} as texts", field=field)
        if len(lines) > MOST or any(len(line) > LONGEST for line in lines):
            raise Invalid(f"Use at most {MOST} lines of at most {LONGEST} characters", field=field)
        if len(set(lines)) < len(lines):
            raise Invalid("The same line stands there twice", field=field)
