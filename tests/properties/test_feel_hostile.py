"""Hostile expressions: none reaches Python, and each ends with a value, null, or an error in words.

Expressions are put together from pieces that attack: names of Python's inner attributes, calls of its
functions, bombs of numbers, lists, text, nesting and patterns, broken text. While they run, every way out of
the language raises.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.errors import EngineError, Invalid
from engine.feel import (
    Budget,
    DaysTime,
    Environment,
    FeelDateTime,
    FeelFunction,
    FeelRange,
    FeelSyntaxError,
    FeelTime,
    WideDate,
    YearsMonths,
    built_in_names,
    compile_expression,
    compile_unary_tests,
    to_plain,
)
from engine.feel.temporal import zone_names

KINDS = {
    Decimal, str, bool, type(None), list, dict, date, WideDate, FeelTime, FeelDateTime, YearsMonths, DaysTime,
    FeelRange, FeelFunction,
}  # fmt: skip
SMALL = Budget(steps=50_000, range_size=5_000, list_length=20_000, string_length=50_000)
VARIABLES: dict[str, Any] = {
    "child": {"name": "Sam", "age": 7, "__class__": "an entry", "plan": [{"on": date(2026, 3, 3)}]},
    "items": [1, 2, 3],
    "when": datetime(2026, 3, 3, 10, tzinfo=UTC),
    "text": "a" * 200,
}
DUNDERS = (
    "__class__ __subclasses__ __globals__ __init__ __dict__ __mro__ __bases__ __builtins__ __import__ __code__ "
    "__getattribute__ __reduce__ __call__ __self__ invoke frame body environment host as_tuple nanos items keys "
    "format mro zone tzinfo _code budget"
).split()
ATTACKS = [
    "import(\"os\")", "__import__(\"os\").system(\"id\")", "eval(\"1\")", "exec(\"1\")", "open(\"/etc/passwd\")",
    "getattr(child, \"name\")", "globals()", "\"\".format(child)", "\"{0.__class__}\"", "lambda: 1", "9**9**9**9",
    "for i in 1..10000000 return i", "for i in 1..5000 return for j in 1..5000 return i * j",
    "for i in 1..3000 return partial", "for i in 1..60 return if i = 1 then [1] else [partial[-1], partial[-1]]",
    "for i in 1..60 return if i = 1 then \"x\" else partial[-1] + partial[-1]",
    "{f: function(n) f(n + 1), r: f(1)}.r", "(function(f) f(f))(function(f) f(f))",
    "matches(text, \"(a+)+$\")", "matches(text, \"(a|aa)*(a|aa)*b\")", r'matches(text, "(a*)*\\1b")',
    r'replace(text, "(a*)*(a*)*\\1\\2x", "b")', "matches(text, \"((((a{1000}){1000}){1000}))\")",
    "replace(text, \"a\", text)", "split(text, \"a\")", "NaN", "Infinity", "number(\"NaN\")", "1e6144 * 10", "0 ** -1",
    "1e6000", "(-1) ** 0.5", "date(999999999, 12, 31) + @\"P999999999Y\"", "@\"P999999999999D\" * 1e6000",
    "@\"10:00:00@../../etc/passwd\"", "range(\"[1..\" + text + \"]\")", "string(child)",
    "context put(child, text, child)",
    "\"\ud800\"", r'"\ud800"', "\"\x00\"", "\x00", "child.plan[on > when].on", "items[item = __class__]",
    "sort(items, function(a, b) b)", "sort(items, sort)", "abs instance of function<Any> -> Any", "[1..2].operator",
    "child[text]", "function(x) external {java: {class: \"java.lang.Runtime\"}}", "null", "?",
]  # fmt: skip
NAMES = st.sampled_from([*DUNDERS, *VARIABLES, *sorted(built_in_names()), "partial", "item"])
BROKEN = st.lists(st.sampled_from([*"()[]{}.,:<>=!*+-/@?\"\\ \n10aé🐎\ud800", ".."]), max_size=12).map("".join)


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    two = st.tuples(inner, inner)
    return st.one_of(
        st.tuples(inner, NAMES).map(lambda parts: f"({parts[0]}).{parts[1]}"),
        st.tuples(inner, NAMES).map(lambda parts: f"{parts[1]}({parts[0]})"),
        st.tuples(NAMES, inner, inner).map(lambda parts: f"{parts[0]}({parts[1]}, {parts[2]})"),
        two.map(lambda parts: f"({parts[0]})[{parts[1]}]"),
        two.map(lambda parts: f"[{parts[0]}, {parts[1]}]"),
        two.map(lambda parts: f"({parts[0]}) in ({parts[1]})"),
        two.map(lambda parts: f"for x in {parts[0]} return {parts[1]}"),
        two.map(lambda parts: f"some x in {parts[0]} satisfies {parts[1]}"),
        two.map(lambda parts: f"if {parts[0]} then {parts[1]} else x"),
        two.map(lambda parts: f"{{a: {parts[0]}, b: {parts[1]}}}"),
        two.map(lambda parts: f"(function(x) {parts[0]})({parts[1]})"),
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "**", "=", "<", "and", "or", ".."]), inner).map(
            lambda parts: f"({parts[0]}) {parts[1]} ({parts[2]})"
        ),
    )


HOSTILE = st.recursive(st.one_of(st.sampled_from(ATTACKS), NAMES), _grown, max_leaves=5) | BROKEN


class Escaped(BaseException):
    """An expression reached Python. Not an `Exception`, so that nothing can swallow it."""


# What no expression may cause: code made or run, a module loaded, a file, process or connection opened.
FORBIDDEN = {
    "exec", "compile", "import", "open", "os.system", "os.exec", "os.posix_spawn", "os.listdir", "subprocess.Popen",
    "socket.connect", "socket.getaddrinfo", "ctypes.dlopen", "pickle.find_class", "marshal.loads",
}  # fmt: skip
watching = [False]


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if watching[0] and event in FORBIDDEN:
        raise Escaped(event, arguments)


# An audit hook sees every way to those acts, and lasts as long as the process; it acts only while `watching`.
sys.addaudithook(_watch)


@contextmanager
def walls() -> Iterator[None]:
    """Raise `Escaped` for anything forbidden inside."""
    zone_names(), ZoneInfo("Europe/London").utcoffset(None)  # read from the disk before the doors close
    watching[0] = True
    try:
        yield
    finally:
        watching[0] = False


def outcome(text: str, *, cell: bool = False) -> Any:
    """Return what an expression comes to in FEEL, or the error that it ends with."""
    environment = Environment(now=datetime(2026, 6, 1, tzinfo=UTC))
    try:
        with walls():
            return _run(text, cell, environment)
    except EngineError as error:
        return error


def _run(text: str, cell: bool, environment: Environment) -> Any:
    if cell:
        tests = compile_unary_tests(text, names=VARIABLES.keys(), budget=SMALL)
        return tests.matches(VARIABLES["child"], VARIABLES, environment)
    return compile_expression(text, names=VARIABLES.keys(), budget=SMALL).evaluate(VARIABLES, environment)


def only_feel(value: Any, depth: int = 6) -> None:
    """Fail unless a value is made of FEEL's kinds (lists as deep as `depth` are looked into)."""
    assert type(value) in KINDS
    if depth and isinstance(value, list | dict):
        for item in list(value.values() if isinstance(value, dict) else value)[:20]:
            only_feel(item, depth - 1)


@settings(max_examples=400, deadline=None)
@given(HOSTILE, st.booleans())
@example("child.__class__", False)
@example("items.__class__.__subclasses__()", True)
def test_no_expression_reaches_python(text: str, cell: bool) -> None:
    result = outcome(text, cell=cell)
    if isinstance(result, EngineError):
        assert isinstance(result, Invalid)
        assert result.message and "Traceback" not in result.message
        return
    only_feel(result)
    if not cell:
        with suppress(Invalid):
            to_plain(result)


def test_the_walls_hold() -> None:
    for act in (lambda: eval("1"), lambda: open("/dev/null"), lambda: __import__("wave")):  # noqa: S307, SIM115
        with pytest.raises(Escaped), walls():
            act()


@pytest.mark.parametrize("attack", ATTACKS)
def test_each_attack_in_a_cell_and_in_an_expression(attack: str) -> None:
    for cell in (False, True):
        result = outcome(attack, cell=cell)
        if not isinstance(result, EngineError):
            only_feel(result)


@pytest.mark.parametrize("name", DUNDERS)
@pytest.mark.parametrize(
    "value", ["items", "when", "when.date", "text", "1", "true", "null", "abs", "(function() 1)", "[1..2]", '@"P1D"']
)
def test_no_attribute_of_a_python_object_is_read(value: str, name: str) -> None:
    result = outcome(f"{value}.{name}")
    assert result is None or result == [None, None, None]


def test_an_entry_with_a_pythons_name_is_only_an_entry() -> None:
    assert outcome("child.__class__") == "an entry"


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=40))
def test_any_text_is_an_expression_or_refused_in_words(text: str) -> None:
    try:
        compile_expression(text)
    except FeelSyntaxError as error:
        details = error.details
        assert details["text"] == text
        assert details["line"] >= 1 and details["column"] >= 1
    except Invalid as error:
        assert error.details["what"] in {"text", "nesting"}
