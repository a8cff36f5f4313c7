"""Who may ask what: every route, as each of fourteen people who stand to a case in another way; from one table.

A row says what each of them is answered, in the order of `standing.COLUMNS`:

    L leads            M is of the team        B manages who leads     V stands in for who leads
    O manages M        H manages who has a task on it, and no more     C coordinates           G sits on the group
    F led once         X a stranger            S a safeguarding lead   D a designer            A an administrator
    . nobody signed in

    y  is let in       x  is told that it is not theirs (403)          -  learns that there is nothing (404)
    s  is asked to sign in                                             !  is told that the service is away (503)

Where a row has two, the second is of the same case when it is restricted: whoever has it by their office, or as they
cover for somebody, is answered as if there were none. A route that stands in no row fails: add it to the row that says
who may use it, or to a new one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import pytest
from werkzeug.test import TestResponse

from engine.casework.audit_items import ITEMS, SECTIONS
from engine.clock import FakeClock
from tests.conftest import MONDAY_MORNING
from tests.unit.web.standing import COLUMNS, FILE, VERSION, Standing, arranged, routes

TABLE = """
LMBVOHCGFXSDA.
yyyyyyyyyyyyyy  open to anybody
    GET /concern
    GET /look/<named>.css
    GET /api/openapi.json
    POST /api/session
    GET /reply/letter/<token>
    GET /ready
    GET POST /sign-in
    POST /sign-in/code
!!!!!!!!!!!!!!  open to anybody, and away: no scheduler runs in a test
    GET /health
ssssssssssssss  sends everybody to the sign-in page
    POST /sign-out
--------------  not there: nobody has such a private page
    GET POST /reply/<token>
    GET POST /reply/helped/<token>
    GET /calendar/<token>.ics
    POST /reply/letter/<token>
--------------  not there: no token is set for a monitoring system
    GET /metrics
--------------  not there: no organisation is set up
    GET /sign-in/organisation
    GET /sign-in/organisation/return
yyyyyyyyyyyyys  for who is signed in: their own account, work and lists; help; diagrams and forms, which hold no data
    GET /
    GET /account
    POST /account/morning
    GET POST /account/calendar
    POST /account/calendar/revoke
    POST /account/password
    GET POST /account/second-factor
    POST /account/second-factor/codes
    POST /account/second-factor/remove
    POST /account/sessions
    GET /api/cases
    POST /api/cases/search
    GET /api/definitions/<definition_id>/diagram
    GET /api/forms/<form_id>/schema
    DELETE /api/session
    GET /api/tasks
    GET /cases
    POST /cases/search
    POST /concern
    GET /api/directory
    GET /directory
    GET /definitions/<definition_id>/diagram.bpmn
    GET /did-it-help
    POST /account/trainings
    GET /guidance
    GET /guidance/<key>
    GET /guidance/files/<file_id>
    GET /guidance/<key>/versions/<edition>
    POST /guidance/<key>/copies
    GET POST /api/guidance/<key>/copies
    GET /guidance/whole
    GET /help
    GET /help/api
    GET /cases.csv
    GET /cases.xlsx
    GET /directory.csv
    GET /directory.xlsx
    GET /tasks.csv
    GET /tasks.xlsx
    GET /tasks/later.csv
    GET /tasks/later.xlsx
    GET /tasks/waiting.csv
    GET /tasks/waiting.xlsx
    POST /sign-in/carry-on
    GET /tasks
    GET /tasks/later
    POST /tasks/lists
    GET /tasks/waiting
-------------s  for who is signed in: one thing of their own, which they do not have
    POST /tasks/lists/<list_id>/remove
y------------s  who has asked for them themself
    POST /guidance/copies/<copies_id>/withdraw
    DELETE /api/guidance/copies/<copies_id>
xxxxxxyxxxxxxs  a coordinator's
    POST /api/cases/<case_id>/look-into
    GET POST /cases/<case_id>/look-into
    POST /access/openings/<opening_id>
    PUT /api/access/openings/<opening_id>
xxxxxxyxxxxxys  a coordinator's or an administrator's
    GET POST /guidance/<key>/change
    POST /guidance/<key>/withdraw
    POST /guidance/files/<file_id>/withdraw
    GET POST /guidance/add
    GET /guidance/copies
    POST /guidance/copies/<copies_id>/sent
    GET /api/incidents
    POST /api/incidents/<incident_id>/retry
    POST /api/incidents/retry
    GET /api/mag/members
    PUT /api/mag/members/<practitioner_id>
    GET /incidents
    GET /incidents.csv
    GET /incidents.xlsx
    POST /incidents/<incident_id>/retry
    POST /incidents/retry
    GET /mag/members
    GET /mag/members.csv
    GET /mag/members.xlsx
    POST /mag/members/<practitioner_id>
xxxxxxxxxxxxys  an administrator's
    GET POST /studio/publish/second-person
    GET POST /authority
    GET POST /authority/calendar
    GET /authority/history
    GET /authority/history.csv
    GET /authority/history.xlsx
    GET /directory/roles.csv
    GET /directory/roles.xlsx
    GET /people/teams.csv
    GET /people/teams.xlsx
    GET POST /authority/calendar/<closure_id>
    POST /people/<practitioner_id>/end-account
    POST /people/<practitioner_id>/manager
    POST /people/<practitioner_id>/password
    POST /people/<practitioner_id>/roles
    GET POST /people/add
    GET POST /directory/roles
    GET POST /people/teams
    GET POST /authority/retention
    GET POST /api/calendar
    POST /api/calendar/foresee
    GET POST /api/job-roles
    POST /people/<practitioner_id>/job-role
xxxxxxxxxxxx-s  an administrator's, of something that is not there
    POST /directory/roles/rename
    GET /people/teams/<team_id>
    POST /people/teams/<team_id>/close
    POST /people/teams/<team_id>/reopen
    POST /people/teams/<team_id>/join
    POST /people/teams/<team_id>/leave
    POST /people/teams/<team_id>/rename
    POST /directory/roles/retire
    POST /directory/roles/take-back
    POST /api/job-roles/rename
    POST /api/job-roles/retire
    POST /api/job-roles/take-back
    POST /people/<practitioner_id>/second-factor
xxxxxxxxxxxyys  an administrator's or a designer's: how letters are worded
    GET /authority/letters
xxxxxxxxxxx--s  the same, of a letter that is not there
    GET POST /authority/letters/<key>
    GET /authority/letters/<key>/file
xxxxxxxxxxxyxs  a designer's: definitions and never a case
    POST /api/decisions/<decision>
    GET /api/definitions
    POST /api/definitions/<definition_id>/revert
    POST /api/definitions/<definition_id>/take-back
    POST /api/deployments
    POST /api/proposals
    GET POST /definitions
    GET /definitions/<definition_id>
    GET POST /definitions/<definition_id>/back
    GET /definitions/<definition_id>/file
    GET POST /definitions/decisions/<decision>
    POST /definitions/drafts
    POST /definitions/drafts/deploy
    POST /definitions/reason
    POST /studio/check
    POST /studio/scenarios/withdraw
    GET /studio/scenarios/results
    GET POST /studio/limits
    POST /studio/publish
    GET /studio/edit/picks
    POST /studio/edit/presence
    POST /studio/edit/preview
    POST /studio/edit/save
    POST /studio/edit/text
    GET POST /studio/new
xxxxxxxxxxx-xs  a designer's, of something that is not there
    POST /api/rehearsals/<rehearsal_id>/back
    GET /studio/play
    POST /studio/play/begin
    POST /studio/play/keep
    GET /studio/play/diagram.bpmn
    POST /studio/play/step
    POST /studio/play/undo
    GET POST /studio/play/start
    GET POST /studio/play/task
    GET /studio/scenarios
    POST /studio/scenarios/mend
    POST /studio/scenarios/play
    GET /studio/edit
    GET /studio/edit/file
    POST /studio/edit/import
    GET /studio/edit/source
    POST /studio/publish/<proposal_id>/back
    POST /studio/publish/<proposal_id>/withdraw
    GET /studio/outline
    GET POST /studio/questions
    GET POST /studio/questions/question
    POST /studio/steps
    GET POST /studio/outline/step
    GET POST /studio/outline/way
    GET POST /studio/tables
    GET POST /studio/tables/row
    GET POST /studio/adapt
    GET POST /studio/newer
    GET POST /studio/rename
    GET /studio/versions
    GET /studio/versions/diagram.bpmn
    POST /definitions/drafts/discard
    GET /definitions/drafts/file
xxyxyyyxxxxyxs  a designer's, in figures; a coordinator's or line manager's, who answer for cases
    GET /api/rehearsals
    GET /studio/rehearsals
xxxxxxyxxxxyxs  a designer's or coordinator's
    POST /api/rehearsals
    GET /studio/publish
    POST /studio/rehearsals
xx-x---xxxx-xs  a designer's, coordinator's or line manager's, of a rehearsal that is not there
    GET /api/rehearsals/<rehearsal_id>
    GET /studio/rehearsals/<rehearsal_id>
xxxxxx-xxxx-xs  a designer's or coordinator's, of a rehearsal or a change that is not there
    DELETE /api/rehearsals/<rehearsal_id>
    POST /api/rehearsals/<rehearsal_id>/again
    POST /api/rehearsals/<rehearsal_id>/choice
    POST /api/rehearsals/<rehearsal_id>/pause
    POST /api/rehearsals/<rehearsal_id>/resume
    POST /api/rehearsals/<rehearsal_id>/stop
    GET /studio/publish/<proposal_id>
    GET /studio/publish/<proposal_id>/file
    GET /studio/publish/<proposal_id>/scenarios
    POST /studio/publish/<proposal_id>/approve
    POST /studio/publish/<proposal_id>/send-back
    POST /studio/rehearsals/<rehearsal_id>
xxxxxx-xxxxxxs  a coordinator's, of a rehearsal that is not there
    POST /api/rehearsals/<rehearsal_id>/kinds/<number>
xx-x---xxxxxxs  a coordinator's or line manager's, of a rehearsal that is not there
    POST /api/rehearsals/<rehearsal_id>/cases
    POST /api/rehearsals/<rehearsal_id>/cases/choice
    GET POST /studio/rehearsals/<rehearsal_id>/cases
xxxxxxxxxxyxxs  a safeguarding lead's
    POST /api/rule-approvals
    GET /rules-to-approve
xxxxxxxxxx-xxs  a safeguarding lead's, of something that is not there
    POST /rules-to-approve
xxxxxxxxxxyyxs  a safeguarding lead's or a designer's
    GET /api/rule-approvals
    POST /api/rule-approvals/examples
    POST /rules-to-approve/examples
xxxxxxyyxxxxxs  the group's members' and coordinators'
    GET /api/mag/queue
    GET /mag
    GET /mag.csv
    GET /mag.xlsx
yyyyyyyxyyxxxs  for who may work with cases: their own alone are on it
    POST /api/cases
    GET /api/overdue
    GET /api/overdue/managed-actions
    GET POST /cases/start
    GET /overdue
    GET /overdue.csv
    GET /overdue.xlsx
    POST /overdue/lists
-------x--xxxs  the same, of a saved board that is not there
    POST /overdue/lists/<list_id>/remove
yyyy--yx--xxxs yy----yx--xxxs  for who may work with cases: to say what is being done on one whose record they may read
    GET POST /overdue/<case_id>/answer
yyyyyyyxyyyxxs  for who may work with cases or answers concerns: whether a child is known
    POST /api/child-index
    GET POST /cases/known
xxyxyyyxxxxxxs  a coordinator's, or a line manager's of their own people
    GET /access
    GET /access.csv
    GET /access.xlsx
    GET /api/access
    GET /where-cases-stand
    GET /where-cases-stand.csv
    GET /where-cases-stand.xlsx
    GET /returns
    GET /returns/events.csv
    GET /returns/events.xes
    GET /returns/events.xlsx
    GET /returns/return.pdf
    GET /returns/return.xlsx
    GET /oversight
    GET /oversight.csv
    GET /oversight.xlsx
    GET POST /oversight/audits
    GET /oversight/audits.csv
    GET /oversight/audits.xlsx
    GET /api/oversight
    GET POST /api/oversight/audits
xxyxyyyxxxxxys  who keeps people: their own alone are on it
    GET /people
    GET /people.csv
    GET /people.xlsx
yxyxxxyxxxxxys  of oneself, or as who keeps this person
    POST /account/trainings/<training_id>/remove
xxyxxxyxxxxxys  who keeps people: a training of one of their own
    POST /people/<practitioner_id>/trainings/<training_id>/remove
xxyxyyyxxxxxxs  who answers for the work of others: what theirs have, tasks of theirs to share out, what they shared out
    GET /api/workload
    GET /api/workload/batches
    GET /api/workload/tasks
    GET POST /workload/tasks
    GET /workload/tasks.csv
    GET /workload/tasks.xlsx
    GET /workload
    GET /workload.csv
    GET /workload.xlsx
    GET /workload/batches
    GET /workload/batches.csv
    GET /workload/batches.xlsx
xxyxyyyxxxxxxs  the same: to plan what can be planned of it
    POST /api/workload/handovers
    POST /api/workload/interim
    POST /api/workload/tasks
xxyx--yx-----s xx----y------s  to put right what runs: the line manager of who leads, a coordinator
    GET /api/cases/<case_id>/running
    POST /api/cases/<case_id>/running/tasks/<task_id>/due
    GET /cases/<case_id>/running
    GET POST /cases/<case_id>/running/<what_id>
xx-x---x-----s xx-----------s  the same, of a timer or a diagram that is not there
    POST /api/cases/<case_id>/running/<instance_id>/stop
    POST /api/cases/<case_id>/running/<instance_id>/move
    GET /api/cases/<case_id>/running/<instance_id>/places
    GET POST /cases/<case_id>/running/<instance_id>/move
    POST /api/cases/<case_id>/running/timers/<timer_id>/due
xxyx--yxxxxxxs  who answers for the work of this person: what they have, their absence, who leads their plans next
    GET /workload/people/<practitioner_id>
    POST /workload/people/<practitioner_id>/absence
    GET POST /workload/people/<practitioner_id>/leads
xxyxxxyxxxxxxs  the same, as an act that says so
    POST /workload/people/<practitioner_id>/hours
xx-x---xxxxxxs  the same, of a batch that is not there
    DELETE GET /api/workload/batches/<batch_id>
    GET /workload/batches/<batch_id>/results.csv
    GET /workload/batches/<batch_id>/results.xlsx
    POST /api/workload/batches/<batch_id>/begin
    POST /api/workload/batches/<batch_id>/pause
    POST /api/workload/batches/<batch_id>/resume
    POST /api/workload/batches/<batch_id>/stop
    POST /api/workload/batches/<batch_id>/undo
    GET POST /workload/batches/<batch_id>
xx-x--yxxxxxxs  who answers for plans: an audit of the coordinator's own
    GET /oversight/audits/<audit_id>
    GET /oversight/audits/<audit_id>/results.csv
    GET /oversight/audits/<audit_id>/results.xlsx
    GET POST /oversight/audits/cases/<audit_case_id>
    GET /api/oversight/audits/<audit_id>
    GET PUT /api/oversight/audits/cases/<audit_case_id>
xxyxyyyxxxxxxs  who answers for plans: what was said when they ended
    GET /did-it-help/answers
xxyx--yxxxxxys  who keeps this person: their line manager, coordinators, administrators
    GET /people/<practitioner_id>
    POST /people/<practitioner_id>/absence
    POST /people/<practitioner_id>/leaving
    POST /people/<practitioner_id>/trainings
xxyxxxyxxxxxys  the same, as an act that says so
    POST /people/<practitioner_id>/absence/<absence_id>/end
    POST /people/<practitioner_id>/staying
xxyxyyyxxxyyxs  for who tries rules out: in figures who designs or approves, their own cases who manages or coordinates
    POST /api/what-if
    GET POST /what-if
yyyy--yy-----s yy----y------s  the record: to read it, and to write what anybody on the case writes
    GET /api/attachments/<attachment_id>
    GET /api/cases/<case_id>
    PATCH /api/cases/<case_id>/actions/<action_id>
    GET POST /api/cases/<case_id>/attachments
    GET /api/cases/<case_id>/assessment
    GET /api/cases/<case_id>/between-meetings
    POST /api/cases/<case_id>/between-meetings/reports
    POST /api/cases/<case_id>/between-meetings/worries
    GET /api/cases/<case_id>/chronology
    GET /api/cases/<case_id>/handover-summaries
    GET /api/cases/<case_id>/handover-summaries/<handover_id>
    POST /api/cases/<case_id>/actions/<action_id>/contradictions
    DELETE PUT /api/cases/<case_id>/chronology/<event_id>/mark
    GET /api/cases/<case_id>/consents
    GET /api/cases/<case_id>/family
    GET /api/cases/<case_id>/plan
    GET /api/cases/<case_id>/startable
    GET /api/tasks/<task_id>
    GET /api/tasks/<task_id>/schema
    GET /cases/<case_id>
    GET POST /cases/<case_id>/actions/<action_id>
    POST /cases/<case_id>/actions/<action_id>/contradictions
    POST /cases/<case_id>/actions/<action_id>/files
    POST /cases/<case_id>/contradictions/<contradiction_id>
    GET /cases/<case_id>/assessment
    GET /cases/<case_id>/assessment.pdf
    GET /cases/<case_id>/between-meetings
    POST /cases/<case_id>/between-meetings/messages
    POST /cases/<case_id>/between-meetings/reports
    POST /cases/<case_id>/between-meetings/worries
    POST /cases/<case_id>/between-meetings/worries/<worry_id>
    GET POST /cases/<case_id>/birth
    GET POST /cases/<case_id>/child
    GET /cases/<case_id>/child-and-family
    GET /cases/<case_id>/chronology
    GET /cases/<case_id>/chronology.csv
    GET /cases/<case_id>/chronology.xlsx
    GET /cases/<case_id>/contact-card
    GET /cases/<case_id>/handover-summaries
    GET /cases/<case_id>/handover-summaries/<handover_id>
    GET /cases/<case_id>/handover-summaries/<handover_id>/change
    GET /cases/<case_id>/handover-summaries/<handover_id>/draft
    GET /cases/<case_id>/plan
    POST /cases/<case_id>/chronology/<event_id>
    GET POST /cases/<case_id>/consent
    POST /cases/<case_id>/consent/mag
    GET POST /cases/<case_id>/family
    GET POST /cases/<case_id>/family/<member_id>
    POST /cases/<case_id>/files
    GET /cases/<case_id>/files/<attachment_id>
    POST /cases/<case_id>/files/<attachment_id>/remove
    GET /cases/<case_id>/history
    GET POST /cases/<case_id>/oversight
    GET /api/cases/<case_id>/oversight
    GET POST /cases/<case_id>/interim-lead
    POST /api/cases/<case_id>/comments
    POST /api/cases/<case_id>/actions/<action_id>/comments
    POST /api/tasks/<task_id>/comments
    POST /cases/<case_id>/comments
    POST /cases/<case_id>/stuck
    GET /tasks/<task_id>
    POST /tasks/<task_id>/comments
    GET /tasks/<task_id>/draft
    POST /tasks/<task_id>/give
    GET POST /tasks/<task_id>/later
y-yy--yy-----s y-----y------s  to put the lead's action off, or one of whoever one stands in for or oversees
    GET POST /actions/<action_id>/later
yyyx--yx-----s yy----y------s  what the diagram lets these start: lead, member, line manager, coordinator
    POST /api/cases/<case_id>/processes/<process_key>
    GET POST /cases/<case_id>/start/<process_key>
xxyx--yx-----s xx----y------s  a note of oversight: a line manager of its people, a coordinator
    POST /api/cases/<case_id>/oversight
xxyx--yx-----s xx----y------s  to say what has come that the case waits for: a line manager of its people, a coordinator
    GET POST /api/cases/<case_id>/messages
    GET POST /cases/<case_id>/messages
yxyx--yx-----s yx----y------s  what the lead's task was answered, to be corrected
    GET /api/tasks/<task_id>/answers
    POST /api/tasks/<task_id>/answers
    GET /tasks/<task_id>/answers
    GET POST /tasks/<task_id>/answers/<question>
    POST /tasks/<task_id>/letters
yxyx--yx-----s yx----y------s  to keep the family, dates, letters, consent; to say that a plan is stuck
    POST /actions/<action_id>/ask
    POST /api/cases/<case_id>/birth
    PUT /api/cases/<case_id>/child
    POST /api/cases/<case_id>/consents/mag/withdraw
    POST /api/cases/<case_id>/consents/withdraw
    GET /api/cases/<case_id>/dates
    POST /api/cases/<case_id>/family
    PUT /api/cases/<case_id>/family/<member_id>
    GET /api/cases/<case_id>/letters
    GET POST /cases/<case_id>/for-the-other-area
    GET /cases/<case_id>/for-the-other-area.pdf
    PUT /api/cases/<case_id>/handover-summaries
    POST /api/cases/<case_id>/handover-summaries/anew
    POST /api/cases/<case_id>/letters/in-full
    DELETE /api/cases/<case_id>/letters/in-full/<member_id>
    POST /cases/<case_id>/letters/in-full
    GET PUT /api/cases/<case_id>/letters/<letter_id>
    POST /api/cases/<case_id>/letters/<letter_id>/send
    POST /api/cases/<case_id>/letters/<letter_id>/overrule
    POST /api/cases/<case_id>/letters/<letter_id>/sent
    POST /api/cases/<case_id>/stuck
    GET POST /cases/<case_id>/dates
    POST /cases/<case_id>/handover-summaries/<handover_id>/change
    POST /cases/<case_id>/handover-summaries/<handover_id>/draft
    GET /cases/<case_id>/letters
    POST /cases/<case_id>/letters/practitioners
    GET /cases/<case_id>/letters/<letter_id>
    POST /cases/<case_id>/letters/<letter_id>/again
    GET POST /cases/<case_id>/letters/<letter_id>/change
    POST /cases/<case_id>/letters/<letter_id>/close-page
    GET POST /cases/<case_id>/letters/<letter_id>/draft
    GET /cases/<case_id>/letters/<letter_id>/letter.docx
    GET /cases/<case_id>/letters/<letter_id>/letter.pdf
    POST /cases/<case_id>/letters/<letter_id>/overrule
    POST /cases/<case_id>/letters/<letter_id>/sent
yxyy--yx-----s yx----y------s  to answer what is said between meetings, to write to the team, to take somebody out of it
    POST /api/cases/<case_id>/team/<practitioner_id>/end
    POST /cases/<case_id>/team/<practitioner_id>/end
    POST /api/cases/<case_id>/between-meetings/messages
    POST /api/cases/<case_id>/between-meetings/reports/<report_id>
    POST /api/cases/<case_id>/between-meetings/worries/<worry_id>
    POST /cases/<case_id>/between-meetings/reports/<report_id>
-x-x---x-----s -x-----------s  the same, of a date that is not there
    POST /api/cases/<case_id>/dates
    POST /api/cases/<case_id>/dates/preview
xxyx--yx----ys xx----y------s  who answers a family that asks who looked
    GET /api/cases/<case_id>/readers
    GET /cases/<case_id>/readers
    GET /cases/<case_id>/readers.csv
    GET /cases/<case_id>/readers.xlsx
xxxx--yx-----s xx----y------s  to take somebody else's file away
    DELETE /api/attachments/<attachment_id>
yxxy--xx-----s yx----x------s  to do the lead's task, on its page
    POST /tasks/<task_id>
    POST /tasks/<task_id>/draft
yxxy--xx-----s yx----x------s  to do the lead's task
    POST /api/tasks/<task_id>/complete
    DELETE PUT /api/tasks/<task_id>/draft
y--y---------s y------------s  what was typed for the lead's task before
    GET /tasks/<task_id>/drafts
yxxx--xx-----s yx----x------s  to take or hand back the lead's task oneself
    POST /api/tasks/<task_id>/claim
    POST /api/tasks/<task_id>/release
    POST /tasks/<task_id>/claim
    POST /tasks/<task_id>/hand-back
xxxx--xx-----s xx----x------s  to take a task back that one gave away, which nobody did
    POST /tasks/<task_id>/take-back
yxyx--yx-----s yx----y------s  to chase the lead's task
    POST /tasks/<task_id>/ask
yxyy--yx-----s yx----y------s  to give the lead's task to somebody
    POST /api/tasks/<task_id>/reassign
-------------s -------------s  a plan that has ended, which this one has not
    POST /did-it-help/<case_id>
-------------s -------------s  one thing of one's own on the case, which is not there
    GET /api/tasks/<task_id>/draft
    POST /cases/<case_id>/emergency/end
    GET POST /tasks/<task_id>/drafts/<revision>
    POST /tasks/<task_id>/merge
xxxxxxyxxxxxxs xxxxxxyxxxxxxs  a coordinator's, of a case
    PUT /api/cases/<case_id>/restriction
    POST /api/cases/<case_id>/restriction/keep
    POST /api/cases/<case_id>/restriction/lift
    GET POST /cases/<case_id>/restriction
    POST /cases/<case_id>/restriction/keep
    POST /cases/<case_id>/restriction/lift
yyyyyyyxyyyxxs yy----yx---xxs  in an emergency
    POST /api/cases/<case_id>/emergency
    GET POST /cases/<case_id>/emergency
-------------s -------------s  something of the record that is not there
    POST /api/cases/<case_id>/contradictions/<contradiction_id>
yyyyyyyyyyyxxs yyyyyyyyyyyxxs  a concern, which anybody who works with children raises of any child
    POST /api/cases/<case_id>/concerns
yyyyyyyyyyyyys yyyyyyyyyyyyys  answers nothing of the case
    DELETE /api/cases/<case_id>/emergency
    GET /tasks/<task_id>/merge
"""

_KEY = {"request_key": "a key of the table"}
_ID = "019cadc6-9a80-7d8e-91b7-584a2265b1f5"
BODIES = {
    "POST /api/tasks/<task_id>/reassign": {"to": _ID},
    "PUT /api/tasks/<task_id>/draft": {"answers": {}},
    "POST /api/tasks/<task_id>/answers": {"question": "needs", "answer": "Sleep", "why": "It was wrong", **_KEY},
    "POST /api/tasks/<task_id>/complete": {"answers": {}, "expected_version": VERSION, **_KEY},
    "PATCH /api/cases/<case_id>/actions/<action_id>": {"progress": "The school was rung", **_KEY},
    "POST /api/cases/<case_id>/attachments": {FILE: True},
    "DELETE /api/attachments/<attachment_id>": {"why": "It belongs elsewhere"},
    "POST /api/cases/<case_id>/oversight": {
        "discussed_on": "2026-03-02", "discussed": "Mornings", "decided": "Ring", **_KEY,
    },
    "PUT /api/oversight/audits/cases/<audit_case_id>": {
        "answers": dict.fromkeys(ITEMS, "yes"), "scores": {each.key: "2" for each in SECTIONS}, **_KEY,
    },
    "POST /api/cases/<case_id>/comments": {"text": "The school was rung", **_KEY},
    "POST /api/cases/<case_id>/actions/<action_id>/comments": {"text": "The school was rung", **_KEY},
    "POST /api/tasks/<task_id>/comments": {"text": "The school was rung", **_KEY},
    "POST /api/cases/<case_id>/team/<practitioner_id>/end": {"why": "The help has ended", **_KEY},
    "POST /api/guidance/<key>/copies": {"copies": 2, "send_to": "The school"},
    "POST /api/cases/<case_id>/stuck": {"reason": "not_progressing", "why": "Nobody answers", **_KEY},
    "POST /api/cases/<case_id>/concerns": {"what_happened": "A bruise", **_KEY},
    "POST /api/cases/<case_id>/processes/<process_key>": {"answers": {}, **_KEY},
    "POST /api/cases/<case_id>/messages": {"name": "news", "note": "By letter", **_KEY},
    "POST /api/cases/<case_id>/dates": {
        "kind": "case_opened", "recorded_id": _ID, "on": "2026-02-01", "why": "typo",
        **_KEY,
    },
    "POST /api/cases/<case_id>/dates/preview": {
        "kind": "case_opened", "recorded_id": _ID, "on": "2026-02-01",
    },
    "POST /api/cases/<case_id>/family": {"name": "Ivy Whitlock", "relationship": "aunt", **_KEY},
    "PUT /api/cases/<case_id>/family/<member_id>": {"name": "Ada Whitlock", "relationship": "mother", **_KEY},
    "PUT /api/cases/<case_id>/child": {"address": "1 High Street", **_KEY},
    "POST /api/cases/<case_id>/between-meetings/messages": {"body": "The review is on Monday", "to": [_ID], **_KEY},
    "POST /api/cases/<case_id>/between-meetings/reports": {"report": "Met Sam", **_KEY},
    "POST /api/cases/<case_id>/between-meetings/reports/<report_id>": {"answer": "Thank you", **_KEY},
    "POST /api/cases/<case_id>/between-meetings/worries": {"worry": "Nobody rings", **_KEY},
    "POST /api/cases/<case_id>/between-meetings/worries/<worry_id>": {"answer": "I ring on Fridays", **_KEY},
    "PUT /api/cases/<case_id>/chronology/<event_id>/mark": {"reason": "It counts", **_KEY},
    "POST /api/cases/<case_id>/birth": {"born_on": "2026-03-01", **_KEY},
    "POST /api/cases/<case_id>/letters/<letter_id>/overrule": {"why": "Another road"},
    "POST /api/cases/<case_id>/letters/<letter_id>/sent": {"how": "post"},
    "PUT /api/cases/<case_id>/handover-summaries": {"sections": {"note": "Ring"}, "version": 1},
    "POST /api/cases/<case_id>/letters/in-full": {"member_id": _ID, "agreed_by": "Ada", "agreed_on": "2026-01-05"},
    "POST /api/cases/<case_id>/actions/<action_id>/contradictions": {"other_id": _ID, "note": "Both", **_KEY},
    "POST /api/cases/<case_id>/contradictions/<contradiction_id>": {"how": "One waits", **_KEY},
    "POST /api/job-roles": {"name": "Portage worker"},
    "POST /api/job-roles/rename": {"name": "Nobody", "to": "Somebody"},
    "POST /api/job-roles/retire": {"name": "Nobody"},
    "POST /api/job-roles/take-back": {"name": "Nobody"},
    "PUT /api/cases/<case_id>/letters/<letter_id>": {"subject": "Come", "body": "Dear Ada", "revision": 0},
    "POST /api/cases/<case_id>/consents/withdraw": {"why": "They asked for it", **_KEY},
    "POST /api/cases/<case_id>/consents/mag/withdraw": {"why": "They asked for it", **_KEY},
    "POST /api/cases/<case_id>/running/tasks/<task_id>/due": {
        "on": "2026-03-20", "why": "A holiday", "expected_version": VERSION,
    },
    "POST /api/cases/<case_id>/running/timers/<timer_id>/due": {"on": "2026-03-20", "why": "A holiday"},
    "POST /api/cases/<case_id>/running/<instance_id>/stop": {"why": "A slip"},
    "POST /api/cases/<case_id>/running/<instance_id>/move": {"token_id": _ID, "to": "visit", "why": "A slip"},
    "POST /api/cases/<case_id>/look-into": {"purpose": "audit"},
    "POST /api/cases/<case_id>/emergency": {"reason": "A neighbour rang: alone at home"},
    "PUT /api/cases/<case_id>/restriction": {"reason": "known to staff"},
    "POST /api/rehearsals/<rehearsal_id>/choice": {"choice": "stay"},
    "POST /api/rehearsals/<rehearsal_id>/kinds/<number>": {"choice": "stay"},
    "POST /api/rehearsals/<rehearsal_id>/cases/choice": {"choice": "stay", "rows": [_ID]},
    "POST /api/rehearsals/<rehearsal_id>/back": {"why": "It was a slip"},
}
"""What the API is sent where an empty body would be refused before anybody is asked who they are."""
CHUNKS = 4


@cache
def standing(restricted: bool) -> Standing:
    """Return the case, once for each process: every answer puts back what it changed."""
    return arranged(FakeClock(MONDAY_MORNING), restricted=restricted)


def expected(restricted: bool) -> Iterator[tuple[str, str]]:
    """Give (method and pattern, row) for every route of the table, or for those that have a restricted row."""
    row: list[str] = []
    for line in TABLE.strip().splitlines()[1:]:
        if not line.startswith(" "):
            row = line.partition("  ")[0].split()
            continue
        *methods, pattern = line.split()
        if len(row) == 2 or not restricted:
            yield from ((f"{method} {pattern}", row[restricted]) for method in methods)


def answered(answer: TestResponse) -> str:
    """Return the letter for an answer."""
    if answer.status_code == 401 or (answer.status_code in (302, 303) and "/sign-in" in (answer.location or "")):
        return "s"
    return {403: "x", 404: "-", 503: "!"}.get(answer.status_code, "y" if answer.status_code < 500 else "broken")


def test_every_route_stands_in_the_table_once():
    listed = [route for route, _ in expected(restricted=False)]
    served = {f"{method} {pattern}" for method, pattern, _ in routes(standing(False))}
    assert not served - set(listed), "say in TABLE who may use these"
    assert not set(listed) - served, "these are served no more"
    assert len(listed) == len(set(listed))


def test_every_row_has_an_answer_for_everybody():
    rows = {row for restricted in (False, True) for _, row in expected(restricted)}
    assert all(len(row) == len(COLUMNS) == 14 and set(row) <= set("yx-s!") for row in rows)


@pytest.mark.parametrize("chunk", range(CHUNKS))
@pytest.mark.parametrize("restricted", [False, True], ids=["a case", "a restricted case"])
def test_who_may_ask_what(restricted: bool, chunk: int):
    whole, rows = standing(restricted), dict(expected(restricted))
    columns = list(enumerate(COLUMNS))[chunk::CHUNKS]
    wrong = []
    for method, pattern, path in routes(whole):
        row = rows.get(f"{method} {pattern}")
        for place, who in columns if row else ():
            answer = whole.ask(who, method, path, BODIES.get(f"{method} {pattern}"))
            if answered(answer) != row[place]:
                said = f"{COLUMNS[who]}: {answered(answer)} ({answer.status_code}), not {row[place]}"
                wrong.append(f"{method} {pattern}: {said}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("row", [row for route, row in expected(False) if "<case_id>" in route or "<task_id>" in route])
def test_designers_and_who_is_not_signed_in_are_let_into_nothing_of_a_case(row: str):
    letters = dict(zip(COLUMNS, row, strict=True))
    assert letters[""] == "s"
    # What answers nothing of the case at all answers it to everybody alike.
    assert letters["dora"] in "x-" or set(row[:-1]) == {"y"}


def test_the_way_back_from_trying_rules_is_open_to_whoever_may_try_them():
    whole, led = standing(False), {}
    for who in COLUMNS:
        answer = whole.ask(who, "GET", "/what-if", None)
        if answer.status_code == 200:
            back = re.search(r'href="([^"]+)" class="govuk-back-link"', answer.text)
            assert back is not None
            led[who] = (back[1], whole.ask(who, "GET", back[1], None).status_code)
    assert {status for _, status in led.values()} == {200}, led
    assert len({path for path, _ in led.values()}) == 3


THEIRS_TO_GIVE = {
    "GET /api/tasks/<task_id>", "POST /api/tasks/<task_id>/reassign", "GET /tasks/<task_id>",
    "POST /tasks/<task_id>/give",
}  # fmt: skip
"""What the line manager of who has a task may ask of it; all else is not there for them, and of a restricted case all.
"""


@pytest.mark.parametrize("restricted", [False, True], ids=["a case", "a restricted case"])
def test_the_manager_of_who_has_a_task_is_shown_that_task_and_nothing_more(restricted: bool):
    whole, wrong = standing(restricted), []
    own, other = str(whole.ids["task_id"]), str(whole.ids["other_task_id"])
    for method, pattern, path in routes(whole):
        if "<task_id>" not in pattern:
            continue
        body = BODIES.get(f"{method} {pattern}")
        hugh, otto = (answered(whole.ask(who, method, path.replace(own, other), body)) for who in ("hugh", "otto"))
        theirs = f"{method} {pattern}" in THEIRS_TO_GIVE and not restricted
        if (hugh == "y") if theirs else (hugh == otto):
            continue
        wrong.append(f"{method} {pattern}: {hugh}, to another line manager {otto}")
    assert not wrong, "\n".join(wrong)
    if not restricted:
        page = whole.ask("hugh", "GET", f"/tasks/{other}", None).text
        assert "Whitlock" not in page and f"/cases/{whole.ids['case_id']}" not in page and "Case CAF-" in page
