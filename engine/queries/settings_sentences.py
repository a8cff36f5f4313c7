"""What the events say of the authority's lists (job roles, agencies, teams), and of records past their time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.queries.told_events import Sentence, Told


def _renamed(kind: str) -> Sentence:
    def said(told: Told) -> str:
        return f"The {kind} {told.detail.get('name') or ''} is now called {told.detail.get('to') or 'otherwise'}"

    return said


def _closed(kind: str) -> Sentence:
    def said(told: Told) -> str:
        number, to = told.detail.get("people") or 0, told.detail.get("to")
        went = f"; {number} {'person' if number == 1 else 'people'} went to {to}" if to else ""
        return f"The {kind} {told.detail.get('name') or ''} closed{went}"

    return said


def _rule(told: Told) -> str:
    years, age = told.detail.get("years"), told.detail.get("age")
    if years is None:
        return "the time to keep them is over"
    return f"{years} years after it closed" + (f", and the child is over {age}" if age is not None else "")


SETTINGS: Final[Mapping[str, Sentence]] = {
    "job_role_set": lambda told: f"{told.name(told.subject)} is now: {told.detail.get('to') or 'no role'}",
    "job_role_added": lambda told: f"{told.detail.get('name') or 'One'} was added to the job roles",
    "job_role_renamed": _renamed("job role"),
    "job_role_retired": lambda told: f"The job role {told.detail.get('name') or ''} is no longer offered",
    "job_role_taken_back": lambda told: f"The job role {told.detail.get('name') or ''} is offered again",
    "messages_erased": lambda told: f"The messages about the case were erased: {_rule(told)}",
    "files_erased": lambda told: f"The files of the case were erased: {_rule(told)}",
    "record_erased": lambda told: f"What was written in the case was erased: {_rule(told)}",
    "agency_added": lambda told: f"The agency {told.detail.get('name') or ''} was added",
    "agency_renamed": _renamed("agency"),
    "agency_closed": _closed("agency"),
    "agency_reopened": lambda told: f"The agency {told.detail.get('name') or ''} is open again",
    "team_closed": _closed("team"),
    "team_reopened": lambda told: f"The team {told.detail.get('name') or ''} is open again",
    "team_added": lambda told: f"The team {told.detail.get('name') or ''} was added",
    "team_renamed": _renamed("team"),
    "team_joined": lambda told: f"{told.name(told.subject)} joined {told.detail.get('team') or 'a team'}",
    "team_left": lambda told: f"{told.name(told.subject)} left {told.detail.get('team') or 'a team'}",
}
