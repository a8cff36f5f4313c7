"""What tests of the web may ask for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.web.service import Service, new_service


@pytest.fixture
def service(fake_clock) -> Iterator[Service]:
    """Give a whole service with invented people and no cases."""
    made = new_service(fake_clock)
    yield made
    made.engine.sessions.close()
