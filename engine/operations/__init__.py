"""What a diagram may ask for: the record operations of user tasks and the operations of service tasks.

An operation writes typed rows of the case record inside the act and returns the few routing values that
the diagram's gateways need. The names are fixed here; a diagram that names another is refused at deploy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from engine.operations import (
    action_plans,
    assessments,
    closures,
    concerns,
    consents,
    lead_professionals,
    messages,
    reviews,
    stalled_plans,
    tac_meetings,
)
from engine.work import Work

Operation = Callable[[Work, Mapping[str, Any], Mapping[str, Any]], Mapping[str, Any]]
"""Takes the act, the answers (user task) or inputs (service task), and the variables the task sees."""

RECORD: Final[Mapping[str, Operation]] = {
    "record_consent": consents.record_consent,
    "start_assessment": assessments.start_assessment,
    "complete_assessment": assessments.complete_assessment,
    "appoint_lead_professional": lead_professionals.appoint_lead_professional,
    "arrange_tac_meeting": tac_meetings.arrange_tac_meeting,
    "reply_to_invitation": tac_meetings.reply_to_invitation,
    "hold_tac_meeting": tac_meetings.hold_tac_meeting,
    "agree_action_plan": action_plans.agree_action_plan,
    "hold_review": reviews.hold_review,
    "close_case": closures.close_case,
    "record_manager_discussion": stalled_plans.record_manager_discussion,
    "record_mag_consent": consents.record_mag_consent,
    "refer_to_mag": stalled_plans.refer_to_mag,
    "record_mag_decision": stalled_plans.record_mag_decision,
    "record_anonymous_advice": stalled_plans.record_anonymous_advice,
    "raise_concern": concerns.raise_concern,
    "acknowledge_concern": concerns.acknowledge_concern,
    "record_harm_check": concerns.record_harm_check,
}

SERVICE: Final[Mapping[str, Operation]] = {
    "set_next_review": reviews.set_next_review,
    "send_plan_to_family": messages.send_plan_to_family,
    "tell_members": messages.tell_members,
    "tell_line_manager": messages.tell_line_manager,
    "alert_manager": messages.alert_manager,
    "end_stalled_plan": stalled_plans.end_stalled_plan,
    "stop_sharing": consents.stop_sharing,
    "close_record": closures.close_record,
}
