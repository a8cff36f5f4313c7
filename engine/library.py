"""Parsed definitions and authorities, kept ready. Definitions never change, so nothing here goes stale.

The deployed text in the database is the truth; what is kept here is a cache keyed by definition id, and
authorities are kept by (id, version).
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import Any, Generic, TypeVar, cast
from uuid import UUID

import sqlalchemy as sa

from engine.bpmn import ProcessDefinition, parse_process, reworded_process
from engine.calendar import WorkingCalendar
from engine.casework.feel_functions import HOST_FUNCTIONS
from engine.casework.terms import STANDARD, localised
from engine.dmn import DecisionModel, read_model
from engine.dmn.example_file import ExampleFile, read_examples
from engine.errors import Invalid, NotFound
from engine.feel import Environment
from engine.forms import Form, read_form, reworded_form
from engine.store import authorities, definitions
from engine.store.authorities import Authority

TIMESCALES = "timescales"
"""The decision that gives an authority's time limits."""
KEPT_DEFINITIONS = 512
KEPT_AUTHORITIES = 64

_V = TypeVar("_V")


class _Kept(Generic[_V]):
    """The most recently used values, at most `size`, safe between threads."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._values: OrderedDict[Any, _V] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Any, make: Callable[[], _V]) -> _V:
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        value = make()
        with self._lock:
            self._values[key] = value
            while len(self._values) > self._size:
                self._values.popitem(last=False)
        return value


@dataclass(frozen=True, slots=True)
class Library:
    """What an engine has read and parsed so far."""

    _processes: _Kept[ProcessDefinition] = field(default_factory=lambda: _Kept(KEPT_DEFINITIONS))
    _rules: _Kept[DecisionModel] = field(default_factory=lambda: _Kept(KEPT_DEFINITIONS))
    _forms: _Kept[Form] = field(default_factory=lambda: _Kept(KEPT_DEFINITIONS))
    _examples: _Kept[ExampleFile] = field(default_factory=lambda: _Kept(KEPT_DEFINITIONS))
    _authorities: _Kept[Authority] = field(default_factory=lambda: _Kept(KEPT_AUTHORITIES))
    _pins: _Kept[Mapping[str, Any]] = field(default_factory=lambda: _Kept(KEPT_DEFINITIONS))
    _names: _Kept[Mapping[str, str]] = field(default_factory=lambda: _Kept(KEPT_AUTHORITIES))
    _limits: _Kept[dict[str, Any]] = field(default_factory=lambda: _Kept(KEPT_AUTHORITIES))

    def definitions_only(self) -> Library:
        """Return a library for a copy of the database: what either reads of a definition the other need not.

        It knows nothing of authorities, which a copy may change. A definition's id stands for the same text in both.
        """
        return replace(self, _authorities=_Kept(KEPT_AUTHORITIES), _names=_Kept(KEPT_AUTHORITIES),
                       _limits=_Kept(KEPT_AUTHORITIES))  # fmt: skip

    def authority(self, connection: sa.Connection, authority_id: UUID, version: int) -> Authority:
        """Return the authority as of `version`. Raises `NotFound`."""
        return self._authorities.get((authority_id, version), lambda: authorities.load(connection, authority_id))

    def process(self, connection: sa.Connection, definition_id: UUID, *, term: str = STANDARD) -> ProcessDefinition:
        """Return a deployed process, parsed, with the processes it calls, in the words of `term`. Raises `NotFound`."""
        if term == STANDARD:
            return self._processes.get(definition_id, lambda: self._parse_process(connection, definition_id))
        as_written = self.process(connection, definition_id)
        say = partial(localised, term=term)
        return self._processes.get((definition_id, term), lambda: reworded_process(as_written, say))

    def process_names(self, connection: sa.Connection, authority: Authority) -> Mapping[str, str]:
        """Return the names of the processes deployed for an authority, as written, by their keys."""
        made = partial(definitions.process_names, connection, authority.id)
        return self._names.get((authority.id, authority.version), made)

    def rules(self, connection: sa.Connection, definition_id: UUID) -> DecisionModel:
        """Return a deployed rules file, compiled, with the versions it was pinned to import. Raises `NotFound`."""

        def make() -> DecisionModel:
            stored = definitions.load(connection, definition_id)
            pins: Mapping[str, str] = stored.uses.get("imports", {})
            imports = {space: self.rules(connection, UUID(id_)) for space, id_ in pins.items()}
            return read_model(stored.source, name=stored.file, imports=imports, functions=HOST_FUNCTIONS)

        return self._rules.get(definition_id, make)

    def form(self, connection: sa.Connection, definition_id: UUID, *, term: str = STANDARD) -> Form:
        """Return a deployed form in the words of `term`. Raises `NotFound`."""
        if term != STANDARD:
            as_written = self.form(connection, definition_id)
            say = partial(localised, term=term)
            return self._forms.get((definition_id, term), lambda: reworded_form(as_written, say))

        def make() -> Form:
            stored = definitions.load(connection, definition_id)
            return read_form(stored.source, name=stored.file)

        return self._forms.get(definition_id, make)

    def examples(self, connection: sa.Connection, definition_id: UUID) -> ExampleFile:
        """Return a deployed file of examples. Raises `NotFound`."""

        def make() -> ExampleFile:
            stored = definitions.load(connection, definition_id)
            return read_examples(stored.source, name=stored.file)

        return self._examples.get(definition_id, make)

    def decision(self, connection: sa.Connection, authority: Authority, decision: str) -> tuple[UUID, DecisionModel]:
        """Return the newest rules file that holds `decision`, and its definition id. Raises `NotFound`."""
        definition_id = authority.latest.get(("decision", decision))
        if definition_id is None:
            raise NotFound(f"No deployed rules file has a decision '{decision}'", decision=decision)
        return definition_id, self.rules(connection, definition_id)

    def calls(self, connection: sa.Connection, definition_id: UUID) -> Mapping[str, UUID]:
        """Return the definition of each process, by its key, that a deployed process was pinned to call."""
        pins = self._pins.get(definition_id, lambda: definitions.load(connection, definition_id).uses)
        return {key: UUID(id_) for key, id_ in pins.get("calls", {}).items()}

    def form_of(
        self, connection: sa.Connection, definition_id: UUID, process_key: str, form: str | None
    ) -> UUID | None:
        """Return the form definition that a task of a deployed process was pinned to, if it names one.

        A task of a called process is pinned by that process's own deployment.
        """
        if form is None:
            return None
        pins = self._pins.get(definition_id, lambda: definitions.load(connection, definition_id).uses)
        own = pins.get("forms", {}).get(form)
        if own is not None:
            return UUID(own)
        called = (self.form_of(connection, UUID(id_), process_key, form) for id_ in pins.get("calls", {}).values())
        return next((found for found in called if found), None)

    def host(self, connection: sa.Connection, authority: Authority) -> Host:
        """Return what FEEL's host functions may ask of this authority."""
        known = self._limits.get((authority.id, authority.version), dict)
        key = (authority.id, authority.version, authority.latest.get(("decision", TIMESCALES)))
        return Host(authority.calendar, key, authority, self, connection, known)

    def _parse_process(self, connection: sa.Connection, definition_id: UUID) -> ProcessDefinition:
        stored = definitions.load(connection, definition_id)
        calls: Mapping[str, str] = stored.uses.get("calls", {})
        called = {key: self.process(connection, UUID(id_)) for key, id_ in calls.items()}
        parsed = parse_process(stored.source, name=stored.file, called=called, functions=HOST_FUNCTIONS)
        return next(process for process in parsed if process.key == stored.key)


@dataclass(frozen=True, slots=True)
class Host:
    """The calendar and the time limits of one authority, for FEEL functions inside one act."""

    calendar: WorkingCalendar
    fixed_key: Hashable
    """The same for hosts that give the same limits."""
    _authority: Authority
    _library: Library
    _connection: sa.Connection
    _known: dict[str, Any]

    def time_limit(self, name: str) -> Any:
        """Return the limit `name` from the authority's `timescales` decision (its own unit, usually working days).

        Raises `Invalid` when no row of the table gives it.
        """
        if name not in self._known:
            self._known[name] = self._decide(name)
        return self._known[name]

    def _decide(self, name: str) -> Any:
        _, model = self._library.decision(self._connection, self._authority, TIMESCALES)
        environment = Environment(now=None, zone=self.calendar.zone, warnings=[], host=self)
        result = model.evaluate(TIMESCALES, {"limit": name, "authority": self._authority.key}, environment)
        if result.value is None:
            raise Invalid(f"The timescales table has no row for the limit '{name}'", limit=name)
        return result.value


def as_date(value: Any) -> date | None:
    """Return a FEEL result as a date; None for null. Raises `Invalid` for anything else."""
    if value is None or (isinstance(value, date) and not hasattr(value, "hour")):
        return value
    if hasattr(value, "date"):
        return cast(date, value.date())
    raise Invalid(f"A date was expected, not {value!r}")
