"""Random walks through random-looking diagrams: live and restored agree at every step, and nothing ever freezes."""

from __future__ import annotations

from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bpmn.definitions import ProcessDefinition
from tests.unit.bpmn.diagrams import boundary, define, element, end, inside, message, start, timer, user
from tests.unit.bpmn.driving import Walk

EACH = '<multiInstanceLoopCharacteristics {} camunda:collection="people" camunda:elementVariable="person"/>'
MAPPED = (
    '<extensionElements><camunda:in source="choice" target="choice"/><camunda:out source="choice" target="choice"/>'
    "</extensionElements>"
)


def called() -> ProcessDefinition:
    return define(
        start(),
        user("c_ask"),
        boundary("c_late", "c_ask", timer("R/P1D", "timeCycle"), interrupting=False),
        user("c_chase"),
        element("exclusiveGateway", "c_g"),
        end(),
        end("bad", '<errorEventDefinition errorRef="e_broken"/>'),
        end("e2"),
        way="start c_ask; c_ask c_g; c_g bad [choice = 0]; c_g end *; c_late c_chase; c_chase e2",
        key="child",
    )


def everything() -> ProcessDefinition:
    review = element(
        "subProcess",
        "sub",
        inside(
            start("s2"),
            user("review", EACH.format("")),
            boundary("r_late", "review", timer("P1W")),
            user("plan"),
            element("exclusiveGateway", "s_g"),
            end("e_s"),
            element("intermediateThrowEvent", "shout", message()),
            way=(
                "s2 review; review s_g; r_late plan; plan s_g; s_g review [choice = 1]; s_g shout [choice = 2]; "
                "s_g e_s *; shout e_s"
            ),
        ),
    )
    return define(
        start(),
        element("inclusiveGateway", "split"),
        user("a"),
        user("b", EACH.format('isSequential="true"')),
        review,
        boundary("sub_told", "sub", message("m_call"), interrupting=False),
        boundary("sub_late", "sub", timer("P1Y")),
        user("told"),
        element("callActivity", "call", MAPPED, calledElement="child"),
        boundary("call_bad", "call", '<errorEventDefinition errorRef="e_broken"/>'),
        element("inclusiveGateway", "join"),
        element("eventBasedGateway", "wait"),
        element("intermediateCatchEvent", "heard", message()),
        element("intermediateCatchEvent", "waited", timer("P2D")),
        element("exclusiveGateway", "merge"),
        element("parallelGateway", "fork"),
        user("p"),
        user("q"),
        element("parallelGateway", "meet"),
        element("exclusiveGateway", "again"),
        user("last"),
        end(),
        end("e_told"),
        end("e_stop", "<terminateEventDefinition/>"),
        way=(
            "start split; split a [choice < 3]; split b [choice > 0]; split sub [choice != 1]; split call *; a "
            "join; b join;"
            "sub call; call join; call_bad join; sub_told told; told e_told; sub_late join; join wait; wait "
            "heard; wait waited;"
            "heard merge; waited merge; merge fork; fork p; fork q; p meet; q meet; meet again; again last "
            "[choice = 3]; again e_stop [choice = 4];"
            "again wait *; last end"
        ),
        called={"child": called()},
    )


DEFINITION = everything()
ASKING = define(start(), user("ask"), user("again"), end(), way="start ask; ask again; again end")


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_live_and_restored_agree_on_every_random_walk(data: st.DataObject) -> None:
    walk = Walk(
        DEFINITION,
        choice=data.draw(st.integers(0, 4), label="choice"),
        people=data.draw(st.sampled_from([[], ["x"], ["x", "y"]])),
    )
    for _ in range(data.draw(st.integers(1, 40), label="steps")):
        if walk.last.ended:
            break
        moves = [("complete", name) for name in sorted(set(walk.names))]
        moves += [("fire", timer.element_id) for timer in walk.timers.values()]
        moves += [("send", wait.message) for wait in walk.last.waits]
        kind, what = data.draw(st.sampled_from(moves), label="move")
        choice = data.draw(st.integers(0, 4), label="choice")
        if kind == "complete":
            walk.complete(what, choice=choice)
        elif kind == "fire":
            walk.fire(what)
        else:
            assert walk.send(what, choice=choice)
        assert walk.last.ended or walk.last.current
        assert walk.last.variables["people"] is not None
        assert len(walk.last.state) < 10_000


@given(
    st.dictionaries(
        st.text(min_size=1, max_size=10),
        st.one_of(
            st.none(),
            st.booleans(),
            st.integers(-(10**30), 10**30),
            st.floats(allow_nan=False, allow_infinity=False),
            st.text(max_size=20),
            st.dates(),
            st.datetimes(timezones=st.timezones()),
            st.datetimes(),
            st.decimals(-(10**15), 10**15, places=6),
            st.lists(st.one_of(st.integers(-(2**70), 2**70), st.text(max_size=5)), max_size=4),
        ),
        max_size=6,
    )
)
def test_every_value_a_process_can_hold_comes_back_the_same(variables: dict[str, object]) -> None:
    walk = Walk(ASKING, typename="x")
    task_id = walk.task("ask")
    walk.act(lambda instance: instance.complete(task_id, variables))
    kinds = {name: type(value) for name, value in variables.items()}
    assert {name: type(value) for name, value in walk.variables.items()} == {"typename": str, **kinds}
    walk.complete("again")
    # Python never finds a skipped local time equal to the same instant in another zone: compare what is written.
    assert {name: written(walk.variables[name]) for name in variables} == {
        name: written(value) for name, value in variables.items()
    }


def written(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
