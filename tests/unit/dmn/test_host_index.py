"""Cells that ask a host's fixed functions are looked up, and say what they would say one by one."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.dmn import DecisionModel, DecisionResult
from engine.dmn.host_index import KEPT_HOSTS
from engine.errors import BudgetExceeded, Invalid
from engine.feel import Environment, FeelWarning, HostFunction
from tests.unit.dmn.dmn_files import decision, input_data, read, table


@dataclass
class Host:
    """Gives limits by name, and counts how often it is asked; a limit that is an error is raised."""

    limits: Mapping[str, Any] = field(default_factory=dict)
    fixed_key: Hashable = "first"
    asked: list[str] = field(default_factory=list)


def _limit(environment: Environment, name: Any) -> Any:
    if environment.host is None:
        environment.warnings.append(FeelWarning("host-function", "no host"))
        return None
    environment.host.asked.append(name)
    found = environment.host.limits.get(name)
    if isinstance(found, Exception):
        raise found
    if found is None:
        environment.warnings.append(FeelWarning("host-function", f"no limit {name}"))
    return found


LIMIT = HostFunction("time limit", ("name",), _limit, fixed=True)

NUMBERS = st.integers(-3, 3).map(str) | st.sampled_from(["0.5", "-1.25"])
CALLS = st.sampled_from(["a", "b", "c", "word", "never"]).map('time limit("{}")'.format)
OPERANDS = NUMBERS | CALLS | CALLS.map("-{}".format)
PAIRS = st.tuples(OPERANDS, OPERANDS)
TESTS = (
    OPERANDS | st.sampled_from(['"x"', "true", "null", "? > 1", 'time limit(name: "a")', 'time limit("a", "b")'])
    | st.builds(lambda sign, number: f"{sign} {number}", st.sampled_from(["<", "<=", ">", ">=", "=", "!="]), OPERANDS)
    | st.builds(lambda ends, pair: f"{ends[0]}{pair[0]}..{pair[1]}{ends[1]}", st.sampled_from(["[]", "()"]), PAIRS)
    | st.just('> time limit("a") + 1') | st.just("> time limit(x)")
)
CELLS = st.lists(TESTS, min_size=1, max_size=2).map(",".join)
COLUMNS = st.lists(CELLS | CELLS.map("not({})".format) | st.just("-"), min_size=1, max_size=6)
LIMITS = st.fixed_dictionaries(
    {name: st.integers(-3, 3).map(Decimal) | st.none() for name in "abc"} | {"word": st.sampled_from(["x", True])}
)
VALUES = (
    st.decimals(-5, 5, places=2) | st.integers(-4, 4) | st.sampled_from(["x", "a", ""]) | st.booleans() | st.none()
)


def rows(cells: list[str], *, function: HostFunction = LIMIT, names: tuple[str, ...] = ("x",)) -> DecisionModel:
    """Return a table on `x` whose rows answer their own number."""
    rules = [[cell, str(number)] for number, cell in enumerate(cells, start=1)]
    return read(
        *[input_data(name) for name in names],
        decision("D", table("RULE ORDER", ["x"], ["row"], rules), requires=[f"input:{name}" for name in names]),
        functions={function.name: function},
    )


def ask(model: DecisionModel, host: Any, **inputs: Any) -> DecisionResult:
    return model.evaluate("D", inputs, Environment(host=host))


@given(cells=COLUMNS, limits=LIMITS, values=st.lists(VALUES, min_size=1, max_size=4))
def test_a_table_says_what_its_cells_say_one_by_one(
    cells: list[str], limits: Mapping[str, Any], values: list[Any]
) -> None:
    looked_up, one_by_one = rows(cells), rows(cells, function=replace(LIMIT, fixed=False))
    host = Host(limits)
    for value in values:
        assert ask(looked_up, host, x=value) == ask(one_by_one, Host(limits), x=value)


@given(cells=COLUMNS, limits=st.lists(LIMITS, min_size=2, max_size=3), value=VALUES)
def test_each_host_is_answered_by_its_own_limits(
    cells: list[str], limits: list[Mapping[str, Any]], value: Any
) -> None:
    model, one_by_one = rows(cells), rows(cells, function=replace(LIMIT, fixed=False))
    for each in [*enumerate(limits), *enumerate(limits)]:
        assert ask(model, Host(each[1], each[0]), x=value) == ask(one_by_one, Host(each[1]), x=value)


def test_a_limit_is_asked_once_for_hosts_of_one_key() -> None:
    model = rows(['>= time limit("a")', '[0..time limit("b"))'])
    first, second = Host({"a": Decimal(10), "b": Decimal(3)}), Host({"a": Decimal(99)})
    assert [ask(model, first, x=x).value for x in (12, 10, 5, 2)] == [[1], [1], None, [2]]
    first.asked.clear()
    assert [ask(model, host, x=11).value for host in (first, second)] == [[1], [1]]
    assert first.asked == second.asked == []


def test_a_new_key_brings_new_limits() -> None:
    model = rows(['>= time limit("a")'])
    assert ask(model, Host({"a": Decimal(10)}, 1), x=7).value is None
    assert ask(model, Host({"a": Decimal(5)}, 2), x=7).value == [1]
    assert ask(model, Host({"a": Decimal(10)}, 1), x=7).value is None


@pytest.mark.parametrize("key", [None, "kept"])
def test_a_limit_that_is_not_there_is_null_with_a_warning_every_time(key: Hashable) -> None:
    model, host = rows(['>= time limit("a")', "> 1"]), Host(fixed_key=key)
    for _ in range(3):
        result = ask(model, host, x=7)
        assert result.value == [2]
        assert result.warnings[0].message == "table of 'D', row 1, column 'x': no limit a"
    host.limits = {"a": Decimal(5)}
    assert ask(model, host, x=7).value == [1, 2]


def test_without_a_host_the_warning_is_as_before() -> None:
    model = rows(['>= time limit("a")', "> 1"])
    ask(model, Host({"a": Decimal(5)}), x=7)
    result = ask(model, None, x=7)
    assert (result.value, "no host" in result.warnings[0].message) == ([2], True)


def test_a_host_without_a_key_is_asked_every_time() -> None:
    host = Host({"a": Decimal(5)}, fixed_key=None)
    model = rows(['>= time limit("a")'])
    assert [ask(model, host, x=7).value for _ in range(2)] == [[1], [1]]
    assert host.asked == ["a", "a"]


def test_a_function_that_is_not_fixed_is_asked_every_time() -> None:
    host = Host({"a": Decimal(5)})
    model = rows(['>= time limit("a")'], function=replace(LIMIT, fixed=False))
    assert [ask(model, host, x=7).value for _ in range(2)] == [[1], [1]]
    assert host.asked == ["a", "a"]


def test_an_input_that_hides_the_function_is_not_taken_for_it() -> None:
    lent = HostFunction("limit", ("n",), lambda *_: Decimal(0), fixed=True)
    model = rows(["> limit(5)"], function=lent, names=("x", "limit"))
    assert ask(model, Host(), x=7, limit=3).value is None


def test_a_limit_that_fails_is_not_asked_for_rows_that_are_ruled_out() -> None:
    rules = [["true", '> time limit("bad")', "1"], ["-", '> time limit("a")', "2"]]
    model = read(
        input_data("open"), input_data("x"),
        decision("D", table("RULE ORDER", ["open", "x"], ["row"], rules), requires=["input:open", "input:x"]),
        functions={"time limit": LIMIT},
    )
    host = Host({"a": Decimal(5), "bad": BudgetExceeded("too much")})
    assert ask(model, host, open=False, x=7).value == [2]
    with pytest.raises(Invalid, match="too much"):
        ask(model, host, open=True, x=7)


def test_an_error_of_the_host_itself_is_not_kept() -> None:
    model, host = rows(['> time limit("a")']), Host({"a": OSError("away")})
    with pytest.raises(OSError, match="away"):
        ask(model, host, x=7)
    host.limits = {"a": Decimal(5)}
    assert ask(model, host, x=7).value == [1]
    host.asked.clear()
    assert ask(model, host, x=7).value == [1]
    assert host.asked == []


def test_a_limit_may_be_worked_out_by_the_table_that_asks_for_it() -> None:
    def limit(environment: Environment, name: Any) -> Any:
        return ask(model, environment.host, which=name).value

    rules = [['"outer"', '> time limit("inner")', "1"], ['"inner"', "-", "5"]]
    model = read(
        input_data("which"), input_data("x"),
        decision("D", table("UNIQUE", ["which", "x"], ["row"], rules), requires=["input:which", "input:x"]),
        functions={"time limit": HostFunction("time limit", ("name",), limit, fixed=True)},
    )
    assert [ask(model, Host(), which="outer", x=x).value for x in (6, 5, 6)] == [1, None, 1]


def test_only_some_hosts_are_kept() -> None:
    model = rows(['>= time limit("a")'])
    hosts = [Host({"a": Decimal(5)}, number) for number in range(KEPT_HOSTS + 1)]
    for host in hosts:
        ask(model, host, x=7)
        host.asked.clear()
    for host in (hosts[-1], hosts[0]):
        assert ask(model, host, x=7).value == [1]
    assert (bool(hosts[-1].asked), bool(hosts[0].asked)) == (False, True)
