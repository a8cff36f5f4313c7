"""Whether changes of diagrams, rules and forms need a second person, as an authority has decided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

SECOND_PERSON: Final = "changes_need_a_second_person"
"""The field of a profile that says so: "yes", also when it says nothing, or "no"."""


def second_person_asked(profile: Mapping[str, Any]) -> bool:
    """Tell whether somebody else than its author has to approve a change; so it is unless switched off."""
    # YAML reads a bare no as false.
    return profile.get(SECOND_PERSON, "yes") not in ("no", False)
