"""Rules files that import others: deployed with them, pinned to them, and deployed anew when these change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from engine.commands import deployments
from engine.commands.deployments import Deployed, DeploymentRefused, ExamplesNotKept
from engine.queries.whatif import try_rules
from engine.store.tables import running
from engine.whatif import DraftRefused
from tests.database.test_deployments import deciding
from tests.database.test_escalation_sweep import IDLE, STALLED
from tests.small_files import escalation, rules, timescales
from tests.unit.dmn.dmn_files import decision, definitions, imported, literal, table
from tests.worlds import World, build_world

FILE, BASE = "paint.dmn", "limits.dmn"
EXAMPLES = b"decision: paint\nexamples:\n  Any: {when: {}, then: 1}\n"


def limits(value: str, *elements: str, name: str = "Limit", key: str = "limits") -> bytes:
    return definitions(*elements, decision(name, literal(value)), key=key, namespace="urn:limits")


def in_third_row(value: str) -> bytes:
    """Return what `limits` does, from a table of which the third row matches."""
    rows = table("FIRST", ["false"], ["Limit"], [["true", "0"], ["true", "0"], ["-", value]])
    return definitions(decision("Limit", rows), key="limits", namespace="urn:limits")


def importing(whole: bytes, namespace: str = "urn:paint") -> bytes:
    """Return a rules file that may use `lib.Limit`."""
    needs = '<informationRequirement id="needs"><requiredDecision href="urn:limits#id_Limit"/></informationRequirement>'
    head = f'namespace="{namespace}">{imported("urn:limits")}'
    text = whole.decode().replace('namespace="urn:test">', head)
    return text.replace("<decisionTable", f"{needs}<decisionTable").encode()


PAINT = importing(rules("paint", ["true"], ["tins"], [["-", "lib.Limit"]]))


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    world = build_world(database_url, models={})
    yield world
    world.close()


def added(done: Deployed) -> list[tuple[str, int]]:
    return [(new.key, new.version) for new in done.added]


def findings(world: World, **files: bytes) -> list[str]:
    with pytest.raises(DeploymentRefused) as refused:
        world.deploy({f"{name}.dmn": text for name, text in files.items()})
    return [str(finding) for finding in refused.value.findings]


def pins(world: World, key: str, version: int) -> dict[str, Any]:
    kept = running.definitions
    query = sa.select(kept.c.uses).where(kept.c.key == key, kept.c.version == version)
    (row,) = world.rows(query)
    return dict(row.uses.get("imports", {}))


def decided(world: World) -> list[str]:
    """Return the way that a case takes which begins now: `few` for one tin, `many` for more."""
    case_id = world.start_case(process_key="small")
    world.do("wait", "hana", case_id=case_id)
    return world.open_elements(case_id)


def test_an_import_is_found_among_the_files_given_or_in_force_and_pinned(world: World) -> None:
    (said,) = findings(world, paint=PAINT)
    assert said.startswith("paint.dmn:lib: the import 'lib' names the namespace 'urn:limits', which no rules file")
    assert said.endswith("; add the file that has it, or mend the namespace")
    assert added(world.deploy({FILE: PAINT, BASE: limits("1")})) == [("limits", 1), ("paint_rules", 1)]
    assert pins(world, "limits", 1) == {}
    first = pins(world, "paint_rules", 1)
    assert added(world.deploy({FILE: PAINT, BASE: limits("1")})) == [], "nothing has changed"
    again = PAINT.replace(b"lib.Limit", b"lib.Limit + 0")
    assert added(world.deploy({FILE: again})) == [("paint_rules", 2)]
    assert pins(world, "paint_rules", 2) == first != {}
    ring = limits("1", imported("urn:paint"))
    (said,) = findings(world, limits=ring)
    assert "the imports go round in a circle" in said and "paint.dmn" in said


def test_what_imports_a_file_comes_along_when_it_is_deployed_anew_and_running_cases_keep_theirs(world: World) -> None:
    world.deploy({"small.bpmn": deciding("deployment"), FILE: PAINT, BASE: limits("1")})
    old = world.start_case(process_key="small")
    assert added(world.deploy({BASE: limits("2")})) == [("limits", 2), ("paint_rules", 2)]
    assert pins(world, "paint_rules", 2) != pins(world, "paint_rules", 1)
    world.restart()
    world.do("wait", "hana", case_id=old)
    assert world.open_elements(old) == ["few"], "the process is bound to the rules it was deployed with"
    assert added(world.deploy({"small.bpmn": deciding("latest")})) == [("small", 2)]
    assert decided(world) == ["many"]
    back = deployments.revert(world.engine, authority_id=world.authority_id, key=BASE, reason="Too many tins")
    assert added(back) == [("limits", 3), ("paint_rules", 3)]
    world.restart()
    assert decided(world) == ["few"]
    assert not world.incidents()
    assert not world.verified().findings


def test_an_importer_that_would_break_refuses_the_file_it_imports(world: World) -> None:
    world.deploy({FILE: PAINT, BASE: limits("1"), "paint.tests.yaml": EXAMPLES})
    (said,) = findings(world, limits=limits("1", name="Bound"))
    assert said.startswith("paint.dmn:paint: this deployed rules file would break: decision 'paint' (paint)")
    assert "it requires the decision 'id_Limit', which is not in the file" in said
    with pytest.raises(ExamplesNotKept) as refused:
        world.deploy({BASE: limits("2")})
    assert "paint.tests.yaml:Any: expected 1, got 2" in str(refused.value.findings[0])
    two = EXAMPLES.replace(b"then: 1", b"then: 2")
    assert ("paint_rules", 2) in added(world.deploy({BASE: limits("2"), "paint.tests.yaml": two}))


def test_a_file_that_escalation_imports_is_tried_out_on_the_caseload_before_and_with_its_deployment(
    world: World,
) -> None:
    late = importing(escalation((">= lib.Limit", "late", "remind", "assessor", "")))
    files = {"escalation.dmn": late, BASE: in_third_row("5"), "timescales.dmn": timescales(quiet=3)}
    world.deploy({"idle.bpmn": IDLE, "stalled.bpmn": STALLED, **files})
    world.start_case(process_key="idle")
    world.tick()
    world.pass_days(3)
    tried = try_rules(world.engine, actor=world.actor("cleo"), files={BASE: in_third_row("2")})
    assert [(case.kind, case.draft.reason, case.draft.row) for case in tried.cases if case.draft] == [
        ("new", "late", "1")
    ]
    with pytest.raises(DraftRefused, match="would break"):
        try_rules(world.engine, actor=world.actor("cleo"), files={BASE: limits("2", name="Bound")})
    done = world.deploy({BASE: in_third_row("2")})
    assert added(done) == [("limits", 2), ("escalation_rules", 2)]
    query = sa.select(running.deployments.c.trial).where(running.deployments.c.id == done.deployment_id)
    (kept,) = world.rows(query)
    assert {each["file"] for each in kept.trial["against"]} == {"escalation.dmn", "timescales.dmn"}
    assert kept.trial["figures"]["cases"] == 1
    world.tick()
    assert try_rules(world.engine, actor=world.actor("cleo"), files={BASE: in_third_row("2")}).cases == ()
