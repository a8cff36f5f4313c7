"""FEEL for every expression slot. SpiffWorkflow's own script engine, which is Python's eval, is never built."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from engine.errors import BudgetExceeded, Invalid
from engine.feel import Environment, Expression, FeelSyntaxError, HostFunction, compile_expression, to_plain
from engine.progress import StepWarning


class Formula:
    """One compiled expression and the place it was written in; `copies` when it passes one variable on as it is."""

    __slots__ = ("copies", "element_id", "expression", "text")

    def __init__(self, text: str, element_id: str, expression: Expression, *, copies: bool = False) -> None:
        self.copies = copies
        self.text = text
        self.element_id = element_id
        self.expression = expression


class FormulaReader:
    """Compiles the expressions of one file and remembers every free variable they use."""

    def __init__(self, file: str, functions: Mapping[str, HostFunction]) -> None:
        self._file = file
        self._functions = functions
        self.names_used: set[str] = set()

    def compile(self, feel: str, element_id: str, slot: str, *, copies: bool = False) -> Formula:
        """Return the compiled `feel`. Raises `Invalid` naming file, element and slot."""
        try:
            expression = compile_expression(feel, functions=self._functions)
        except (FeelSyntaxError, BudgetExceeded) as error:
            raise self.refusal(element_id, f"{slot}: {error.message}") from error
        self.names_used |= expression.names_used
        return Formula(feel, element_id, expression, copies=copies and expression.names_used == {feel})

    def refusal(self, element_id: str, message: str) -> Invalid:
        """Return the error for something in the file that cannot be accepted."""
        return Invalid(f"{self._file}:{element_id}: {message}", file=self._file, element=element_id)


class FeelScriptEngine:
    """Evaluates compiled formulas for one step.

    Stands where SpiffWorkflow keeps its script engine, and has none of the methods through which that would
    run Python.
    """

    def __init__(self, now: datetime, zone: ZoneInfo, host: Any) -> None:
        self.environment = Environment(now=now, zone=zone, warnings=[], host=host)
        self.warnings: list[StepWarning] = []

    def value(self, formula: Formula, variables: Mapping[str, Any]) -> Any:
        """Return the plain Python value of `formula`. Raises `BudgetExceeded` naming the element."""
        try:
            result = formula.expression.evaluate(variables, self.environment)
        except BudgetExceeded as error:
            details = {**error.details, "element": formula.element_id}
            raise BudgetExceeded(f"{formula.element_id}: {error.message}", **details) from error
        if self.environment.warnings:
            self._note(formula)
        return to_plain(result)

    def _note(self, formula: Formula) -> None:
        # A variable that was never set is passed on as null: nothing was worked out, so nothing is wrong.
        for warning in () if formula.copies else self.environment.warnings:
            self.warnings.append(StepWarning(formula.element_id, formula.text, warning.message))
        self.environment.warnings.clear()
