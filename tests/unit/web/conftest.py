"""What tests of the web may ask for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from engine import passwords
from tests.unit.web.service import Service, new_service


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Make hashing a password cheap: these tests sign in hundreds of times."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "PasswordHasher", lambda: PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture
def service(fake_clock) -> Iterator[Service]:
    """Give a whole service with invented people and no cases."""
    made = new_service(fake_clock)
    yield made
    made.engine.sessions.close()
