"""Python's search for unused objects, made seldom where an act leaves hardly any to find."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

OBJECTS_BETWEEN: Final = 50_000
"""New objects from one search to the next; Python's own 700 are reached several times while one act is carried out."""


@contextmanager
def seldom_collecting() -> Iterator[None]:
    """Search less often, and not among what is there already: it takes a tenth of the time of a played year."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
