"""Figures over a whole authority of very many cases: given as they were last made, and made anew behind who asks.

To read them takes seconds. So whoever looks gets the last ones at once, with the time at which they were made, and past
half a minute that look has them made again: while somebody looks each minute they are at most a minute old. The first
look of a process waits, and one after a quiet time gets older figures, which say so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final, TypeVar

from engine.casework import permissions
from engine.guard import attempt
from engine.queries.view import View, viewing

MOST_COUNTED: Final = 20_000
"""Past so many cases figures are kept: they are read by looking at every one of them."""
RENEWED_AFTER: Final = 30
"""Seconds after which whoever asks has kept figures made again."""
OLD_AFTER: Final = 60
"""Seconds after which a page says that its figures are being made again."""

Found = TypeVar("Found")


def kept(view: View, what: object, make: Callable[[View], Found], size: Callable[[View, Found], int]) -> Found:
    """Return figures of what the actor sees: as they are now, or for a whole authority of very many as last made.

    They are the same for whoever sees the whole authority, and nobody else is given what was kept. `what` is
    hashable. `make` and `size` use only the view they are given: by then the one that asked may be over.
    """
    if not permissions.sees_whole_authority(view.actor):
        return make(view)
    keeper, key = view.engine.kept, ("figures", view.actor.authority_id, what)

    def anew(view: View) -> Found:
        found = make(view)
        if size(view, found) > MOST_COUNTED:
            keeper.put(key, found, now=view.now)
        return found

    def behind() -> None:
        with viewing(view.engine, replace(view.actor, authority_version=None)) as later:
            anew(later)

    known: tuple[float, Found] | None = keeper.latest(key, now=view.now)
    if known is None:
        return anew(view)
    age, found = known
    if age >= RENEWED_AFTER:
        keeper.renew(key, lambda: attempt("making figures anew", behind))
    return found
