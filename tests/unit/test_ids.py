"""Identifiers: version 7, in the order of their clock, repeatable from a seed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import RFC_4122, UUID

import pytest

from engine.clock import FakeClock
from engine.ids import IdSource, RandomIds, SeededIds

NOON = datetime(2026, 6, 1, 12, 0, 0, 250_000, tzinfo=UTC)


@pytest.fixture(params=["random", "seeded"])
def source(request: pytest.FixtureRequest, fake_clock: FakeClock) -> IdSource:
    fake_clock.set(NOON)
    return RandomIds(fake_clock) if request.param == "random" else SeededIds(fake_clock, 1)


def test_each_is_a_uuid_of_version_7_stamped_with_the_clock(source: IdSource) -> None:
    made = source.new()
    assert (made.version, made.variant) == (7, RFC_4122)
    assert made.int >> 80 == int(NOON.timestamp() * 1000)


def test_no_two_of_one_instant_are_the_same(source: IdSource) -> None:
    assert len({source.new() for _ in range(2_000)}) == 2_000


def test_later_ones_sort_after_earlier_ones(source: IdSource, fake_clock: FakeClock) -> None:
    made: list[UUID] = []
    for _ in range(50):
        made.append(source.new())
        fake_clock.advance(timedelta(milliseconds=1))
    assert made == sorted(made)


def test_those_of_one_instant_sort_as_they_were_made_for_each_of_many_threads(source: IdSource) -> None:
    with ThreadPoolExecutor(8) as pool:
        turns = list(pool.map(lambda _: [source.new() for _ in range(500)], range(8)))
    assert all(made == sorted(made) for made in turns)
    assert len({each for made in turns for each in made}) == 4_000


def test_after_the_clock_is_set_back_they_begin_anew(source: IdSource, fake_clock: FakeClock) -> None:
    before = [source.new() for _ in range(3)]
    fake_clock.advance(timedelta(milliseconds=-1))
    back = source.new()
    fake_clock.advance(timedelta(milliseconds=1))
    assert back < min(before) and source.new() not in before


def test_a_seed_repeats_and_another_does_not(fake_clock: FakeClock) -> None:
    first, again, other = (SeededIds(fake_clock, seed) for seed in (7, 7, 8))
    row = [first.new() for _ in range(5)]
    assert row == [again.new() for _ in range(5)]
    assert not set(row) & {other.new() for _ in range(5)}


def test_random_ones_do_not_repeat_for_the_same_clock(fake_clock: FakeClock) -> None:
    assert RandomIds(fake_clock).new() != RandomIds(fake_clock).new()
