"""The ways in which support for a child may begin: every deployed diagram that opens a case."""

from __future__ import annotations

from dataclasses import dataclass

from engine.bpmn import case_opening
from engine.casework.permissions import Actor
from engine.casework.terms import localised
from engine.process_engine import ProcessEngine
from engine.queries.authorities import meeting_term
from engine.queries.view import View, viewing

FIRST = "caf"
"""The pathway that stands first on the list: most cases are begun with it."""


@dataclass(frozen=True, slots=True)
class Pathway:
    """A way to begin: its key, the words for it, and what its diagram says of itself."""

    key: str
    words: str
    about: str


def offered(engine: ProcessEngine, *, actor: Actor) -> tuple[Pathway, ...]:
    """Return the ways in which a case may begin, the common assessment first, then by their words."""
    with viewing(engine, actor) as view:
        return of_authority(view)


def of_authority(view: View) -> tuple[Pathway, ...]:
    """Return the ways in which a case of the reader's authority may begin."""
    term, found = meeting_term(view), []
    for (kind, _), definition_id in view.authority.latest.items():
        definition = view.process(definition_id) if kind == "process" else None
        opening = case_opening(definition) if definition is not None else None
        if definition is not None and opening is not None:
            about = localised((definition.documentation or "").strip(), term)
            found.append(Pathway(opening.pathway, localised(opening.words, term), about))
    return tuple(sorted(found, key=lambda each: (each.key != FIRST, each.words)))


def words_of(view: View, pathway: str) -> str:
    """Return the words of a pathway; empty for the common assessment, which needs none, and for one not deployed."""
    if pathway == FIRST:
        return ""
    return next((each.words for each in of_authority(view) if each.key == pathway), "")
