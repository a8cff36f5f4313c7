"""Two actions that work against each other, as somebody says, and what shows how an action goes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from engine.commands import attachments, contradictions, plan_actions
from engine.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.queries import case_file, plan_story, timeline
from engine.queries.contradictions import Contradiction
from engine.queries.plan_story import PlanStory
from engine.store.tables import record
from tests.episodes import start_and_walk_to
from tests.worlds import World, open_world

AGAINST = "One asks for early bedtimes, the other for late visits"


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url) as world:
        yield world


def planned(world: World) -> tuple[UUID, dict[str, UUID]]:
    """Return a case that Hana leads, and its three actions by who does them."""
    case_id = start_and_walk_to(world, "agree_action_plan")
    due_on = (world.today + timedelta(days=10)).isoformat()
    actions = [
        {"outcome": "Calm", "action": f"What {who} does", "owner": str(world.ids[who]), "due_on": due_on}
        for who in ("idris", "noor", "hana")
    ]
    world.do("agree_action_plan", "hana", case_id=case_id, outcomes=[{"outcome": "Calm"}], actions=actions)
    rows = world.rows(sa.select(record.plan_actions).where(record.plan_actions.c.case_id == case_id))
    names = {id_: name for name, id_ in world.ids.items()}
    return case_id, {names[row.owner_id]: row.id for row in rows}


def mark(world: World, case_id: UUID, action_id: UUID, other_id: UUID, by: str = "idris", note: str = AGAINST) -> UUID:
    return contradictions.mark(
        world.engine, actor=world.actor(by), case_id=case_id, action_id=action_id, other_id=other_id, note=note
    )


def settle(world: World, case_id: UUID, entry: UUID, by: str = "hana", how: str = "Visits end at six") -> None:
    contradictions.settle(world.engine, actor=world.actor(by), case_id=case_id, contradiction_id=entry, how=how)


def story(world: World, case_id: UUID, by: str = "hana") -> PlanStory:
    return plan_story.read(world.engine, actor=world.actor(by), case_id=case_id)


def on_case(world: World, case_id: UUID, by: str = "hana") -> tuple[Contradiction, ...]:
    return case_file.read(world.engine, actor=world.actor(by), case_id=case_id).contradictions


def test_it_stands_on_the_plan_until_it_is_settled(world: World) -> None:
    case_id, actions = planned(world)
    world.tick()
    world.mailbox.messages.clear()
    entry = mark(world, case_id, actions["idris"], actions["noor"])
    (shown,) = story(world, case_id).contradictions
    assert {shown.first, shown.second} >= {"“What idris does” (Idris Cole)"}, shown
    assert (shown.note, shown.may_settle) == (AGAINST, True)
    assert on_case(world, case_id) == (shown,), "and on the case's page"
    with pytest.raises(Conflict, match="said already"):
        mark(world, case_id, actions["noor"], actions["idris"], "hana")
    world.tick()
    told = [message for message in world.mailbox.messages if "against each other" in message.subject]
    assert len(told) == 2, "Noor and Hana, not who said it"
    assert not any(AGAINST in message.body for message in told)
    settle(world, case_id, entry)
    assert story(world, case_id).contradictions == on_case(world, case_id) == ()
    with pytest.raises(Conflict, match="settled already"):
        settle(world, case_id, entry)
    mark(world, case_id, actions["noor"], actions["idris"], "noor")
    plan_actions.report(
        world.engine, actor=world.actor("idris"), action_id=actions["idris"], progress="It is over", done=True
    )
    assert story(world, case_id).contradictions == (), "nothing works against what is over"
    events = timeline.read(world.engine, actor=world.actor("hana"), case_id=case_id).events
    said = " ".join(event.what for event in events)
    assert "Two actions were said to work against each other" in said and "It was settled that two actions" in said
    assert not world.verified().findings


def test_who_is_not_concerned_says_nothing_of_it(world: World) -> None:
    case_id, actions = planned(world)
    with pytest.raises(NotPermitted):
        mark(world, case_id, actions["noor"], actions["hana"], "idris")
    entry = mark(world, case_id, actions["noor"], actions["hana"], "morgan")
    (shown,) = story(world, case_id, "idris").contradictions
    assert not shown.may_settle
    with pytest.raises(NotPermitted):
        settle(world, case_id, entry, "idris")
    with pytest.raises(NotFound):
        settle(world, case_id, uuid4())
    for other, note, field in ((actions["idris"], " ", "note"), (uuid4(), "Against", "other_id")):
        with pytest.raises(Invalid) as refused:
            mark(world, case_id, actions["hana"], other, "hana", note)
        assert refused.value.details["field"] == field
    with pytest.raises(NotFound):
        mark(world, case_id, uuid4(), actions["hana"], "hana")
    with pytest.raises(Invalid, match="how it was settled"):
        settle(world, case_id, entry, how=" ")


def test_what_shows_how_an_action_goes_stands_with_it(world: World) -> None:
    case_id, actions = planned(world)
    kept = attachments.add(
        world.engine, actor=world.actor("idris"), case_id=case_id, name="Chart.pdf", media_type="application/pdf",
        content=b"%PDF-1.7 chart %%EOF", action_id=actions["idris"],
    )  # fmt: skip
    with pytest.raises(NotFound):
        attachments.add(
            world.engine, actor=world.actor("idris"), case_id=case_id, name="Chart.pdf", media_type="application/pdf",
            content=b"%PDF-1.7 chart %%EOF", action_id=uuid4(),
        )  # fmt: skip
    (outcome,) = story(world, case_id).outcomes
    found = {one.action.action_id: [file.attachment_id for file in one.files] for one in outcome.actions}
    assert found == {actions["idris"]: [kept], actions["noor"]: [], actions["hana"]: []}
