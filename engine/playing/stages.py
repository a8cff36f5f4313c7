"""Sandboxes made ready for plays: the files in force with the drafts in their place, the cast, and nothing else.

Making one takes a second or two, as everything is read and deployed; what was made is kept, and a draft of one file is
deployed on top of what is in force. Each play is a copy, in some milliseconds.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

from engine.bootstrap import furnish, image_of, sandbox
from engine.calendar import LONDON, WorkingCalendar
from engine.casework.permissions import Actor
from engine.checking import kind_of
from engine.clock import FakeClock
from engine.commands import deployments, setup
from engine.commands.deployments import DeploymentRefused
from engine.library import Library
from engine.playing import cast
from engine.process_engine import ProcessEngine
from engine.queries import played, simulated

FIRST_DAY: Final = date(2027, 3, 1)
"""A Monday without a bank holiday near: the day on which a play begins unless it says otherwise."""
BEGINS_AT: Final = time(9)
_PLAYED: Final = frozenset({"process", "rules", "form"})
_STAGES_KEPT: Final = 4

_V = TypeVar("_V")


@dataclass(frozen=True, slots=True)
class Place:
    """The authority that plays are at, as far as diagrams and rules can see it."""

    key: str = "northcombe"
    name: str = "Northcombe Council"
    nation: str = "england-and-wales"
    zone: str = "Europe/London"
    profile: Mapping[str, Any] = field(default_factory=dict)

    def digest(self) -> str:
        """Return a text that is the same for places that are."""
        return repr((self.key, self.name, self.nation, self.zone, sorted(self.profile.items(), key=str)))


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """A sandbox made ready: its image, and whom and what it holds.

    `people` are ids by name; `judged` tells whether rules judge its case.
    """

    key: str
    image: bytes
    begins_at: datetime
    library: Library
    authority_id: UUID
    actors: Mapping[str, Actor]
    people: Mapping[str, UUID]
    calendar: WorkingCalendar
    judged: bool

    def copy(self, image: bytes, clock: FakeClock, purpose: str) -> ProcessEngine:
        """Return this thread's sandbox as it was when `image` was taken; the last one given out is no more."""
        library = self.library.definitions_only()
        return furnish(_own_sandbox(), image, clock=clock, library=library, purpose=purpose)

    def look(self) -> ProcessEngine:
        """Return this thread's sandbox as the stage is before anything is played on it."""
        return self.copy(self.image, FakeClock(self.begins_at), "look")


class Kept(Generic[_V]):
    """The most recently used values, at most `most`, safe between threads."""

    def __init__(self, most: int) -> None:
        self._most, self._lock = most, threading.Lock()
        self._values: OrderedDict[Any, _V] = OrderedDict()

    def get(self, key: Any) -> _V | None:
        """Return a value, None when it is not kept."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def put(self, key: Any, value: _V) -> _V:
        """Keep a value and return it."""
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            while len(self._values) > self._most:
                self._values.popitem(last=False)
        return value

    def made(self, key: Any, make: Callable[[], _V]) -> _V:
        """Return a value, made when it is not kept."""
        found = self.get(key)
        return self.put(key, make()) if found is None else found


_STAGES: Kept[Stage] = Kept(_STAGES_KEPT)
_MAKING = threading.Lock()
_OWN = threading.local()


def stage(
    in_force: Mapping[str, bytes], drafts: Mapping[str, bytes] | None = None, *, place: Place | None = None,
    on: date | None = None,
) -> Stage:  # fmt: skip
    """Return a sandbox with the files `in_force` (name -> content) and the `drafts` in the place of theirs.

    It stands at nine in the morning of the day `on`. Raises `DeploymentRefused` with every finding when the files
    cannot run together.
    """
    where, day = place or Place(), on or FIRST_DAY
    base = {file: content for file, content in in_force.items() if kind_of(file) in _PLAYED}
    new = {
        file: content
        for file, content in (drafts or {}).items()
        if kind_of(file) in _PLAYED and base.get(file) != content
    }
    with _MAKING:
        if not new:
            return _ready(base, where, day)
        # Rules on top of rules ask for a reason and an approval, which nobody gives here: those begin anew.
        if not base or any(kind_of(file) == "rules" for file in new):
            return _ready({**base, **new}, where, day)
        return _STAGES.made(key_of({**base, **new}, where, day), lambda: _with_drafts(base, new, where, day))


def texts_of(in_force: Mapping[str, bytes], drafts: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return what is played of files in force and drafts in the place of theirs (name -> content)."""
    every = {**in_force, **drafts}
    return {file: content for file, content in every.items() if kind_of(file) in _PLAYED}


def _ready(files: Mapping[str, bytes], place: Place, day: date) -> Stage:
    return _STAGES.made(key_of(files, place, day), lambda: _new_stage(files, place, day))


def key_of(files: Mapping[str, bytes], place: Place, day: date) -> str:
    """Return a text that is the same for stages that are."""
    found = hashlib.sha256(f"{place.digest()} {day}".encode())
    for file, content in sorted(files.items()):
        found.update(file.encode() + b"\0" + hashlib.sha256(content).digest())
    return found.hexdigest()


def _new_stage(files: Mapping[str, bytes], place: Place, day: date) -> Stage:
    clock = FakeClock(datetime.combine(day, BEGINS_AT, LONDON).astimezone(UTC))
    engine = sandbox(clock=clock)
    try:
        calendar = WorkingCalendar(place.nation)
        authority_id = setup.create_authority(
            engine, key=place.key, name=place.name, nation=place.nation, zone=place.zone,
            profile=cast.described(place.profile, day, calendar),
        )  # fmt: skip
        people = setup.add_people(engine, authority_id=authority_id, new=cast.CAST)
        if files:
            deployments.deploy(engine, authority_id=authority_id, files=files, note="A play")
        return _taken(engine, clock, key_of(files, place, day), authority_id, people)
    finally:
        engine.sessions.close()


def _with_drafts(base: Mapping[str, bytes], new: Mapping[str, bytes], place: Place, day: date) -> Stage:
    before, key = _ready(base, place, day), key_of({**base, **new}, place, day)
    clock = FakeClock(before.begins_at)
    engine = before.copy(before.image, clock, f"drafts {key}")
    deployments.deploy(engine, authority_id=before.authority_id, files=new, note="A play of a draft")
    return _taken(engine, clock, key, before.authority_id, before.people)


def _taken(
    engine: ProcessEngine, clock: FakeClock, key: str, authority_id: UUID, people: Mapping[str, UUID]
) -> Stage:
    found = simulated.actors(engine, authority_id)
    order = [person.name for person in cast.CAST]
    actors = {each.name: each for each in sorted(found.values(), key=lambda each: order.index(each.name))}
    calendar = simulated.calendar_of(engine, actors[cast.COORDINATOR])
    return Stage(key, image_of(engine), clock.now(), engine.library, authority_id, actors, people, calendar,
                 played.is_judged(engine, authority_id))  # fmt: skip


def _own_sandbox() -> ProcessEngine:
    """Return this thread's sandbox: its statements are compiled once for all the plays that it is used for."""
    if not hasattr(_OWN, "engine"):
        _OWN.engine = sandbox(clock=FakeClock(datetime.combine(FIRST_DAY, BEGINS_AT, UTC)))
    found: ProcessEngine = _OWN.engine
    return found


__all__ = [
    "BEGINS_AT", "FIRST_DAY", "DeploymentRefused", "Kept", "Place", "Stage", "key_of", "stage", "texts_of",
]  # fmt: skip
