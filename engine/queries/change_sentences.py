"""What events say to a person when something has changed: who leads, where the family is, who disagrees, two CAFs.

And when a case begins without an assessment.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.casework.child_facts import LABELS
from engine.casework.family_sharing import DECIDERS
from engine.queries import words
from engine.queries.told_events import Sentence, Told


def _proposed(told: Told) -> str:
    return f"{told.name(told.subject)} was proposed to lead from {told.day('planned_on')}"


def _family_on_lead(told: Told) -> str:
    said = "agreed" if told.detail.get("agrees", True) else "wanted somebody else"
    return f"The family was told who is to lead, and {said}"


def _accepted_lead(told: Told) -> str:
    return f"{told.name(told.subject)} agreed to lead from {told.day('planned_on')}"


def _referred(told: Told) -> str:
    again = told.detail.get("again")
    return "Papers went to the Multi-Agency Group again" if again else "The plan was referred to the Multi-Agency Group"


def _mag_decided(told: Told) -> str:
    actions = f"; {told.count('actions', 'action')} went on the plan" if told.detail.get("actions") else ""
    return f"The Multi-Agency Group decided{actions}"


def _coordinators(told: Told) -> str:
    return "The coordinator was told" if told.detail.get("told") else "There was no coordinator to tell"


_LEAD_DECISIONS: Final = {
    "other_name": "somebody else is to be asked",
    "lead_goes_on": "who leads now goes on",
    "coordinator": "nobody was found, so the coordinator is asked",
}
_SIDE: Final = {"yes": "it is settled", "no": "it is not settled"}
_STAGES: Final = {"managers": "the line managers", "senior_officers": "senior officers"}
_MISSING: Final = {
    "keep_looking": "the search goes on",
    "concern": "social care is told",
    "close": "the case closes",
}


def _moves(told: Told) -> str:
    return "The family moves to another area" + (f" on {told.day('moves_on')}" if told.detail.get("moves_on") else "")


def _transfer_consent(told: Told) -> str:
    agreed = {"yes": "agreed", "no": "did not agree"}
    return f"The family {told.one_of('answer', agreed)} that papers are sent to the other area"


def _not_sent(told: Told) -> str:
    then = {"close": "the case closes", "stay": "the case stays here"}
    return f"Nothing was sent to the other area, and {told.one_of('decision', then)}"


def _missing(told: Told) -> str:
    seen = f"; last seen or spoken to on {told.day('last_contact_on')}" if told.detail.get("last_contact_on") else ""
    return f"The family could not be reached{seen}. Sharing rests until they are found"


def _merge_answer(told: Told) -> str:
    agreed = {"yes": "agreed", "no": "did not agree"}
    return f"The family {told.one_of('answer', agreed)} that the two plans become one"


def _merged_from(told: Told) -> str:
    moved = told.count("actions", "action") if told.detail.get("actions") else "no open action"
    twice = told.detail.get("twice")
    more = f", and {told.count('twice', 'action')} of both plans as one" if twice else ""
    behind = told.count("behind", "person") if told.detail.get("behind") else ""
    out = f". As this one is restricted, {behind} of the other did not join it" if behind else ""
    return f"The other CAF of the child was brought into this one, with {moved}{more}{out}"


def _merge_decided(told: Told) -> str:
    if told.detail.get("continues") == "both":
        return "It was decided that both CAFs of the child go on"
    return f"It was decided which plan goes on; {told.name(told.subject)} leads it"


_INTAKE: Final = {
    "accepted": "the service takes it on",
    "more": "more has to be known first",
    "not_accepted": "the service cannot take it on",
}


_REMINDED: Final = {
    "assessor": "The assessor was reminded",
    "coordinator": "Nobody leads, so the coordinators were reminded",
}


def _reminded(told: Told) -> str:
    if not told.detail.get("told"):
        return "There was nobody to remind"
    return _REMINDED.get(str(told.detail.get("role")), "Who leads was reminded")


def _above(told: Told) -> str:
    return "The manager above was told" if told.detail.get("told") else "There was no manager above to tell"


_DATES: Final = {
    "consent_given": "the family agreed to sharing",
    "assessment_completed": "the assessment was completed",
    "meeting_held": "the meeting was held",
    "plan_agreed": "the plan was agreed",
    "review_held": "the review was held",
    "concern_raised": "the concern was raised",
}


def _corrected(told: Told) -> str:
    moved = [each for each in told.detail.get("moved") or () if each.get("of") == "task" and not each.get("held")]
    days = "a task's day" if len(moved) == 1 else f"the days of {len(moved)} tasks"
    follow = f"; {days} moved with it" if moved else ""
    return f"A date was corrected: {told.one_of('what', _DATES)} on {told.day('now')}, not {told.day('was')}{follow}"


def _answer(told: Told) -> str:
    label = str(told.detail.get("label") or "").strip()
    which = f"The answer to “{told.said(label)}”" if label else "An answer"
    return f"{which} in “{told.detail.get('start') or told.task}” was corrected"


_TOLD: Final = {
    "everything": "they may be told what the consent covers",
    "part": "they may be told a part",
    "nothing": "they are told nothing and get no copies",
}


def _kept(told: Told) -> str:
    if not told.detail.get("told"):
        return "Somebody of the family was written down; nobody has decided yet what they may be told"
    by = DECIDERS.get(str(told.detail.get("decided_by")), "")
    decided = f", decided by {by}" if told.detail.get("told") != "everything" else ""
    return f"Somebody of the family was written down: {told.one_of('told', _TOLD)}{decided}"


_SETTLED: Final = {
    "passed_on": "somebody else does it",
    "lead_does_it": "the lead professional does it",
    "not_needed": "the family and the team do without it",
    "nobody": "nobody else was found, so the line manager is asked",
    "finished": "it was finished meanwhile",
}


def _action_settled(told: Told) -> str:
    owner = told.detail.get("to")
    if owner:
        return f"A declined action has an owner again: {told.name(owner)} does it"
    return f"About the declined action: {told.one_of('found', _SETTLED)}"


def _plan_changed(told: Told) -> str:
    parts = [f"{told.detail[name]} {words}" for name, words in _PLAN_PARTS.items() if told.detail.get(name)]
    return "The plan was changed" + (f": {', '.join(parts)}" if parts else "")


_PLAN_PARTS: Final = {"added": "added", "changed": "changed", "done": "done", "dropped": "given up"}
_NEXT_AFTER_ADVICE: Final = {
    "goes_on": "the plan goes on",
    "change_plan": "the plan is to be changed",
    "refer": "social care is asked to take it on",
}
_WAYS: Final = {"named": "with the child's name", "anonymous": "without names"}
_MAY_NAME: Final = {
    "yes": "The family agreed that social care is asked about them by name",
    "no": "The family did not agree that social care is asked about them by name",
    "not_asked": "The family was not asked whether social care may be asked about them by name",
}
LEADING_PLANS: Final = {
    "disability": "a plan for a disability or health need",
    "sen": "an education, health and care plan",
    "looked_after": "a plan for a looked-after child",
    "youth_offending": "a plan of the youth offending service",
    "child_protection": "a child protection plan",
    "child_in_need": "a child in need plan",
}


def _consulted(told: Told) -> str:
    way, then = told.one_of("way", _WAYS), told.one_of("next", _NEXT_AFTER_ADVICE)
    on = f" by {told.day('next_step_on')}" if told.detail.get("next_step_on") else ""
    return f"Social care was asked for advice {way}; {then}{on}"


def _stepped(told: Told) -> str:
    if told.detail.get("done"):
        return "What was agreed after social care's advice has been done"
    return f"What was agreed after social care's advice is not done yet; its day is now {told.day('next_step_on')}"


def _other_plan(told: Told) -> str:
    if told.detail.get("plan") == "none":
        return "No other plan leads for the child any more: this one leads again"
    return f"{told.one_of('plan', LEADING_PLANS)} leads for the child now".capitalize()


def _beside(told: Told) -> str:
    ended = f"; {told.count('ended', 'action')} ended here" if told.detail.get("ended") else ""
    goes = {"goes_on": "this plan goes on beside it", "close": "this plan closes"}
    return f"It was agreed with the other plan: {told.one_of('decision', goes)}{ended}"


def _assess_again(told: Told) -> str:
    if told.detail.get("answer") == "yes":
        return "The family agreed to be assessed again"
    return f"The family is not assessed again now; it is asked again on {told.day('ask_again_on')}"


_ALSO: Final = {name: LABELS[name].lower() for name in LABELS if name not in {
    "known_as", "address", "address_secret", "expected_on"
}}  # fmt: skip


def _named(changed: set[str]) -> str:
    """Name what has changed, never to what: that stands on the page about child and family, for who may see it."""
    return words.listed([said for name, said in _ALSO.items() if name in changed])


def _about_child(told: Told) -> str:
    """Say what changed about a child; never the address itself, which may be secret from who reads the history."""
    changed = set(told.detail.get("changed") or ())
    secret = "the address is secret now" if told.detail.get("address_secret") else "the address is not secret any more"
    said = [
        *(["another name is used"] if "known_as" in changed else []),
        *([_named(changed)] if changed & _ALSO.keys() else []),
        *(["the address has changed"] if "address" in changed else []),
        *([secret] if "address_secret" in changed else []),
        *([f"the baby is expected on {told.day('expected_on')}"] if "expected_on" in changed else []),
    ]
    return f"What is kept about the child has changed: {', '.join(said)}"


CHANGES: Final[Mapping[str, Sentence]] = {
    "action_declined": lambda told: f"{told.name(told.subject)} cannot do an action, due by {told.day('due_on')}",
    "action_settled": _action_settled,
    "family_member_kept": _kept,
    "child_kept": _about_child,
    "birth_asked_for": "The day on which the baby was expected has passed",
    "child_born": lambda told: f"The baby was born on {told.day('born_on')}",
    "handover_proposed": _proposed,
    "handover_told_to_family": _family_on_lead,
    "handover_accepted": _accepted_lead,
    "handover_summary_changed": lambda told: "The summary for who leads next was changed",
    "handover_declined": lambda told: f"{told.name(told.subject)} declined to lead",
    "handover_called_off": lambda told: f"The proposal that {told.name(told.subject)} leads was called off",
    "handover_done": lambda told: f"The lead was handed over to {told.name(told.subject)}",
    "no_successor_found": lambda told: "Nobody was found who could lead next",
    "lead_conferred": lambda told: f"It was conferred about who leads: {told.one_of('decision', _LEAD_DECISIONS)}",
    "successor_reminded": lambda told: f"{told.name(told.subject)} was reminded to answer",
    "coordinators_told": _coordinators,
    "plan_changed": _plan_changed,
    "plan_kept": "The plan was looked at anew, and stays as it is",
    "reassessment_agreed": _assess_again,
    "assessed_again": "The assessment was made anew; the one before stays in the record",
    "consultation_consent_recorded": lambda told: told.one_of("answer", _MAY_NAME),
    "consultation_recorded": _consulted,
    "consultation_step_reported": _stepped,
    "other_plan_recorded": _other_plan,
    "plan_beside_other": _beside,
    "disagreement_answered": lambda told: f"About the disagreement, one side said: {told.one_of('settled', _SIDE)}",
    "disagreement_sides_told": lambda told: f"Both sides were told ({told.count('told', 'person')})",
    "disagreement_raised": "Professionals disagree, and it was said so",
    "disagreement_not_settled": "Talking about the disagreement did not settle it",
    "disagreement_passed_on": lambda told: f"The disagreement went to {told.one_of('stage', _STAGES)}",
    "disagreement_settled": "The disagreement was settled",
    "family_moves": _moves,
    "transfer_consent_recorded": _transfer_consent,
    "transfer_sent": "Papers were sent to the other area",
    "transfer_received": "The other area has the papers and looks after the plan",
    "transfer_not_received": "The other area does not have the papers yet",
    "transfer_ended_here": "The other area has not taken over, and the case goes on here",
    "transfer_not_sent": _not_sent,
    "family_not_found": _missing,
    "family_looked_for": "The family was looked for again",
    "family_found": "The family was found again. Sharing goes on",
    "missing_family_decided": lambda told: f"The line manager decided: {told.one_of('decision', _MISSING)}",
    "referred_to_mag": _referred,
    "mag_papers_sent_back": "The papers for the Multi-Agency Group came back: something is missing",
    "mag_papers_accepted": lambda told: f"The Multi-Agency Group looks at the plan on {told.day('meeting_on')}",
    "mag_put_off": lambda told: f"The Multi-Agency Group put the plan off to {told.day('meeting_on')}",
    "mag_decided": _mag_decided,
    "mag_consent_taken_back": "The family took back its yes to the Multi-Agency Group",
    "mag_referral_ended": "The referral to the Multi-Agency Group ended without a decision",
    "merge_proposed": "It was proposed to bring the child's two CAFs together",
    "merge_answered": _merge_answer,
    "merge_decided": _merge_decided,
    "not_merged": "The child's two CAFs do not become one. Who leads and the coordinators were told",
    "stalled_plan_carried": lambda told: f"The other plan had not moved since {told.day('since')}: that counts",
    "answer_corrected": _answer,
    "concern_answer_corrected": _answer,
    "date_corrected": _corrected,
    "concern_date_corrected": _corrected,
    "case_paused": lambda told: f"The plan was put to rest until {told.day('until')}",
    "case_resumed": lambda told: "The plan goes on" + (", earlier than was agreed" if told.detail.get("early") else ""),
    "case_merged_into": "This case became part of another CAF of the child, which goes on",
    "case_merged_from": _merged_from,
    "step_down_recorded": lambda told: f"Social care steps down, and means to close on {told.day('closes_on')}",
    "help_requested": "It was written down what help is asked for",
    "intake_decided": lambda told: f"The intake was held: {told.one_of('decision', _INTAKE)}",
    "lead_reminded": _reminded,
    "manager_above_told": _above,
}
"""Kind of event -> its sentence, without the full stop."""

CHANGES_WITH_WORDS: Final = frozenset(
    {
        "answer_corrected",
        "concern_answer_corrected",
        "date_corrected",
        "anonymous_advice_recorded",
        "case_paused",
        "case_resumed",
        "consultation_consent_recorded",
        "consultation_recorded",
        "disagreement_answered",
        "disagreement_not_settled",
        "disagreement_raised",
        "disagreement_settled",
        "family_found",
        "family_member_kept",
        "action_declined",
        "action_settled",
        "family_looked_for",
        "family_moves",
        "family_not_found",
        "handover_declined",
        "handover_told_to_family",
        "help_requested",
        "consultation_step_reported",
        "intake_decided",
        "no_successor_found",
        "lead_conferred",
        "mag_consent_taken_back",
        "mag_papers_sent_back",
        "mag_put_off",
        "merge_answered",
        "other_plan_recorded",
        "plan_beside_other",
        "plan_changed",
        "plan_kept",
        "reassessment_agreed",
        "merge_proposed",
        "missing_family_decided",
        "search_recorded",
        "step_down_recorded",
        "transfer_consent_recorded",
        "transfer_ended_here",
        "transfer_not_sent",
        "transfer_received",
        "transfer_sent",
    }
)
"""Kinds whose payload holds, as `why`, a sentence that a case's page says too."""
