"""How pretend people answer forms: what they choose, which days, and by what rule they write.

The weights are our own choice, made so that a caseload looks like an ordinary year: see `engine.simulation.behaviours`.
A review in 6 to 12 weeks (`next_review_on`) is Worcestershire's. A text that is not named here is written by the rule
of its question's own name, and without one by that for any note.
"""

from __future__ import annotations

from typing import Final

from engine.simulation.answer_tables import ANY, Days, Table, When, rows

ANSWERS: Final[Table] = {
    "complete_checklist": {
        "healthy": {"yes": 62, "no": 26, "not_sure": 12},
        "safe": {"yes": 92, "no": 1, "not_sure": 7},
        "learning": {"yes": 42, "no": 44, "not_sure": 14},
        "positive_impact": {"yes": 55, "no": 30, "not_sure": 15},
        "free_from_poverty": {"yes": 52, "no": 34, "not_sure": 14},
        "services_needed": {"yes": 94, "no": 3, "not_sure": 3},
        "can_provide": {"yes": 4, "no": 84, "not_sure": 12},
        "harm_suspected": {"yes": 1, "no": 99},
        "note": "need_now",
    },
    "confirm_no_caf": {
        "confirmed": {"yes": 80, "no": 20},
        "why": (When({"confirmed": "yes"}, "single"), "why"),
    },
    "search_for_existing": {
        "found": {"none": 95, "caf": 2, "other_plan": 2, "beside": 1},
        "lead_told": {"told": 88, "message": 0, "no": 12},
        "why_not_told": "not_to_be_told",
    },
    "record_step_down": {"closes_on": Days(15, 30), "needs": "need_now"},
    "request_support": {"need": "need_now"},
    "record_intake": {"intake_decision": {"accepted": 86, "more": 9, "not_accepted": 5}, "why": "intake_open"},
    "record_consent": {"consent": {"given": 86, "limited": 8, "refused": 6}, "reason": "refused"},
    "ask_consent_again": {
        "consent": (
            When({"sharing": "goes_on"}, {"given": 9, "limited": 1}),
            {"given": 82, "limited": 8, "refused": 10},
        ),
        "reason": "still_no",
    },
    "complete_assessment": {
        "development": {"yes": 90, "no": 10},
        "parenting": {"yes": 85, "no": 15},
        "environment": {"yes": 80, "no": 20},
        "needs": "need_now",
        "wanted_lead": "trusted",
    },
    "agree_reassessment": {
        "assess_again": {"yes": 80, "not_now": 20},
        "ask_again_on": Days(30, 60),
        "why": "assess_again",
    },
    "appoint_lead_professional": {
        "nobody": {"yes": 2, "no": 98},
        "family_wishes": "trusted",
        "reasons": "lead_reasons",
    },
    "confer_on_first_lead": {"lead_decision": {"name": 80, "coordinator": 20}, "reasons": "conferred"},
    "find_first_lead": {
        "lead_decision": {"name": 85, "nobody": 15},
        "until": Days(15, 40),
        "reasons": "conferred",
    },
    "answer_lead": {"lead_answer": {"accepted": 88, "declined": 12}, "reason": "no_time_to_lead"},
    "arrange_tac_meeting": {
        "planned_on": (Days(0, 6, before="review_due_on"), Days(5, 11)),
        "needs": "meeting_needs",
    },
    "invite_to_meeting": {"needs": "meeting_needs"},
    "rebook_tac_meeting": {"planned_on": Days(4, 10), "why": "kept_away"},
    "reply_to_invitation": {"reply": {"attending": 78, "apologies": 16, "substitute": 6}},
    "record_family_replies": {
        "reply": {"coming": 84, "not_coming": 10, "none": 6},
        "how": {"hand": 30, "post": 67, "not_yet": 3},
        "brings": "comes_along",
    },
    "hold_tac_meeting": {
        "family_came": {"yes": 94, "no": 5, "not_held": 1},
        "came": {"yes": 100},
        "ends_with": (
            When({"open_actions": "none"}, {"actions": 40, "no_actions": 54, "close": 4, "step_up": 2}),
            {"actions": 40, "no_actions": 60},
        ),
        "due_on": Days(30, 75),
        "came_with": "comes_along",
        "notes": (
            When({"family_came": "no"}, "nobody_came"),
            When({"ends_with": "step_up"}, "stepping_up"),
            "meeting_notes",
        ),
    },
    "finish_tac_meeting": {
        "family_has_it": {"yes": 92, "no": 8},
        "how": {"hand": 70, "post": 25, "not_yet": 5},
        "why": "no_copy_yet",
    },
    "agree_action_plan": {"due_on": Days(30, 75)},
    "change_action_plan": {
        "plan_changed": {"yes": 85, "no": 15},
        "actions": {"yes": 100},
        "due_on": Days(30, 75),
        "family_view": "plan_view",
        "why": "review_same",
    },
    "give_update": {"progress": "progress"},
    "decline_action": {"why": "cannot_be_done"},
    "find_action_owner": {"why": "action_settled"},
    "settle_action": {"why": "action_settled"},
    "choose_review": {"way": {"meeting": 60, "updates": 40}, "family_view": "review_way"},
    "change_review": {"why": "other_way"},
    "hold_review": {
        "outcome": {"better": 62, "same": 26, "worse": 12},
        "next_step": (
            When({"outcome": "better", "open_actions": "none"}, {"continue": 4, "replan": 34, "close": 62}),
            When({"open_actions": "none"}, {"continue": 4, "replan": 86, "close": 4, "step_up": 6}),
            When({"outcome": "better"}, {"continue": 62, "replan": 8, "close": 30}),
            When({"outcome": "same"}, {"continue": 58, "replan": 38, "close": 4}),
            When({"outcome": "worse"}, {"continue": 36, "replan": 56, "step_up": 8}),
        ),
        "lead_still_right": {"yes": 88, "no": 12},
        "notes": (
            When({"next_step": "step_up"}, "stepping_up"),
            When({"outcome": "better"}, "review_better"),
            When({"outcome": "same"}, "review_same"),
            When({"outcome": "worse"}, "review_worse"),
        ),
    },
    "close_case": {
        "family_told": {"yes": 94, "not_reached": 6},
        "reason": (
            When({"accepted": "yes"}, {"moved_to_social_care": 1}),
            {"needs_met": 79, "disengaged": 11, "moved_authority": 8, "consent_withdrawn": 2},
        ),
        "summary": (
            When({"reason": "disengaged"}, "closed_disengaged"),
            When({"reason": "moved_authority"}, "closed_moved"),
            When({"reason": "moved_to_social_care"}, "closed_social_care"),
            When({"reason": "consent_withdrawn"}, "closed_withdrawn"),
            "closed_met",
        ),
        "next_support": "next_support",
    },
    "sign_off_closure": {"signed_off": {"yes": 93, "no": 7}, "why": "sent_back"},
    "record_manager_discussion": {
        "decision": {"resolved": 48, "support_agreed": 38, "refer_to_mag": 14},
        "next_step": (
            When({"decision": "resolved"}, "next_resolved"),
            When({"decision": "support_agreed"}, "next_support_agreed"),
            When({"decision": "refer_to_mag"}, "next_refer"),
        ),
    },
    "refer_to_mag": {"reason": "need_now"},
    "screen_mag_papers": {"meeting_on": Days(6, 20)},
    "record_mag_decision": {"meeting_on": Days(10, 20), "why": "put_off"},
    "record_anonymous_advice": {"next_step": "next_advice"},
    "acknowledge_concern": {
        "accepted": {"yes": 38, "no": 62},
        "note": (When({"accepted": "yes"}, "taken_on"), "not_taken_on"),
    },
    "record_harm_check": {
        "finding": {"no_concern": 93, "concern": 7},
        "note": (When({"finding": "concern"}, "harm_found"), "no_harm"),
    },
    "decide_with_social_care": {
        "plan_with_social_care": {"close": 70, "goes_on": 30},
        "why": "with_social_care",
    },
    "ask_family_about_consultation": {
        "consultation_consent": {"yes": 45, "no": 35, "not_asked": 20},
        "family_view": "consulted",
    },
    "record_consultation": {
        "way": {"anonymous": 100},
        "advice_next": {"goes_on": 65, "change_plan": 30, "refer": 5},
        "next_step_on": Days(5, 20),
        "advice": "advice",
        "next_step": "next_advice",
        "asked_whom": "colleague",
    },
    "report_next_step": {
        "step_done": {"yes": 80, "no": 20},
        "note": (When({"step_done": "yes"}, "done"), "progress"),
    },
    "propose_handover": {"nobody": {"yes": 3, "no": 97}, "reasons": "handover", "whom_asked": "conferred"},
    "answer_handover": {"handover_answer": {"accepted": 85, "declined": 15}, "reason": "no_time_to_lead"},
    "tell_family_of_handover": {
        "family_agrees": {"yes": 85, "no": 15},
        "family_view": (When({"family_agrees": "yes"}, "handover_view"), "handover_against"),
    },
    "name_interim_lead": {"reasons": "interim"},
    "confer_on_lead": {"why": "conferred"},
    "find_lead": {"why": "conferred"},
    "raise_disagreement": {"other_side_words": "other_side"},
    "settle_disagreement": {
        "settled": {"yes": 75, "no": 25},
        "outcome": (When({"settled": "yes"}, "disagreement"), "still_disagree"),
    },
    "decide_disagreement": {"outcome": "disagreement"},
    "propose_merge": {"why": "merge"},
    "decide_merge": {"continues": {"this": 48, "other": 48, "both": 4}},
    "record_merge_answer": {
        "merge_agreed": {"yes": 85, "no": 15},
        "family_view": (When({"merge_agreed": "yes"}, "merge_yes"), "merge_no"),
    },
    "record_transfer_consent": {"transfer_consent": {"yes": 85, "no": 15}, "reason": "not_sent"},
    "send_transfer": {
        "sent": {"yes": 96, "no": 4},
        "sent_to": "new_team",
        "why_not_sent": "not_sent",
    },
    "confirm_transfer": {
        "received": {"yes": 88, "no": 7, "stays": 5},
        "received_by": "new_worker",
        "why_stays": "stays",
    },
    "decide_without_transfer": {"why": (When({"move_decision": "close"}, "move_close"), "move_stay")},
    "report_family_missing": {"tried": "looked_for"},
    "record_search": {
        "found": {"yes": 70, "no": 30},
        "tried": (When({"found": "yes"}, "found_again"), "looked_for"),
    },
    "decide_on_missing": {
        "why": (
            When({"missing_decision": "concern"}, "missing_concern"),
            When({"missing_decision": "keep_looking"}, "missing_look"),
            When({"missing_decision": "close"}, "missing_close"),
        ),
    },
    "pause_case": {"paused_until": Days(15, 45), "reason": "rest"},
    "go_on": {"why": "goes_on"},
    "record_other_plan": {
        "linked_plan": {
            "child_in_need": 30, "child_protection": 20, "sen": 30, "looked_after": 10, "youth_offending": 10,
        },
        "how_known": "where",
    },
    "agree_with_other_plan": {
        "plan_with_other": {"goes_on": 100},
        "family_view": "key_worker_view",
        "agreed_with": "plan_worker",
        "why": "with_other_plan",
    },
    ANY: {
        "family_wishes": {"wanted": 40, "accepted": 36, "no_view": 20, "not_wanted": 4},
        "agency_involvement": {"most": 30, "some": 50, "little": 20},
        "relationship": {"trusted": 40, "known": 42, "none": 18},
        "capacity": {"ready": 50, "with_help": 36, "not_now": 14},
        "facilitating": {"yes": 62, "with_help": 32, "no": 6},
        "sharing": {"yes": 70, "with_help": 26, "no": 4},
        "whose": (When({"speaks": "young_person"}, {"young_person": 1}), {"parent": 1}),
        "second_judgement": {"no": 1},
        "how_given": {"paper": 62, "screen": 12, "meeting": 20, "phone": 6},
        "shared_for": {"yes": 1},
        "not_told": {"yes": 60, "no": 40},
        "until_on": ({"yes": 20, "no": 80}, Days(40, 260)),
        "nobody_else": {"no": 1},
        "papers_whole": {"yes": 86, "no": 14},
        "mag_outcome": {"decided": 88, "put_off": 12},
        "mag_consent": {"yes": 66, "no": 14, "no_answer": 12, "not_asked": 8},
        "next_on": Days(28, 60),
        "next_review_on": Days(28, 60),
        "lead_until": Days(80, 130),
        "planned_end_on": Days(150, 230),
        "next_step_on": Days(5, 10),
        "due_on": Days(10, 30),
        "social_worker": "colleague",
        "notes_by": "colleague",
        "given_by": (When({"speaks": "young_person"}, "child"), "carer"),
        "signed_by": "carer",
    },
}

CHOICES, DAYS, WORDS = rows(ANSWERS)
