"""Decisions that need others: graphs, knowledge models, services, imports, and what is missing."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.dmn import read_model
from engine.errors import BudgetExceeded, Invalid, NotFound
from engine.feel import HostFunction, to_feel
from tests.unit.dmn.dmn_files import ask, decision, definitions, input_data, knowledge, literal, read, table, world

CHAIN = (
    input_data("days since meeting", "number"),
    input_data("child's age", "number"),
    decision("Limit", literal("if child's age < 5 then 20 else 30"), requires=["input:child's age"]),
    decision(
        "Days late", literal("days since meeting - Limit"),
        requires=["input:days since meeting", "decision:Limit"], kind="number",
    ),
    decision("Late", literal("Days late > 0"), requires=["decision:Days late"]),
)


def test_decisions_are_evaluated_in_the_order_they_need_each_other() -> None:
    result = ask(read(*CHAIN), "Late", **{"days since meeting": 25, "child's age": 3})
    assert result.value is True
    assert list(result.decisions) == ["Limit", "Days late", "Late"]
    assert result.decisions["Days late"] == Decimal(5)


def test_a_decision_is_found_by_id_or_by_name() -> None:
    model = read(*CHAIN)
    assert model.decision("id_Days_late") is model.decision("Days late")
    with pytest.raises(NotFound, match="Dayz"):
        model.decision("Dayz")


def test_inputs_needed_include_those_of_required_decisions() -> None:
    model = read(*CHAIN)
    assert model.decision("Late").inputs_needed == {"days since meeting", "child's age"}
    assert model.decision("Limit").inputs_needed == {"child's age"}


def test_missing_lists_inputs_absent_or_null() -> None:
    result = ask(read(*CHAIN), "Late", **{"child's age": None})
    assert result.value is None
    assert result.missing == {"days since meeting", "child's age"}
    assert result.warnings


def test_a_decision_shared_by_two_is_evaluated_once() -> None:
    model = read(
        input_data("x"),
        decision("Base", table("UNIQUE", ["x"], ["y"], [["-", "x"]]), requires=["input:x"]),
        decision("Left", literal("Base + 1"), requires=["decision:Base"]),
        decision("Right", literal("Base + 2"), requires=["decision:Base"]),
        decision("Both", literal("Left + Right"), requires=["decision:Left", "decision:Right"]),
    )
    result = ask(model, "Both", x=1)
    assert result.value == Decimal(5)
    assert len(result.matched) == 1


def test_undeclared_names_are_inputs_where_the_file_declares_none() -> None:
    model = read(decision("D", table("UNIQUE", ["days", "kind"], ["y"], [["> 3", '"plan"', "days + extra"]])))
    assert model.decision("D").inputs_needed == {"days", "kind", "extra"}
    assert ask(model, "D", days=4, kind="plan", extra=1).value == Decimal(5)
    assert ask(model, "D", days=4, kind="plan").missing == {"extra"}


def test_a_name_that_nothing_connects_is_refused_where_inputs_are_declared() -> None:
    with pytest.raises(Invalid, match="'kind'"):
        read(input_data("days"), decision("D", literal("days + kind"), requires=["input:days"]))


def test_entries_of_list_items_are_not_taken_for_inputs() -> None:
    model = read(input_data("people"), decision("D", literal("people[age > 3].name"), requires=["input:people"]))
    people = [{"name": "Asha", "age": 2}, {"name": "Ben", "age": 9}]
    assert ask(model, "D", people=people).value == ["Ben"]


def test_a_circle_is_refused_with_its_names() -> None:
    with pytest.raises(Invalid, match=r"circle: 'A' -> 'B' -> 'A'"):
        read(
            decision("A", literal("B"), requires=["decision:B"]), decision("B", literal("A"), requires=["decision:A"])
        )


def test_an_arrow_that_leads_nowhere_is_refused() -> None:
    with pytest.raises(Invalid, match=r"decision 'A' \(id_A\).*'id_Gone'"):
        read(decision("A", literal("1"), requires=["decision:Gone"]))


def test_a_knowledge_model_is_called_by_place_by_name_and_boxed() -> None:
    boxed = (
        "<invocation><literalExpression><text>plus tax</text></literalExpression>"
        "<binding><parameter name='rate'/><literalExpression><text>0.5</text></literalExpression></binding>"
        "<binding><parameter name='net sum'/><literalExpression><text>x</text></literalExpression></binding>"
        "</invocation>"
    )
    model = read(
        input_data("x"),
        knowledge("plus tax", [("net sum", "number"), ("rate", "number")], literal("net sum * (1 + rate)")),
        decision("Place", literal("plus tax(x, 0.5)"), requires=["input:x", "knowledge:plus tax"]),
        decision("Named", literal("plus tax(rate: 0.5, net sum: x)"), requires=["input:x", "knowledge:plus tax"]),
        decision("Boxed", boxed, requires=["input:x", "knowledge:plus tax"]),
    )
    for name in ("Place", "Named", "Boxed"):
        assert ask(model, name, x=10).value == Decimal(15)
    assert model.invoke("plus tax", {"net sum": 10, "rate": 1}, world()).value == Decimal(20)


def test_a_knowledge_model_may_use_another_and_hold_a_table() -> None:
    rules = [["< 10", '"low"'], [">= 10", '"high"']]
    model = read(
        input_data("x"),
        knowledge("band", [("n", "number")], table("UNIQUE", ["n"], ["band"], rules)),
        knowledge("doubled band", [("n", "number")], literal("band(n * 2)"), requires=["knowledge:band"]),
        decision("D", literal("doubled band(x)"), requires=["input:x", "knowledge:doubled band"]),
    )
    result = ask(model, "D", x=6)
    assert result.value == "high"
    assert [(row.decision, row.row, row.inputs) for row in result.matched] == [("band", 2, {"n": Decimal(12)})]


def test_a_knowledge_model_sees_only_its_parameters() -> None:
    with pytest.raises(Invalid, match="knowledge model 'f'.*'x'"):
        read(input_data("x"), knowledge("f", [("n", "")], literal("n + x")), decision("D", literal("1")))


def test_a_knowledge_model_that_never_stops_calling_itself_is_stopped() -> None:
    model = read(
        knowledge("f", [("n", "number")], literal("f(n + 1)")),
        decision("D", literal("f(1)"), requires=["knowledge:f"]),
    )
    with pytest.raises(BudgetExceeded):
        ask(model, "D")


def test_a_knowledge_model_may_call_itself() -> None:
    model = read(
        knowledge("factorial", [("n", "number")], literal("if n <= 1 then 1 else n * factorial(n - 1)")),
        decision("D", literal("factorial(10)"), requires=["knowledge:factorial"]),
    )
    assert ask(model, "D").value == Decimal(3628800)


PRICE = (
    '<decisionService id="ds" name="Price"><outputDecision href="#id_Total"/><encapsulatedDecision href="#id_Fee"/>'
    '<inputDecision href="#id_Discount"/><inputData href="#id_base"/><inputData href="#id_rate"/></decisionService>'
)
SERVICE = (
    input_data("base", "number"), input_data("rate", "number"),
    decision("Fee", literal("base * rate"), requires=["input:base", "input:rate"]),
    decision("Discount", literal("100")),
    decision("Total", literal("base + Fee - Discount"), requires=["input:base", "decision:Fee", "decision:Discount"]),
    PRICE,
    decision("Asked", literal("Price(200, 0.1, 5)"), requires=["knowledge:Price"]).replace("#id_Price", "#ds"),
)


def test_a_decision_service_takes_its_inputs_then_its_input_decisions() -> None:
    model = read(*SERVICE)
    assert ask(model, "Asked").value == Decimal(215)
    assert model.invoke("Price", {"base": 200, "rate": "0.1", "Discount": 5}, world()).value is None
    given = {"base": 200, "rate": Decimal("0.1"), "Discount": 5}
    assert model.invoke("Price", given, world()).value == Decimal(215)
    assert ask(model, "Total", base=200, rate=Decimal("0.1")).value == Decimal(120)


def test_a_decision_service_with_several_outputs_answers_a_context() -> None:
    service = (
        '<decisionService id="ds" name="Both"><outputDecision href="#id_A"/><outputDecision href="#id_B"/>'
        "</decisionService>"
    )
    model = read(decision("A", literal("1")), decision("B", literal("2")), service)
    assert model.invoke("Both", {}, world()).value == {"A": Decimal(1), "B": Decimal(2)}


LIBRARY = definitions(
    '<itemDefinition name="tAge"><typeRef>number</typeRef></itemDefinition>',
    input_data("first name", "string"),
    knowledge("say hello", [("name", "string")], literal('"Hello " + name')),
    decision("Greeting", literal("say hello(first name)"), requires=["input:first name", "knowledge:say hello"]),
    namespace="urn:library", name="Library",
)
IMPORT = '<import namespace="urn:library" name="lib" importType="https://www.omg.org/spec/DMN/20230324/MODEL/"/>'


def test_an_import_brings_decisions_functions_types_and_inputs_under_its_name() -> None:
    library = read_model(LIBRARY, name="library.dmn")
    model = read(
        IMPORT, input_data("age", "lib.tAge"),
        decision(
            "D", literal('lib.Greeting + ", " + lib.say hello("you") + string(age)'),
            requires=["input:age", "decision:urn:library#id_Greeting", "knowledge:urn:library#id_say_hello"],
        ),
        imports={"urn:library": library},
    )
    assert model.decision("D").inputs_needed == {"age", "lib.first name"}
    nested = ask(model, "D", age=7, lib={"first name": "Asha"})
    assert nested.value == "Hello Asha, Hello you7"
    assert ask(model, "D", age=7, **{"first name": "Ben"}).value == "Hello Ben, Hello you7"
    named = dict.fromkeys(model.decision("D").inputs_needed - {"age"}, "Cem")
    assert ask(model, "D", age=7, **named).value == "Hello Cem, Hello you7", "an input as `inputs_needed` names it"
    assert ask(model, "D", age=7).missing == {"lib.first name"}
    assert "lib.Greeting" in nested.decisions


def test_an_import_without_its_file_is_refused() -> None:
    with pytest.raises(Invalid, match="'lib'"):
        read(IMPORT, decision("D", literal("1")))


def test_host_functions_may_be_called_from_cells() -> None:
    add = HostFunction("working days between", ("a", "b"), lambda environment, a, b: b - a)
    model = read(
        input_data("x"), decision("D", literal("working days between(2, x)"), requires=["input:x"]),
        functions={"working days between": add},
    )
    assert ask(model, "D", x=9).value == Decimal(7)


def test_a_long_chain_of_decisions_does_not_run_out_of_stack() -> None:
    chain = [decision("D0", literal("1"))]
    chain += [decision(f"D{n}", literal(f"D{n - 1} + 1"), requires=[f"decision:D{n - 1}"]) for n in range(1, 1500)]
    assert ask(read(*reversed(chain)), "D1499").value == Decimal(1500)


def test_decisions_behind_an_input_decision_of_a_service_are_left_alone() -> None:
    service = (
        '<decisionService id="ds" name="S"><outputDecision href="#id_Out"/><inputDecision href="#id_Mid"/>'
        "</decisionService>"
    )
    model = read(
        decision("Deep", table("UNIQUE", ["true"], ["y"], [["-", "1"]])),
        decision("Mid", literal("Deep"), requires=["decision:Deep"]),
        decision("Out", literal("Mid + 1"), requires=["decision:Mid"]), service,
    )
    result = model.invoke("S", {"Mid": 41}, world())
    assert result.value == Decimal(42)
    assert result.matched == ()


def test_the_variable_of_a_knowledge_model_may_have_the_type_of_the_function() -> None:
    function = (
        '<itemDefinition name="tFn"><functionItem outputTypeRef="number"><parameters name="n" typeRef="number"/>'
        "</functionItem></itemDefinition>"
    )
    model = read(
        function, knowledge("f", [("n", "number")], literal("n + 1"), kind="tFn"),
        knowledge("g", [("n", "")], literal('"text"'), kind="tFn"),
        decision("D", literal("[f(1), g(1), f instance of tFn]"), requires=["knowledge:f", "knowledge:g"]),
    )
    assert ask(model, "D").value == [Decimal(2), None, True]


def test_a_function_that_does_not_exist_is_refused_not_taken_for_an_input() -> None:
    with pytest.raises(Invalid, match="calls 'working daze', and there is no such function"):
        read(decision("D", table("UNIQUE", ["days"], ["y"], [["> working daze(3)", "1"]])))


def test_an_import_without_a_name_brings_its_elements_as_if_they_were_here() -> None:
    library = read_model(LIBRARY, name="library.dmn")
    model = read(
        IMPORT.replace('name="lib"', 'name=""'), input_data("age", "tAge"),
        decision(
            "D", literal('say hello("you") + first name'),
            requires=["knowledge:urn:library#id_say_hello", "input:urn:library#id_first_name"],
        ),
        imports={"urn:library": library},
    )
    assert ask(model, "D", **{"first name": "Asha"}).value == "Hello youAsha"
    assert model.decision("D").inputs_needed == {"first name"}


def test_two_elements_of_one_name_are_refused() -> None:
    with pytest.raises(Invalid, match="decision 'x'.*taken by the input data 'x'"):
        read(input_data("x"), decision("x", literal("1")).replace("id_x", "other"))


def test_a_knowledge_model_without_logic_is_null_and_says_so() -> None:
    model = read(
        '<businessKnowledgeModel id="f" name="f"/>',
        decision("D", literal("f()"), requires=["knowledge:f"]).replace("#id_f", "#f"),
    )
    result = ask(model, "D")
    assert result.value is None
    assert "knowledge model 'f' (f): the knowledge model has no logic" in result.warnings[0].message


def test_warnings_of_many_evaluations_do_not_silence_later_ones() -> None:
    model = read(decision("D", literal('1 + "a"')))
    environment = world()
    results = [model.evaluate("D", {}, environment) for _ in range(150)]
    assert all(result.warnings for result in results)
    assert len(environment.warnings) == 100


UNDECLARED = read(decision("D", literal("x")))
VALUES = (
    st.none() | st.booleans() | st.integers() | st.integers(10**33, 10**35) | st.floats(allow_nan=False)
    | st.decimals(allow_nan=False, allow_infinity=False) | st.text() | st.dates() | st.datetimes() | st.timedeltas()
)


@given(value=VALUES | st.lists(VALUES, max_size=2))
def test_inputs_that_nothing_declares_are_what_feel_makes_of_them(value: Any) -> None:
    try:
        expected = to_feel(value)
    except Invalid:
        with pytest.raises(Invalid):
            ask(UNDECLARED, "D", x=value)
        return
    result = ask(UNDECLARED, "D", x=value)
    assert (result.value, type(result.value)) == (expected, type(expected))
    assert result.missing == ({"x"} if value is None else set())


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        (7, Decimal(7)), (-(10**40) - 1, Decimal(-(10**40))), (True, True), (date(2026, 3, 2), date(2026, 3, 2)),
        ("Zoë", "Zoë"), (datetime(2026, 3, 2, 9, tzinfo=UTC), to_feel(datetime(2026, 3, 2, 9, tzinfo=UTC))),
    ],
)
def test_an_undeclared_input_is_named_in_a_table_by_itself(value: Any, seen: Any) -> None:
    model = read(decision("D", table("UNIQUE", ["x", "x"], ["y"], [["-", "-", "x"]])))
    result = ask(model, "D", x=value)
    assert result.value == seen
    assert result.matched[0].inputs == {"x": seen}


def test_an_undeclared_input_that_feel_cannot_hold_is_refused() -> None:
    with pytest.raises(Invalid, match="surrogate"):
        ask(UNDECLARED, "D", x="\ud800")
