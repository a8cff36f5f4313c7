"""What is rehearsed is what comes into force, also where a diagram is called at several depths."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from engine import rehearsing
from engine.bpmn.reaching import Graph
from engine.commands import rehearsals
from engine.migrating import deployed
from engine.store import authorities
from engine.store.tables.rehearsals import rehearsals as rehearsal_rows
from tests.database.test_rehearsals import kinds, standing, versions
from tests.small_files import form
from tests.small_models import ask
from tests.unit.bpmn.diagrams import element, user
from tests.worlds import World, model, open_world, shipped_models

HELD = user("hold", camunda_formRef="note", camunda_candidateGroups="case_workers")
MEETING = model(HELD, ask("note_down"), way="start hold; hold note_down; note_down end", key="meeting")
MODELS = {
    "meeting.bpmn": MEETING,
    "review.bpmn": model(element("callActivity", "meet", calledElement="meeting"), way="start meet; meet end",
                         key="review"),
    "plan.bpmn": model(ask("prepare"), element("callActivity", "look", calledElement="review"),
                       way="start prepare; prepare look; look end", key="plan"),
    "episode.bpmn": model(element("callActivity", "first", calledElement="meeting"),
                          element("callActivity", "carry_out", calledElement="plan"),
                          way="start first; first carry_out; carry_out end", key="episode"),
    "note.form": form("note", "what"),
}  # fmt: skip
"""An episode calls the meeting itself, and again at the end of two other diagrams."""
CHECKED = model(HELD, ask("check"), ask("note_down"), way="start hold; hold check; check note_down; note_down end",
                key="meeting")  # fmt: skip
WITHOUT = model(ask("note_down"), way="start note_down; note_down end", key="meeting")


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """Give three cases: in the first meeting, before the second, and in the second."""
    with open_world(database_url, models=MODELS) as world:
        for name, steps in (("Ada", ""), ("Sam", "hold note_down"), ("Kit", "hold note_down prepare")):
            case_id = world.start_case(process_key="episode", given_name=name)
            for step in steps.split():
                world.do(step, "hana", case_id=case_id, what="Said")
        yield world


def begin(world: World, **files: bytes) -> None:
    named = {name.replace("__", "."): text for name, text in files.items()}
    rehearsals.begin(world.engine, actor=world.actor("piet"), files=named, choice="move")
    world.tick()


def verdicts(world: World) -> Counter[str]:
    found: Counter[str] = Counter()
    for verdict, _, number in kinds(world):
        found[verdict] += number
    return found


def test_a_new_step_of_a_called_diagram_is_still_to_come_wherever_it_is_called(world: World) -> None:
    begin(world, meeting__bpmn=CHECKED)
    assert standing(world) == {"ahead": 3} and verdicts(world) == {"unharmed": 3}


def test_a_step_taken_out_of_a_called_diagram_is_decided_at_each_depth(world: World) -> None:
    begin(world, meeting__bpmn=WITHOUT)
    assert verdicts(world) == {"decide": 2, "unharmed": 1}
    world.deploy({"meeting.bpmn": WITHOUT})
    world.tick()
    world.tick()
    assert versions(world) == {1: 2, 2: 1}, "who stands at the step that is gone waits for a decision"


def test_a_draft_that_calls_it_too_is_rehearsed_with_what_the_others_become(world: World) -> None:
    told = MODELS["episode.bpmn"].replace(b'id="first"', b'id="first" name="The first meeting"')
    begin(world, meeting__bpmn=WITHOUT, episode__bpmn=told)
    assert verdicts(world)["decide"] == 2


def test_a_question_of_a_called_diagrams_form_concerns_the_cases_of_all_that_call_it(world: World) -> None:
    begin(world, note__form=form("note", "what", "when"))
    (row,) = world.rows(sa.select(rehearsal_rows))
    assert (row.process_keys, row.total) == (["episode", "meeting", "plan", "review"], 3)
    assert verdicts(world) == {"changes": 2, "unharmed": 1}


def test_the_shipped_meeting_is_rehearsed_as_it_is_then_deployed(database_url: str) -> None:
    """The episode calls it directly, and by way of plan, review and the review's meeting."""
    file = "tac_meeting.bpmn"
    changed = shipped_models()[file].replace(b'name="Book another day"', b'name="Find another day"')
    assert changed != shipped_models()[file]

    def steps(version: rehearsing.Version) -> dict[tuple[str, ...], str | None]:
        return {path: node.info.name for path, node in Graph(version.definition.spec).nodes.items()}

    with open_world(database_url) as world:
        with world.engine.sessions.read() as connection:
            authority = authorities.load(connection, world.authority_id)
            versions = rehearsing.release_of(world.engine, connection, authority, {file: changed}).versions
        world.deploy({file: changed})
        with world.engine.sessions.read() as connection:
            latest = authorities.load(connection, world.authority_id).latest
            in_force = {key: deployed(connection, world.engine.library, latest["process", key]) for key in versions}
    assert list(steps(versions["caf_episode"]).values()).count("Find another day") == 2
    assert {key: steps(each) for key, each in versions.items()} == {key: steps(each) for key, each in in_force.items()}
