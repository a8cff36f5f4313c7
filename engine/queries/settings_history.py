"""What was changed of an authority's settings, people and calendar: who, when, what from what to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework import checklists, permissions, profiles, retention
from engine.casework.changing import SECOND_PERSON
from engine.casework.permissions import Actor
from engine.errors import Invalid, NotPermitted
from engine.process_engine import ProcessEngine
from engine.queries import timeline, words
from engine.queries.timeline import Event
from engine.queries.view import View, viewing
from engine.store.tables.keeping import history
from engine.store.tables.record import cases

PAGE: Final = 100
SETTINGS: Final = ("authority_created", "profile_changed")
KINDS: Final = MappingProxyType(
    {
        "settings": SETTINGS,
        "calendar": ("closure_added", "closure_removed"),
        "people": (
            "person_added", "people_added", "account_opened", "account_ended", "roles_set", "manager_set",
            "mag_seats_set", "leaving_recorded", "leaving_taken_back", "left", "absence_recorded", "absence_begun",
            "absence_ended", "password_replaced", "job_role_set", "job_role_added", "job_role_renamed",
            "job_role_retired", "job_role_taken_back", "agency_added", "agency_renamed", "team_added", "team_renamed",
            "team_joined", "team_left", "team_closed", "team_reopened", "agency_closed", "agency_reopened",
        ),
    }
)  # fmt: skip
"""What may be asked for, and the kinds of events that belong to it."""
NONE_GIVEN: Final = "nothing"
_NAMES: Final = MappingProxyType(
    {
        "name": "name of the authority", "nation": "whose bank holidays count", "email": "e-mail address",
        "team": "team that coordinates support", "service_address": "address of this service",
        "logo_text": "words of the logo", "brand_colour": "colour of the authority", "link_colour": "colour of links",
        "digest_hour": "hour of the morning message", "meeting_term": "what the team round a child is called",
        "supervision_days": "working days within which a case is discussed in supervision",
        "checklists, before": "checklist, before the meeting", "checklists, during": "checklist, during the meeting",
        "checklists, after": "checklist, after the meeting",
        profiles.SECOND_FACTOR_ROLES: "who needs a second factor to sign in",
    }
)  # fmt: skip
"""What settings are called on their page, where it is not their plain name."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A setting that changed; `was` and `now` in words, `NONE_GIVEN` where there was none."""

    name: str
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class SettingsEvent:
    """One change; `differences` are of settings alone, where the one before is known."""

    event: Event
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class SettingsHistory:
    """A stretch of changes, the latest first; `before` goes on, None at the beginning."""

    events: tuple[SettingsEvent, ...]
    before: int | None


def read(engine: ProcessEngine, *, actor: Actor, of: str, before: int | None = None) -> SettingsHistory:
    """Return what was changed of one of `KINDS`. Raises `NotPermitted`, `Invalid` for what there is none of."""
    if not permissions.may_keep_authority(actor):
        raise NotPermitted("An administrator sees what was changed of the authority")
    if of not in KINDS:
        raise Invalid("Choose what to show from the list", field="of")
    with viewing(engine, actor) as view:
        rows = _rows(view, KINDS[of], before, PAGE + 1)
        shown = rows[:PAGE]
        changes = _differences(view, shown)
        said = timeline.said(view, shown)
        events = tuple(SettingsEvent(event, changes.get(row.id, ())) for row, event in zip(shown, said, strict=True))
        return SettingsHistory(events, shown[-1].seq if len(rows) > PAGE else None)


def _rows(view: View, kinds: Sequence[str], before: int | None, limit: int) -> list[Any]:
    chain = sa.select(cases.c.id).where(
        cases.c.authority_id == view.actor.authority_id, cases.c.pathway == "administration"
    )
    chosen: list[sa.ColumnElement[bool]] = [history.c.case_id.in_(chain), history.c.kind.in_(kinds)]
    chosen += [] if before is None else [history.c.seq < before]
    query = timeline.EVENTS.where(*chosen).order_by(history.c.seq.desc()).limit(limit)
    return list(view.connection.execute(query))


def _differences(view: View, rows: Sequence[Any]) -> dict[UUID, tuple[Difference, ...]]:
    """Return what each change of the settings among `rows` (the latest first) made of the one before it."""
    changed = [row for row in rows if row.kind == "profile_changed"]
    if not changed:
        return {}
    earlier = _rows(view, SETTINGS, changed[-1].seq, 1)
    found = {}
    for row, last in zip(changed, [*changed[1:], *earlier], strict=False):
        if "profile" in (last.detail or {}):
            found[row.id] = tuple(_changes(last.detail, row.detail))
    return found


def _changes(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Difference]:
    # Until it is switched off for the first time nothing says that a second person is asked.
    old, new = ({SECOND_PERSON: "yes", **_flat(each.get("profile") or {})} for each in (was, now))
    if was.get("nation") and now.get("nation"):  # a change from the command line tells neither
        old |= {"name": was.get("name"), "nation": _nation(was["nation"])}
        new |= {"name": now.get("name"), "nation": _nation(now["nation"])}
    for name in sorted(old.keys() | new.keys()):
        before, after = _said(old.get(name)), _said(new.get(name))
        if before != after:
            said = _NAMES.get(name) or words.plain(name)
            yield Difference(said[:1].upper() + said[1:], before, after)


def _nation(key: str) -> str:
    return key.replace("-", " ").title().replace(" And ", " and ")


def _flat(profile: Mapping[str, Any]) -> dict[str, Any]:
    """Return a profile with the parts of its lists of texts (letters, checklists) each under a name of its own."""
    flat: dict[str, Any] = {f"checklists, {part}": checklists.of_profile(profile, part) for part in checklists.PARTS}
    for name, value in profile.items():
        if name in _PARTS:
            flat |= _PARTS[name](profile)
            continue
        if name == "checklists":
            continue
        parts = value if isinstance(value, Mapping) else None
        flat |= {name: value} if parts is None else {f"{name}, {part}": each for part, each in parts.items()}
    return flat


def _kept(profile: Mapping[str, Any]) -> dict[str, Any]:
    """Return the rules of how long records are kept, each in words, and the cases kept whatever they say."""
    found: dict[str, Any] = {"cases that are kept": sorted(retention.kept(profile))}
    for kind, rule in retention.rules(profile).items():
        age = "" if rule.age is None else f", not before the age of {rule.age}"
        found[f"erasing {kind}"] = f"{rule.years} years after closing{age}"
    return found


def _groups(profile: Mapping[str, Any]) -> dict[str, Any]:
    """Return what part of the area each multi-agency group serves and when it meets, its days as people write them."""
    found: dict[str, Any] = {"multi-agency groups": [group.name for group in profiles.groups(profile)]}
    for group in profiles.groups(profile):
        found[f"{group.name}, area"] = group.area
        found[f"{group.name}, next meetings"] = ", ".join(f"{day.day} {day:%B %Y}" for day in group.meetings)
    return found


def _numbers(profile: Mapping[str, Any]) -> dict[str, Any]:
    """Return whom to ring when a child may be at risk, by their place on the list."""
    return {f"who is rung, {place}": each for place, each in enumerate(profile.get("safeguarding") or (), start=1)}


_PARTS: Final = MappingProxyType({retention.FIELD: _kept, "mags": _groups, "safeguarding": _numbers})
"""Settings that are several, each said by itself."""


def _said(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(_said(each) for each in value.values() if each) or NONE_GIVEN
    if isinstance(value, list | tuple):
        return "; ".join(_said(each) for each in value) or NONE_GIVEN
    return str(value) if value not in (None, "") else NONE_GIVEN
