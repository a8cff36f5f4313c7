"""What is shown of a change to whoever approves it, besides its differences: other parts add to the list.

A check is a function that takes the texts of a change (file name -> content) and returns what there is to say, None
where it has nothing to do with them. It is asked whenever the page of a pending change is shown, so it is quick: what
takes long is worked out before, and only told here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Shown:
    """What a check says: its heading, a sentence or more, how it stands, and where to read on: addresses, with words.

    `asks_why` tells that it speaks against the change: whoever approves it has to say why that does not count. `tries`
    tells that it is not worked out yet, and is as somebody asks for it.
    """

    heading: str
    says: tuple[str, ...]
    state: Literal["well", "warning", "nothing"]
    ways: tuple[tuple[str, str], ...] = ()
    asks_why: bool = False
    tries: bool = False


PublishCheck = Callable[[Mapping[str, bytes]], Shown | None]
CHECKS: list[PublishCheck] = []


def checks_of(files: Mapping[str, bytes]) -> list[Shown]:
    """Return what every check says of the texts of a change."""
    return [said for check in CHECKS if (said := check(files)) is not None]
