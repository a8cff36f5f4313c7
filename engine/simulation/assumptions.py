"""What a simulation took for granted, in words: how the pretend people behave, and the time limits in force."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from engine.simulation.behaviours import Behaviours
from engine.simulation.plots import table

Rows = Sequence[tuple[str, str]]


def assumptions(behaviours: Behaviours, limits: Rows) -> str:
    """Return two sections of HTML: the people's figures that matter most, and every time limit with its length."""
    return _section(
        "How the people were made to behave",
        "The figures that change most of what is above. Unless --people gave others, they are our own choice, made to "
        "look like an ordinary year, and no council’s (“caf simulate --help” has an example).",
        table("", ("Figure", "Set to"), people(behaviours)),
    ) + _section(
        "The time limits that counted",
        "From the rules of this simulation. Days are working days; a weekend or a bank holiday never counts.",
        "<details><summary>All the limits</summary>" + table("", ("What for", "How long"), limits) + "</details>",
    )


def people(behaviours: Behaviours) -> Rows:
    """Return the chief figures of `behaviours`: what each is about, and its value in words."""
    away, life, plans, load = behaviours.away, behaviours.life, behaviours.plans, behaviours.caseload
    every = life.starts.get
    return [
        ("Tasks done by their day, where nothing else is said", _share(behaviours.timing.on_time)),
        ("The others come late by, on average", _days(behaviours.timing.late_days)),
        ("Tasks that nobody touches until somebody asks", _share(behaviours.timing.stuck)),
        ("Actions of a plan done by their day", _share(plans.on_time)),
        ("Actions that are forgotten until somebody asks", _share(plans.forgotten)),
        ("The owner of an action tells how it goes every", _days(plans.every)),
        ("Leave of each person in a year", f"{_number(away.leave_spells)} times {_days(away.leave_days)}"),
        ("Illness of each person in a year", f"{_number(away.ill_spells)} times {_days(away.ill_days)}"),
        ("People who leave for good within a year", _share(away.leaves)),
        ("Cases to each worker", _number(load.cases_per_worker)),
        ("Workers to each line manager", _number(load.workers_per_manager)),
        ("Safeguarding concerns that no task brings up, to 100 cases in a year", _number(100 * life.concern)),
        ("Consents taken back, to 100 cases in a year", _number(100 * life.withdrawal)),
        ("Plans said not to work, to 100 cases in a year", _number(100 * life.not_working)),
        ("Handovers begun, to 100 cases in a year", _number(100 * every("handover", 0))),
        ("Moves to another area, to 100 cases in a year", _number(100 * every("transfer", 0))),
        ("Children with a brother or sister who comes too", _share(load.siblings)),
        ("Children whose parents live at two addresses", _share(load.two_addresses)),
    ]


def _section(title: str, words: str, inside: str) -> str:
    return f"<section><h2>{escape(title)}</h2><p>{escape(words)}</p>{inside}</section>"


def _share(share: float) -> str:
    return f"{_number(100 * share)} %"


def _days(number: float) -> str:
    return f"{_number(number)} working day{'' if number == 1 else 's'}"


def _number(value: float) -> str:
    return f"{round(value, 1):g}"
