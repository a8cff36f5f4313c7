"""An example that speaks against changed rules stops them, until somebody else says why it does not count."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine.commands import deployments, model_drafts
from engine.commands.deployments import DeploymentRefused, ExamplesNotKept
from engine.commands.rule_approvals import let_examples_be
from engine.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.queries import definitions, rule_approvals
from engine.store.rule_approvals import digest_of
from engine.store.tables import keeping, running
from tests.unit.test_rule_files import EXAMPLES, LATE, LATER
from tests.worlds import World, open_world

FILE = "late.dmn"
ELEVEN = "late.tests.yaml: Eleven days"
WHY = "The board agreed to twelve days"


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url, models={FILE: LATE, "late.tests.yaml": EXAMPLES}) as world:
        world.clock.advance(timedelta(hours=1))
        yield world


def deploy(world: World, by: str | None = "piet", *roles: str) -> deployments.Deployed:
    actor = world.actor(by, *roles) if by else None
    return deployments.deploy(
        world.engine, authority_id=world.authority_id, files={FILE: LATER}, actor=actor, note="Later"
    )


def keep(world: World) -> None:
    model_drafts.keep(world.engine, actor=world.actor("piet"), file=FILE, content=LATER)


def let_be(world: World, by: str = "ada", *roles: str, content: bytes = LATER, reason: str = WHY) -> tuple[str, ...]:
    actor = world.actor(by, *roles)
    return let_examples_be(world.engine, actor=actor, file=FILE, digest=digest_of(content), reason=reason)


def test_it_is_refused_until_a_second_person_says_why(world: World) -> None:
    with pytest.raises(ExamplesNotKept, match="Eleven days: expected") as refusal:
        deploy(world)
    assert isinstance(refusal.value, DeploymentRefused)
    keep(world)
    assert let_be(world) == (ELEVEN,)
    done = deploy(world)
    assert [each.version for each in done.added] == [2]
    assert "Eleven days" in [finding.element_id for finding in done.notices]
    history = keeping.history
    (said,) = world.rows(sa.select(history).where(history.c.kind == "examples_let_be"))
    assert (said.practitioner_id, said.detail["examples"]) == (world.ids["ada"], [ELEVEN])
    deployed = world.rows(sa.select(history.c.detail).where(history.c.kind == "deployed").order_by(history.c.seq))
    assert deployed[-1].detail["examples_let_be"] == [ELEVEN]
    (approval,) = world.rows(sa.select(running.rule_approvals))
    assert (approval.role, approval.reason, approval.row_ids) == ("second_person", WHY, [ELEVEN])
    versions = definitions.versions(
        world.engine, actor=world.actor("piet"), definition_id=done.added[0].id
    )
    assert [[(each.reason, each.at) for each in one.let_be] for one in versions] == [[(WHY, approval.at)], []]
    assert not world.verified().findings


def test_who_kept_the_draft_or_deploys_is_no_second_person(world: World) -> None:
    keep(world)
    with pytest.raises(NotPermitted, match="kept this draft yourself"):
        let_be(world, "piet")
    let_be(world, "ada", "designer")
    with pytest.raises(ExamplesNotKept):
        deploy(world, "ada", "designer")
    deploy(world, None)


def test_only_a_draft_as_it_was_looked_at_and_with_a_reason(world: World) -> None:
    with pytest.raises(NotFound):
        let_be(world)
    keep(world)
    with pytest.raises(Conflict, match="has changed since"):
        let_be(world, content=LATE)
    with pytest.raises(Invalid, match="Say why"):
        let_be(world, reason="  ")
    with pytest.raises(NotPermitted):
        let_be(world, "hana")
    model_drafts.keep(world.engine, actor=world.actor("piet"), file=FILE, content=LATE)
    with pytest.raises(Conflict, match="No example speaks against"):
        let_be(world, content=LATE)


def test_it_is_over_when_other_rules_came_into_force_meanwhile(world: World) -> None:
    keep(world)
    let_be(world)
    world.clock.advance(timedelta(hours=1))
    world.deploy({"other.dmn": LATE.replace(b'"late', b'"other')})
    with pytest.raises(ExamplesNotKept):
        deploy(world)


def test_the_second_person_sees_what_speaks_against_it(world: World) -> None:
    keep(world)
    (seen,) = rule_approvals.drafts(world.engine, actor=world.actor("ada"))
    assert (seen.file, seen.rows, seen.unkept, seen.may_let_be, seen.let_be) == (FILE, (), (ELEVEN,), True, ())
    (own,) = rule_approvals.drafts(world.engine, actor=world.actor("piet"))
    assert not own.may_let_be
    let_be(world)
    (seen,) = rule_approvals.drafts(world.engine, actor=world.actor("ada"))
    assert [(each.name, each.reason) for each in seen.let_be] == [(world.actor("ada").name, WHY)]
    assert not seen.may_let_be
