"""Plays: a step more goes on where it was left, the same steps come to the same; scenarios say what is otherwise."""

from __future__ import annotations

import pytest

from engine.commands import deployments
from engine.commands.deployments import DeploymentRefused
from engine.errors import Invalid
from engine.playing import plays
from engine.playing.guarding import guarded
from engine.playing.plays import play, scene_of
from engine.playing.scenarios import record, try_scenario
from engine.playing.stages import Stage, stage
from engine.queries import played
from engine.scenario_files import ALONE, Scenario, Step, read_scenario, write_scenario
from tests.small_files import form
from tests.unit.bpmn.diagrams import boundary, end, timer, user
from tests.unit.test_rule_files import EXAMPLES, LATE, LATER
from tests.worlds import build_world, model

ASKED = {"camunda_assignee": "=assessor", "camunda_formRef": "visit"}
VISITED = model(
    user("visit", **ASKED), boundary("visit_late", "visit", timer('duration("P7D")'), interrupting=False),
    end("noticed"), user("report", camunda_candidateGroups="line_managers"),
    way="start visit; visit report; report end; visit_late noticed",
)  # fmt: skip
FILES = {"small.bpmn": VISITED, "visit.form": form("visit", "place", {
    "type": "datetime", "subtype": "date", "id": "on", "key": "seen_on", "dateLabel": "When?",
    "validate": {"required": True},
})}  # fmt: skip
DO = Step("do", "visit", answers={"place": "School", "seen_on": "in 2 working days"})
WAIT = Step("wait", "next timer")
SCENARIO = """
name: A visit that is late
diagram: small
begins: alone
steps:
  - wait: next timer
  - expect:
      - happened: visit_late
      - open: visit
        for: Hana Vesely
  - do: visit
    answers: {place: School}
  - expect:
      - open: report
        for: line_managers
"""


@pytest.fixture(scope="module")
def on() -> Stage:
    return stage(FILES)


def open_now(on: Stage, steps: list[Step], **how: bool) -> list[str]:
    done = play(on, ALONE, "small", steps, **how)
    assert done.stuck is None
    scene = scene_of(on, done)
    return [task.element for task in played.open_tasks(scene.engine, scene.case_id)]


def test_a_task_is_done_by_who_has_it_and_a_timer_fires_when_its_day_has_come(on: Stage) -> None:
    assert open_now(on, []) == ["visit"]
    done = play(on, ALONE, "small", [WAIT])
    assert (done.at - on.begins_at).days == 7
    events = played.happened(*_asked(on, done))
    assert [event.key for event in events if event.kind == "timer"] == ["visit_late"]
    assert open_now(on, [WAIT, DO]) == ["report"]
    assert open_now(on, [WAIT, DO, Step("do", "report")]) == []


def test_a_step_is_undone_by_playing_without_it_and_the_same_steps_come_to_the_same(on: Stage) -> None:
    first = play(on, ALONE, "small", [WAIT, DO])
    assert open_now(on, [WAIT]) == ["visit"]
    plays._IMAGES._values.clear()
    again = play(on, ALONE, "small", [WAIT, DO])
    assert (again.case_id, again.at, again.notes) == (first.case_id, first.at, first.notes)
    assert played.happened(*_asked(on, again)) == played.happened(*_asked(on, first))
    assert open_now(on, [WAIT, DO], restoring=True) == ["report"]


def test_what_cannot_be_done_is_said_and_leaves_the_play_as_it_was(on: Stage) -> None:
    done = play(on, ALONE, "small", [DO, Step("do", "visit")])
    assert str(done.stuck) == "The task visit is not open; open are: report"
    scene = scene_of(on, done)
    assert [task.element for task in played.open_tasks(scene.engine, scene.case_id)] == ["report"]
    refused = play(on, ALONE, "small", [Step("do", "visit", answers={"seen_on": "soon"})])
    assert isinstance(refused.stuck, Invalid)


def test_a_scenario_says_the_step_what_was_expected_and_what_came() -> None:
    scenario = read_scenario(SCENARIO, name="late.scenario.yaml")
    assert try_scenario(FILES, {}, scenario).kept
    other = VISITED.replace(b'duration("P7D")', b'duration("P9D")').replace(b"line_managers", b"coordinators")
    outcome = try_scenario(FILES, {"small.bpmn": other}, scenario)
    assert outcome.problems == ("step 4 expected “open: report, for line_managers”, but it is for coordinators",)
    assert "start_visit" in outcome.flows["small"]
    gone = FILES["small.bpmn"].replace(b'"visit_late"', b'"visit_missed"').replace(b"visit_late_", b"visit_missed_")
    assert "step 2 expected “happened: visit_late”, but there was" in try_scenario(
        FILES, {"small.bpmn": gone}, scenario
    ).problems[0]  # fmt: skip


def test_a_play_that_is_kept_expects_what_happened_and_says_only_what_is_not_usual(on: Stage) -> None:
    again = Step("do", "report")
    kept = record(on, Scenario("As it went", "small", ALONE, steps=(WAIT, DO, again), file="as_it_went.scenario.yaml"))
    text = write_scenario(kept).decode()
    assert "happened: visit_late" in text
    assert "seen_on: in 2 working days" in text
    assert "for: line_managers" in text
    assert try_scenario(FILES, {}, read_scenario(text, name="as_it_went.scenario.yaml")).kept


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: A\ndiagram: a\nsteps: []", "write 1 to 300 steps"),
        ("name: A\ndiagram: a\nsteps:\n  - run: x", "write exactly one of: do, wait"),
        ("name: A\ndiagram: a\nsteps:\n  - wait: a while", "Say how long"),
        ("name: A\ndiagram: a\nsteps:\n  - expect:\n      - open: x\n        by: y", "'by' means nothing here"),
        ("name: A\ndiagram: a\nsteps:\n  - happens: fire", "what happens is one of"),
    ],
)
def test_a_file_that_is_no_scenario_is_refused_with_the_place(text: str, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        read_scenario(text, name="a.scenario.yaml")


def test_what_a_scenario_speaks_against_does_not_come_into_force() -> None:
    world = build_world(models=FILES)
    engine = guarded(world.engine)

    def deploy(files: dict[str, bytes]) -> None:
        deployments.deploy(engine, authority_id=world.authority_id, files=files, note="Tried in a test")

    deploy({"late.scenario.yaml": SCENARIO.encode()})
    with pytest.raises(DeploymentRefused, match="step 4 expected"):
        deploy({"small.bpmn": VISITED.replace(b"line_managers", b"coordinators")})
    with pytest.raises(DeploymentRefused, match="perhaps visit is meant"):
        deploy({"late.scenario.yaml": SCENARIO.replace("do: visit", "do: visits").encode()})
    deploy({"small.bpmn": VISITED.replace(b'id="noticed"', b'id="noticed" name="Noticed"')})


def test_an_example_that_is_not_kept_does_not_keep_scenarios_from_being_tried() -> None:
    rules_too = {"late.dmn": LATE, "late.tests.yaml": EXAMPLES, "late.scenario.yaml": SCENARIO.encode()}
    world = build_world(models={**FILES, **rules_too})
    change = {"small.bpmn": VISITED.replace(b"line_managers", b"coordinators"), "late.dmn": LATER}
    with pytest.raises(DeploymentRefused, match="step 4 expected"):
        deployments.deploy(guarded(world.engine), authority_id=world.authority_id, files=change, note="Both")


def _asked(on: Stage, done: plays.Played) -> tuple[object, object, object]:
    scene = scene_of(on, done)
    return scene.engine, scene.coordinator, scene.case_id
