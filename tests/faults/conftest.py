"""What fault tests may ask for: child processes that die when they are told to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.nursery import Nursery, open_nursery
from tests.worlds import World, open_world


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """Give a world on a database of its own, once on each kind."""
    with open_world(database_url) as world:
        yield world


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Give a forking program that starts children for acts."""
    with open_nursery() as nursery:
        yield nursery
