"""Who works in a simulated authority: whom one can sign in as, and invented colleagues beside them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final

from engine.calendar import WorkingCalendar
from engine.commands.setup import Person
from engine.simulation.behaviours import Caseload
from engine.simulation.chance import Chance
from engine.simulation.narratives import word_list

PASSWORD: Final = "try-it-out"  # noqa: S105 - printed on the screen on purpose; nobody here is real
OPEN_AT_ONCE: Final = 0.5
"""The share of a year's cases that are open together, by which the number of workers is chosen."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """Whom one can sign in as, to look at what was simulated."""

    username: str
    password: str
    who: str


SIGN_INS: Final = tuple(
    SignIn(username, PASSWORD, who)
    for username, who in (
        ("hana", "health visitor, leads cases"),
        ("joseph", "school support worker, leads cases"),
        ("maureen", "line manager of the health visitors"),
        ("carys", "CAF coordinator, sees what is late everywhere; administrator, keeps accounts"),
        ("denis", "chair of the multi-agency group"),
        ("ruth", "safeguarding lead"),
        ("helen", "senior officer, decides when managers disagree"),
        ("petra", "process designer"),
    )
)

PROFILE: Final[Mapping[str, Any]] = {
    "safeguarding": [
        {"name": "Children's social care", "phone": "01632 960101", "when": "weekdays, 9am to 5pm"},
        {"name": "Emergency duty team", "phone": "01632 960102", "when": "evenings and weekends"},
    ],
    "meeting_term": "TAC",
}

_GROUPS: Final = (
    ("North Multi-Agency Group", "Fellside and the northern villages", 0),
    ("South Multi-Agency Group", "Riverside and the town centre", 2),
)
"""The groups, whom they serve, and after how many weeks each first meets."""
_BETWEEN_MEETINGS: Final = timedelta(weeks=4)
"""Walsall: the panel meets every four weeks."""
_PLANNED_AHEAD: Final = timedelta(weeks=26)

STAY: Final = frozenset({"Hana Vesely", "Joseph Adeyemi"})
"""Workers who do not leave for good, as one can sign in as them."""
_LEADERS: Final = ("Maureen Bello", "Gwen Pritchard", "Tariq Aziz")
_WORKERS: Final = ("Hana Vesely", "Joseph Adeyemi", "Leila Haddad")
_STAFF: Final = (
    ("Carys Morgan", "CAF coordinator", "CAF team", ("coordinator", "administrator")),
    ("Denis Okafor", "Multi-agency group chair", "CAF team", ("mag_member",)),
    ("Marta Quill", "Educational psychologist", "CAF team", ("mag_member",)),
    ("Owen Achebe", "Youth support manager", "CAF team", ("mag_member",)),
    ("Ruth Lindqvist", "Safeguarding lead", "Safeguarding", ("safeguarding_lead",)),
    ("Petra Novak", "Process designer", "Practice team", ("designer",)),
    ("Helen Marsh", "Head of early help", "Senior officers", ("senior_officer",)),
)
_OUTSIDE: Final = ("Fiona Clarke", "Sunil Mehta", "Aisling Byrne", "Bruno Costa")


def profile(first: date, last: date, calendar: WorkingCalendar) -> dict[str, Any]:
    """Return the profile of an authority whose groups meet from the day `first` until half a year after `last`.

    They meet on Wednesdays, on the next working day when that is none, every four weeks and in turn.
    """
    wednesday = first + timedelta(days=(2 - first.weekday()) % 7)
    groups = []
    for name, area, weeks in _GROUPS:
        begins = wednesday + timedelta(weeks=weeks)
        many = (last + _PLANNED_AHEAD - begins) // _BETWEEN_MEETINGS + 1
        days = [calendar.next_working_day(begins + number * _BETWEEN_MEETINGS) for number in range(many)]
        groups.append({"name": name, "area": area, "meetings": [day.isoformat() for day in days]})
    return {**PROFILE, "mags": groups}


def with_meetings_to_come(given: Mapping[str, Any], today: date) -> dict[str, Any]:
    """Return a profile without the meetings of its groups that are over."""
    coming = [
        {**group, "meetings": [day for day in group["meetings"] if day >= today.isoformat()]} for group in given["mags"]
    ]
    return {**given, "mags": coming}


def workforce(chance: Chance, caseload: Caseload, *, cases: int) -> list[Person]:
    """Return the people of an authority with so many new cases a year, managers before those they manage.

    Those of `SIGN_INS` are always among them.
    """
    workers = max(len(_WORKERS), math.ceil(cases * OPEN_AT_ONCE / caseload.cases_per_worker))
    jobs = word_list()["jobs"]
    teams = min(len(jobs), max(len(_LEADERS), math.ceil(workers / caseload.workers_per_manager)))
    names = _Names(chance)
    managers = [names.next(_LEADERS, number) for number in range(teams)]
    people = [
        _person(name, job["manager"], job["agency"], job["team"], roles=("line_manager", "case_worker"))
        for name, job in zip(managers, jobs, strict=False)
    ]
    for number in range(workers):
        name, job = names.next(_WORKERS, number), jobs[number % teams]
        manager = managers[number % teams]
        people.append(_person(name, job["job"], job["agency"], job["team"], manager, roles=("case_worker",)))
    people += [_person(name, job, "Children's services", team, roles=roles) for name, job, team, roles in _STAFF]
    people += [
        _person(name, job["job"], job["agency"], "") for name, job in zip(_OUTSIDE, word_list()["outside"], strict=True)
    ]
    return _with_handles(people)


class _Names:
    """Names that nobody else has."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._taken = {*_LEADERS, *_WORKERS, *_OUTSIDE, *(name for name, *_ in _STAFF)}

    def next(self, fixed: tuple[str, ...], number: int) -> str:
        """Return the fixed name of this number, or a new one."""
        if number < len(fixed):
            return fixed[number]
        lists = word_list()["names"]
        while True:
            name = f"{self._chance.choice(lists['worker_given'])} {self._chance.choice(lists['worker_family'])}"
            if name not in self._taken:
                self._taken.add(name)
                return name


def _person(name: str, job: str, agency: str, team: str, manager: str = "", roles: tuple[str, ...] = ()) -> Person:
    # 020 7946 0000 to 0999 are kept free for fiction (Ofcom).
    phone = f"020 7946 0{sum(map(ord, name)) % 1000:03d}"
    address = f"{name.lower().replace(' ', '.')}@example.org"
    return Person(
        name=name, job_title=job, agency=agency, team=team, manager=manager, email=address, phone=phone, roles=roles
    )


def _with_handles(people: list[Person]) -> list[Person]:
    """Give everybody with a role a user name: the first name, and of two the second with the family name's too."""
    fixed = {*_LEADERS, *_WORKERS, *(name for name, *_ in _STAFF)}
    taken = {name.split()[0].lower() for name in fixed}
    found = []
    for person in people:
        first, last = person.name.lower().split(maxsplit=1)
        handle = first if person.name in fixed or first not in taken else f"{first}.{last}"
        taken.add(handle)
        found.append(replace(person, username=handle, password=PASSWORD) if person.roles else person)
    return found
