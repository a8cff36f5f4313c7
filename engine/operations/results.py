"""The routing values that each operation gives back to its diagram, so that a diagram can be checked unrun."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.operations.identification import QUESTIONS

_NOTHING: Final[frozenset[str]] = frozenset()


def _names(*names: str) -> frozenset[str]:
    return frozenset(names)


RESULTS: Final[Mapping[str, frozenset[str]]] = {
    # record operations
    "record_checklist": frozenset(QUESTIONS),
    "confirm_no_caf": _names("confirmed", "closure_reason"),
    "record_existing": _names("found", "closure_reason"),
    "choose_lead": _names("lead_decision", "nominee", "planned_end_on", "lead_professional"),
    "confer_on_first_lead": _names("lead_decision", "nominee", "planned_end_on"),
    "find_first_lead": _names("lead_decision", "nominee", "planned_end_on", "lead_professional"),
    "answer_lead": _names("lead_answer"),
    "record_step_down": _names("closes_on"),
    "record_request": _NOTHING,
    "record_intake": _names("intake_decision", "closure_reason"),
    "record_sharing": _names("consent", "closure_reason"),
    "record_consent": _names("consent", "closure_reason"),
    "start_assessment": _NOTHING,
    "complete_assessment": _NOTHING,
    "appoint_lead_professional": _names("lead_professional"),
    "arrange_tac_meeting": _names("invited", "tac_on"),
    "reply_to_invitation": _NOTHING,
    "hold_tac_meeting": _names("family_came"),
    "rebook_tac_meeting": _names("invited", "tac_on"),
    "agree_action_plan": _names("next_review_on"),
    "choose_review": _names("way", "owners", "lead_due"),
    "change_review_way": _names("way", "owners"),
    "give_update": _NOTHING,
    "hold_review": _names("outcome", "next_step", "next_review_on", "lead_still_right", "concern"),
    "close_case": _names("closure_reason", "closed_by"),
    "sign_off_closure": _names("signed_off"),
    "record_manager_discussion": _names("manager_decision"),
    "record_mag_consent": _names("mag_consent"),
    "refer_to_mag": _names("referred_on"),
    "screen_mag_papers": _names("papers_whole", "meeting_on"),
    "record_mag_decision": _names("mag_outcome", "meeting_on"),
    "record_anonymous_advice": _names("next_step_on"),
    "acknowledge_concern": _names("accepted", "beside_plan"),
    "decide_with_social_care": _names("plan_with_social_care"),
    "record_harm_check": _names("finding", "concern"),
    "propose_handover": _names("successor", "planned_on", "cause"),
    "name_interim_lead": _names("cause"),
    "record_family_told": _names("family_agrees"),
    "answer_handover": _names("handover_answer"),
    "confer_on_lead": _names("lead_decision"),
    "raise_disagreement": _names("raised_by"),
    "settle_disagreement": _names("settled"),
    "record_move": _NOTHING,
    "record_transfer_consent": _names("transfer_consent"),
    "send_transfer": _names("sent"),
    "confirm_transfer": _names("received"),
    "decide_without_transfer": _names("move_decision"),
    "report_family_missing": _NOTHING,
    "record_search": _names("found"),
    "decide_on_missing": _names("missing_decision", "look_again_on", "concern"),
    "propose_merge": _names("other_case"),
    "record_merge_answer": _names("merge_agreed"),
    "decide_merge": _names("continues", "merged_lead"),
    "decline_action": _names("action", "declined_by", "finder"),
    "find_action_owner": _names("owner_found"),
    "settle_action": _NOTHING,
    "pause_case": _names("paused_until"),
    "go_on": _NOTHING,
    # service operations
    "set_next_review": _names("next_review_on"),
    "send_plan_to_family": _NOTHING,
    "circulate_minutes": _NOTHING,
    "tell_members": _NOTHING,
    "tell_line_manager": _NOTHING,
    "remind_lead": _NOTHING,
    "tell_manager_above": _NOTHING,
    "alert_manager": _NOTHING,
    "alert_coordinator": _NOTHING,
    "end_stalled_plan": _NOTHING,
    "find_mag_meeting": _names("papers_due_on"),
    "stop_sharing": _names("consent"),
    "close_record": _NOTHING,
    "open_concern": _names("concern"),
    "appoint_nominee": _names("lead_professional"),
    "look_at_lead": _names("lead_missing", "away_again", "away_from"),
    "look_at_successor": _names("successor_gone"),
    "look_for_handover": _names("handover_under_way"),
    "move_lead": _NOTHING,
    "tell_successor": _NOTHING,
    "tell_coordinators": _NOTHING,
    "pass_disagreement_on": _NOTHING,
    "merge_cases": _NOTHING,
    "look_for_concern": _names("concern_open"),
    "resume_case": _NOTHING,
}
"""Operation -> the variables it may set. What an operation not listed here sets is not known."""
