"""The FEEL functions this service lends to diagrams and rule files: working days, and the authority's time limits.

They reach the calendar and the limits through the environment's host, so one compiled expression serves every
authority. Like the built-ins, they give null and a warning for arguments they cannot use.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final, Protocol

from engine.calendar import WorkingCalendar
from engine.errors import Invalid, NotFound
from engine.feel import Environment, FeelDateTime, FeelWarning, HostFunction, Value, to_feel


class FeelHost(Protocol):
    """What `Environment.host` must offer for these functions.

    It may have a `fixed_key` too (see `HostFunction`): hosts of one key must give the same limits.
    """

    @property
    def calendar(self) -> WorkingCalendar:
        """The working calendar of the authority concerned."""
        ...

    def time_limit(self, name: str) -> Any:
        """Return the number the authority sets for `name`; None or `NotFound` when there is no such limit."""
        ...


class _UnusableError(Exception):
    """An argument is not of the kind a function needs; the message says which."""


def _add_working_days(environment: Environment, start: Value, count: Value) -> Value:
    return _host(environment).calendar.add_working_days(_day(start, "from"), _whole(count, "n"))


def _working_days_between(environment: Environment, start: Value, end: Value) -> Value:
    return to_feel(_host(environment).calendar.working_days_between(_day(start, "from"), _day(end, "to")))


def _is_working_day(environment: Environment, day: Value) -> Value:
    return _host(environment).calendar.is_working_day(_day(day, "date"))


def _next_working_day(environment: Environment, day: Value) -> Value:
    return _host(environment).calendar.next_working_day(_day(day, "date"))


def _time_limit(environment: Environment, name: Value) -> Value:
    if not isinstance(name, str):
        raise _UnusableError("name must be text")
    limit = _host(environment).time_limit(name)
    if limit is None:
        raise _UnusableError(f"there is no limit called {name!r}; add it to the timescales table")
    return to_feel(limit)


def _host(environment: Environment) -> FeelHost:
    host: FeelHost | None = environment.host
    if host is None:
        raise _UnusableError("no authority is given")
    return host


def _day(value: Value, name: str) -> date:
    if isinstance(value, FeelDateTime):
        value = value.date
    if type(value) is not date:
        raise _UnusableError(f"{name} must be a date")
    return value


def _whole(value: Value, name: str) -> int:
    if not isinstance(value, Decimal) or value != value.to_integral_value() or abs(value) > 1_000_000:
        raise _UnusableError(f"{name} must be a whole number of at most a million")
    return int(value)


def _lend(name: str, parameters: tuple[str, ...], work: Callable[..., Value], *, fixed: bool = False) -> HostFunction:
    def call(environment: Environment, *arguments: Value) -> Value:
        try:
            return work(environment, *arguments)
        except (_UnusableError, Invalid, NotFound) as error:
            environment.warnings.append(FeelWarning("host-function", f"{name}: {error}", None))
            return None

    return HostFunction(name, parameters, call, fixed)


HOST_FUNCTIONS: Final[Mapping[str, HostFunction]] = {
    lent.name: lent
    for lent in (
        _lend("add working days", ("from", "n"), _add_working_days),
        _lend("working days between", ("from", "to"), _working_days_between),
        _lend("is working day", ("date",), _is_working_day),
        _lend("next working day", ("date",), _next_working_day),
        _lend("time limit", ("name",), _time_limit, fixed=True),
    )
}
"""Every lent function by its name, as `compile_expression(functions=...)` takes them."""
