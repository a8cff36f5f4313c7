"""What a case waits for that comes from outside, so that a person has to say when it has come.

Not what the service or another deployed diagram tells the case by itself once it is so: said by hand it would not be
true, and the case would go on as if it were.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from engine.bpmn import ProcessDefinition, sent_by, waited_for
from engine.library import Library
from engine.naming import MESSAGES
from engine.store import running
from engine.store.authorities import Authority


@dataclass(frozen=True, slots=True)
class Awaited:
    """A message that something on a case waits for; `words` are the name of the event that waits, or the message's."""

    name: str
    words: str


def from_outside(
    connection: sa.Connection, library: Library, authority: Authority, case_id: UUID
) -> tuple[Awaited, ...]:
    """Return what the case waits for now and nothing of the service sends, by its words."""
    names = running.awaited(connection, case_id) - MESSAGES.keys()
    if not names:
        return ()
    diagrams = list(_diagrams(connection, library, authority))
    names -= frozenset().union(*map(sent_by, diagrams))
    words = {name: said for diagram in diagrams for name, said in waited_for(diagram).items() if said}
    return tuple(sorted((Awaited(name, words.get(name, name)) for name in names), key=lambda each: each.words))


def _diagrams(connection: sa.Connection, library: Library, authority: Authority) -> Iterator[ProcessDefinition]:
    for (kind, _), definition_id in sorted(authority.latest.items()):
        if kind == "process":
            yield library.process(connection, definition_id)
