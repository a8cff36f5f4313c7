"""Timers inside a running process: armed once, fired only by name, re-armed by cycles."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from engine.bpmn.instance import Instance
from engine.errors import Invalid
from tests.unit.bpmn.diagrams import boundary, define, element, end, start, timer, user
from tests.unit.bpmn.driving import NOON, Walk

WAY = "start ask; ask end; late chase; chase end2"


def chased(rule: str, slot: str = "timeDuration", *, interrupting: bool = False, **variables: object) -> Walk:
    return Walk(
        define(
            start(),
            user("ask"),
            boundary("late", "ask", timer(rule, slot), interrupting=interrupting),
            user("chase"),
            end(),
            end("end2"),
            way=WAY,
        ),
        **variables,
    )


def test_a_due_timer_never_fires_by_itself() -> None:
    walk = chased("PT1H")
    walk.now = NOON + timedelta(days=400)
    walk.act(lambda instance: instance.send("nobody", {}))
    assert (walk.names, len(walk.timers)) == (["ask"], 1)


def test_a_non_interrupting_timer_fires_once() -> None:
    walk = chased("PT1H")
    armed = walk.timer("late")
    assert (armed.due_at, armed.rule, armed.interrupting) == (NOON + timedelta(hours=1), "PT1H", False)
    walk.fire("late")
    assert (walk.names, walk.timers, walk.last.disarmed) == (["ask", "chase"], {}, ())


def test_a_cycle_timer_re_arms_with_a_new_occurrence_until_its_last() -> None:
    walk = chased("R3/PT1H", "timeCycle")
    for occurrence in (1, 2, 3):
        armed = walk.timer("late")
        assert (armed.occurrence, armed.due_at) == (occurrence, NOON + timedelta(hours=occurrence))
        walk.fire("late")
    assert walk.names == ["ask", "chase", "chase", "chase"]
    assert walk.timers == {}


def test_a_cycle_timer_fired_after_three_days_down_catches_up_once() -> None:
    walk = chased("R/PT1H", "timeCycle")
    walk.now = NOON + timedelta(days=3)
    walk.fire("late")
    assert walk.names == ["ask", "chase"]
    assert walk.timer("late").due_at == NOON + timedelta(days=3, hours=1)


def test_completing_the_task_leaves_what_a_cycle_started() -> None:
    walk = chased("R/PT1H", "timeCycle").fire("late").complete("ask")
    assert (walk.names, walk.timers) == (["chase"], {})
    assert walk.complete("chase").last.ended


@pytest.mark.parametrize(
    ("rule", "slot", "variables", "expected"),
    [
        ("due", "timeDate", {"due": date(2026, 7, 9)}, datetime(2026, 7, 8, 23, 0, tzinfo=UTC)),
        ("${due}", "timeDate", {"due": "2026-07-09T09:00:00"}, datetime(2026, 7, 9, 8, 0, tzinfo=UTC)),
        ('= due - duration("P5D")', "timeDate", {"due": date(2026, 7, 9)}, datetime(2026, 7, 3, 23, 0, tzinfo=UTC)),
        ('=duration("P" + string(weeks * 7) + "D")', "timeDuration", {"weeks": 2}, NOON + timedelta(days=14)),
        ('=duration("P1M")', "timeDuration", {}, datetime(2026, 7, 4, 11, 0, tzinfo=UTC)),
        ("=now()", "timeDate", {}, NOON),
        ('="R2/P1D"', "timeCycle", {}, NOON + timedelta(days=1)),
    ],
)
def test_rules_are_feel_over_the_variables(
    rule: str, slot: str, variables: dict[str, object], expected: datetime
) -> None:
    assert chased(rule, slot, **variables).timer("late").due_at == expected


def test_a_rule_that_comes_to_nothing_is_refused_by_element() -> None:
    with pytest.raises(Invalid, match=r"late: .*null"):
        chased("due", "timeDate")


def test_occurrences_count_up_over_the_whole_instance() -> None:
    walk = Walk(
        define(
            start(),
            user("ask"),
            boundary("late", "ask", timer("P1D")),
            element("exclusiveGateway", "g"),
            end(),
            end("end2"),
            way="start ask; ask g; g ask [again]; g end *; late end2",
        )
    )
    seen = []
    for _ in range(3):
        seen.append(walk.timer("late").occurrence)
        walk.complete("ask", again=True)
    assert seen == [1, 2, 3]


def test_an_intermediate_timer_waits_to_be_fired() -> None:
    walk = Walk(
        define(
            start(),
            element("intermediateCatchEvent", "wait", timer("P2W")),
            user("ask"),
            end(),
            way="start wait; wait ask; ask end",
        )
    )
    assert (walk.names, walk.last.current, walk.timer("wait").interrupting) == ([], ("wait",), None)
    assert walk.fire("wait").names == ["ask"]


def test_only_the_timer_that_is_named_fires() -> None:
    walk = Walk(
        define(
            start(),
            element("parallelGateway", "g"),
            element("intermediateCatchEvent", "one", timer("PT1H")),
            element("intermediateCatchEvent", "two", timer("PT1H")),
            user("a"),
            user("b"),
            end(),
            end("end2"),
            way="start g; g one; g two; one a; two b; a end; b end2",
        )
    )
    assert walk.fire("two").names == ["b"]
    assert [timer.element_id for timer in walk.timers.values()] == ["one"]


def test_a_timer_keeps_its_due_time_while_other_things_happen() -> None:
    walk = chased("P1D")
    before = walk.timer("late")
    walk.now = NOON + timedelta(hours=5)
    walk.act(lambda instance: instance.send("nobody", {}))
    assert walk.last.armed == ()
    restored = Instance.restore(walk.definition, walk.last.state, walk._world(1))
    assert restored.progress().armed == ()
    assert walk.timer("late") == before
