"""What an act has to tell the diagrams of other cases is told once, whenever the process dies."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine.commands import incidents, practitioners
from engine.store.tables import people
from tests.faults.jobs import as_arguments
from tests.faults.nursery import Job, Nursery
from tests.small_files import escalation
from tests.small_models import LETTERS
from tests.unit.bpmn.diagrams import element, end, file_of, message, process, user
from tests.worlds import World, open_world


def hears(*elements: str, way: str) -> bytes:
    """Return a process that begins when the lead of a case is away."""
    whole = file_of(process(element("startEvent", "begin", message("m_news")), *elements, way=way, key="hears"))
    return whole.replace(b'"news"', b'"lead_professional_away"')


HEARS = hears(
    user("find_cover", camunda_candidateGroups="coordinators"), end(), way="begin find_cover; find_cover end"
)
RINGS = hears(end("again", inside=message("m_news")), way="begin again")
"""Sets itself going for ever."""

MODELS = {
    "letters.bpmn": LETTERS, "hears.bpmn": HEARS,
    "escalation.dmn": escalation(("> 9999", "silent", "remind", "assessor", "")),
}  # fmt: skip


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url, models=MODELS) as world:
        yield world


def lead_a_case(world: World) -> None:
    case_id = world.start_case(process_key="letters")
    world.do("appoint", "hana", case_id=case_id, lead_professional=str(world.ids["hana"]))


def away(world: World) -> Job:
    arguments = {"actor": as_arguments(world.actor("cleo")), "practitioner_id": str(world.ids["hana"])}
    return Job("go_away", world.engine.settings.database_url, world.clock.now().isoformat(), arguments)


def told(world: World) -> int:
    return world.open_elements().count("find_cover")


def test_what_was_to_be_told_is_told_once_whenever_the_process_dies(world: World, nursery: Nursery) -> None:
    lead_a_case(world)
    done = nursery.run(away(world))[0]
    assert (done.how, done.error, told(world)) == ("ended", "", 1)
    said, given = (point for point, event in enumerate(done.events, start=1) if event == "before commit")
    for before, point in enumerate([said, said + 1, said + 2, given, given + 1], start=1):
        world.clock.advance(timedelta(days=1))
        job = away(world)
        assert nursery.run(Job(job.name, job.url, job.at, job.arguments, fault=point))[0].how == "killed"
        absences = len(world.rows(sa.select(people.absences)))
        world.tick()
        world.tick()
        assert told(world) == absences, done.events[point - 1]
        if absences == before:  # nothing of it was kept
            nursery.run(job)
            assert told(world) == before + 1
    assert world.incidents() == [] and world.verified().findings == ()


def test_a_diagram_that_cannot_be_told_is_an_incident_and_is_told_later(world: World) -> None:
    lead_a_case(world)
    world.deploy({"hears.bpmn": RINGS})
    today = world.today
    practitioners.record_absence(
        world.engine, actor=world.actor("cleo"), practitioner_id=world.ids["hana"], from_on=today,
        expected_to_on=today,
    )  # fmt: skip
    (incident,) = world.incidents()
    assert "The message 'lead_professional_away' could not be given to this case" in incident.message
    world.clock.advance(timedelta(minutes=1))
    world.tick()
    assert [each.tries for each in world.incidents()] == [2], "tried again, and told as one incident"
    world.deploy({"hears.bpmn": HEARS})
    world.tick()
    assert told(world) == 0, "its next try is put off"
    incidents.retry(world.engine, actor=world.actor("cleo"), incident_id=incident.id)
    world.tick()
    assert (told(world), world.incidents()) == (1, [])
