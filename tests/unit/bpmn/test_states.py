"""States as they are stored: those of earlier releases come back, others are refused in words."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
import pytest

from engine.bpmn.environment import StepEnvironment
from engine.bpmn.instance import Instance
from engine.clock import FakeClock
from engine.errors import Invalid
from engine.ids import SeededIds
from tests.unit.bpmn.diagrams import boundary, define, element, end, inside, start, timer, user
from tests.unit.bpmn.driving import LONDON, NOON

EACH = '<multiInstanceLoopCharacteristics camunda:collection="people" camunda:elementVariable="person"/>'
SUB = element("subProcess", "sub", EACH + inside(start("s2"), user("ask"), end("e2"), way="s2 ask; ask e2"))
DEFINITION = define(
    start(),
    SUB,
    boundary("late", "sub", timer("R/P1W", "timeCycle"), interrupting=False),
    user("chase"),
    end(),
    end("e3"),
    way="start sub; sub end; late chase; chase e3",
)

# As release 0.1.0 wrote it, after one firing and with one of two people asked.
RELEASE_0_1_0 = b"""{"v":1,"s":[[-1,{"people":["ana","ben"],"on":{"d":"2026-06-01"},"sum":{"n":"1.50"}},true,false,[
["019e924a-3f80-7000-8000-000000000001","sub",32,-1,{"total":2,"done":1}],
["019e924a-3f80-7000-8000-000000000002","late",8,0,{"due":"2026-06-18T11:00:00+00:00","occurrence":2,
"cycle":["2026-06-04T11:00:00+00:00",0,7,0.0,2,null]}],
["019e924a-3f80-7000-8000-000000000003","sub [each]",32,0,{"index":1},{"loopCounter":1,"person":"ben"}],
["019e924a-3f80-7000-8000-000000000004","chase",16,-1]]],
[2,{"answer":"no"},true,false,[["019e924a-3f80-7000-8000-000000000005","ask",16,-1]]]],"t":{"late":2}}"""


def world(now: datetime = NOON) -> StepEnvironment:
    return StepEnvironment(now=now, zone=LONDON, ids=SeededIds(FakeClock(NOON), 3))


def test_a_state_of_release_0_1_0_goes_on() -> None:
    instance = Instance.restore(DEFINITION, RELEASE_0_1_0, world())
    tasks = {element_id: task_id for task_id, element_id in instance._before.tasks.items()}
    assert sorted(tasks) == ["ask", "chase"]
    late = next(task_id for task_id, _ in instance._before.timers)
    instance.fire(late)
    (armed,) = instance.progress().armed
    assert (armed.occurrence, armed.due_at) == (3, datetime(2026, 6, 25, 11, 0, tzinfo=UTC))
    instance.complete(tasks["ask"], {"answer": "yes"})
    progress = instance.progress()
    assert progress.variables["answer"] == "yes"
    assert progress.disarmed == ((late, 3),)
    assert progress.current == ("chase",)


def test_a_state_is_written_back_as_it_was_read() -> None:
    stored = orjson.loads(RELEASE_0_1_0)
    assert orjson.loads(Instance.restore(DEFINITION, RELEASE_0_1_0, world()).progress().state) == stored


@pytest.mark.parametrize(
    "state",
    [
        b"",
        b"[]",
        b"{}",
        b'{"v":2,"s":[]}',
        RELEASE_0_1_0.replace(b'"chase"', b'"nobody"'),
        RELEASE_0_1_0.replace(b'"n":"1.50"', b'"zz":"1.50"'),
        RELEASE_0_1_0.replace(b"0000000001", b""),
    ],
)
def test_a_state_that_does_not_fit_is_refused_in_words(state: bytes) -> None:
    with pytest.raises(Invalid, match="^p: "):
        Instance.restore(DEFINITION, state, world())
