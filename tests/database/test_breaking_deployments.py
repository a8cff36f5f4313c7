"""Rules and forms that are deployed alone never break a diagram that is in force."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.commands.deployments import DeploymentRefused
from tests.small_files import form, rules
from tests.small_models import properties
from tests.unit.bpmn.diagrams import element, user
from tests.worlds import World, model, open_world

PAINT = rules("paint", ["colour"], ["tins"], [["-", "1"]])


def diagram(binding: str = "latest") -> bytes:
    begins = properties(start_on_case="Paint", starters="lead")
    return model(
        begins,
        user("ask", camunda_formRef="shop", camunda_candidateGroups="case_workers"),
        element("businessRuleTask", "decide", camunda_decisionRef="paint", camunda_resultVariable="tins",
                camunda_mapDecisionResult="singleEntry", camunda_decisionRefBinding=binding),
        user("fetch", camunda_formRef="fetched", camunda_candidateGroups="case_workers"),
        element("exclusiveGateway", "gate"),
        way="start ask; ask decide; decide gate; gate fetch [colour = \"red\" and tins > 1]; gate end *; fetch end",
    )  # fmt: skip


FILES = {"small.bpmn": diagram(), "paint.dmn": PAINT, "shop.form": form("shop", "colour"),
         "fetched.form": form("fetched", "where")}  # fmt: skip
BREAKING = {
    "decision gone": (
        {"paint.dmn": rules("varnish", ["colour"], ["tins"], [["-", "1"]], key="paint")}, "small:decide:",
    ),
    "input that nobody gives": ({"paint.dmn": rules("paint", ["colour", "gloss"], ["tins"], [["-", "-", "1"]])},
                                "small:decide:"),
    "question gone": ({"shop.form": form("shop", "tone")}, "small:"),
}  # fmt: skip


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url, models=FILES) as world:
        yield world


@pytest.mark.parametrize("change", BREAKING)
def test_what_a_deployed_diagram_needs_cannot_be_taken_away_under_it(world: World, change: str) -> None:
    files, where = BREAKING[change]
    harmless = {"other.form": form("other", "size")}
    with pytest.raises(DeploymentRefused) as refused:
        world.deploy(files | harmless)
    said = [str(finding) for finding in refused.value.findings]
    assert all(line.startswith(where) and "this deployed diagram would break" in line for line in said), said
    assert [new.key for new in world.deploy(harmless).added] == ["other"], "nothing of it was deployed"


def test_a_diagram_pinned_to_its_decision_loses_nothing(world: World) -> None:
    world.deploy({"small.bpmn": diagram("deployment")})
    files, _ = BREAKING["decision gone"]
    assert world.deploy(files).added


def test_together_with_a_diagram_that_goes_without_it_all_is_deployed(world: World) -> None:
    files, _ = BREAKING["question gone"]
    other = {"small.bpmn": diagram().replace(b"colour = ", b"tone = "), "paint.dmn": PAINT.replace(b"colour", b"tone")}
    assert len(world.deploy({**files, **other}).added) == 3
