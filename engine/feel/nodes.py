"""The parts of a parsed expression. Values only: no behaviour, safe to share and to analyse."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Final, TypeAlias


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant: number, string, boolean, null, or a temporal `@"..."`."""

    value: Any


@dataclass(frozen=True, slots=True)
class BadLiteral:
    """An `@"..."` whose text is no date, time or duration: null and a warning each time it is met."""

    text: str
    position: int


@dataclass(frozen=True, slots=True)
class Input:
    """The `?` of a unary test."""


@dataclass(frozen=True, slots=True)
class Name:
    name: str
    position: int


@dataclass(frozen=True, slots=True)
class Negation:
    operand: Node
    position: int


@dataclass(frozen=True, slots=True)
class Chain:
    """Arithmetic of one precedence, left to right: `first op operand op operand ...`."""

    first: Node
    rest: tuple[tuple[str, Node], ...]
    position: int


@dataclass(frozen=True, slots=True)
class Comparison:
    operator: str
    left: Node
    right: Node
    position: int


@dataclass(frozen=True, slots=True)
class Logic:
    """`and` or `or` over two or more operands."""

    operator: str
    operands: tuple[Node, ...]
    position: int


@dataclass(frozen=True, slots=True)
class Between:
    operand: Node
    low: Node
    high: Node
    position: int


@dataclass(frozen=True, slots=True)
class In:
    operand: Node
    tests: tuple[Node, ...]
    position: int


@dataclass(frozen=True, slots=True)
class InstanceOf:
    operand: Node
    type: TypeNode


@dataclass(frozen=True, slots=True)
class Path:
    source: Node
    name: str
    position: int


@dataclass(frozen=True, slots=True)
class Filter:
    source: Node
    condition: Node
    position: int


@dataclass(frozen=True, slots=True)
class Call:
    """A call. `names` is empty for positional arguments, else one parameter name for each argument."""

    function: Node
    arguments: tuple[Node, ...]
    names: tuple[str, ...]
    position: int


@dataclass(frozen=True, slots=True)
class ListOf:
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class ContextOf:
    entries: tuple[tuple[str, Node], ...]
    position: int


@dataclass(frozen=True, slots=True)
class RangeOf:
    """`[start..end]` and its open forms."""

    start: Node
    start_included: bool
    end: Node
    end_included: bool
    position: int


@dataclass(frozen=True, slots=True)
class OperatorTest:
    """`< 5`, `>= a`, `= x`, `!= x`: a unary test, or in round brackets a range value."""

    operator: str
    operand: Node
    position: int


@dataclass(frozen=True, slots=True)
class If:
    condition: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Iterator:
    """`name in source`, or `name in source..end`."""

    name: str
    source: Node
    end: Node | None
    position: int


@dataclass(frozen=True, slots=True)
class For:
    iterators: tuple[Iterator, ...]
    body: Node
    position: int


@dataclass(frozen=True, slots=True)
class Quantified:
    """`some` or `every`."""

    kind: str
    iterators: tuple[Iterator, ...]
    condition: Node
    position: int


@dataclass(frozen=True, slots=True)
class FunctionOf:
    """A function written in the expression. `body` is None for an external one, which is never run."""

    parameters: tuple[tuple[str, TypeNode | None], ...]
    body: Node | None
    position: int


@dataclass(frozen=True, slots=True)
class Tests:
    """Unary tests: a decision table's input entry. Empty `tests` is the hyphen, which matches anything."""

    tests: tuple[Node, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class TypeNode:
    """A type's name with its parts: `list<T>`, `range<T>`, `context<name: T>`, `function<T, ...> -> T`."""

    name: str
    parts: tuple[TypeNode, ...] = ()
    fields: tuple[str, ...] = ()
    result: TypeNode | None = None


Node: TypeAlias = (
    Literal
    | BadLiteral
    | Input
    | Name
    | Negation
    | Chain
    | Comparison
    | Logic
    | Between
    | In
    | InstanceOf
    | Path
    | Filter
    | Call
    | ListOf
    | ContextOf
    | RangeOf
    | OperatorTest
    | If
    | For
    | Quantified
    | FunctionOf
)

_FIELDS: Final = {
    kind: tuple(each.name for each in fields(kind)) for kind in list(vars().values()) if is_dataclass(kind)
}


def parts(part: Any) -> tuple[Any, ...]:
    """Return what a node or a tuple of nodes is directly made of: nodes, tuples and plain values."""
    if type(part) is tuple:
        return part
    return tuple([getattr(part, name) for name in _FIELDS.get(type(part), ())])


def walk(part: Any) -> Iterable[Any]:
    """Yield a node or tuple and everything in it, in no order."""
    waiting = [part]
    for each in waiting:
        yield each
        if type(each) is tuple:
            waiting += each
        else:
            waiting += [getattr(each, name) for name in _FIELDS.get(type(each), ())]
