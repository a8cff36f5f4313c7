"""Which cases a board shows: what may be chosen in its address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from engine.casework.severity import STATES
from engine.casework.stages import ORDER
from engine.errors import Invalid
from engine.queries import supervision

NOBODY: Final = "nobody"
NO_LEAD: Final = "no_lead"
"""Whose children a board shows, in place of somebody's: those whom nobody leads or assesses, or whom nobody leads."""
LATE: Final = "late"
"""What a board shows `only`: overdue children, critically or not."""
ONLY: Final[Mapping[str, str]] = {
    "undated": "Open, but nothing on it has a day",
    "closing": "Being closed for over twenty working days",
    "silent": "No contact with the family",
    "untouched": "Nobody has recorded anything for over twenty working days",
}
"""Cases that somebody may have forgotten, in words."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which cases a board shows: of a team, a worker (or `NOBODY`, `NO_LEAD`), an agency, at a stage, in a group.

    `step` is the id of a diagram's element with an open task, `only` `LATE` or one of `ONLY`, `unsupervised` how many
    weeks (of `supervision.WEEKS`) a case has gone without supervision. Ids are texts, as in an address; empty means
    all. Raises `Invalid` for what cannot be chosen.
    """

    team: str = ""
    worker: str = ""
    agency: str = ""
    stage: str = ""
    state: str = ""
    step: str = ""
    only: str = ""
    unsupervised: str = ""

    def __post_init__(self) -> None:
        for name in ("team", "worker", "agency"):
            given = getattr(self, name)
            if given and not (name == "worker" and given in (NOBODY, NO_LEAD)) and _uuid(given) is None:
                raise Invalid(f"There is no such {name} to choose", field=name)
        if self.stage not in ("", *ORDER):
            raise Invalid("There is no such stage to choose", field="stage")
        if self.state not in ("", *STATES):
            raise Invalid("There is no such group to choose", field="state")
        if self.unsupervised not in ("", *supervision.WEEKS):
            raise Invalid("There is no such number of weeks to choose", field="unsupervised")
        if self.only not in ("", LATE, *ONLY):
            raise Invalid("There is no such choice", field="only")


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
