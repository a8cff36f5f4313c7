"""What may come before what in a diagram: as a walk along the flows finds it, and never less than can happen."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.bpmn.lint import Catalogue
from engine.bpmn.lint.model import Model
from engine.bpmn.lint.order import Order
from engine.xml import parse_untrusted
from tests.unit.bpmn.diagrams import boundary, element, end, file_of, process, start, subprocess, timer, user

NODES = [f"n{number}" for number in range(6)]
FLOWS = st.sets(st.tuples(st.sampled_from(NODES), st.sampled_from(NODES)), max_size=14)


def order_of(*elements: str, way: str) -> Order:
    source = file_of(process(*elements, way=way))
    return Order(Model(parse_untrusted(source, "a.bpmn"), name="a.bpmn", catalogue=Catalogue()).scopes)


@given(FLOWS)
def test_a_way_is_found_exactly_where_there_is_one(flows: set[tuple[str, str]]) -> None:
    gates = [element("exclusiveGateway", node) for node in NODES]
    order = order_of(*gates, way="; ".join(f"{source} {target}" for source, target in sorted(flows)))
    ways = set(flows)
    while more := {(one, two) for one, end_ in ways for begin, two in ways if end_ == begin} - ways:
        ways |= more
    assert {(one, two) for one in NODES for two in NODES if order.may_precede(one, two, itself=False)} == ways


def test_an_element_comes_before_what_is_read_once_it_is_done() -> None:
    order = order_of(start(), user("a"), end(), way="start a; a end")
    assert order.may_precede("a", "a")
    assert not order.may_precede("a", "a", itself=False)
    assert order.may_precede("a", "a_end"), "a flow begins where the element is"
    assert order.may_precede("elsewhere", "a"), "what is not known is not denied"


def test_branches_beside_each_other_may_come_in_any_order_and_ways_of_a_choice_may_not() -> None:
    for kind, either in (("parallelGateway", True), ("inclusiveGateway", True), ("exclusiveGateway", False)):
        way = "start g; g a; g b; a end; b end"
        order = order_of(start(), element(kind, "g"), user("a"), user("b"), end(), way=way)
        assert order.may_precede("a", "b") is order.may_precede("b", "a") is either, kind


def test_what_is_inside_a_sub_process_comes_before_its_boundary_and_what_follows_but_not_the_other_way() -> None:
    inner = subprocess(start("s1"), user("a"), subprocess(start("s2"), user("b"), end("e2"), way="s2 b; b e2",
                       element_id="deep"), end("e1"), way="s1 a; a deep; deep e1")  # fmt: skip
    order = order_of(
        start(), inner, boundary("late", "sub", timer("P1D")), user("c"), user("d"), end(), end("e3"),
        way="start sub; sub c; c end; late d; d e3",
    )  # fmt: skip
    assert all(order.may_precede(first, then) for first in ("a", "b") for then in ("c", "late", "d"))
    assert not any(order.may_precede(first, then) for first in ("c", "d") for then in ("a", "b"))
    assert order.may_precede("a", "b") and not order.may_precede("b", "a")
    assert not order.may_precede("c", "d") and not order.may_precede("d", "c")
