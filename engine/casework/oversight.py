"""Who may write down their oversight of a case, and how long a case may go without it: pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from engine.casework.permissions import Actor, Relation
from engine.errors import Invalid

SUPERVISION_DAYS: Final = "supervision_days"
"""The field of a profile that says within how many working days each case is discussed in supervision."""
LONGEST_DAYS: Final = 260
"""A working year."""


def may_oversee(actor: Actor, relation: Relation) -> bool:
    """Tell whether `actor` may write a note of oversight on a case: a line manager of its people, a coordinator."""
    return relation.same_authority and (relation.manages_someone or "coordinator" in actor.roles)


def may_see_supervision(actor: Actor) -> bool:
    """Tell whether `actor` may see which of the cases they may read have had no supervision, and audit some of them."""
    return bool(actor.roles & {"line_manager", "coordinator"})


def supervision_days(profile: Mapping[str, Any]) -> int | None:
    """Return within how many working days each case is to be discussed, None when the authority has set no limit.

    Raises `Invalid` naming the field for anything but a whole number from 1 to `LONGEST_DAYS`.
    """
    text = str(profile.get(SUPERVISION_DAYS) or "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= LONGEST_DAYS):
        raise Invalid(f"Enter the working days as a whole number from 1 to {LONGEST_DAYS}", field=SUPERVISION_DAYS)
    return int(text)
