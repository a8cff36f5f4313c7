"""The scenarios that come with the processes go as they say, live and taken up again at each step."""

from __future__ import annotations

from importlib.resources import files

import pytest

from engine.checking import check
from engine.playing.scenarios import record, try_scenario
from engine.playing.stages import stage
from engine.scenario_files import Scenario, Step, read_scenario, write_scenario
from tests.worlds import shipped_models

SCENARIOS = {each.name: each.read_bytes() for each in files("processes").joinpath("scenarios").iterdir()}


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_a_shipped_scenario_is_kept(name: str) -> None:
    scenario = read_scenario(SCENARIOS[name], name=name)
    outcome = try_scenario(shipped_models(), {}, scenario)
    assert outcome.problems == ()
    assert outcome.flows[scenario.diagram], "it goes through the diagram that it is about"


def test_scenarios_name_what_exists_and_are_written_as_they_are_read() -> None:
    assert [str(each) for each in check({**shipped_models(), **SCENARIOS}).findings if each.file in SCENARIOS] == []
    for name, source in SCENARIOS.items():
        scenario = read_scenario(source, name=name)
        assert read_scenario(write_scenario(scenario), name=name) == scenario


def test_a_play_of_months_that_is_kept_goes_again_as_it_went() -> None:
    steps = (Step("work until", "arrange_tac_meeting"), Step("work", "5 weeks"), Step("wait", "3 weeks"))
    kept = record(stage(shipped_models()), Scenario("Weeks", "caf_episode", steps=steps, file="weeks.scenario.yaml"))
    assert try_scenario(shipped_models(), {}, kept, restoring=False).problems == ()
