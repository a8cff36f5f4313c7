"""Rows of the rules that change only with the safeguarding lead's approval, from the refusal to the deployment."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from importlib.resources import files

import pytest
import sqlalchemy as sa

from engine.commands import model_drafts
from engine.commands.deployments import ApprovalMissing, DeploymentRefused, ExamplesNotKept
from engine.commands.rule_approvals import approve_rules
from engine.errors import Conflict, NotFound, NotPermitted
from engine.queries import rule_approvals
from engine.store.tables import keeping, running
from tests.worlds import World, build_world, open_world, shipped_models

FILE = "escalation.dmn"
SHIPPED = shipped_models()[FILE]
DANGER = b'<inputEntry id="row_immediate_danger_immediate_danger"><text>true</text>'
HARM = b'<inputEntry id="row_significant_harm_closed"><text>false</text>'


def changed(*what: bytes, by: bytes = b"<text>-</text>") -> bytes:
    """Return the shipped rules with the cells of `what` asking nothing."""
    text = SHIPPED
    for cell in what:
        assert text.count(cell) == 1
        text = text.replace(cell, cell[: cell.index(b"<text>")] + by)
    return text


SOFTER = changed(DANGER, by=b"<text>false</text>")
REASSURING = SHIPPED.replace(b"There has been no news for", b"Nobody has written for")


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url) as world:
        world.clock.advance(timedelta(hours=1))
        yield world


def keep(world: World, content: bytes = SOFTER) -> None:
    model_drafts.keep(world.engine, actor=world.actor("piet"), file=FILE, content=content)


def approve(world: World, content: bytes = SOFTER, by: str = "ada", *roles: str) -> tuple[str, ...]:
    return approve_rules(world.engine, actor=world.actor(by, *roles), file=FILE, digest=digest(content))


def versions(world: World) -> int:
    table = running.definitions
    return len(world.rows(sa.select(table.c.id).where(table.c.file == FILE)))


def refused(world: World, content: bytes = SOFTER) -> str:
    with pytest.raises(ApprovalMissing) as refusal:
        world.deploy({FILE: content})
    assert versions(world) == 1
    (finding,) = refusal.value.findings
    return str(finding)


def test_a_changed_row_is_refused_by_name_until_the_lead_approves_exactly_this_text(world: World) -> None:
    said = refused(world)
    assert said.startswith("escalation.dmn:row_immediate_danger: ")
    assert "approval of the safeguarding lead" in said
    assert "keep it as a draft" in said
    keep(world)
    assert approve(world) == ("row_immediate_danger",)
    refused(world, changed(DANGER, by=b"<text>true,false</text>"))
    world.deploy({FILE: SOFTER})
    assert versions(world) == 2
    (approval,) = world.rows(sa.select(running.rule_approvals))
    assert (approval.file, approval.hash, approval.row_ids, approval.role, approval.approver_id, approval.at) == (
        FILE, digest(SOFTER), ["row_immediate_danger"], "safeguarding_lead", world.ids["ada"], world.clock.now(),
    )  # fmt: skip
    history = keeping.history
    (event,) = world.rows(sa.select(history).where(history.c.kind == "rules_approved"))
    assert (event.practitioner_id, event.detail["rows"]) == (world.ids["ada"], ["row_immediate_danger"])
    assert not world.verified().findings


def test_examples_that_are_not_kept_hide_no_approval_that_is_missing(world: World) -> None:
    both = {FILE: SOFTER, "escalation.tests.yaml": files("rules").joinpath("escalation.tests.yaml").read_bytes()}
    with pytest.raises(ExamplesNotKept, match="needs approval too") as refusal:
        world.deploy(both)
    (approval,) = refusal.value.approvals
    assert "approval of the safeguarding lead" in str(approval)
    assert refusal.value.findings[-1] == approval
    assert len(refusal.value.findings) > 1


def test_an_approval_is_over_when_something_else_came_into_force_meanwhile(world: World) -> None:
    keep(world)
    approve(world)
    world.clock.advance(timedelta(days=1))
    world.deploy({FILE: REASSURING})
    with pytest.raises(ApprovalMissing):
        world.deploy({FILE: SOFTER})
    approve(world)
    world.deploy({FILE: SOFTER})
    world.clock.advance(timedelta(days=1))
    with pytest.raises(ApprovalMissing):
        world.deploy({FILE: SHIPPED})


def test_every_row_is_named_and_other_files_wait_with_it(world: World) -> None:
    limits = shipped_models()["timescales.dmn"].replace(b"<text>5<", b"<text>6<")
    files = {FILE: changed(DANGER, HARM), "timescales.dmn": limits}
    with pytest.raises(ApprovalMissing, match="row_significant_harm, row_immediate_danger") as refusal:
        world.deploy(files)
    assert isinstance(refusal.value, DeploymentRefused)
    assert len(world.rows(sa.select(running.deployments))) == 1


def test_rows_under_nobodys_approval_change_freely(world: World) -> None:
    world.deploy({FILE: REASSURING})
    assert versions(world) == 2
    keep(world, SHIPPED)
    assert rule_approvals.drafts(world.engine, actor=world.actor("piet")) == ()


def test_the_lead_is_written_to_once_and_sees_each_row_as_it_is_and_would_be(world: World) -> None:
    keep(world)
    keep(world)
    world.tick()
    letters = [letter for letter in world.mailbox.messages if "needs your approval" in letter.subject]
    assert [letter.recipient for letter in letters] == ["ada@northcombe.example"]
    (draft,) = rule_approvals.drafts(world.engine, actor=world.actor("ada"))
    assert (draft.file, draft.saved_by, draft.mine) == (FILE, "Piet Dahl", True)
    assert draft.missing == ("safeguarding lead",)
    (row,) = draft.rows
    assert [(cell.column, cell.now, cell.then) for cell in row.asks if cell.changed] == [
        ("Danger now", "yes", "no")
    ]
    told = {cell.column: cell.now for cell in row.gives}
    assert (row.name, told["Whom to tell"]) == ("immediate danger", "line manager")
    assert told["What to say"] == "The child is in danger now. Ring 999 first, then social care."
    assert not any(cell.changed for cell in row.gives)
    (seen,) = rule_approvals.drafts(world.engine, actor=world.actor("piet"))
    assert not seen.mine
    approve(world)
    (seen,) = rule_approvals.drafts(world.engine, actor=world.actor("piet"))
    assert (seen.missing, [each.name for each in seen.agreed]) == ((), ["Ada Stone"])


@pytest.mark.parametrize("role", ["designer", "coordinator", "line_manager", "administrator", "mag_member"])
def test_nobody_else_may_approve(world: World, role: str) -> None:
    keep(world)
    with pytest.raises(NotPermitted):
        approve(world, SOFTER, "ada", role)
    if role != "designer":
        with pytest.raises(NotPermitted):
            rule_approvals.drafts(world.engine, actor=world.actor("ada", role))
    refused(world)


def test_what_was_not_looked_at_is_not_approved(world: World) -> None:
    with pytest.raises(NotFound):
        approve(world)
    keep(world, changed(DANGER))
    with pytest.raises(Conflict, match="has changed since you looked"):
        approve(world)
    keep(world, REASSURING)
    with pytest.raises(Conflict, match="Nothing in this draft waits"):
        approve(world, REASSURING)
    keep(world)
    approve(world)
    with pytest.raises(Conflict, match="Nothing in this draft waits"):
        approve(world)


def test_the_first_deployment_needs_nobody_and_a_guard_cannot_be_slipped_off() -> None:
    world = build_world(models={})
    world.deploy({"escalation.dmn": SHIPPED})
    unguarded = SHIPPED.replace(b' caf:approval="safeguarding_lead"', b"")
    with pytest.raises(ApprovalMissing):
        world.deploy({FILE: unguarded})
    with pytest.raises(DeploymentRefused, match="which is in escalation.dmn already"):
        world.deploy({"other.dmn": unguarded})
    renamed = unguarded.replace(b'id="definitions_escalation"', b'id="definitions_other"')
    with pytest.raises(DeploymentRefused, match="holds a decision with the same id"):
        world.deploy({"other.dmn": renamed})
    emptied = SHIPPED.replace(b'<decision id="escalation"', b'<decision id="former_escalation"')
    with pytest.raises(ApprovalMissing):
        world.deploy({FILE: emptied, "other.dmn": renamed})


def test_a_role_that_approves_nothing_is_no_guard() -> None:
    world = build_world(models={})
    strange = SHIPPED.replace(b'caf:approval="safeguarding_lead"', b'caf:approval="head_cook"', 1)
    with pytest.raises(DeploymentRefused, match="nobody approves rules as 'head_cook'"):
        world.deploy({FILE: strange})


def test_a_draft_that_is_no_rule_file_waits_for_nobody() -> None:
    world = build_world()
    model_drafts.keep(world.engine, actor=world.actor("piet"), file=FILE, content=b"<definitions")
    assert rule_approvals.drafts(world.engine, actor=world.actor("ada")) == ()
