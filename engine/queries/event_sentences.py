"""What each kind of event in a case's history says to a person. Every kind that is recorded has a sentence here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.queries import words
from engine.queries.access_sentences import ACCESS, ACCESS_WITH_WORDS
from engine.queries.between_sentences import BETWEEN_MEETINGS, BETWEEN_MEETINGS_WITH_WORDS
from engine.queries.change_sentences import CHANGES, CHANGES_WITH_WORDS
from engine.queries.consent_sentences import CONSENTS, CONSENTS_WITH_WORDS
from engine.queries.meeting_sentences import MEETINGS, MEETINGS_WITH_WORDS
from engine.queries.model_sentences import MODELS
from engine.queries.settings_sentences import SETTINGS
from engine.queries.staff_sentences import STAFF, STAFF_WITH_WORDS
from engine.queries.told_events import Sentence, Told
from engine.queries.work_sentences import WORK, WORK_WITH_WORDS

_REVIEWED: Final = {"better": "things are better", "same": "things are the same", "worse": "things are worse"}
_NEXT: Final = {
    "continue": "the plan goes on",
    "replan": "the plan is to be changed",
    "step_up": "social care is to be asked",
    "close": "the case is to be closed",
}
_ASK_MAG: Final = "the Multi-Agency Group is to be asked"
_MANAGERS: Final = {"resolved": "it is resolved", "support_agreed": "support was agreed", "refer_to_mag": _ASK_MAG}
_STUCK: Final = {
    "not_progressing": "It was said that the plan is not progressing",
    "team_not_working": "It was said that the team around the child is not working",
}
_CONFIRMED: Final = {
    "yes": "It was confirmed that no common assessment is needed",
    "no": "A common assessment is needed, although the checklist says otherwise",
}
_FOUND: Final = {
    "none": "there is none",
    "caf": "there is a common assessment already",
    "other_plan": "another plan leads for the child",
    "beside": "another plan leads for the child, and this case is kept beside it",
}
CLOSED: Final = {
    "needs_met": "needs are met",
    "disengaged": "the family no longer takes part",
    "moved_authority": "the family has moved to another authority",
    "moved_to_social_care": "social care has taken over",
    "consent_withdrawn": "the family took back their consent",
    "consent_refused": "consent was refused",
    "family_not_found": "the family could not be found",
    "merged": "it became one with another CAF of the child",
    "not_needed": "no common assessment was needed",
    "single_agency": "one agency's own help is enough",
    "joined_existing": "there was a CAF of the child already",
    "other_plan_leads": "another plan leads for the child",
    "not_taken_on": "the service that was asked could not take it on",
}


_ITS_LEAD: Final = {
    "told": "who leads it was told",
    "message": "who leads it was sent a message",
    "no": "who leads it was not told",
}


def _searched(told: Told) -> str:
    its_lead = f"; {told.one_of('lead_told', _ITS_LEAD)}" if told.detail.get("lead_told") else ""
    return f"Another plan was looked for: {told.one_of('found', _FOUND)}{its_lead}"


def _way_of_review(told: Told) -> str:
    if told.detail.get("way") == "meeting":
        return "The plan is to be reviewed with a meeting"
    return f"The plan is to be reviewed with updates; {told.count('asked', 'person')} asked"


def _other_way(told: Told) -> str:
    if told.detail.get("way") == "meeting":
        return "The plan is to be reviewed with a meeting after all"
    return f"The plan is to be reviewed with updates after all; {told.count('asked', 'person')} asked"


def _ranked(told: Told) -> str:
    other = "" if told.detail.get("first_chosen") else ", though not chosen"
    first = f"{told.name(told.detail.get('first'))} comes first by the rules{other}"
    return f"Who might lead was compared ({told.count('candidates', 'person')}): {first}"


def _term(told: Told) -> str:
    if not told.detail.get("goes_on"):
        return "The lead's time is over, and somebody else should lead"
    return f"The lead goes on until {told.day('until')}"


def _reviewed(told: Told) -> str:
    step = told.one_of("next_step", _NEXT) if told.detail.get("next_step") else ""
    return f"A review was held: {told.one_of('outcome', _REVIEWED)}" + (f", and {step}" if step else "")


def _agreed_otherwise(told: Told) -> str:
    detail, said = told.detail, []
    if detail.get("next_step"):
        said.append(f"it agreed that {told.one_of('agreed_step', _NEXT)}, and now {told.one_of('next_step', _NEXT)}")
    if detail.get("next_on"):
        said.append(f"the next date was {told.day('agreed_on')}, and is {told.day('next_on')}")
    said += ["other notes are written; both are kept"] if detail.get("notes") else []
    return f"What the meeting agreed was changed: {'; '.join(said)}"


def _reported(told: Told) -> str:
    said = "An action was finished" if told.detail.get("done") else "Progress on an action was noted"
    said += f", “{told.about}”" if told.about else ""
    return said + (f"; its date is now {told.day('due_on')}" if told.detail.get("due_on") else "")


def _raised(told: Told) -> str:
    danger = ", with immediate danger" if told.detail.get("immediate_danger") else ""
    names = [told.names[each] for each in told.detail.get("also", ()) if each in told.names]
    too = f". It names {words.listed(names)} too" if names else ""
    return f"A safeguarding concern was raised{danger}{too}"


def _acknowledged(told: Told) -> str:
    took = "takes it on" if told.detail.get("accepted") else "does not take it on"
    return f"Social care answered the safeguarding concern and {took}"


_THEIRS: Final = {"close": "this plan closes", "goes_on": "this plan goes on, as a part of theirs"}


def _with_social_care(told: Told) -> str:
    beside = ". The closing that waits stands against it: who leads and the line manager were told"
    said = f"With social care it was agreed: {told.one_of('decision', _THEIRS)}"
    return f"{said}{beside}" if told.detail.get("closing") else said


def _harm(told: Told) -> str:
    found = {"no_concern": "no concern found", "concern": "there is a concern"}
    return f"The manager's check for harm was recorded: {told.one_of('finding', found)}"


def _told_manager(told: Told) -> str:
    return "The line manager was told" if told.detail.get("told") else "There was no line manager to tell"


def _alerted(told: Told) -> str:
    if not told.detail.get("told"):
        return "There was nobody to alert"
    return f"Line managers and safeguarding leads were alerted ({told.count('told', 'person')})"


def _alerted_above(told: Told) -> str:
    if not told.detail.get("told"):
        return "There was nobody to alert"
    return f"Coordinators and safeguarding leads were alerted ({told.count('told', 'person')})"


def _reassigned(told: Told) -> str:
    return f"“{told.task}” was given to {told.name(told.detail.get('to'))}"


def _returned(told: Told) -> str:
    group = words.plain(str(told.detail.get("group") or "group"))
    to = told.name(told.detail["to"]) if told.detail.get("to") else f"the {group}"
    return f"“{told.task}” went back to {to}, due as before"


def _passed_on(told: Told) -> str:
    to = told.detail.get("to")
    asked = told.name(to) if to else f"the {words.plain(str(told.detail.get('group') or 'group'))}"
    return f"{asked} was asked to do “{told.task}” for {told.name(told.detail.get('from'))}, who is away"


def _nobody(told: Told) -> str:
    return f"Nobody could be found for a task, so it went to the {words.plain(str(told.detail.get('given_to') or ''))}"


def _fired(told: Told) -> str:
    late = ", late" if told.detail.get("late") else ""
    return f"A date or time limit was reached{late}: {words.plain(str(told.detail.get('element') or ''))}"


def _decided(told: Told) -> str:
    return f"The rules were asked: {words.plain(str(told.detail.get('decision') or ''))}"


# The rules' own words: the reason's code means nothing to the people of a case.
def _escalated(told: Told) -> str:
    return told.said(str(told.detail.get("sentence") or "")) or "There was a reason to raise it with others"


def _settled(told: Told) -> str:
    said = told.said(str(told.detail.get("sentence") or ""))
    return f"No longer so: {said}" if said else "A reason to raise it with others no longer holds"


def _overseen(told: Told) -> str:
    on = told.day("discussed_on")
    whom = f"was discussed with {told.name(told.subject)}" if told.subject else "was looked at by a manager"
    by = f", to be done by {told.day('by_on')}" if told.detail.get("by_on") else ""
    return f"The case {whom} on {on}{by}"


def _stuck(told: Told) -> str:
    said = told.said(told.one_of("reason", _STUCK))
    return f"{said}, and the line manager has it already" if told.detail.get("joined") else said


def _closed(told: Told) -> str:
    return f"The case was closed: {told.one_of('reason', CLOSED)}"


SENTENCES: Final[Mapping[str, Sentence]] = {
    **ACCESS,
    **BETWEEN_MEETINGS,
    **CHANGES,
    **CONSENTS,
    **MEETINGS,
    **MODELS,
    **SETTINGS,
    **STAFF,
    **WORK,
    "case_opened": "The case was opened",
    "assessor_named": lambda told: f"{told.name(told.subject)} became the assessor",
    "checklist_answered": "The pre-assessment checklist was answered",
    "no_caf_confirmed": lambda told: told.one_of("confirmed", _CONFIRMED),
    "search_recorded": _searched,
    "lead_nominated": lambda told: f"{told.name(told.subject)} was asked to be lead professional",
    "leads_ranked": _ranked,
    "lead_not_found": "Nobody could be found to lead, so the line managers confer",
    "lead_term_reviewed": _term,
    "lead_accepted": lambda told: f"{told.name(told.subject)} agreed to lead",
    "lead_declined": lambda told: f"{told.name(told.subject)} will not lead",
    "assessment_started": "The assessment was started",
    "assessment_completed": "The assessment was completed",
    "lead_professional_appointed": lambda told: f"{told.name(told.subject)} became lead professional",
    "action_plan_agreed": lambda told: f"The plan was agreed, with {told.count('actions', 'action')}",
    "action_reported": _reported,
    "review_planned": lambda told: f"The next review was fixed for {told.day('due_on')}",
    "review_way_chosen": _way_of_review,
    "review_way_changed": _other_way,
    "updates_chased": lambda told: f"Reminded to say how their actions go: {told.count('silent', 'person')}",
    "update_given": lambda told: f"{told.name(told.subject)} said how their actions go",
    "review_held": _reviewed,
    "meeting_agreement_changed": _agreed_otherwise,
    "closure_agreed": lambda told: f"It was agreed to close the case: {told.one_of('reason', CLOSED)}",
    "closure_signed_off": "The closure was signed off",
    "closure_sent_back": "The closure was sent back to whoever wrote it",
    "case_closed": _closed,
    "concern_raised": _raised,
    "concern_acknowledged": _acknowledged,
    "concern_kept": "The concern is kept, although the step of the diagram that raised it was undone",
    "concern_rewritten": "What the concern says was written anew",
    "concern_taken_up": "The step of the diagram was done again, and goes on with the concern that was kept",
    "harm_check_recorded": _harm,
    "plan_with_social_care": _with_social_care,
    "manager_discussion_recorded": lambda told: f"The line manager's talk: {told.one_of('decision', _MANAGERS)}",
    "anonymous_advice_recorded": "Advice was asked for without naming the family",
    "stalled_plan_ended": "The line manager's work on the stalled plan ended",
    "stalled_plan_reported": _stuck,
    "plan_sent_to_family": "The lead professional was asked to give the family their copy of the plan",
    "members_told": lambda told: f"The team was told: {told.people('members')}",
    "members_not_told": "The team was not told",
    "line_manager_told": _told_manager,
    "manager_alerted": _alerted,
    "coordinator_alerted": _alerted_above,
    "task_completed": lambda told: f"“{told.task}” was done",
    "task_claimed": lambda told: f"“{told.task}” was taken",
    "task_released": lambda told: f"“{told.task}” was handed back",
    "task_reassigned": _reassigned,
    "nobody_to_ask": _nobody,
    "case_process_started": lambda told: f"“{told.process}” was asked for",
    "process_started": lambda told: f"“{told.process}” began",
    "process_moved": lambda told: f"“{told.process}” went on",
    "timer_fired": _fired,
    "decision_made": _decided,
    "escalation_begun": _escalated,
    "escalation_ended": _settled,
    "message_sent": lambda told: f"The case was told: {words.plain(str(told.detail.get('message') or 'news'))}",
    "message_passed_on": lambda told: (
        f"What {told.name(told.subject)} did was passed on: {words.plain(str(told.detail.get('message') or 'news'))}"
    ),
    "incident_retried": "What had stopped was tried again",
    "draft_begun": lambda told: f"“{told.task}” was begun",
    "asked_instead": lambda told: f"{told.name(told.subject)} could not be asked, so somebody else was",
    "overlap_found": lambda told: str(told.detail.get("reason") or "Two agencies give this family the same help"),
    "task_returned": _returned,
    "task_passed_on": _passed_on,
    "task_given_back": lambda told: f"“{told.task}” was given back to {told.name(told.detail.get('to'))}",
    "interim_lead_appointed": lambda told: f"{told.name(told.subject)} became interim lead professional",
    "attachment_added": lambda told: "A file was added" + (f", “{told.about}”" if told.about else ""),
    "attachment_removed": "A file was removed",
    "payload_erased": "Personal details of an earlier entry were erased",
    "closure_added": lambda told: f"The offices are closed on {told.day('on_day')}",
    "closure_removed": lambda told: f"The offices are not closed on {told.day('on_day')} after all",
    "oversight_noted": _overseen,
    "oversight_audited": "The case was looked at in an audit",
    "audit_drawn": lambda told: f"An audit of {told.count('number', 'case')} was drawn",
    "calendar_moved_dates": lambda told: f"Days moved with the offices’ calendar: {told.count('number', 'date')}",
    "authority_created": "The authority was set up",
    "profile_changed": "The authority's profile was changed",
    "demo_loaded": lambda _told: "The invented demo caseload was loaded",
    "rehearsal_began": lambda _told: "This copy became a rehearsal; the record itself is elsewhere",
    "rehearsal_moved": lambda _told: "The rehearsal's clock was moved on",
    "people_added": lambda told: f"People were added: {len(told.detail.get('people') or ())}",
}
"""Kind of event -> its sentence, without the full stop."""

MACHINERY: Final = frozenset({"case_process_started", "process_moved", "timer_fired", "decision_made"})
"""Kinds that say how the service got on rather than what people did; a case's page leaves them out."""

NO_WORK: Final = MACHINERY | {"version_changed", "looked_into", "lead_away", "absence_recorded", "absence_ended"}
"""Kinds that stand on a case by somebody's name and are no work on it: a release, an absence, a reason for reading."""

WITH_WORDS: Final = ACCESS_WITH_WORDS | CHANGES_WITH_WORDS | CONSENTS_WITH_WORDS | MEETINGS_WITH_WORDS | (
    WORK_WITH_WORDS | BETWEEN_MEETINGS_WITH_WORDS | STAFF_WITH_WORDS
) | {
    "attachment_removed", "closure_agreed", "closure_sent_back", "lead_declined", "lead_not_found",
    "message_sent", "no_caf_confirmed", "oversight_noted", "profile_changed",
    "review_way_changed", "stalled_plan_reported",
}  # fmt: skip
"""Kinds whose payload holds, as `why`, a sentence that a case's page says too."""

NEVER_FOR_FAMILIES: Final = frozenset(
    {
        "concern_acknowledged",
        "concern_answer_corrected",
        "concern_date_corrected",
        "concern_kept",
        "concern_raised",
        "concern_rewritten",
        "concern_taken_up",
        "coordinator_alerted",
        "harm_check_recorded",
        "manager_alerted",
        "missing_family_decided",
        "oversight_audited",
        "oversight_noted",
        "restricted_case_met",
        "plan_with_social_care",
    }
)
"""Kinds that no copy for a family may hold: knowing could put the child at more risk."""


def say(kind: str, told: Told) -> str:
    """Return the sentence of an event. A kind recorded by a later version is said in its own words."""
    found = SENTENCES.get(kind) or words.plain(kind)
    said = found if isinstance(found, str) else found(told)
    because = f" ({told.why.strip().rstrip('.')})" if told.why.strip() else ""
    return words.sentence(said + because)
