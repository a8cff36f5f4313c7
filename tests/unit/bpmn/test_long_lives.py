"""A case that goes on for years stays as small and as quick as on its first day, whatever stands beside it."""

from __future__ import annotations

import gc
import sys

import pytest

from engine.bpmn.environment import Limits, StepEnvironment
from engine.bpmn.instance import Instance
from engine.clock import FakeClock
from engine.errors import BudgetExceeded
from engine.ids import SeededIds
from tests.unit.bpmn.diagrams import boundary, define, element, end, inside, message, start, timer, user
from tests.unit.bpmn.driving import LONDON, NOON, Walk

LOOP = (start("s2"), user("review"), element("exclusiveGateway", "g"), user("plan"), end("e2"))
LOOP_WAY = "s2 review; review g; g plan [more = true]; g e2 *; plan review"
LATE = (boundary("late", "review", timer("R/P1W", "timeCycle"), interrupting=False), user("chase"), end("e3"))
LATE_WAY = LOOP_WAY + "; late chase; chase e3"
SUB = element("subProcess", "sub", inside(*LOOP, *LATE, way=LATE_WAY))

SHAPES = {
    "plain": define(*LOOP, *LATE, way=LATE_WAY),
    "beside a parallel listener": define(
        start(),
        element("parallelGateway", "split"),
        element("intermediateCatchEvent", "heard", message()),
        SUB,
        end(),
        end("end2"),
        way="start split; split heard; split sub; heard end; sub end2",
    ),
    "beside a listener in the same scope": define(
        start(),
        element("parallelGateway", "split"),
        element("intermediateCatchEvent", "heard", message()),
        *LOOP[1:],
        *LATE,
        end(),
        way=(
            "start split; split heard; split review; heard end; review g; g plan [more = true]; g e2 *; plan "
            "review; late chase; chase e3"
        ),
    ),
    "inside a sub-process with a boundary event": define(
        start(),
        SUB,
        boundary("stop", "sub", message()),
        boundary("tell", "sub", timer("P1Y"), interrupting=False),
        user("told"),
        end(),
        way="start sub; sub end; stop end; tell told; told end",
    ),
    "beside a non-interrupting listener": define(
        start(),
        SUB,
        boundary("heard", "sub", message(), interrupting=False),
        user("note"),
        end(),
        way="start sub; sub end; heard note; note end",
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_thousand_review_cycles_leave_tokens_and_state_as_they_were(shape: str) -> None:
    walk = Walk(SHAPES[shape])
    tokens, size, waits = walk.tokens, len(walk.last.state), len(walk.last.waits)
    for _ in range(1_000):
        walk.fire("late").complete("chase").complete("review", more=True).complete("plan")
    assert walk.tokens == tokens
    assert len(walk.last.state) < size + 100
    assert len(walk.last.waits) == waits


def test_a_listener_heard_a_thousand_times_is_still_one() -> None:
    walk = Walk(SHAPES["beside a non-interrupting listener"])
    tokens, size = walk.tokens, len(walk.last.state)
    for _ in range(1_000):
        assert walk.send("news")
        walk.complete("note")
    assert (walk.tokens, len(walk.last.waits)) == (tokens, 1)
    assert len(walk.last.state) < size + 100


def test_five_thousand_tasks_in_a_row_do_not_freeze() -> None:
    walk = Walk(SHAPES["plain"])
    for _ in range(2_500):
        walk.complete("review", more=True).complete("plan")
    assert walk.names == ["review"]
    assert walk.complete("review", more=False).last.ended


def test_a_chain_of_five_thousand_elements_is_read_and_run() -> None:
    names = [f"t{number}" for number in range(5_000)]
    way = "; ".join(f"{one} {two}" for one, two in zip(["start", *names], [*names, "end"], strict=True))
    definition = define(
        start(), *(element("parallelGateway", name) for name in names[:-1]), user(names[-1]), end(), way=way
    )
    with pytest.raises(BudgetExceeded, match="more than 1,000 steps"):
        Walk(definition)
    assert Walk(definition, limits=Limits(steps=6_000, seconds=30)).names == [names[-1]]


def world(limits: Limits | None = None) -> StepEnvironment:
    return StepEnvironment(now=NOON, zone=LONDON, ids=SeededIds(FakeClock(NOON), 1), limits=limits or Limits())


def test_nothing_of_an_instance_outlives_its_step() -> None:
    definition = SHAPES["plain"]
    state = Instance.start(definition, {"outcome": "same"}, world()).progress().state

    def some_steps(count: int) -> None:
        for _ in range(count):
            instance = Instance.restore(definition, state, world())
            instance.complete(next(iter(instance._before.tasks)), {"more": True})
            instance.progress()
        gc.collect()

    some_steps(50)
    before = (len(gc.get_objects()), sys.getallocatedblocks())
    some_steps(500)
    after = (len(gc.get_objects()), sys.getallocatedblocks())
    assert after[0] - before[0] < 200
    assert after[1] - before[1] < 1_000


def test_a_loop_without_anyone_to_ask_is_stopped_by_steps_and_by_time() -> None:
    definition = define(
        start(),
        element("exclusiveGateway", "a"),
        element("exclusiveGateway", "b"),
        end(),
        way="start a; a b; b a [true]; b end *",
    )
    with pytest.raises(BudgetExceeded, match="more than 1,000 steps"):
        Instance.start(definition, {}, world())
    with pytest.raises(BudgetExceeded, match="longer than"):
        Instance.start(definition, {}, world(Limits(steps=10**9, seconds=0.05)))


def test_a_loop_through_the_applications_work_is_stopped_within_one_step() -> None:
    definition = define(
        start(),
        element("serviceTask", "tell"),
        element("exclusiveGateway", "g"),
        end(),
        way="start tell; tell g; g tell [true]; g end *",
    )
    instance = Instance.start(definition, {}, world())
    with pytest.raises(BudgetExceeded):
        for _ in range(2_000):
            instance.answer(instance.pending()[0].task_id, {})


def test_too_large_a_state_is_refused() -> None:
    walk = Walk(SHAPES["plain"], limits=Limits(state_bytes=2_000))
    with pytest.raises(BudgetExceeded, match="more than 2,000 bytes"):
        walk.complete("review", text="x" * 3_000, more=True)
