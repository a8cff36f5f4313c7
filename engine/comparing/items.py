"""One element of a file, as two texts of it are compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Item:
    """An element under its `key`: what it is in words ("Step"), its name, and what is said of it, by name in words.

    `refers` holds, for parts that name another element, its key: that one is called otherwise changes nothing of this.
    `within` is where it stands, in words, when that tells more; `follows` whether its place among its like matters,
    `own_name` whether its name is its own rather than put together from those of others.
    """

    key: str
    what: str
    name: str
    parts: Mapping[str, str]
    within: str = ""
    follows: bool = False
    refers: Mapping[str, str] = field(default_factory=dict)
    own_name: bool = True

    def means(self, part: str) -> str:
        """Return what is compared of a part: what it says, or which element it names."""
        return self.refers.get(part, self.parts.get(part, ""))

    @property
    def called(self) -> str:
        """Return it as a sentence begins with it: what it is, and its name in quotes."""
        return f"{self.what} “{self.name}”" if self.name else self.what
