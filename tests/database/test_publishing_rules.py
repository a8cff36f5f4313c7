"""Publishing changed rules: a reason, what they make of the caseload, and going back in one step."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from engine.commands import deployments
from engine.commands.deployments import ApprovalMissing, ReasonMissing
from engine.errors import Invalid, NotFound, NotPermitted
from engine.queries import definitions
from engine.store.tables import running
from tests.database.test_escalation_sweep import IDLE, STALLED
from tests.database.test_rule_approvals import SOFTER
from tests.database.test_rule_approvals import approve as agree
from tests.database.test_rule_approvals import keep as keep_draft
from tests.small_files import escalation, timescales
from tests.worlds import World, build_world, shipped_models

FILE, BESIDE = "escalation.dmn", "escalation.tests.yaml"


def ruled(days: int) -> bytes:
    return escalation((f">= {days}", "late", "remind", "assessor", ""))


def examples(days: int) -> bytes:
    return f"decision: escalation\nexamples:\n  Late:\n    when: {{days_silent: {days}}}\n    rows: [1]\n".encode()


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """Give one open case, silent for three working days, and rules that remind after five."""
    world = build_world(database_url, models={})
    rules = {FILE: ruled(5), BESIDE: examples(5), "timescales.dmn": timescales(quiet=3)}
    world.deploy({"idle.bpmn": IDLE, "stalled.bpmn": STALLED, **rules}, note="")
    world.start_case(process_key="idle")
    world.tick()
    world.pass_days(3)
    yield world
    world.close()


def publish(world: World, days: int, note: str = "Sooner", **how: Any) -> None:
    files = {FILE: ruled(days), BESIDE: examples(days)}
    deployments.deploy(world.engine, authority_id=world.authority_id, files=files, note=note, **how)
    world.clock.advance(timedelta(minutes=1))


def revert(world: World, key: str = FILE, reason: str = "Too soon", **how: Any) -> deployments.Deployed:
    return deployments.revert(world.engine, authority_id=world.authority_id, key=key, reason=reason, **how)


def versions(world: World, file: str = FILE) -> tuple[definitions.Deployed, ...]:
    table = running.definitions
    (newest,) = world.rows(sa.select(table.c.id).where(table.c.file == file).order_by(table.c.version.desc()).limit(1))
    return definitions.versions(world.engine, actor=world.actor("piet"), definition_id=newest.id)


def in_force(world: World, file: str = FILE) -> bytes:
    newest = versions(world, file)[0].definition_id
    return definitions.source(world.engine, actor=world.actor("piet"), definition_id=newest)


def test_rules_in_force_change_only_with_a_reason_and_the_first_needs_none(world: World) -> None:
    assert [each.note for each in versions(world)] == [deployments.FIRST]
    with pytest.raises(ReasonMissing, match="say why the rules change"):
        publish(world, 2, note="  ")
    assert len(versions(world)) == 1
    publish(world, 2, note=" Sooner ", actor=world.actor("piet"))
    newest = versions(world)[0]
    assert (newest.note, newest.deployed_by, newest.in_force) == ("Sooner", "Piet Dahl", True)
    assert not versions(world)[1].in_force


def test_what_comes_with_the_service_and_diagrams_ask_for_no_reason(world: World) -> None:
    other = timescales(loud=4).replace(b"timescales", b"other")
    for text in (other, other + b"\n"):
        deployments.deploy(world.engine, authority_id=world.authority_id, files={"other.dmn": text}, shipped=True)
    assert [each.note for each in versions(world, "other.dmn")] == [deployments.SHIPPED, deployments.FIRST]
    world.deploy({"idle.bpmn": IDLE + b"\n"}, note="")


def test_what_it_makes_of_the_caseload_is_kept_with_the_deployment(world: World) -> None:
    assert versions(world)[0].trial is None, "the first rules have nothing to be compared with"
    publish(world, 2)
    trial = versions(world)[0].trial
    assert trial is not None
    assert (trial.on, trial.figures.cases, trial.figures.new) == (world.today, 1, 1)
    assert [(each.file, each.version) for each in trial.against] == [(FILE, 1), ("timescales.dmn", 1)]
    (kept,) = world.rows(sa.select(running.deployments.c.trial).where(running.deployments.c.note == "Sooner"))
    case = world.tasks()[0].case_id
    assert str(case) not in str(kept.trial), "figures, and nothing of any case"


def test_a_deployment_of_other_files_is_not_tried_out(world: World) -> None:
    world.deploy({"idle.bpmn": IDLE + b"\n", FILE: ruled(5)})
    assert world.rows(sa.select(running.deployments.c.trial).order_by(running.deployments.c.at))[-1].trial is None


def test_going_back_puts_the_old_text_and_its_examples_in_force_as_a_new_version(world: World) -> None:
    publish(world, 2)
    done = revert(world)
    assert {(each.kind, each.version) for each in done.added} == {("rules", 3), ("examples", 3)}
    assert (in_force(world), in_force(world, BESIDE)) == (ruled(5), examples(5))
    newest = versions(world)[0]
    assert newest.note == "Back to version 1: Too soon"
    assert newest.trial is not None
    assert (newest.trial.figures.gone, newest.trial.against[0].version) == (1, 2)
    revert(world, "escalation", "After all")
    assert in_force(world) == ruled(2)


def test_a_version_may_be_named_and_has_to_be_there_and_another_text(world: World) -> None:
    publish(world, 2)
    publish(world, 3)
    revert(world, version=1)
    assert in_force(world) == ruled(5)
    with pytest.raises(Invalid, match="in force already"):
        revert(world, version=1)
    with pytest.raises(NotFound, match="its versions are 1 to 4"):
        revert(world, version=9)
    with pytest.raises(NotFound, match="Nothing called"):
        revert(world, "nothing.dmn")
    with pytest.raises(Invalid, match="only ever had one text"):
        revert(world, "timescales.dmn")
    with pytest.raises(Invalid, match="Say why"):
        revert(world, version=2, reason=" ")
    with pytest.raises(NotPermitted):
        revert(world, version=2, actor=world.actor("cleo"))


def test_a_diagram_goes_back_too(world: World) -> None:
    world.deploy({"idle.bpmn": IDLE + b"\n"})
    revert(world, "idle")
    assert in_force(world, "idle.bpmn") == IDLE


def test_a_name_that_several_share_has_to_be_more_exact(world: World) -> None:
    with pytest.raises(Invalid, match="names several"):
        world.deploy({"more.dmn": timescales(a=1).replace(b"timescales", b"idle")})
        revert(world, "idle")


def test_going_back_over_a_guarded_row_needs_its_approval_again() -> None:
    world = build_world()
    world.clock.advance(timedelta(hours=1))
    keep_draft(world)
    agree(world)
    world.deploy({FILE: SOFTER})
    world.clock.advance(timedelta(hours=1))
    with pytest.raises(ApprovalMissing):
        revert(world)
    agree_to = shipped_models()[FILE]
    keep_draft(world, agree_to)
    agree(world, agree_to)
    revert(world)
    assert in_force(world) == agree_to
    world.close()
