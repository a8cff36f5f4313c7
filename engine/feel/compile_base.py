"""What every part of the compiler shares: the frame, the scope, and the table of rules by kind of node.

Code is a Python closure from a frame to a value. A frame is a list: the runtime, the variables, the input
of a unary test, and then one slot for each name that the expression itself brings into scope.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from engine.feel import nodes as n
from engine.feel.environment import Budget, Runtime
from engine.feel.types import TypeTest
from engine.feel.values import HostFunction, Value

Frame: TypeAlias = list[Any]
Code: TypeAlias = Callable[[Frame], Value]
RUNTIME, VARIABLES, INPUT, FIRST_SLOT = 0, 1, 2, 3


@dataclass(frozen=True, slots=True)
class Slot:
    """A name that lives in a slot of the frame."""

    name: str
    index: int
    # A list that still grows (`partial`): whoever keeps it must keep a copy.
    live: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """The item of a filter: when it is a context, its entries are in scope by name."""

    index: int


class Compiler:
    """Turns nodes into code, one expression at a time."""

    def __init__(
        self,
        *,
        names: Collection[str],
        functions: Mapping[str, HostFunction],
        types: Mapping[str, TypeTest],
        budget: Budget,
    ) -> None:
        self.names = frozenset(names)
        self.functions = functions
        self.types = types
        self.budget = budget
        self.scope: list[Slot | Item] = []
        self.next_slot = FIRST_SLOT
        self.slots = FIRST_SLOT
        self.count = 0
        self.calls = False
        self.free: set[str] = set()
        # Names met only inside filters: entries of the items, or variables, and only a value can tell.
        self.possible: set[str] = set()
        self.input_uses: list[n.Input] = []

    def code(self, node: n.Node) -> Code:
        """Return the code of a node."""
        self.count += 1
        return _RULES[type(node)](self, node)

    def costed(self, node: n.Node) -> tuple[Code, int]:
        """Return the code of a node, and how many nodes it has: what one turn of a loop costs."""
        before = self.count
        code = self.code(node)
        return code, self.count - before

    def new_slot(self) -> int:
        """Reserve a slot of the frame."""
        index = self.next_slot
        self.next_slot += 1
        self.slots = max(self.slots, self.next_slot)
        return index

    def bind(self, name: str, *, live: bool = False) -> int:
        """Bring a name into scope and return its slot."""
        index = self.new_slot()
        self.scope.append(Slot(name, index, live))
        return index

    def mark(self) -> tuple[int, int]:
        """Return where the scope stands, for `release`."""
        return len(self.scope), self.next_slot

    def release(self, mark: tuple[int, int]) -> None:
        """Close every name brought in since `mark`.

        Slots of a closed scope may be used again: a function that needs them has copied the frame.
        """
        length, self.next_slot = mark
        del self.scope[length:]


Rule: TypeAlias = Callable[[Compiler, Any], Code]
_RULES: dict[type, Rule] = {}


def compiles(kind: type) -> Callable[[Rule], Rule]:
    """Register the decorated function as the rule for nodes of `kind`."""

    def register(rule: Rule) -> Rule:
        _RULES[kind] = rule
        return rule

    return register


def constant(value: Value) -> Code:
    """Return code that always gives `value`."""
    return lambda frame: value


def warn(frame: Frame, code: str, message: str, position: int | None) -> Any:
    """Record a warning and return null, so that an expression may end with it."""
    runtime: Runtime = frame[RUNTIME]
    runtime.warn(code, message, position)
    return None
