"""How pretend people behave: with `usual_answers` all of it, for a council to put its own figures in.

Shares are between 0 and 1, days are working days of the authority unless they say otherwise, weights need not add up
to anything. A form or a question that nothing here names is still answered: see `engine.simulation.answering`. The
figures are our own choice, made so that a caseload looks like an ordinary year; where a source is named, it gave one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as made
from types import MappingProxyType
from typing import Final

from engine.simulation.behaviour_kinds import Choice, Day, Timing, Words
from engine.simulation.usual_answers import CHOICES, DAYS, WORDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Away:
    """How often and for how long each person is away, a year. Leave and illness are counted in working days.

    `leaves` is the share of people who leave for good within a year, at least `settled` days after the start.
    """

    leave_spells: float = 5.0
    leave_days: float = 5.0
    ill_spells: float = 1.6
    ill_days: float = 3.0
    long_ill: float = 0.04
    long_ill_days: float = 45.0
    leaves: float = 0.08
    settled: int = 60
    covered_after: int = 8
    """From an absence this long on, the manager gives what is due to somebody else."""
    recorded_from: int = 5
    """From an absence this long on, it is recorded."""
    covered: float = 0.9
    """How often somebody is named who covers a recorded absence."""
    notice: int = 10
    """How long before somebody leaves it is recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """What happens to open cases without anybody asking: how many times a year, for one case."""

    concern: float = 0.05
    withdrawal: float = 0.05
    not_working: float = 0.07
    danger: float = 0.1
    """The share of concerns in which the child is in immediate danger."""
    starts: Mapping[str, float] = made(default_factory=lambda: STARTS)
    """How often each diagram that people may start on a case is started, by its key."""
    other_start: float = 0.02
    """The same of a diagram that `starts` does not name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plans:
    """How the owners of actions report: how often, and the shares done by the date and left until chased.

    `every` is in working days on average; one report comes between half and one and a half times that after another.
    """

    every: float = 10.0
    on_time: float = 0.72
    late_days: float = 7.0
    forgotten: float = 0.06
    forgotten_days: float = 45.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Caseload:
    """Who works there and which families come.

    `months` are weights of the twelve months in which cases open: few in August, many after the holidays.
    """

    cases_per_worker: float = 16.0
    workers_per_manager: int = 7
    outside_share: float = 0.12
    """Of those invited or given an action, how many have no account: their answers come by telephone."""
    own_consent: float = 0.4
    """The share of young people of 12 and more whose consent is their own."""
    siblings: float = 0.12
    unborn: float = 0.02
    two_addresses: float = 0.2
    months: tuple[float, ...] = (1.0, 1.0, 1.1, 0.8, 1.0, 1.0, 0.9, 0.4, 1.2, 1.2, 1.2, 0.7)
    pathways: Mapping[str, float] = made(default_factory=lambda: PATHWAYS)
    """Weights of the ways in which support begins, by the pathway that a diagram says; one not named is not used."""
    opens_with_a_backlog: float = 0.2
    """The share of the cases that open in the first four weeks, as a service does not begin empty."""


PATHWAYS: Final[Mapping[str, float]] = MappingProxyType({"caf": 88, "step_down": 5, "support": 4, "cds": 3})

STARTS: Final[Mapping[str, float]] = MappingProxyType(
    {
        "handover": 0.07,
        "transfer": 0.05,
        "family_not_found": 0.04,
        "professional_disagreement": 0.04,
        "merge_cafs": 0.01,
        "change_review": 0.2,
        "pause": 0.08,
        "action_declined": 0.1,
        "change_plan": 0.08,
        "other_plan": 0.03,
    }
)
"""Reviewing another way is offered only while a review is under way."""

TIMINGS: Final[Mapping[str, Timing]] = MappingProxyType(
    {
        "complete_checklist": Timing(on_time=0.9, late_days=2),
        "search_for_existing": Timing(on_time=0.9, late_days=2),
        "answer_lead": Timing(on_time=0.85, late_days=3),
        "record_consent": Timing(on_time=0.9, late_days=3),
        "record_step_down": Timing(on_time=0.85, late_days=2),
        "record_intake": Timing(on_time=0.9, late_days=3),
        "complete_assessment": Timing(on_time=0.76, late_days=5),
        "appoint_lead_professional": Timing(within=0.4),
        "confer_on_first_lead": Timing(on_time=0.85, late_days=2),
        "sign_off_closure": Timing(on_time=0.88, late_days=2, within=0.7),
        "arrange_tac_meeting": Timing(within=0.4, late_days=3),
        "hold_tac_meeting": Timing(on_time=0.86, late_days=4, on_the_day=True),
        "rebook_tac_meeting": Timing(within=0.6),
        "choose_review": Timing(on_time=0.9, late_days=3, within=0.6),
        "give_update": Timing(on_time=0.75, late_days=3, stuck=0.05, stuck_days=20),
        "hold_review": Timing(on_time=0.76, late_days=5, stuck=0.02),
        "reply_to_invitation": Timing(on_time=0.8, late_days=2, stuck=0.05, stuck_days=20),
        "record_manager_discussion": Timing(on_time=0.8, late_days=4, stuck=0.01),
        "record_mag_decision": Timing(on_time=0.7, late_days=5, stuck=0, on_the_day=True),
        "acknowledge_concern": Timing(on_time=0.95, late_days=1, stuck=0),
        "record_harm_check": Timing(on_time=0.92, late_days=1, stuck=0),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviours:
    """Everything above and what they answer, for one authority. `timings` go by form."""

    timing: Timing = made(default_factory=Timing)
    timings: Mapping[str, Timing] = made(default_factory=lambda: TIMINGS)
    choices: tuple[Choice, ...] = made(default_factory=lambda: CHOICES)
    days: tuple[Day, ...] = made(default_factory=lambda: DAYS)
    words: tuple[Words, ...] = made(default_factory=lambda: WORDS)
    optional: float = 0.6
    """How often a question is answered that need not be."""
    slowest: float = 1.6
    """People differ: each one's lateness is multiplied by between 0.5 and this."""
    away: Away = Away()
    life: Life = Life()
    plans: Plans = Plans()
    caseload: Caseload = Caseload()


DEFAULT: Final = Behaviours()
