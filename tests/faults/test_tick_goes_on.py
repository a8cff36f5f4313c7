"""One thing that fails in a tick is kept as an incident and holds nothing else up."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine.scheduler import tick
from engine.store.outbox import Claimed
from engine.store.tables import keeping, running
from tests.small_models import LETTERS, PEERS
from tests.worlds import Mailbox, World, open_world, shipped_models


def appointed(world: World) -> None:
    case_id = world.start_case(process_key="letters")
    world.do("appoint", "hana", case_id=case_id, lead_professional=str(world.ids["hana"]))


def test_an_authority_without_escalation_rules_is_an_incident_and_messages_still_go_out() -> None:
    with open_world(models={"letters.bpmn": LETTERS}) as world:
        appointed(world)
        done = world.tick()
        assert done.sent == 1
        world.tick()
        (incident,) = world.incidents()
        assert (incident.kind, incident.case_id) == ("rule", None)
        assert "escalation" in incident.message
        world.deploy(shipped_models())
        assert world.tick().judged == 1
        assert world.incidents() == []


@dataclass
class Fussy(Mailbox):
    """Cannot write a letter to one address."""

    refused: list[Claimed] = field(default_factory=list)

    def send(self, message: Claimed) -> None:
        if message.recipient.startswith("hana"):
            self.refused.append(message)
            raise ValueError("Header values may not contain linefeed or carriage return characters")
        self.messages.append(message)


def test_a_message_that_cannot_even_be_written_does_not_hold_up_the_others() -> None:
    with open_world(models={**shipped_models(), "letters.bpmn": LETTERS}) as world:
        appointed(world)
        world.mailbox = Fussy()
        world.clock.advance(timedelta(days=1))  # the timer tells Morgan
        world.tick()
        assert [message.recipient.partition("@")[0] for message in world.mailbox.messages] == ["morgan"]
        for _ in range(5):
            world.clock.advance(timedelta(hours=1))
            world.tick()
        assert [row.state for row in world.rows(sa.select(keeping.outbox).where(keeping.outbox.c.tries == 5))] == [
            "failed"
        ]
        assert "linefeed" in next(incident.message for incident in world.incidents() if incident.kind == "outbox")


def test_a_case_whose_diagram_cannot_be_read_any_more_holds_up_no_other() -> None:
    with open_world(models={**shipped_models(), "peers.bpmn": PEERS}) as world:
        broken, whole = world.start_case(process_key="peers"), world.start_case(process_key="peers")
        for case_id in (broken, whole):
            world.do("a", "hana", case_id=case_id, ok=True)
        spoil = sa.update(running.instances).where(running.instances.c.case_id == broken).values(state=b'{"v": 1}')
        world.write(spoil)
        world.clock.advance(timedelta(days=1))
        done = world.tick()
        assert (done.fired, done.failed) == (1, 1)
        assert world.open_elements(whole) == ["b", "chase"]
        (incident,) = world.incidents()
        assert (incident.case_id, incident.kind, incident.element_id) == (broken, "timer", "late")
        assert "does not fit" in incident.message


@pytest.mark.parametrize("missing", [timedelta(minutes=1), timedelta(hours=2)])
def test_a_failed_timer_is_tried_again_and_its_incident_closes(missing: timedelta) -> None:
    with open_world(models={**shipped_models(), "peers.bpmn": PEERS}) as world:
        case_id = world.start_case(process_key="peers")
        world.do("a", "hana", case_id=case_id, ok=True)
        state = world.instance(case_id, "peers").state
        where = running.instances.c.case_id == case_id
        world.write(sa.update(running.instances).where(where).values(state=b"not a state"))
        world.clock.advance(timedelta(days=1))
        assert world.tick().failed == 1
        assert world.tick().failed == 0  # not before its next try
        world.write(sa.update(running.instances).where(where).values(state=state))
        world.clock.advance(missing)
        assert tick(world.engine, world.mailbox).fired == 1
        assert world.incidents() == []
        assert len(world.history(case_id, "timer_fired")) == 1
