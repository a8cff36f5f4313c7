"""What a diagram may ask for: the record operations of user tasks and the operations of service tasks.

An operation writes typed rows of the case record inside the act and returns the few routing values that
the diagram's gateways need. The names are fixed here; a diagram that names another is refused at deploy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from engine.operations import (
    action_plans,
    assessments,
    closures,
    concerns,
    consents,
    consultations,
    declined_actions,
    disagreements,
    family_searches,
    finished_meetings,
    handovers,
    identification,
    later_invitations,
    lead_professionals,
    mag_referrals,
    meeting_days,
    meeting_reminders,
    merge_ends,
    merging,
    messages,
    nominations,
    openings,
    other_plans,
    pauses,
    plan_changes,
    review_reminders,
    review_ways,
    reviews,
    stalled_plans,
    tac_meetings,
    transfers,
    withdrawals,
)
from engine.work import Work

Operation = Callable[[Work, Mapping[str, Any], Mapping[str, Any]], Mapping[str, Any]]
"""Takes the act, the answers (user task) or inputs (service task), and the variables the task sees."""


@dataclass(frozen=True, slots=True)
class RecordOperation:
    """What a user task may do to the record.

    `needs` names the record properties without which it cannot work: the task's form must ask each, as a
    question's key or as its `binds` property.
    """

    apply: Operation
    needs: frozenset[str] = frozenset()


def _record(apply: Operation, *needs: str) -> RecordOperation:
    return RecordOperation(apply, frozenset(needs))


RECORD: Final[Mapping[str, RecordOperation]] = {
    "record_checklist": _record(identification.record_checklist, *identification.QUESTIONS),
    "confirm_no_caf": _record(identification.confirm_no_caf, "confirmed"),
    "record_existing": _record(identification.record_existing, "found"),
    "choose_lead": _record(nominations.choose_lead, "lead_professional"),
    "answer_lead": _record(nominations.answer_lead, "lead_answer"),
    "record_step_down": _record(openings.record_step_down, "closes_on"),
    "record_request": _record(openings.record_request, "need"),
    "record_intake": _record(openings.record_intake, "intake_decision"),
    "record_sharing": _record(consents.record_sharing, "consent"),
    "confer_on_first_lead": _record(nominations.confer_on_first_lead, "lead_decision", "lead_professional"),
    "find_first_lead": _record(nominations.find_first_lead, "lead_decision", "lead_professional"),
    "record_consent": _record(consents.record_consent, "consent"),
    "record_consent_again": _record(consents.record_consent_again, "consent"),
    "start_assessment": _record(assessments.start_assessment),
    "complete_assessment": _record(assessments.complete_assessment),
    "agree_reassessment": _record(assessments.agree_reassessment, "assess_again"),
    "complete_reassessment": _record(assessments.complete_reassessment),
    "appoint_lead_professional": _record(lead_professionals.appoint_lead_professional, "lead_professional"),
    "arrange_tac_meeting": _record(tac_meetings.arrange_tac_meeting, "planned_on", "invited"),
    "invite_to_meeting": _record(later_invitations.invite_to_meeting, "whom"),
    "reply_to_invitation": _record(tac_meetings.reply_to_invitation, "reply"),
    "record_family_replies": _record(tac_meetings.record_family_replies, "replies"),
    "hold_tac_meeting": _record(tac_meetings.hold_tac_meeting, "held_on", "family_came", "ends_with", "next_on"),
    "finish_tac_meeting": _record(finished_meetings.finish_tac_meeting, "after"),
    "rebook_tac_meeting": _record(meeting_days.rebook_tac_meeting, "planned_on"),
    "agree_action_plan": _record(action_plans.agree_action_plan, "actions"),
    "change_action_plan": _record(plan_changes.change_action_plan, "plan_changed", "why"),
    "choose_review": _record(reviews.choose_review, "way"),
    "change_review_way": _record(review_ways.change_review_way, "way", "why"),
    "give_update": _record(reviews.give_update, "updates"),
    "hold_review": _record(reviews.hold_review, "outcome"),
    "close_case": _record(closures.close_case, "reason"),
    "sign_off_closure": _record(closures.sign_off_closure, "signed_off"),
    "record_manager_discussion": _record(stalled_plans.record_manager_discussion, "decision"),
    "record_mag_consent": _record(consents.record_mag_consent, "mag_consent"),
    "refer_to_mag": _record(mag_referrals.refer_to_mag, "reason"),
    "screen_mag_papers": _record(mag_referrals.screen_mag_papers, "meeting_on"),
    "record_mag_decision": _record(mag_referrals.record_mag_decision, "decision"),
    "record_anonymous_advice": _record(stalled_plans.record_anonymous_advice),
    "ask_family_about_consultation": _record(
        consultations.ask_family_about_consultation, "consultation_consent"
    ),
    "record_consultation": _record(consultations.record_consultation, "way", "advice_next"),
    "report_next_step": _record(consultations.report_next_step, "step_done"),
    "record_other_plan": _record(other_plans.record_other_plan, "linked_plan"),
    "settle_with_other_plan": _record(other_plans.settle_with_other_plan, "plan_with_other"),
    "acknowledge_concern": _record(concerns.acknowledge_concern, "accepted"),
    "decide_with_social_care": _record(concerns.decide_with_social_care, "plan_with_social_care", "linked_plan"),
    "record_harm_check": _record(concerns.record_harm_check, "finding"),
    "propose_handover": _record(handovers.propose_handover, "successor", "planned_on"),
    "name_interim_lead": _record(handovers.name_interim_lead, "interim_lead"),
    "record_family_told": _record(handovers.record_family_told, "family_agrees"),
    "answer_handover": _record(handovers.answer_handover, "handover_answer"),
    "confer_on_lead": _record(handovers.confer_on_lead, "lead_decision"),
    "raise_disagreement": _record(disagreements.raise_disagreement, "about"),
    "answer_disagreement": _record(disagreements.answer_disagreement, "outcome"),
    "settle_disagreement": _record(disagreements.settle_disagreement, "outcome"),
    "record_move": _record(transfers.record_move, "area"),
    "record_transfer_consent": _record(transfers.record_transfer_consent, "transfer_consent"),
    "send_transfer": _record(transfers.send_transfer, "sent_to"),
    "confirm_transfer": _record(transfers.confirm_transfer, "received"),
    "decide_without_transfer": _record(transfers.decide_without_transfer, "move_decision"),
    "report_family_missing": _record(family_searches.report_family_missing, "tried"),
    "record_search": _record(family_searches.record_search, "found"),
    "decide_on_missing": _record(family_searches.decide_on_missing, "missing_decision"),
    "propose_merge": _record(merging.propose_merge, "other_case"),
    "record_merge_answer": _record(merging.record_merge_answer, "merge_agreed"),
    "decline_action": _record(declined_actions.decline_action, "action", "why"),
    "find_action_owner": _record(declined_actions.find_action_owner, "owner_found", "owner"),
    "settle_action": _record(declined_actions.settle_action, "settled", "owner"),
    "pause_case": _record(pauses.pause_case, "paused_until", "reason"),
    "go_on": _record(pauses.go_on, "why"),
    "decide_merge": _record(merging.decide_merge, "continues", "merged_lead"),
}

SERVICE: Final[Mapping[str, Operation]] = {
    "set_next_review": reviews.set_next_review,
    "send_plan_to_family": messages.send_plan_to_family,
    "circulate_minutes": tac_meetings.circulate_minutes,
    "chase_replies": meeting_reminders.chase_replies,
    "chase_reports": meeting_reminders.chase_reports,
    "chase_updates": review_reminders.chase_updates,
    "tell_members": messages.tell_members,
    "tell_line_manager": messages.tell_line_manager,
    "remind_lead": messages.remind_lead,
    "tell_manager_above": messages.tell_manager_above,
    "alert_manager": messages.alert_manager,
    "alert_coordinator": messages.alert_coordinator,
    "end_stalled_plan": stalled_plans.end_stalled_plan,
    "find_mag_meeting": mag_referrals.find_mag_meeting,
    "stop_sharing": consents.stop_sharing,
    "look_at_consent": consents.look_at_consent,
    "take_closure_back": withdrawals.take_closure_back,
    "close_record": closures.close_record,
    "open_concern": identification.open_concern,
    "appoint_nominee": nominations.appoint_nominee,
    "look_at_lead": handovers.look_at_lead,
    "look_at_successor": handovers.look_at_successor,
    "look_for_handover": handovers.look_for_handover,
    "move_lead": handovers.move_lead,
    "tell_successor": handovers.tell_successor,
    "tell_of_no_answer": nominations.tell_of_no_answer,
    "tell_coordinators": messages.tell_coordinators,
    "look_at_disagreement": disagreements.look_at_disagreement,
    "tell_disagreement_sides": disagreements.tell_disagreement_sides,
    "pass_disagreement_on": disagreements.pass_disagreement_on,
    "merge_cases": merging.merge_cases,
    "tell_not_merged": merge_ends.tell_not_merged,
    "resume_case": pauses.resume_case,
    "look_for_concern": closures.look_for_concern,
    "look_for_closing": closures.look_for_closing,
}
