"""What an authority's profile may hold: its contacts, its words, the numbers to ring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from engine.calendar import WorkingCalendar
from engine.casework import checklists, letter_templates, looks, retention
from engine.casework.oversight import SUPERVISION_DAYS, supervision_days
from engine.casework.permissions import ROLES
from engine.errors import Invalid

TEXTS: Final = (
    "team", "address", "phone", "fax", "email", "website", "meeting_term", "service_address", "digest_hour",
    SUPERVISION_DAYS, looks.LOGO_TEXT, *looks.COLOURS,
)  # fmt: skip
"""Fields that are text: the team that coordinates, where it is and how it is reached, and what a meeting is called."""
SECOND_FACTOR_ROLES: Final = "second_factor_roles"
"""The field that lists the roles (of `engine.casework.permissions.ROLES`) that need a second factor to sign in."""
LONGEST: Final = 500
MAG_PAPERS_AHEAD: Final = "mag_papers_days"
"""The time limit that says how many working days before a group's meeting its papers are due."""


def check_profile(profile: Mapping[str, Any]) -> None:
    """Raise `Invalid` naming the field that is not of the shape of a profile.

    `safeguarding` is a list of {name, phone, when}: whom to ring, shown on the concern page. `mags` lists the
    multi-agency groups: a name, or {name, area, meetings} with what part of the area it serves and the days (ISO) of
    its next meetings. `second_factor_roles` lists the roles that need a second factor. `meeting_term` is the local
    word for a team meeting (TAC, TAF, TAYP). `checklists` holds the lines of the local checklist of a meeting under
    before, during and after; `logo_text`, `brand_colour` and `link_colour` how pages look; `retention` how long records
    are kept; `letters` the authority's wording of letters, by the keys of `letter_templates.TEMPLATES`.
    """
    _check_numbers(profile.get("safeguarding", []))
    for name in TEXTS:
        value = profile.get(name, "")
        if not isinstance(value, str):
            example = ", such as TAC" if name == "meeting_term" else ""
            raise Invalid(f"{name}: give a word{example}" if example else f"{name}: give a text", field=name)
        if len(value) > LONGEST:
            raise Invalid(f"{name}: use at most {LONGEST} characters", field=name)
    digest_hour(profile)
    supervision_days(profile)
    looks.check(profile)
    retention.check(profile)
    _check_groups(profile.get("mags", []))
    checklists.check(profile.get("checklists", {}))
    letter_templates.check_all(profile.get(letter_templates.PROFILE_FIELD, {}))
    _check_factor_roles(profile.get(SECOND_FACTOR_ROLES, []))


def _check_factor_roles(given: Any) -> None:
    if not isinstance(given, list) or not set(map(str, given)) <= set(ROLES):
        raise Invalid(f"{SECOND_FACTOR_ROLES}: give a list of roles", field=SECOND_FACTOR_ROLES)


def digest_hour(profile: Mapping[str, Any]) -> int | None:
    """Return the local hour (0 to 23) at which people are told of a morning what presses, None for never.

    Raises `Invalid` naming the field for anything else.
    """
    text = str(profile.get("digest_hour") or "").strip()
    if not text:
        return None
    if not text.isdecimal() or int(text) > 23:
        raise Invalid("Enter the hour of the morning message as a whole number from 0 to 23", field="digest_hour")
    return int(text)


@dataclass(frozen=True, slots=True)
class Group:
    """A multi-agency group, the days of its next meetings, in order, and what part of the area it serves, in words."""

    name: str
    meetings: tuple[date, ...] = ()
    area: str = ""


@dataclass(frozen=True, slots=True)
class Contacts:
    """How the team that coordinates is reached. `name` is the authority's; `address` its lines; others may be empty."""

    name: str
    team: str
    address: tuple[str, ...]
    phone: str
    fax: str
    email: str
    website: str

    @property
    def reachable(self) -> bool:
        """Tell whether there is any way to reach the team."""
        return bool(self.address or self.phone or self.fax or self.email)

    @property
    def lines(self) -> tuple[str, ...]:
        """Return how the team is reached as the foot of a letter says it; nothing when there is no way."""
        if not self.reachable:
            return ()
        who = [line for line in (self.team, self.name) if line and line not in self.address]
        numbers = (("Phone", self.phone), ("Fax", self.fax))
        said = [f"{kind} {number}" for kind, number in numbers if number]
        return (*who, *self.address, *said, *(line for line in (self.email, self.website) if line))


def contacts(name: str, profile: Mapping[str, Any]) -> Contacts:
    """Return how the team of the authority `name` is reached, by its profile."""
    team, address, phone, fax, email, website = (str(profile.get(key) or "").strip() for key in TEXTS[:6])
    lines = tuple(line.strip() for line in address.splitlines() if line.strip())
    return Contacts(name, team, lines, phone, fax, email, website)


@dataclass(frozen=True, slots=True)
class Meeting:
    """A group's meeting."""

    name: str
    meets_on: date


def groups(profile: Mapping[str, Any]) -> list[Group]:
    """Return the multi-agency groups of a profile, in its order."""
    return [_group(each) for each in profile.get("mags", [])]


def renamed(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, str]:
    """Return old name -> new name of the groups that a changed profile calls otherwise.

    A group keeps its place in the list, or is the only one whose name is gone while only one is new.
    """
    old, new = [group.name for group in groups(before)], [group.name for group in groups(after)]
    gone, come = [name for name in old if name not in new], [name for name in new if name not in old]
    if len(gone) == len(come) == 1:
        return {gone[0]: come[0]}
    same_length = zip(old, new, strict=True) if len(old) == len(new) else ()
    return {was: now for was, now in same_length if was in gone and now in come}


def next_meeting(profile: Mapping[str, Any], *, calendar: WorkingCalendar, today: date, ahead: int) -> Meeting | None:
    """Return the first meeting of any group for which papers are in time today, `ahead` working days before; or None.

    A group that meets on the same day as another stands after it as in the profile.
    """
    coming = [
        Meeting(group.name, meets_on)
        for group in groups(profile)
        for meets_on in group.meetings
        if calendar.add_working_days(meets_on, -ahead) >= today
    ]
    return min(coming, key=lambda each: each.meets_on, default=None)


def _group(given: Any) -> Group:
    if isinstance(given, str):
        return Group(given.strip())
    days = sorted(date.fromisoformat(each) for each in given.get("meetings", []))
    return Group(given["name"].strip(), tuple(days), str(given.get("area") or "").strip())


def _check_groups(given: Any) -> None:
    wrong = Invalid("mags: give a list of names, or of {name, area, meetings}", field="mags")
    if not isinstance(given, list):
        raise wrong
    for each in given:
        name = each.get("name") if isinstance(each, Mapping) else each
        area = each.get("area", "") if isinstance(each, Mapping) else ""
        if not isinstance(name, str) or not name.strip() or not isinstance(area, str) or len(area) > LONGEST:
            raise wrong
        try:
            _group(each)
        except (TypeError, ValueError) as error:
            raise Invalid(f"mags: give the meetings of {name} as days, such as 2026-12-03", field="mags") from error


def _check_numbers(numbers: Any) -> None:
    whole = isinstance(numbers, list) and all(
        isinstance(row, Mapping) and row.get("name") and row.get("phone") for row in numbers
    )
    if not whole:
        raise Invalid("safeguarding: give a list of {name, phone, when}", field="safeguarding")
