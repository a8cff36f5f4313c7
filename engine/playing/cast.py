"""The pretend people of a play: a small fixed cast, one invented child and family, and how they answer as usual."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from engine.calendar import WorkingCalendar
from engine.commands.cases import Child, FamilyMember
from engine.commands.setup import Person
from engine.simulation.behaviours import Behaviours
from engine.simulation.chance import Chance
from engine.simulation.narratives import Story, word_list
from engine.simulation.workforce import profile

WORKER: Final = "Hana Vesely"
"""Who opens the case, and leads it when somebody has to be named."""
COORDINATOR: Final = "Carys Morgan"
CHILD_BORN: Final = date(2018, 5, 4)
_AGENCIES: Final = ("Community health", "Hill Rise School", "Children's services")
_YEARS_AHEAD: Final = timedelta(days=3 * 366)


def _person(name: str, job: str, agency: str, manager: str = "", *roles: str) -> Person:
    account = name.split(maxsplit=1)[0].lower() if roles else ""
    return Person(
        name=name, job_title=job, agency=agency, team=f"{agency} team" if roles else "", manager=manager,
        email=f"{name.lower().replace(' ', '.')}@example.org", username=account,
        password="nobody signs in here" if roles else "", roles=roles,
    )  # fmt: skip


CAST: Final = (
    _person("Maureen Bello", "Health visiting team manager", _AGENCIES[0], "", "line_manager", "case_worker"),
    _person("Gwen Pritchard", "Head of pastoral care", _AGENCIES[1], "", "line_manager", "case_worker"),
    _person(WORKER, "Health visitor", _AGENCIES[0], "Maureen Bello", "case_worker"),
    _person("Joseph Adeyemi", "School support worker", _AGENCIES[1], "Gwen Pritchard", "case_worker"),
    _person("Leila Haddad", "Family support worker", _AGENCIES[2], "Maureen Bello", "case_worker"),
    _person("Ruth Lindqvist", "Safeguarding lead", _AGENCIES[2], "", "safeguarding_lead"),
    _person("Denis Okafor", "Multi-agency group chair", _AGENCIES[2], "", "mag_member"),
    _person("Marta Quill", "Educational psychologist", _AGENCIES[2], "", "mag_member"),
    _person("Helen Marsh", "Head of early help", _AGENCIES[2], "", "senior_officer"),
    _person(COORDINATOR, "CAF coordinator", _AGENCIES[2], "", "coordinator", "administrator"),
    _person("Fiona Clarke", "Housing officer", "Housing association"),
)
"""Managers before those they manage. Who stands first is asked first where anybody of a group may do a task."""

FAMILY: Final = (
    FamilyMember(name="Dana Sample", relationship="Mother", parental_responsibility=True, phone="07700 900001"),
    FamilyMember(name="Lee Sample", relationship="Father", parental_responsibility=True, phone="07700 900002"),
)
CHILD: Final = Child(
    given_name="Robin", family_name="Sample", sex="unknown", born_on=CHILD_BORN, address="1 Example Street, Northcombe"
)
ANSWERS: Final = Behaviours(optional=0.0)
"""How the cast answers: as most people do, and only what has to be answered."""


class Usual(Chance):
    """Chance that never surprises: of several answers the usual one, of two ways the likelier."""

    def weighted(self, weights: Mapping[str, float]) -> str | None:
        """Return the key that weighs most, the first of equals; None when no weight is above 0."""
        heaviest = max(weights, key=lambda each: weights[each], default=None)
        return heaviest if heaviest is not None and weights[heaviest] > 0 else None

    def happens(self, share: float) -> bool:
        """Tell whether something is the rule rather than the exception."""
        return share > 0.5


def described(given: Mapping[str, Any], first: date, calendar: WorkingCalendar) -> dict[str, Any]:
    """Return the profile of the authority that a play is at: as `given`, with groups that meet for years to come."""
    invented = profile(first, first + _YEARS_AHEAD, calendar)
    return {**invented, **given, "mags": invented["mags"]}


def story(case_id: UUID | None, people: Mapping[str, UUID], purpose: str) -> Story:
    """Return the invented child and family as those round them know them; `people` are ids by name.

    The words that are drawn repeat for the same `purpose`.
    """
    theme = word_list()["themes"][1]
    slots = {
        "they": "they", "them": "them", "their": "their", "gets": "get", "wants": "want", "seems": "seem", "is": "are",
        "child": CHILD.given_name, "carer": FAMILY[0].name.split()[0], "their2": "the family's", "they2": "you",
        "them_worker": "this worker", "plan_worker": "Joseph Adeyemi",
    }  # fmt: skip
    circle = tuple(people[name] for name in ("Joseph Adeyemi", "Leila Haddad"))
    return Story(CHILD, FAMILY, theme, slots, people[WORKER], circle, Usual(purpose), age=8, case_id=case_id)
