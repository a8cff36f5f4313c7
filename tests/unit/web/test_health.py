from datetime import timedelta

from engine.commands import upkeep
from engine.queries.health import QUIET_AFTER


def test_health_says_whether_timers_are_looked_after_and_nothing_else(service):
    client = service.app.test_client()
    assert client.get("/health").status_code == 503
    upkeep.beat(service.engine)
    well = client.get("/health")
    assert (well.status_code, set(well.json)) == (200, {"status", "timers_seen_at"})
    service.clock.advance(QUIET_AFTER + timedelta(seconds=1))
    assert client.get("/health").status_code == 503
