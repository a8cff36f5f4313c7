"""Publishing with a second person: nobody approves their own; exactly what was looked at, at its time, or nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.casework.permissions import ROLES, Actor
from engine.commands import approved_changes, deployments, model_drafts, publishing, second_person
from engine.commands import incidents as retrying
from engine.commands.publishing import OwnChange
from engine.deploying import DeploymentRefused
from engine.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.proposing import Outdated
from engine.queries import incidents, settings_history
from engine.store import proposals
from engine.store.tables import keeping, modelling, running
from tests.database.test_deployments import FILES, definitions
from tests.worlds import World, build_world

FILE = "small.bpmn"
CHANGED = FILES[FILE] + b"\n<!-- changed -->\n"


def asking_world(url: str | None = None) -> World:
    """Return a world whose authority asks for a second person, with three files in force."""
    world = build_world(url, models={})
    world.deploy(FILES)
    second_person.ask_second_person(world.engine, actor=world.actor("piet"), asked=True, why="Two pairs of eyes")
    return world


def designer(world: World, key: str) -> Actor:
    return world.actor(key, "designer")


def proposed(world: World, content: bytes = CHANGED, **more: Any) -> UUID:
    return publishing.propose(
        world.engine, actor=world.actor("piet"), files={FILE: content}, why="A second look", **more
    ).proposal_id


def digest(world: World, proposal_id: UUID) -> str:
    with world.engine.sessions.read() as connection:
        return proposals.digest_of_all(proposals.files_of(connection, proposal_id))


def approve(world: World, proposal_id: UUID, actor: Actor | None = None) -> None:
    who = actor or world.actor("cleo")
    publishing.approve(world.engine, actor=who, proposal_id=proposal_id, digest=digest(world, proposal_id))
    approved_changes.publish_due(world.engine)


def state(world: World, proposal_id: UUID) -> str:
    table = modelling.proposals
    (row,) = world.rows(sa.select(table.c.state).where(table.c.id == proposal_id))
    return str(row.state)


def versions(world: World) -> int:
    return max(version for kind, _, version in definitions(world) if kind == "process")


def told(world: World) -> list[tuple[str, str]]:
    world.tick()
    return sorted((each.recipient.split("@")[0], each.subject) for each in world.mailbox.messages)


def test_a_change_comes_into_force_when_a_second_person_approves_it(database_url: str) -> None:
    world = asking_world(database_url)
    id_ = proposed(world)
    assert (versions(world), state(world, id_)) == (1, "waiting")
    approve(world, id_)
    assert (versions(world), state(world, id_)) == (2, "published")
    newest = world.rows(sa.select(running.deployments).order_by(running.deployments.c.at))[-1]
    assert (newest.account_id, newest.note) == (world.accounts["piet"], "A second look")
    assert world.rows(sa.select(modelling.model_drafts)) == []
    kinds = [row.kind for row in world.rows(sa.select(keeping.history.c.kind).order_by(keeping.history.c.seq))]
    assert kinds[-4:] == ["model_draft_kept", "change_proposed", "change_approved", "deployed"]
    assert not world.verified().findings
    world.close()


def test_an_approval_is_answered_at_once_and_what_is_then_in_the_way_lets_it_wait_again(database_url: str) -> None:
    world = asking_world(database_url)
    id_ = proposed(world)
    given = {"actor": world.actor("cleo"), "proposal_id": id_, "digest": digest(world, id_)}
    publishing.approve(world.engine, **given)
    assert (versions(world), state(world, id_)) == (1, "approved"), "nothing is in force by halves"
    with pytest.raises(Conflict):
        publishing.approve(world.engine, **given)
    world.deploy({FILE: FILES[FILE] + b"\n<!-- the operator's -->"})
    world.tick()
    (row,) = world.rows(sa.select(modelling.proposals))
    assert (row.state, row.decided_by, row.publish_at) == ("waiting", None, None)
    assert "Another version of small.bpmn" in row.problem and versions(world) == 2
    failed = "A change could not be published"
    assert [each for each in told(world) if each[1] == failed] == [("cleo", failed), ("piet", failed)]
    assert incidents.open_incidents(world.engine, actor=world.actor("cleo")) == ()
    assert not world.verified().findings
    world.close()


def test_nobody_approves_their_own_change_nor_one_they_wrote_on() -> None:
    world = asking_world()
    first = model_drafts.save(
        world.engine, actor=designer(world, "morgan"), file=FILE, content=b"<x/>", expected=None
    ).version
    model_drafts.save(world.engine, actor=world.actor("piet"), file=FILE, content=CHANGED, expected=first)
    id_ = proposed(world)
    for who in (world.actor("piet"), world.actor("piet", "coordinator"), designer(world, "morgan")):
        with pytest.raises(OwnChange):
            approve(world, id_, who)
    with pytest.raises(OwnChange):
        publishing.send_back(world.engine, actor=world.actor("piet"), proposal_id=id_, answer="No")
    assert (versions(world), state(world, id_)) == (1, "waiting")
    approve(world, id_, designer(world, "hana"))
    assert versions(world) == 2


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"designer", "coordinator"}))
def test_who_may_not_approve(role: str) -> None:
    world = asking_world()
    id_ = proposed(world)
    with pytest.raises(NotPermitted):
        approve(world, id_, world.actor("hana", role))
    with pytest.raises(NotPermitted):
        publishing.propose(world.engine, actor=world.actor("hana", role), files={FILE: CHANGED}, why="Why")
    with pytest.raises(NotPermitted):
        publishing.withdraw(world.engine, actor=world.actor("hana", role), proposal_id=id_)


def test_where_a_second_person_is_asked_no_designer_deploys_alone_but_may_go_back() -> None:
    world = asking_world()
    piet = world.actor("piet")
    with pytest.raises(deployments.SecondPersonAsked):
        deployments.deploy(world.engine, authority_id=world.authority_id, files={FILE: CHANGED}, actor=piet)
    assert versions(world) == 1
    approve(world, proposed(world))
    deployments.revert(
        world.engine, authority_id=world.authority_id, key=FILE, reason="It asked the wrong people", actor=piet
    )
    assert versions(world) == 3
    more = CHANGED + b"\n"
    deployments.deploy(
        world.engine, authority_id=world.authority_id, files={FILE: more}, actor=piet, by_operator=True
    )
    assert versions(world) == 4


def test_an_approval_binds_to_exactly_the_texts_looked_at() -> None:
    world = asking_world()
    id_ = proposed(world)
    with pytest.raises(Outdated, match="Look at it again"):
        publishing.approve(world.engine, actor=world.actor("cleo"), proposal_id=id_, digest="0" * 64)
    found = world.rows(sa.select(modelling.model_drafts.c.version))[0].version
    model_drafts.save(world.engine, actor=world.actor("piet"), file=FILE, content=CHANGED + b"\n", expected=found)
    with pytest.raises(Outdated, match="has changed since it was proposed"):
        approve(world, id_)
    assert versions(world) == 1
    publishing.withdraw(world.engine, actor=world.actor("piet"), proposal_id=id_)
    approve(world, proposed(world, CHANGED + b"\n"))
    assert versions(world) == 2


def test_what_came_into_force_meanwhile_makes_a_proposal_outdated() -> None:
    world = asking_world()
    id_ = proposed(world)
    world.deploy({FILE: FILES[FILE] + b"\n<!-- the operator's -->"})
    with pytest.raises(Outdated, match="Another version"):
        approve(world, id_)
    assert versions(world) == 2


def test_a_change_is_sent_back_with_words_and_may_be_proposed_again() -> None:
    world = asking_world()
    id_ = proposed(world)
    with pytest.raises(Conflict, match="waits in another proposal"):
        proposed(world)
    with pytest.raises(Invalid):
        publishing.send_back(world.engine, actor=world.actor("cleo"), proposal_id=id_, answer=" ")
    publishing.send_back(world.engine, actor=world.actor("cleo"), proposal_id=id_, answer="Ask the nurse too")
    assert state(world, id_) == "sent_back"
    with pytest.raises(Conflict):
        approve(world, id_)
    assert ("cleo", publishing.TO_APPROVE) in told(world)
    assert ("piet", "Your change was sent back") in told(world)
    assert ("piet", publishing.TO_APPROVE) not in told(world)
    approve(world, proposed(world))
    assert versions(world) == 2


def test_a_proposal_is_whole_or_refused() -> None:
    world = asking_world()
    piet = world.actor("piet")
    with pytest.raises(DeploymentRefused):
        proposed(world, b"<definitions")
    with pytest.raises(Invalid):
        publishing.propose(world.engine, actor=piet, files={}, why="Why")
    with pytest.raises(Invalid):
        publishing.propose(world.engine, actor=piet, files={FILE: CHANGED}, why="  ")
    with pytest.raises(Invalid):
        proposed(world, publish_at=world.clock.now())
    with pytest.raises(NotFound):
        publishing.withdraw(world.engine, actor=piet, proposal_id=UUID(int=3))
    assert world.rows(sa.select(modelling.proposals)) == []


def test_an_approved_change_waits_for_its_time(database_url: str) -> None:
    world = asking_world(database_url)
    id_ = proposed(world, publish_at=world.clock.now() + timedelta(hours=3))
    approve(world, id_)
    world.clock.advance(timedelta(hours=2))
    world.tick()
    assert (versions(world), state(world, id_)) == (1, "approved")
    world.clock.advance(timedelta(hours=1))
    world.tick()
    assert (versions(world), state(world, id_)) == (2, "published")
    world.tick()
    assert versions(world) == 2
    assert ("piet", "Your change is in force") in told(world)
    assert not world.verified().findings
    world.close()


def test_one_that_cannot_come_into_force_at_its_time_changes_nothing_and_both_are_told() -> None:
    world = asking_world()
    id_ = proposed(world, publish_at=world.clock.now() + timedelta(hours=3))
    approve(world, id_)
    world.deploy({FILE: FILES[FILE] + b"\n<!-- the operator's -->"})
    world.clock.advance(timedelta(hours=3))
    world.tick()
    assert (versions(world), state(world, id_)) == (2, "failed")
    failed = "A change could not be published"
    assert [each for each in told(world) if each[1] == failed] == [("cleo", failed), ("piet", failed)]
    (row,) = world.rows(sa.select(modelling.proposals))
    assert "Another version of small.bpmn" in row.problem
    (incident,) = incidents.open_incidents(world.engine, actor=world.actor("cleo"))
    assert incident.kind == "publish" and "could not come into force at its time (small.bpmn)" in incident.sentence
    retrying.retry(world.engine, actor=world.actor("cleo"), incident_id=incident.incident_id)
    assert state(world, id_) == "approved"
    world.tick()
    assert (state(world, id_), len(incidents.open_incidents(world.engine, actor=world.actor("cleo")))) == ("failed", 1)
    draft = world.rows(sa.select(modelling.model_drafts.c.version))[0].version
    model_drafts.save(world.engine, actor=world.actor("piet"), file=FILE, content=CHANGED + b"\n", expected=draft)
    approve(world, proposed(world, CHANGED + b"\n"))
    assert incidents.open_incidents(world.engine, actor=world.actor("cleo")) == ()
    assert not world.verified().findings


def test_a_change_that_failed_is_withdrawn_and_its_incident_goes() -> None:
    world = asking_world()
    id_ = proposed(world, publish_at=world.clock.now() + timedelta(hours=3))
    approve(world, id_)
    world.deploy({FILE: FILES[FILE] + b"\n<!-- the operator's -->"})
    world.clock.advance(timedelta(hours=3))
    world.tick()
    publishing.withdraw(world.engine, actor=designer(world, "morgan"), proposal_id=id_)
    assert state(world, id_) == "withdrawn"
    assert incidents.open_incidents(world.engine, actor=world.actor("cleo")) == ()


def test_an_approved_change_may_be_withdrawn_before_its_time() -> None:
    world = asking_world()
    id_ = proposed(world, publish_at=world.clock.now() + timedelta(hours=3))
    approve(world, id_)
    publishing.withdraw(world.engine, actor=designer(world, "morgan"), proposal_id=id_)
    world.clock.advance(timedelta(hours=3))
    world.tick()
    assert (versions(world), state(world, id_)) == (1, "withdrawn")


def test_switching_the_second_person_off_is_recorded_with_who_and_why() -> None:
    world = asking_world()
    piet = world.actor("piet")
    with pytest.raises(Invalid):
        second_person.ask_second_person(world.engine, actor=piet, asked=False, why="")
    with pytest.raises(NotPermitted):
        second_person.ask_second_person(world.engine, actor=designer(world, "hana"), asked=False, why="Quicker")
    second_person.ask_second_person(world.engine, actor=piet, asked=False, why="Only one designer is left")
    latest = settings_history.read(world.engine, actor=piet, of="settings").events[0]
    assert latest.event.who == piet.name and "Only one designer is left" in latest.event.what
    (difference,) = latest.differences
    assert (difference.was, difference.now) == ("yes", "no") and "second person" in difference.name
    done = publishing.propose(world.engine, actor=piet, files={FILE: CHANGED}, why="Alone now")
    assert (done.state, versions(world)) == ("published", 2)
