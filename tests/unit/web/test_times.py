"""Pages tell the time and the words of the authority of whoever is signed in."""

from datetime import UTC, datetime

import pytest

from engine.bootstrap import sandbox
from engine.commands import deployments, setup
from engine.queries.authorities import of_view
from engine.queries.view import viewing
from tests.unit.web.service import PEOPLE, Service, application, model_files

LATE_EVENING = datetime(2026, 6, 4, 22, 30, tzinfo=UTC)
"""Half past eleven on 4 June in London, half past midnight on 5 June in Madrid."""


@pytest.fixture
def service(fake_clock):
    engine = sandbox(clock=fake_clock)
    authority_id = setup.create_authority(
        engine, key="costa", name="Costa Council", zone="Europe/Madrid", profile={"meeting_term": "TAF"}
    )
    ids = setup.add_people(engine, authority_id=authority_id, new=PEOPLE)
    deployments.deploy(engine, authority_id=authority_id, files=model_files())
    fake_clock.set(LATE_EVENING)
    yield Service(engine, application(engine), fake_clock, authority_id, ids)
    engine.sessions.close()


def test_times_are_those_of_the_authority(service):
    case_id = service.start_case("Sam")
    visitor = service.signed_in("amara")
    visitor.get(f"/cases/{case_id}")
    assert visitor.says("Friday 5 June at 00:30", "Costa Council")


def test_an_authority_knows_its_day_and_its_words(service):
    with viewing(service.engine, service.actor("amara")) as view:
        found = of_view(view)
    assert (found.today.isoformat(), found.meeting_term, found.now) == ("2026-06-05", "TAF", LATE_EVENING)


def test_nobody_signed_in_needs_no_authority(service):
    visitor = service.visitor()
    visitor.get("/sign-in")
    assert visitor.status == 200
    assert not visitor.says("Costa Council")
