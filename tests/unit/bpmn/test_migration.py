"""A running instance is carried over to another version of its diagram, whole, or is left as it is with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest

from engine.bpmn.definitions import ProcessDefinition
from engine.bpmn.environment import StepEnvironment
from engine.bpmn.instance import Instance
from engine.bpmn.migration import Carried, Verdict, carry_over
from engine.clock import FakeClock
from engine.ids import SeededIds
from engine.progress import Progress
from tests.unit.bpmn.diagrams import boundary, define, element, end, inside, message, start, timer, user
from tests.unit.bpmn.driving import LONDON, NOON, Walk

EVERYBODY = '<multiInstanceLoopCharacteristics camunda:collection="people" camunda:elementVariable="person"/>'
ONE_BY_ONE = EVERYBODY.replace(" camunda:c", ' isSequential="true" camunda:c', 1)
LATER = NOON + timedelta(days=2)
IDS = SeededIds(FakeClock(LATER), 11)


def world() -> StepEnvironment:
    return StepEnvironment(now=LATER, zone=LONDON, ids=IDS)


@dataclass
class Moved:
    """What came of a walk carried over two days later; `progress` is what that changed."""

    carried: Carried
    definition: ProcessDefinition
    walk: Walk
    progress: Progress | None = None

    @property
    def said(self) -> str:
        return "; ".join(remark.said for remark in self.carried.remarks)

    @property
    def verdict(self) -> Verdict:
        return self.carried.verdict

    def then(self, element_id: str) -> Progress:
        """Complete an open task."""
        instance = self.again()
        instance.complete(self.token(instance, element_id), {})
        self.progress = instance.progress()
        return self.progress

    def fire(self, element_id: str) -> Progress:
        """Let a timer fire."""
        instance = self.again()
        instance.fire(self.token(instance, element_id))
        self.progress = instance.progress()
        return self.progress

    def token(self, instance: Instance, element_id: str) -> UUID:
        return next(each.id for each in instance.process.every() if each.task_spec.element_id == element_id)

    def again(self) -> Instance:
        assert self.progress is not None, self.said
        return Instance.restore(self.definition, self.progress.state, world())


def moved(walk: Walk, new: ProcessDefinition, *, started: frozenset[UUID] = frozenset(), **targets: str) -> Moved:
    """Carry a walk over; check that it restores with nothing left to do, and that the old state stays as it is."""
    state, key = walk.last.state, walk.definition.key
    carried = carry_over(walk.definition, new, state, world(), targets={key: targets}, started=started)
    found = Moved(carried, new, walk)
    if carried.instance is not None:
        found.progress = carried.instance.progress()
        again = Instance.restore(new, found.progress.state, world())
        assert again.progress().state == found.progress.state
        assert not again.progress().opened and not again.progress().armed
    assert walk.last.state == state
    return found


def line(*steps: str, more: Mapping[str, str] | None = None, **names: str) -> ProcessDefinition:
    """Return a process of one task after another; `names` gives some of them names."""
    tasks = [user(step, **({"name": names[step]} if step in names else {}), **dict(more or {})) for step in steps]
    way = "; ".join(f"{one} {two}" for one, two in zip(("start", *steps), (*steps, "end"), strict=True))
    return define(start(), *tasks, end(), way=way)


def test_steps_that_come_later_may_change_freely() -> None:
    walk = Walk(line("a", "b"))
    found = moved(walk, line("zero", "a", "x", "y"))
    assert (found.verdict, found.said) == ("unharmed", "")
    assert not found.progress.opened and not found.progress.closed, "its task stays, under its id"
    assert [task.element_id for task in found.then("a").opened] == ["x"]


def test_what_a_waiting_task_asks_may_change_and_is_said() -> None:
    walk = Walk(line("a", a="Visit"))
    found = moved(walk, line("a", more={"camunda_formRef": "other"}, a="See the child"))
    assert found.verdict == "changes"
    assert found.said == "“Visit” is called “See the child” now; “See the child” asks with another form"
    (info,) = found.carried.tasks.values()
    assert info.form == "other"


def test_a_step_that_is_gone_needs_a_decision_with_what_is_likely_meant() -> None:
    walk = Walk(line("a", "b", "c", a="Visit"))
    new = line("b", "c", "again", again="Visit")
    found = moved(walk, new)
    assert (found.verdict, found.carried.instance) == ("decide", None)
    (remark,) = found.carried.remarks
    assert (remark.element_id, remark.likely) == ("a", ("again", "b", "c"))
    carried = moved(walk, new, a="again")
    assert carried.verdict == "changes" and carried.said == "“Visit” goes on at the step that takes its place"
    assert not carried.progress.closed and not carried.progress.opened
    assert moved(walk, new, a="nowhere").verdict == "decide"


def test_a_step_of_another_kind_is_entered_anew_unless_somebody_has_begun_it() -> None:
    walk = Walk(line("a", "b"))
    new = define(start(), element("manualTask", "a"), element("manualTask", "b"), end(), way="start a; a b; b end")
    assert moved(walk, new).verdict == "decide"
    assert moved(walk, new).said == "“a”, where the case waits, is a task that is done elsewhere now"
    anew = moved(walk, new, a="a")
    assert [task.element_id for task in anew.progress.closed] == ["a"]
    assert [task.element_id for task in anew.progress.opened] == ["a"]
    elsewhere = moved(walk, new, a="b")
    assert [task.element_id for task in elsewhere.progress.opened] == ["b"]
    begun = moved(walk, new, started=frozenset(walk.open), a="b")
    assert begun.verdict == "stays" and begun.said == "“a” has been begun, and would be lost"


def with_timer(
    rule: str, name: str = "late", *, interrupting: bool = False, repeats: bool = False
) -> ProcessDefinition:
    slot = "timeCycle" if repeats else "timeDuration"
    event = boundary(name, "a", timer(rule, slot), interrupting=interrupting)
    way = f"start a; a end; {name} chase; chase done"
    return define(start(), user("a"), event, user("chase"), end(), end("done"), way=way)


def test_a_timer_keeps_the_time_that_was_promised() -> None:
    walk = Walk(with_timer("P5D"))
    promised = walk.timer("late").due_at
    found = moved(walk, with_timer("P9D"))
    assert found.verdict == "changes" and "the time that was promised stays" in found.said
    assert not found.progress.armed and not found.progress.disarmed
    assert promised.isoformat().encode() in found.progress.state
    assert [task.element_id for task in found.fire("late").opened] == ["chase"]


def test_a_timer_that_is_new_counts_from_now_and_one_that_is_gone_is_disarmed() -> None:
    walk = Walk(line("a"))
    found = moved(walk, with_timer("P5D"))
    (armed,) = found.progress.armed
    assert armed.due_at == LATER + timedelta(days=5) and "counts from the day the case moves" in found.said
    back = moved(Walk(with_timer("P5D")), line("a"))
    assert len(back.progress.disarmed) == 1 and "its timer is disarmed" in back.said


def test_a_timer_that_has_fired_for_good_is_not_armed_again() -> None:
    walk = Walk(with_timer("P1D")).fire("late")
    found = moved(walk, with_timer("P3D"))
    assert found.verdict == "unharmed" and not found.progress.armed
    assert sorted(found.progress.current) == ["a", "chase"]


def test_a_timer_under_another_name_is_numbered_so_that_it_never_fires_twice() -> None:
    walk = Walk(with_timer("R/P1D", repeats=True)).fire("late").fire("late")
    due = walk.timer("late").due_at
    found = moved(walk, with_timer("R/P1D", "overdue", repeats=True), late="overdue")
    assert not found.progress.armed and not found.progress.disarmed
    assert due.isoformat().encode() in found.progress.state
    instance = found.again()
    token = next(token for token in instance.process.every() if token.task_spec.element_id == "overdue")
    assert token.memory["occurrence"] == 1
    instance.fire(token.id)
    assert [each.occurrence for each in instance.progress().armed] == [2]


@pytest.mark.parametrize("interrupting", [False, True])
def test_a_boundary_event_may_begin_to_end_its_step(interrupting: bool) -> None:
    walk = Walk(with_timer("P5D", interrupting=not interrupting))
    found = moved(walk, with_timer("P5D", interrupting=interrupting))
    assert found.verdict == "changes"
    found.fire("late")
    assert ("a" in found.progress.current) is not interrupting


def waits_for(*events: tuple[str, str]) -> ProcessDefinition:
    ways = "; ".join(f"gate {name}; {name} end" for name, _ in events)
    caught = [element("intermediateCatchEvent", name, what) for name, what in events]
    return define(start(), element("eventBasedGateway", "gate"), *caught, end(), way=f"start gate; {ways}")


def test_an_event_gateway_waits_for_what_is_drawn_now() -> None:
    walk = Walk(waits_for(("news", message()), ("week", timer("P7D"))))
    due = walk.timer("week").due_at
    found = moved(walk, waits_for(("month", timer("P30D")), ("week", timer("P8D"))))
    assert found.verdict == "changes"
    assert [each.element_id for each in found.progress.armed] == ["month"]
    assert due.isoformat().encode() in found.progress.state and not found.progress.waits
    assert found.fire("week").ended
    later = moved(walk, waits_for(("month", timer("P30D"))))
    assert len(later.progress.disarmed) == 1 and later.fire("month").ended


def test_what_is_waited_for_may_have_another_name() -> None:
    old, new = (define(start(), element("receiveTask", "hear", messageRef=name), end(), way="start hear; hear end")
                for name in ("m_news", "m_call"))  # fmt: skip
    found = moved(Walk(old), new)
    assert found.said == "“hear” waits for “call” now, not for “news”"
    assert [wait.message for wait in found.progress.waits] == ["call"]
    timed = define(start(), element("intermediateCatchEvent", "hear", timer("P1D")), end(), way="start hear; hear end")
    assert moved(Walk(old), timed).verdict == "decide"


def in_sub(*steps: str, loop: str = "") -> ProcessDefinition:
    tasks = [user(step) for step in steps]
    way = "; ".join(f"{one} {two}" for one, two in zip(("s2", *steps), (*steps, "e2"), strict=True))
    sub = element("subProcess", "sub", loop + inside(start("s2"), *tasks, end("e2"), way=way))
    return define(start(), sub, end(), way="start sub; sub end")


def test_the_inside_of_a_sub_process_is_carried_too() -> None:
    walk = Walk(in_sub("a", "b"))
    found = moved(walk, in_sub("a", "c"))
    assert found.verdict == "unharmed"
    assert [task.element_id for task in found.then("a").opened] == ["c"]
    gone = moved(walk, in_sub("c", "b"))
    assert gone.verdict == "decide" and gone.carried.remarks[0].likely == ("b",)
    there = moved(walk, in_sub("c", "b"), a="b")
    assert there.progress.current == ("sub", "b") and there.then("b").ended
    out = moved(walk, line("a"))
    assert out.verdict == "decide" and out.carried.remarks[0].element_id == "sub"
    begun = moved(walk, line("a"), started=frozenset(walk.open), sub="a")
    assert begun.verdict == "stays"
    assert moved(walk, line("a"), sub="a").progress.current == ("a",)


def test_a_step_is_entered_in_the_middle_of_a_sub_process() -> None:
    found = moved(Walk(line("a")), in_sub("x", "y"), a="y")
    assert found.progress.current == ("sub", "y")
    assert found.then("y").ended


@pytest.mark.parametrize("loop", [EVERYBODY, ONE_BY_ONE])
def test_what_is_done_several_times_goes_on_where_it_was(loop: str) -> None:
    walk = Walk(in_sub("a", loop=loop), people=["ana", "ben"])
    walk.complete("a")
    found = moved(walk, in_sub("a", "b", loop=loop))
    assert found.verdict == "unharmed"
    assert [task.element_id for task in found.then("a").opened] == ["b"]
    assert found.then("b").ended
    other = moved(walk, in_sub("a", loop=ONE_BY_ONE if loop == EVERYBODY else EVERYBODY))
    assert other.verdict == "stays" and other.said == "“sub” is repeated in another way, and is half done"
    assert moved(walk, in_sub("a")).verdict == "decide"


def caller(called: ProcessDefinition) -> ProcessDefinition:
    call = element("callActivity", "call", calledElement=called.key)
    return define(start(), call, end(), way="start call; call end", called={called.key: called})


def test_a_called_process_moves_with_the_one_that_calls_it() -> None:
    inner = [
        define(start(), user(step), user("z"), end(), way=f"start {step}; {step} z; z end", key="q") for step in "ab"
    ]
    more = define(start(), user("a"), user("b"), end(), way="start a; a b; b end", key="q")
    walk = Walk(caller(inner[0]))
    found = moved(walk, caller(more))
    assert found.verdict == "unharmed" and [task.element_id for task in found.then("a").opened] == ["b"]
    gone = moved(walk, caller(inner[1]))
    assert gone.verdict == "decide" and gone.carried.remarks[0].process_key == "q"
    another = define(start(), user("a"), end(), way="start a; a end", key="r")
    assert moved(walk, caller(another)).verdict == "decide"


BOTH = "start fork; fork a; fork b; a join; b join; join c; c end"


def forked(way: str = BOTH, *more: str) -> ProcessDefinition:
    gates = [element("parallelGateway", name) for name in ("fork", "join")]
    return define(start(), *gates, user("a"), user("b"), user("c"), *more, end(), way=way)


def test_a_join_that_waits_keeps_who_has_come() -> None:
    walk = Walk(forked()).complete("a")
    found = moved(walk, forked(BOTH.replace("c end", "c d; d end"), user("d")))
    assert found.verdict == "unharmed"
    assert [task.element_id for task in found.then("b").opened] == ["c"]
    three = moved(walk, forked(BOTH + "; fork d; d join", user("d")))
    assert three.verdict == "stays" and "Other ways lead into “join”" in three.said


def test_a_join_that_would_wait_for_ever_keeps_the_case_on_its_version() -> None:
    walk = Walk(line("a", "b", "c")).complete("a")
    found = moved(walk, forked())
    assert found.verdict == "stays"
    assert found.said == "“join” would wait for ever: this case has gone past “a”"
    before = forked("start zero; zero fork; " + BOTH[12:], user("zero"))
    assert moved(Walk(line("zero", "c")), before).verdict == "unharmed"
    sure = forked()
    assert moved(Walk(sure), sure).verdict == "unharmed"


def test_two_versions_there_and_back_leave_nothing_behind() -> None:
    old, new = with_timer("P5D"), with_timer("P9D")
    walk = Walk(old)
    there = moved(walk, new)
    back = carry_over(new, old, there.progress.state, world())
    assert back.instance is not None and back.instance.progress().state == walk.last.state
