"""FEEL, the expression language of DMN 1.3 to 1.5: text in, a closure out, values back.

`compile_expression` and `compile_unary_tests` parse once; what they return can be evaluated many times by
many threads. Nothing in an expression can reach Python: no attribute of a Python object, no import, no
call of anything that is not a FEEL function. A fault inside an expression is null with a warning; going
past a `Budget` raises `engine.errors.BudgetExceeded`.

Many cells against one set of variables are fastest through a `Session`.
"""

from engine.feel.calls import call_function
from engine.feel.compare import equal, identical, in_range, order
from engine.feel.compiler import Expression, Session, UnaryTests, compile_expression, compile_unary_tests
from engine.feel.constants import Constant, asks_the_time, constant_of
from engine.feel.environment import DEFAULT, OF_NULL, Budget, Environment, FeelSyntaxError, FeelWarning, Runtime
from engine.feel.functions import built_in_names
from engine.feel.plain import to_feel, to_plain
from engine.feel.temporal import DaysTime, FeelDateTime, FeelTime, WideDate, YearsMonths
from engine.feel.temporal_text import parse_date, parse_date_time, parse_duration, parse_temporal, parse_time
from engine.feel.text import literal_text, value_text
from engine.feel.types import TypeTest, coerce, kind_name, type_test
from engine.feel.values import FeelFunction, FeelRange, HostFunction, Value

__all__ = [
    "DEFAULT",
    "OF_NULL",
    "Budget",
    "Constant",
    "DaysTime",
    "Environment",
    "Expression",
    "FeelDateTime",
    "FeelFunction",
    "FeelRange",
    "FeelSyntaxError",
    "FeelTime",
    "FeelWarning",
    "HostFunction",
    "Runtime",
    "Session",
    "TypeTest",
    "UnaryTests",
    "Value",
    "WideDate",
    "YearsMonths",
    "asks_the_time",
    "built_in_names",
    "call_function",
    "coerce",
    "compile_expression",
    "compile_unary_tests",
    "constant_of",
    "equal",
    "identical",
    "in_range",
    "kind_name",
    "literal_text",
    "order",
    "parse_date",
    "parse_date_time",
    "parse_duration",
    "parse_temporal",
    "parse_time",
    "to_feel",
    "to_plain",
    "type_test",
    "value_text",
]
