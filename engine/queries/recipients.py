"""Whom work might be given to, as a list of names says it: who is away, cannot sign in or leaves; what they have."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from engine.casework.permissions import Actor
from engine.casework.standing import Standing
from engine.process_engine import ProcessEngine
from engine.queries import words
from engine.queries.people import Practitioner, in_service
from engine.queries.view import View, viewing
from engine.queries.workload import Load, loads_in, require_may
from engine.store.people import standings


@dataclass(frozen=True, slots=True)
class Choice:
    """Somebody work might be given to: `label` says whether it would reach them, and what those have whom one keeps."""

    practitioner_id: UUID
    label: str

    @property
    def value(self) -> str:
        """Return the id as text."""
        return str(self.practitioner_id)


def everybody(engine: ProcessEngine, *, actor: Actor, roles: Collection[str] = ()) -> tuple[Choice, ...]:
    """Return everybody who works in the actor's authority, by name; only those who have one of `roles`, if given.

    Raises `NotPermitted`.
    """
    require_may(actor)
    with viewing(engine, actor) as view:
        return labelled(view, in_service(view, roles=roles))


def labelled(view: View, people: Sequence[Practitioner]) -> tuple[Choice, ...]:
    """Return `people`, in their order, with what is to be known of each before work is given to them."""
    loads = loads_in(view)
    known = standings(
        view.connection, view.actor.authority_id, [each.practitioner_id for each in people], today=view.today
    )
    return tuple(
        Choice(each.practitioner_id, _label(each, known[each.practitioner_id], loads, view.today)) for each in people
    )


def _label(person: Practitioner, standing: Standing, loads: dict[UUID, Load], today: date) -> str:
    about = "; ".join(filter(None, (*_standing(standing, today), _has(loads.get(person.practitioner_id)))))
    # The name and what is said of it come first: a closed list on a phone shows no more.
    parts = (f"{person.name} ({about})" if about else person.name, person.job_title, person.agency)
    return ", ".join(filter(None, parts))


def _standing(standing: Standing, today: date) -> Iterable[str]:
    if not standing.has_account:
        yield "cannot sign in"
    if standing.away_from is not None:
        began = "" if standing.is_away(today) else f" from {words.day(standing.away_from, today=today)}"
        yield f"away{began}{standing.until()}"
    if standing.last_day is not None:
        yield f"leaves: last day {words.day(standing.last_day, today=today)}"


def _has(load: Load | None) -> str:
    """Say what somebody has whom the asker keeps; nothing of others."""
    if load is None:
        return ""
    plans, tasks = (f"{number} {one}{'' if number == 1 else 's'}" for number, one in
                    ((load.leads, "plan"), (load.tasks, "task")))  # fmt: skip
    return f"{plans}, {tasks}{', has room' if load.room else ''}"
