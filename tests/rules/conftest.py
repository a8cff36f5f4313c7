"""The shipped rule files, ready to be asked, with an authority's limits behind `time limit`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.calendar import WorkingCalendar
from engine.casework.facts import RecordedFacts, derive
from engine.casework.feel_functions import HOST_FUNCTIONS
from engine.dmn import DecisionModel, DecisionResult, read_model
from engine.dmn.example_file import Example, read_examples
from engine.feel import Environment

CALENDAR = WorkingCalendar("england-and-wales")
Decide = Callable[..., DecisionResult]


def shipped(name: str) -> DecisionModel:
    source = files("rules").joinpath(f"{name}.dmn").read_bytes()
    return read_model(source, name=f"{name}.dmn", functions=HOST_FUNCTIONS)


@dataclass(frozen=True)
class Limits:
    """A FEEL host whose limits come from the shipped table, apart from those a test changes."""

    timescales: DecisionModel
    authority: str = "barnet"
    changed: Mapping[str, int] = field(default_factory=dict)
    calendar: WorkingCalendar = CALENDAR

    def time_limit(self, name: str) -> Any:
        if name in self.changed:
            return self.changed[name]
        asked = {"limit": name, "authority": self.authority}
        return self.timescales.evaluate("timescales", asked, environment()).value


def examples_of(name: str) -> tuple[Example, ...]:
    """Return the examples beside a shipped rules file."""
    file = f"{name}.tests.yaml"
    return read_examples(files("rules").joinpath(file).read_bytes(), name=file).examples


def environment(host: Any = None) -> Environment:
    return Environment(now=datetime(2026, 6, 3, 9, tzinfo=UTC), zone=ZoneInfo("Europe/London"), host=host)


@pytest.fixture(scope="session")
def timescales() -> DecisionModel:
    return shipped("timescales")


@pytest.fixture(scope="session")
def escalation() -> DecisionModel:
    return shipped("escalation")


@pytest.fixture(scope="session")
def review_interval() -> DecisionModel:
    return shipped("review_interval")


@pytest.fixture(scope="session")
def caf_needed() -> DecisionModel:
    return shipped("caf_needed")


@pytest.fixture(scope="session")
def lead_professional() -> DecisionModel:
    return shipped("lead_professional")


@pytest.fixture(scope="session")
def task_routing() -> DecisionModel:
    return shipped("task_routing")


@pytest.fixture(scope="session")
def service_overlap() -> DecisionModel:
    return shipped("service_overlap")


@pytest.fixture(scope="session")
def escalate(escalation: DecisionModel, timescales: DecisionModel) -> Decide:
    """Ask the escalation table about a plan that is going well but for the facts given."""
    well = derive(
        RecordedFacts(
            authority="barnet",
            opened_on=date(2026, 3, 2),
            consent="given",
            lead_professional="lead",
            line_manager="manager",
            assessment_started_on=date(2026, 3, 2),
            assessment_completed_on=date(2026, 3, 9),
            first_tac_on=date(2026, 3, 20),
            first_tac_held_on=date(2026, 3, 20),
            plan_agreed_on=date(2026, 3, 20),
            next_review_on=date(2026, 7, 10),
            last_progress_on=date(2026, 6, 1),
            outcomes_open=2,
            open_actions_due=(date(2026, 6, 30),),
        ),
        today=date(2026, 6, 3),
        calendar=CALENDAR,
    )

    def ask(*, limits: Mapping[str, int] | None = None, authority: str = "barnet", **facts: Any) -> DecisionResult:
        assert facts.keys() <= well.keys()
        host = Limits(timescales, authority, limits or {})
        return escalation.evaluate("escalation", well | {"authority": authority} | facts, environment(host))

    return ask
