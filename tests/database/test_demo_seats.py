"""The demo's members of multi-agency groups sit on groups: its chair on all of them, each other on one."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa

from engine.bootstrap import sandbox
from engine.clock import FakeClock
from engine.commands import deployments, setup
from engine.demo import load
from engine.store import mag_seats
from engine.store.tables.people import practitioners
from tests.worlds import shipped_models


def test_the_chair_sits_on_every_group_and_each_other_member_on_one() -> None:
    engine = sandbox(clock=FakeClock(datetime(2026, 6, 4, 11, 0, tzinfo=UTC)))
    authority_id = setup.create_authority(engine, key="demo", name="Demo Council")
    deployments.deploy(engine, authority_id=authority_id, files=shipped_models())
    assert load(engine, authority_id=authority_id, cases=1, days=10)
    with engine.sessions.read() as connection:
        names = dict(connection.execute(sa.select(practitioners.c.id, practitioners.c.name)).all())
        seats = {names[who]: len(mags) for who, mags in mag_seats.of_authority(connection, authority_id).items()}
    engine.sessions.close()
    assert seats["Denis Okafor"] == max(seats.values()) > 1
    assert sorted(seats.values())[:-1] == [1] * (len(seats) - 1)
