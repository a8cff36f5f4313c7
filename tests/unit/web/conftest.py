"""What tests of the web may ask for."""

from __future__ import annotations

import pytest

from tests.unit.web.service import Service, new_service


@pytest.fixture
def service(fake_clock) -> Service:
    """Give a whole service with invented people and no cases."""
    return new_service(fake_clock)
