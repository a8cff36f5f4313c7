"""Expressions and unary tests, compiled once and run any number of times, by any number of threads."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any

from engine.errors import BudgetExceeded
from engine.feel import compile_access, compile_forms, compile_functions, compile_loops, compile_operators
from engine.feel import nodes as n
from engine.feel.compile_base import FIRST_SLOT, INPUT, Code, Compiler, Frame
from engine.feel.compile_forms import tests_code
from engine.feel.environment import DEFAULT, Budget, Environment, FeelSyntaxError, Runtime
from engine.feel.parser import parse_expression, parse_unary_tests
from engine.feel.plain import to_feel
from engine.feel.types import TypeTest
from engine.feel.values import HostFunction, Value

_NONE: Mapping[str, Any] = MappingProxyType({})
PARTS = (compile_access, compile_forms, compile_functions, compile_loops, compile_operators)


class Session:
    """One set of FEEL variables, evaluated against by many expressions: the fast way for a table's cells.

    `variables` must already hold FEEL values (`to_feel`). Not for two threads at once. `frame` is what the code of
    expressions runs on.
    """

    __slots__ = ("frame",)

    def __init__(
        self, variables: Mapping[str, Value], environment: Environment | None = None, *, budget: Budget = DEFAULT
    ) -> None:
        runtime = Runtime(Environment() if environment is None else environment, budget)
        self.frame: Frame = [runtime, variables, None]


class _Compiled:
    """What expressions and unary tests share. `code` gives the value on a session's `frame`, without a detour."""

    __slots__ = ("_budget", "_code", "_slots", "code", "names_possible", "names_used", "node", "text")

    def __init__(self, text: str, node: n.Node | n.Tests, compiler: Compiler, code: Code) -> None:
        self.text = text
        self.node = node
        self.names_used = frozenset(compiler.free)
        self.names_possible = frozenset(compiler.possible - compiler.free)
        self._budget = compiler.budget
        self._code = code
        self._slots = compiler.slots
        # Most cells call no function and bring in no name: their code needs no looking after.
        self.code: Code = self._guarded if compiler.calls or compiler.slots > FIRST_SLOT else code

    def _fresh(self, variables: Mapping[str, Any], environment: Environment | None) -> Frame:
        used = {name: to_feel(variables[name]) for name in self.names_used if name in variables}
        for name in self.names_possible:
            if name in variables:
                used[name] = to_feel(variables[name])
        return Session(used, environment, budget=self._budget).frame

    def _guarded(self, frame: Frame) -> Value:
        if self._slots > len(frame):
            frame.extend([None] * (self._slots - len(frame)))
        try:
            return self._code(frame)
        except RecursionError:
            raise _endless() from None


class Expression(_Compiled):
    """A compiled expression. `names_used` are its free variables.

    `names_possible` are names met only inside filters (or shadowing a built-in), which may be entries of
    the items filtered rather than variables.
    """

    __slots__ = ()

    def evaluate(self, variables: Mapping[str, Any] = _NONE, environment: Environment | None = None) -> Value:
        """Return the expression's FEEL value for ordinary or FEEL `variables` by name.

        A fault inside is null, with a warning in the environment. Raises `BudgetExceeded`, and `Invalid`
        when a variable is of a kind that FEEL does not have.
        """
        return self.code(self._fresh(variables, environment))

    def evaluate_in(self, session: Session) -> Value:
        """Return the value in a session, whose variables are FEEL values already."""
        return self.code(session.frame)


class UnaryTests(_Compiled):
    """Compiled unary tests: the cell of a decision table's input."""

    __slots__ = ("always",)

    def __init__(self, text: str, node: n.Tests, compiler: Compiler, code: Code) -> None:
        super().__init__(text, node, compiler, code)
        self.always = not node.tests

    def matches(
        self, input_value: Any, variables: Mapping[str, Any] = _NONE, environment: Environment | None = None
    ) -> bool | None:
        """Say whether `input_value` passes; None when that cannot be told. Raises as `evaluate` does."""
        frame = self._fresh(variables, environment)
        frame[INPUT] = to_feel(input_value)
        return _truth(self.code(frame))

    def matches_in(self, session: Session, input_value: Value) -> bool | None:
        """Say whether a FEEL value passes, in a session whose variables are FEEL values already."""
        frame = session.frame
        frame[INPUT] = input_value
        return _truth(self.code(frame))


def _endless() -> BudgetExceeded:
    return BudgetExceeded("The expression's functions call each other too deeply", what="calls")


def _truth(value: Value) -> bool | None:
    return value if value is True or value is False else None


def compile_expression(
    text: str,
    *,
    names: Collection[str] = (),
    functions: Mapping[str, HostFunction] = _NONE,
    types: Mapping[str, TypeTest] = _NONE,
    budget: Budget = DEFAULT,
) -> Expression:
    """Compile FEEL text.

    `names` are the variables in scope, needed for names with spaces or symbols in them, and to let one
    hide a built-in; `functions` are lent by the host; `types` test values for the model's own types.
    Raises `FeelSyntaxError`, or `BudgetExceeded` for text too long or too deeply nested.
    """
    compiler = Compiler(names=names, functions=functions, types=types, budget=budget)
    try:
        node = parse_expression(text, names=[*names, *functions], budget=budget)
        return Expression(text, node, compiler, compiler.code(node))
    except RecursionError:
        raise _too_deep(text) from None


def compile_unary_tests(
    text: str,
    *,
    names: Collection[str] = (),
    functions: Mapping[str, HostFunction] = _NONE,
    types: Mapping[str, TypeTest] = _NONE,
    budget: Budget = DEFAULT,
) -> UnaryTests:
    """Compile the text of a decision table's input cell; `-` matches anything. See `compile_expression`."""
    compiler = Compiler(names=names, functions=functions, types=types, budget=budget)
    try:
        node = parse_unary_tests(text, names=[*names, *functions], budget=budget)
        return UnaryTests(text, node, compiler, tests_code(compiler, node))
    except RecursionError:
        raise _too_deep(text) from None


def _too_deep(text: str) -> FeelSyntaxError:
    return FeelSyntaxError("The expression is nested too deeply.", text=text, line=1, column=1)

