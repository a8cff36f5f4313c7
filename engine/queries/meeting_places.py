"""Where a meeting is, as a page shows it: who may see a secret address sees it, and is told to book another place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from engine.casework.family_sharing import may_see_secret_address
from engine.casework.permissions import Relation
from engine.queries import words
from engine.queries.view import View
from engine.store import meeting_places, relations
from engine.store.letter_warnings import addresses
from engine.store.relatives import Relative, whose_secret


def shown(view: View, place: str, known: Sequence[Relative], relation: Relation) -> tuple[str, str]:
    """Return a meeting's place as the reader may know it, and what to do about one that gives away a secret address.

    `known` is as `engine.store.meeting_places` wants it; the second is empty for who need not know.
    """
    whose = whose_secret(place, known)
    if not whose:
        return place, ""
    if not may_see_secret_address(view.actor, relation):
        return words.capital(meeting_places.ASK), ""
    told = f"This place may tell the address of {whose}, which is kept secret now: nobody is told it any more"
    return place, f"{told}. {view.said(_ANEW)}"


_ANEW: Final = (
    "Book another place: “Book another day” asks for it once you say in “Hold the TAC meeting” that it has to be on "
    "another day."
)


def of_case(view: View, case_id: UUID, place: str) -> tuple[str, str]:
    """Return the same for a meeting of a case, by how the reader stands to it."""
    known = addresses(view.connection, case_id) if place else ()
    return shown(view, place, known, relations.of(view.connection, view.actor, case_id))
