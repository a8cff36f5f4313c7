"""The index of a table's columns, in which a host's fixed answers count as constants.

A cell such as `>= time limit("review_days")` says the same of a number for as long as the host stays the same:
its limits are asked once for each host, and its cells then looked up like those of plain numbers. A call that
comes to null, warns or fails stays in its cell, to be evaluated, and to warn, each time.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.dmn.column_index import Answers, Cell, Lookups, build_lookups, cell_constants, nothing_known
from engine.errors import Invalid, NotFound
from engine.feel import Environment, HostFunction
from engine.feel import nodes as n

KEPT_HOSTS = 64


@dataclass(frozen=True, slots=True)
class ColumnCells:
    """What a column is made of."""

    always: int
    """The rows that take anything here."""
    cells: tuple[Cell, ...]
    """The other cells."""
    fixed: Mapping[str, HostFunction]
    """The fixed host functions that its cells may call, by the name they call them."""

    def lookups(self, host: Any = None) -> Lookups:
        """Return the lookups for `host`; for no host, those that hold whoever it is."""
        answers = nothing_known if host is None else self._answers(host)
        return build_lookups(self.cells, always=self.always, answers=answers, host=host)

    def asks_host(self) -> bool:
        """Tell whether a cell could be looked up if the host's answers were numbers."""
        return any(
            cell_constants(cell, nothing_known) is None and cell_constants(cell, self._any_number) is not None
            for cell in self.cells
        )

    def _any_number(self, call: n.Call) -> Any:
        return None if self._called(call) is None else Decimal(0)

    def _answers(self, host: Any) -> Answers:
        def answer(call: n.Call) -> Any:
            called = self._called(call)
            if called is None:
                return None
            function, arguments = called
            environment = Environment(host=host)
            try:
                value = function.call(environment, *arguments)
            except (Invalid, NotFound):
                # Whoever evaluates the cell is told; perhaps nobody does.
                return None
            return None if environment.warnings else value

        return answer

    def _called(self, call: n.Call) -> tuple[HostFunction, list[Any]] | None:
        function = self.fixed.get(call.function.name) if isinstance(call.function, n.Name) else None
        arguments = [each.value for each in call.arguments if isinstance(each, n.Literal)]
        whole = function is not None and len(arguments) == len(call.arguments) == len(function.parameters)
        return (function, arguments) if function is not None and whole and not call.names else None


class HostIndex:
    """The lookups of each column of a table, by host; safe between threads."""

    __slots__ = ("_asks_host", "_columns", "_kept", "_lock", "_plain", "_under_way")

    def __init__(self, columns: Sequence[ColumnCells]) -> None:
        self._columns = tuple(columns)
        self._plain = tuple(column.lookups() for column in columns)
        self._asks_host = tuple(column.asks_host() for column in columns)
        self._kept: dict[Hashable, tuple[Lookups, ...]] = {}
        self._under_way: set[Hashable] = set()
        self._lock = threading.Lock()

    def lookups(self, host: Any) -> tuple[Lookups, ...]:
        """Return the lookups of each column for `host`, which may be None or have no `fixed_key`."""
        key = getattr(host, "fixed_key", None)
        if key is None:
            return self._plain
        found = self._kept.get(key)
        return self._for_host(key, host) if found is None else found

    def _for_host(self, key: Hashable, host: Any) -> tuple[Lookups, ...]:
        if not any(self._asks_host) or key in self._under_way:
            # While it is made, the plain index serves: a host may ask this very table for its answer.
            return self._plain
        self._under_way.add(key)
        try:
            made = tuple(
                column.lookups(host) if asks else plain
                for column, asks, plain in zip(self._columns, self._asks_host, self._plain, strict=True)
            )
        finally:
            self._under_way.discard(key)
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > KEPT_HOSTS:
                del self._kept[next(iter(self._kept))]
        return made
