"""What an upgrade of an original would change in a copy that was changed here: element by element, three ways."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.comparing.changes import Change, compared
from engine.comparing.items import Item
from engine.comparing.outlines import outline_of


@dataclass(frozen=True, slots=True)
class Choice:
    """An element that the upgrade changes: what it makes of the original, and what was made of it here.

    `here` is None where nothing was changed here: then the upgrade's can be taken as it is. `same` tells that both
    made the same of it, so that there is nothing to choose.
    """

    key: str
    called: str
    upgrade: Change
    here: Change | None
    same: bool

    @property
    def clean(self) -> bool:
        """Tell whether taking the upgrade's loses nothing that was made here."""
        return self.here is None


def choices(file: str, *, then: bytes, now: bytes, yours: bytes) -> tuple[Choice, ...]:
    """Compare an original as it was `then`, as it is `now`, and `yours`; return what the upgrade changes.

    Never raises; a text that cannot be read gives no choice.
    """
    old, new, own = (outline_of(file, text).items for text in (then, now, yours))
    here = {change.key: change for change in compared(old, own)}
    found = []
    for change in compared(old, new):
        mine = here.get(change.key)
        same = mine is not None and _said(new, change.key) == _said(own, change.key)
        found.append(Choice(change.key, change.called, change, mine, same))
    return tuple(found)


def _said(items: Mapping[str, Item], key: str) -> tuple[str, str, Mapping[str, str]] | None:
    item = items.get(key)
    if item is None:
        return None
    return item.what, item.name if item.own_name else "", {part: item.means(part) for part in item.parts}
