"""What an authority's profile may hold: its contacts, its words, the numbers to ring."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from engine.errors import Invalid

TEXTS: Final = ("team", "address", "phone", "fax", "email", "website", "meeting_term")
"""Fields that are text: the team that coordinates, where it is and how it is reached, and what a meeting is called."""
LONGEST: Final = 500


def check_profile(profile: Mapping[str, Any]) -> None:
    """Raise `Invalid` naming the field that is not of the shape of a profile.

    `safeguarding` is a list of {name, phone, when}: whom to ring, shown on the concern page. `mags` is a list of names
    of multi-agency groups. `meeting_term` is the local word for a team meeting (TAC, TAF, TAYP).
    """
    _check_numbers(profile.get("safeguarding", []))
    for name in TEXTS:
        value = profile.get(name, "")
        if not isinstance(value, str):
            example = ", such as TAC" if name == "meeting_term" else ""
            raise Invalid(f"{name}: give a word{example}" if example else f"{name}: give a text", field=name)
        if len(value) > LONGEST:
            raise Invalid(f"{name}: use at most {LONGEST} characters", field=name)
    groups = profile.get("mags", [])
    if not isinstance(groups, list) or not all(isinstance(each, str) and each.strip() for each in groups):
        raise Invalid("mags: give a list of names", field="mags")


def _check_numbers(numbers: Any) -> None:
    whole = isinstance(numbers, list) and all(
        isinstance(row, Mapping) and row.get("name") and row.get("phone") for row in numbers
    )
    if not whole:
        raise Invalid("safeguarding: give a list of {name, phone, when}", field="safeguarding")
