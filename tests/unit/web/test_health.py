from datetime import timedelta

import sqlalchemy as sa

from engine.commands import upkeep
from engine.queries.health import BEHIND_AFTER, QUIET_AFTER
from engine.store.tables.running import timers
from tests.unit.web.player import Play


def test_health_says_whether_timers_are_looked_after_and_nothing_else(service):
    client = service.app.test_client()
    assert client.get("/health").status_code == 503
    upkeep.beat(service.engine)
    well = client.get("/health")
    assert (well.status_code, set(well.json)) == (200, {"status", "timers_seen_at", "timers_wait_since"})
    assert client.get("/ready").json == {"status": "ready"}
    service.clock.advance(QUIET_AFTER + timedelta(seconds=1))
    assert client.get("/health").status_code == 503


def test_a_poller_that_is_heard_but_fires_nothing_is_not_well(service):
    play = Play(service)
    play.planned()
    client = service.app.test_client()
    with service.engine.sessions.act() as connection:
        now = service.clock.now()
        late = now - BEHIND_AFTER - timedelta(seconds=1)
        waits = timers.c.fired_at.is_(None) & timers.c.cancelled_at.is_(None)
        first = sa.select(timers.c.id).where(waits).limit(1).scalar_subquery()
        connection.execute(sa.update(timers).where(timers.c.id == first).values(due_at=late))
    upkeep.beat(service.engine)
    stuck = client.get("/health")
    assert (stuck.status_code, stuck.json["status"]) == (503, "timers are behind")
    assert stuck.json["timers_wait_since"] == late.isoformat()
    with service.engine.sessions.act() as connection:  # one that failed is an incident, and is tried again later
        connection.execute(sa.update(timers).where(timers.c.id == first).values(retry_at=now + timedelta(hours=1)))
    assert client.get("/health").status_code == 200
