"""How pretend people behave: all of it in one place, for a council to put its own figures in.

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

CHOICES: Final = (
    Choice(form="complete_checklist", field="healthy", weights={"yes": 62, "no": 26, "not_sure": 12}),
    Choice(form="complete_checklist", field="safe", weights={"yes": 92, "no": 1, "not_sure": 7}),
    Choice(form="complete_checklist", field="learning", weights={"yes": 42, "no": 44, "not_sure": 14}),
    Choice(form="complete_checklist", field="positive_impact", weights={"yes": 55, "no": 30, "not_sure": 15}),
    Choice(form="complete_checklist", field="free_from_poverty", weights={"yes": 52, "no": 34, "not_sure": 14}),
    Choice(form="complete_checklist", field="services_needed", weights={"yes": 94, "no": 3, "not_sure": 3}),
    Choice(form="complete_checklist", field="can_provide", weights={"yes": 4, "no": 84, "not_sure": 12}),
    Choice(form="complete_checklist", field="harm_suspected", weights={"yes": 1, "no": 99}),
    Choice(form="confirm_no_caf", field="confirmed", weights={"yes": 80, "no": 20}),
    Choice(form="search_for_existing", field="found", weights={"none": 95, "caf": 2, "other_plan": 2, "beside": 1}),
    Choice(form="search_for_existing", field="lead_told", weights={"told": 88, "message": 0, "no": 12}),
    Choice(form="record_intake", field="intake_decision", weights={"accepted": 86, "more": 9, "not_accepted": 5}),
    Choice(form="send_transfer", field="sent", weights={"yes": 96, "no": 4}),
    Choice(form="confirm_transfer", field="received", weights={"yes": 88, "no": 7, "stays": 5}),
    Choice(form="appoint_lead_professional", field="nobody", weights={"yes": 2, "no": 98}),
    Choice(field="family_wishes", weights={"wanted": 40, "accepted": 36, "no_view": 20, "not_wanted": 4}),
    Choice(field="agency_involvement", weights={"most": 30, "some": 50, "little": 20}),
    Choice(field="relationship", weights={"trusted": 40, "known": 42, "none": 18}),
    Choice(field="capacity", weights={"ready": 50, "with_help": 36, "not_now": 14}),
    Choice(field="facilitating", weights={"yes": 62, "with_help": 32, "no": 6}),
    Choice(field="sharing", weights={"yes": 70, "with_help": 26, "no": 4}),
    Choice(form="confer_on_first_lead", field="lead_decision", weights={"name": 80, "coordinator": 20}),
    Choice(form="find_first_lead", field="lead_decision", weights={"name": 85, "nobody": 15}),
    Choice(form="answer_lead", field="lead_answer", weights={"accepted": 88, "declined": 12}),
    Choice(form="record_consent", field="consent", weights={"given": 86, "limited": 8, "refused": 6}),
    Choice(form="ask_consent_again", field="consent", when={"sharing": "goes_on"}, weights={"given": 9, "limited": 1}),
    Choice(form="ask_consent_again", field="consent", weights={"given": 82, "limited": 8, "refused": 10}),
    Choice(field="whose", when={"speaks": "young_person"}, weights={"young_person": 1}),
    Choice(field="whose", weights={"parent": 1}),
    Choice(field="second_judgement", weights={"no": 1}),
    Choice(field="not_told", weights={"yes": 60, "no": 40}),
    Choice(field="until_on", weights={"yes": 20, "no": 80}),
    Choice(field="nobody_else", weights={"no": 1}),
    Choice(form="reply_to_invitation", field="reply", weights={"attending": 78, "apologies": 16, "substitute": 6}),
    Choice(form="hold_tac_meeting", field="family_came", weights={"yes": 94, "no": 5, "not_held": 1}),
    Choice(form="hold_tac_meeting", field="came", weights={"yes": 100}),
    Choice(
        form="hold_tac_meeting", field="ends_with", when={"open_actions": "none"},
        weights={"actions": 40, "no_actions": 54, "close": 4, "step_up": 2},
    ),
    Choice(form="hold_tac_meeting", field="ends_with", weights={"actions": 40, "no_actions": 60}),
    Choice(form="record_family_replies", field="reply", weights={"coming": 84, "not_coming": 10, "none": 6}),
    Choice(form="finish_tac_meeting", field="family_has_it", weights={"yes": 92, "no": 8}),
    Choice(form="record_family_replies", field="how", weights={"hand": 30, "post": 67, "not_yet": 3}),
    Choice(form="finish_tac_meeting", field="how", weights={"hand": 70, "post": 25, "not_yet": 5}),
    Choice(form="choose_review", field="way", weights={"meeting": 60, "updates": 40}),
    Choice(form="hold_review", field="outcome", weights={"better": 62, "same": 26, "worse": 12}),
    Choice(
        form="hold_review", field="next_step", when={"outcome": "better", "open_actions": "none"},
        weights={"continue": 4, "replan": 34, "close": 62},
    ),
    Choice(
        form="hold_review", field="next_step", when={"open_actions": "none"},
        weights={"continue": 4, "replan": 86, "close": 4, "step_up": 6},
    ),
    Choice(
        form="hold_review", field="next_step", when={"outcome": "better"},
        weights={"continue": 62, "replan": 8, "close": 30},
    ),
    Choice(
        form="hold_review", field="next_step", when={"outcome": "same"},
        weights={"continue": 58, "replan": 38, "close": 4},
    ),
    Choice(
        form="hold_review", field="next_step", when={"outcome": "worse"},
        weights={"continue": 36, "replan": 56, "step_up": 8},
    ),
    Choice(form="hold_review", field="lead_still_right", weights={"yes": 88, "no": 12}),
    Choice(form="close_case", field="family_told", weights={"yes": 94, "not_reached": 6}),
    Choice(form="sign_off_closure", field="signed_off", weights={"yes": 93, "no": 7}),
    Choice(form="close_case", field="reason", when={"accepted": "yes"}, weights={"moved_to_social_care": 1}),
    Choice(
        form="close_case", field="reason",
        weights={"needs_met": 79, "disengaged": 11, "moved_authority": 8, "consent_withdrawn": 2},
    ),
    Choice(field="papers_whole", weights={"yes": 86, "no": 14}),
    Choice(field="mag_outcome", weights={"decided": 88, "put_off": 12}),
    Choice(field="mag_consent", weights={"yes": 66, "no": 14, "no_answer": 12, "not_asked": 8}),
    Choice(
        form="record_manager_discussion", field="decision",
        weights={"resolved": 48, "support_agreed": 38, "refer_to_mag": 14},
    ),
    Choice(form="acknowledge_concern", field="accepted", weights={"yes": 38, "no": 62}),
    Choice(form="decide_with_social_care", field="plan_with_social_care", weights={"close": 70, "goes_on": 30}),
    Choice(form="record_harm_check", field="finding", weights={"no_concern": 93, "concern": 7}),
    Choice(form="record_merge_answer", field="merge_agreed", weights={"yes": 85, "no": 15}),
    Choice(form="record_search", field="found", weights={"yes": 70, "no": 30}),
    Choice(form="answer_handover", field="handover_answer", weights={"accepted": 85, "declined": 15}),
    Choice(form="tell_family_of_handover", field="family_agrees", weights={"yes": 85, "no": 15}),
    Choice(form="settle_disagreement", field="settled", weights={"yes": 75, "no": 25}),
    Choice(form="record_transfer_consent", field="transfer_consent", weights={"yes": 85, "no": 15}),
    Choice(form="change_action_plan", field="plan_changed", weights={"yes": 85, "no": 15}),
    Choice(form="change_action_plan", field="actions", weights={"yes": 100}),
    Choice(form="agree_reassessment", field="assess_again", weights={"yes": 80, "not_now": 20}),
    Choice(
        form="ask_family_about_consultation", field="consultation_consent",
        weights={"yes": 45, "no": 35, "not_asked": 20},
    ),
    Choice(form="record_consultation", field="way", weights={"anonymous": 100}),
    Choice(form="record_consultation", field="advice_next", weights={"goes_on": 65, "change_plan": 30, "refer": 5}),
    Choice(form="report_next_step", field="step_done", weights={"yes": 80, "no": 20}),
    Choice(
        form="record_other_plan", field="linked_plan",
        weights={"child_in_need": 30, "child_protection": 20, "sen": 30, "looked_after": 10, "youth_offending": 10},
    ),
    Choice(form="agree_with_other_plan", field="plan_with_other", weights={"goes_on": 100}),
)  # fmt: skip

DAYS: Final = (
    Day(form="arrange_tac_meeting", field="planned_on", least=0, most=6, before="review_due_on"),
    Day(form="arrange_tac_meeting", field="planned_on", least=5, most=11),
    Day(form="rebook_tac_meeting", field="planned_on", least=4, most=10),
    Day(form="agree_action_plan", field="due_on", least=30, most=75),
    Day(form="change_action_plan", field="due_on", least=30, most=75),
    Day(form="record_consultation", field="next_step_on", least=5, most=20),
    Day(form="agree_reassessment", field="ask_again_on", least=30, most=60),
    Day(form="screen_mag_papers", field="meeting_on", least=6, most=20),
    Day(form="record_mag_decision", field="meeting_on", least=10, most=20),
    Day(form="pause_case", field="paused_until", least=15, most=45),
    Day(form="record_step_down", field="closes_on", least=15, most=30),
    Day(field="until_on", least=40, most=260),
    Day(form="hold_tac_meeting", field="due_on", least=30, most=75),
    Day(field="next_on", least=28, most=60),
    Day(field="next_review_on", least=28, most=60),
    Day(field="lead_until", least=80, most=130),
    Day(form="find_first_lead", field="until", least=15, most=40),
    Day(field="planned_end_on", least=150, most=230),
    Day(field="next_step_on", least=5, most=10),
    Day(field="due_on", least=10, most=30),
)
"""A review in 6 to 12 weeks: Worcestershire."""

WORDS: Final = (
    Words(form="complete_assessment", field="needs", rule="need_now"),
    Words(form="complete_assessment", field="wanted_lead", rule="trusted"),
    Words(form="complete_checklist", field="note", rule="need_now"),
    Words(form="appoint_lead_professional", field="family_wishes", rule="trusted"),
    Words(form="appoint_lead_professional", field="reasons", rule="lead_reasons"),
    Words(form="confer_on_first_lead", field="reasons", rule="conferred"),
    Words(form="find_first_lead", field="reasons", rule="conferred"),
    Words(form="confer_on_lead", field="why", rule="conferred"),
    Words(form="find_lead", field="why", rule="conferred"),
    Words(form="answer_lead", field="reason", rule="no_time_to_lead"),
    Words(form="answer_handover", field="reason", rule="no_time_to_lead"),
    Words(form="search_for_existing", field="why_not_told", rule="not_to_be_told"),
    Words(form="ask_consent_again", field="reason", rule="still_no"),
    Words(form="agree_reassessment", field="why", rule="assess_again"),
    Words(form="decide_with_social_care", field="why", rule="with_social_care"),
    Words(form="finish_tac_meeting", field="why", rule="no_copy_yet"),
    Words(form="change_action_plan", field="family_view", rule="plan_view"),
    Words(form="ask_family_about_consultation", field="family_view", rule="consulted"),
    Words(form="agree_with_other_plan", field="family_view", rule="key_worker_view"),
    Words(form="arrange_tac_meeting", field="needs", rule="meeting_needs"),
    Words(form="hold_tac_meeting", field="came_with", rule="comes_along"),
    Words(form="record_family_replies", field="brings", rule="comes_along"),
    Words(form="raise_disagreement", field="other_side_words", rule="other_side"),
    Words(form="confirm_no_caf", field="why", rule="single", when={"confirmed": "yes"}),
    Words(form="confirm_no_caf", field="why", rule="why"),
    Words(form="record_consent", field="reason", rule="refused"),
    Words(form="record_transfer_consent", field="reason", rule="not_sent"),
    Words(form="refer_to_mag", field="reason", rule="need_now"),
    Words(form="record_mag_decision", field="why", rule="put_off"),
    Words(form="record_intake", field="why", rule="intake_open"),
    Words(form="hold_tac_meeting", field="notes", rule="nobody_came", when={"family_came": "no"}),
    Words(form="hold_tac_meeting", field="notes", rule="meeting_notes"),
    Words(form="rebook_tac_meeting", field="why", rule="kept_away"),
    Words(form="choose_review", field="family_view", rule="review_way"),
    Words(form="change_review", field="why", rule="other_way"),
    Words(form="hold_review", field="notes", rule="review_better", when={"outcome": "better"}),
    Words(form="hold_review", field="notes", rule="review_same", when={"outcome": "same"}),
    Words(form="hold_review", field="notes", rule="review_worse", when={"outcome": "worse"}),
    Words(form="close_case", field="summary", rule="closed_disengaged", when={"reason": "disengaged"}),
    Words(form="close_case", field="summary", rule="closed_moved", when={"reason": "moved_authority"}),
    Words(form="close_case", field="summary", rule="closed_social_care", when={"reason": "moved_to_social_care"}),
    Words(form="close_case", field="summary", rule="closed_withdrawn", when={"reason": "consent_withdrawn"}),
    Words(form="close_case", field="summary", rule="closed_met"),
    Words(form="close_case", field="next_support", rule="next_support"),
    Words(form="sign_off_closure", field="why", rule="sent_back"),
    Words(form="acknowledge_concern", field="note", rule="taken_on", when={"accepted": "yes"}),
    Words(form="acknowledge_concern", field="note", rule="not_taken_on"),
    Words(form="record_harm_check", field="note", rule="harm_found", when={"finding": "concern"}),
    Words(form="record_harm_check", field="note", rule="no_harm"),
    Words(form="record_manager_discussion", field="next_step", rule="next_resolved", when={"decision": "resolved"}),
    Words(
        form="record_manager_discussion",
        field="next_step",
        rule="next_support_agreed",
        when={"decision": "support_agreed"},
    ),
    Words(form="record_manager_discussion", field="next_step", rule="next_refer", when={"decision": "refer_to_mag"}),
    Words(form="record_anonymous_advice", field="next_step", rule="next_advice"),
    Words(form="record_step_down", field="needs", rule="need_now"),
    Words(form="request_support", field="need", rule="need_now"),
    Words(form="pause_case", field="reason", rule="rest"),
    Words(form="go_on", field="why", rule="goes_on"),
    Words(form="decline_action", field="why", rule="cannot_be_done"),
    Words(form="find_action_owner", field="why", rule="action_settled"),
    Words(form="settle_action", field="why", rule="action_settled"),
    Words(form="propose_handover", field="reasons", rule="handover"),
    Words(form="name_interim_lead", field="reasons", rule="interim"),
    Words(form="tell_family_of_handover", field="family_view", rule="handover_view", when={"family_agrees": "yes"}),
    Words(form="tell_family_of_handover", field="family_view", rule="handover_against"),
    Words(form="propose_merge", field="why", rule="merge"),
    Words(form="record_merge_answer", field="family_view", rule="merge_yes", when={"merge_agreed": "yes"}),
    Words(form="record_merge_answer", field="family_view", rule="merge_no"),
    Words(form="report_family_missing", field="tried", rule="looked_for"),
    Words(form="record_search", field="tried", rule="found_again", when={"found": "yes"}),
    Words(form="record_search", field="tried", rule="looked_for"),
    Words(form="decide_on_missing", field="why", rule="missing_concern", when={"missing_decision": "concern"}),
    Words(form="decide_on_missing", field="why", rule="missing_look", when={"missing_decision": "keep_looking"}),
    Words(form="decide_on_missing", field="why", rule="missing_close", when={"missing_decision": "close"}),
    Words(form="decide_without_transfer", field="why", rule="move_close", when={"move_decision": "close"}),
    Words(form="decide_without_transfer", field="why", rule="move_stay"),
    Words(form="send_transfer", field="sent_to", rule="new_team"),
    Words(form="send_transfer", field="why_not_sent", rule="not_sent"),
    Words(form="confirm_transfer", field="received_by", rule="new_worker"),
    Words(form="confirm_transfer", field="why_stays", rule="stays"),
    Words(form="settle_disagreement", field="outcome", rule="disagreement", when={"settled": "yes"}),
    Words(form="settle_disagreement", field="outcome", rule="still_disagree"),
    Words(form="decide_disagreement", field="outcome", rule="disagreement"),
    Words(form="change_action_plan", field="why", rule="review_same"),
    Words(form="record_consultation", field="advice", rule="advice"),
    Words(form="record_consultation", field="next_step", rule="next_advice"),
    Words(form="record_consultation", field="asked_whom", rule="colleague"),
    Words(form="report_next_step", field="note", rule="done", when={"step_done": "yes"}),
    Words(form="report_next_step", field="note", rule="progress"),
    Words(form="record_other_plan", field="how_known", rule="where"),
    Words(form="agree_with_other_plan", field="agreed_with", rule="plan_worker"),
    Words(form="agree_with_other_plan", field="why", rule="with_other_plan"),
    Words(form="give_update", field="progress", rule="progress"),
    Words(field="social_worker", rule="colleague"),
    Words(field="notes_by", rule="colleague"),
    Words(field="given_by", rule="child", when={"speaks": "young_person"}),
    Words(field="given_by", rule="carer"),
    Words(field="signed_by", rule="carer"),
)
"""A text that none of these names is written by the rule of its own name, and without one by that for any note."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviours:
    """Everything above, for one authority. `timings` go by form."""

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
