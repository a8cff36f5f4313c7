"""Unhappy paths, played on the pages: what the family decides, and who of it may be told what.

Where to find the others:
- the only agency declines, nobody will lead, the successor declines, the lead's account closes with tasks open, the
  family vanishes, social care rejects, a review on a bank holiday: test_unhappy_paths_plan
- two CAFs at once, three siblings of whom one closes, a limit changed while 200 cases run: test_unhappy_paths_cases
- a date corrected afterwards and the deadlines that followed from it: test_date_pages
- somebody finishes at 23:59 before the clocks change: test_two_nights
- only the yes to the Multi-Agency Group is taken back: test_consent_page
"""

from __future__ import annotations

import re
from datetime import date

import pytest
import sqlalchemy as sa

from engine.queries import letters as letter_queries
from engine.queries.other_area import PARTS
from engine.store.tables import meetings
from engine.store.tables.record import children, plan_actions, reviews
from engine.store.tables.running import timers, user_tasks
from tests.unit.web.player import Play
from tests.unit.web.workers import day
from tests.worlds import CHECKLIST


@pytest.fixture
def play(service):
    return Play(service)


def test_consent_refused_ends_the_case_and_nothing_was_shared(play):
    case_id = play.asked()
    help_instead = {"offered_by": "Dele Martins, health", "offered": "A breakfast club; they take it"}
    play.consents(consent="refused", given_by="Tess Whitlock", reason="Not now", **help_instead)
    play.reads("ines", case_id, "consent was refused", "The family did not agree to information being shared")
    play.reads("ines", case_id, "(Tess Whitlock)", "Why: Not now")
    play.reads("ines", case_id, "Offered instead by Dele Martins, health: A breakfast club; they take it.")
    assert not play.has_task("amara", "Complete the assessment")


def asks_for_consent(play, **answers):
    """Answer the page that asks for the family's consent, whether it is let pass or not."""
    visitor = play.at("amara", "/tasks")
    path = re.search(r'href="(/tasks/[0-9a-f-]+)">Ask for the family', visitor.page)[1]
    visitor.get(path)
    hidden = {name: visitor.hidden(name) for name in ("expected_version", "request_key")}
    given = {"given_by": "Tess Whitlock", **answers, **day("signed_on", play.today)}
    visitor.post(path, act="complete", **hidden, **given)
    return visitor


def test_consent_limited_says_what_may_be_shared_all_along(play):
    case_id = play.asked()
    part = {"consent": "limited", "scope": "School only, not the housing office"}
    bare = asks_for_consent(play, **part)
    assert bare.status == 422 and bare.says("There is a problem", "Select what they may know")
    vague = asks_for_consent(play, **part, kinds=["plan"])
    assert vague.status == 422
    assert vague.says("Tick the agencies that may know, name people, or tick “Nobody else may know”", part["scope"])
    assert '<a href="#field-agencies">' in vague.page, "the summary leads to the question"
    both = asks_for_consent(play, **part, kinds=["plan"], people=[play.ids["dele"]], nobody_else="true")
    assert both.status == 422 and both.says("You have named who may know")
    play.consents(**part, kinds=["plan"], people=[play.ids["dele"]])
    play.reads("amara", case_id, "The family agreed to some information being shared", "School only, not the housing")
    play.reads("amara", case_id, "Only with Dele Martins. The plan, and how it goes, nothing else")
    assert play.has_task("amara", "Complete the assessment")


def test_consent_limited_to_nobody_else_is_said_by_ticking_it(play):
    case_id = play.asked()
    play.consents(consent="limited", scope="With nobody for now", nobody_else="true")
    play.reads("amara", case_id, "With nobody beyond who leads or assesses")


def test_consent_withdrawn_mid_plan_stops_sharing_at_once_and_closes_after_the_manager_s_check(play):
    case_id = play.planned()
    play.reads("dele", case_id, "Meet Sam at the gate")
    play.sends("amara", f"/cases/{case_id}/consent", why="Mother, by telephone")
    assert play.at("dele", f"/cases/{case_id}").status == 404
    play.of("ruth").does("Consent withdrawn: at risk?", finding="no_concern", note="School sees Sam every day")
    play.of("amara").does("Close the case", reason="consent_withdrawn", summary="Stopped", family_told="yes")
    play.of("ruth").does("Sign the closure off", signed_off="yes")
    play.reads("ines", case_id, "This case closed on", "the family took back their consent")


def keeps(play, case_id, path="", **answers):
    typed = {"told": "everything", "decided_by": "family", **answers}
    return play.sends("amara", f"/cases/{case_id}/family{path}", **typed)


def member(play, case_id, name):
    page = play.at("amara", f"/cases/{case_id}").page
    return re.search(rf"/cases/{case_id}(/family)(/[0-9a-f-]+)\">What {name} may be told", page).group(2)


def test_parents_at_two_addresses_are_each_told_what_was_decided_for_them(play):
    case_id = play.planned()
    mother = {"name": "Tess Whitlock", "relationship": "Mother", "address": "4 Elm Road", "address_secret": "yes"}
    twice = keeps(play, case_id, **mother)
    assert twice.status == 422 and twice.says("Tess Whitlock is written down already", "somebody else of that name")
    known = member(play, case_id, "Tess Whitlock")
    assert f'href="/cases/{case_id}/family{known}"' in twice.page
    keeps(play, case_id, known, **mother)
    refused = keeps(play, case_id, name="Mark Whitlock", told="part")
    assert refused.status == 422
    assert refused.says("There is a problem", "Say what they may be told", "Say why") and "Mark" in refused.page
    kept = keeps(
        play, case_id, name="Mark Whitlock", relationship="Father", address="2 Mill Lane", told="part",
        part="how school goes", decided_by="court", reason="An order of January",
    )  # fmt: skip
    assert kept.says("Kept.", "2 Mill Lane", "May be told only this: how school goes. Decided by a court")
    play.reads("amara", case_id, "4 Elm Road", "(secret: tell nobody)", "Copies of plan and notes do not go to Mark")
    page = play.reads("dele", case_id, "Address kept secret", "May be told only this: how school goes", "2 Mill Lane")
    assert "4 Elm Road" not in page.page and "/family/" not in page.page
    assert play.at("dele", f"/cases/{case_id}/family").says("keeps this")
    play.days_pass(1)
    copies = [body for who, subject, body in play.post.sent if who == "amara" and "copy of the plan" in subject]
    assert copies and all("Look first who of the family may have a copy" in body for body in copies)


def test_an_e_mail_address_is_added_and_nobody_has_decided_anything_by_that(play):
    case_id = play.asked()
    play.consents()
    path = member(play, case_id, "Tess Whitlock")
    page = play.at("amara", f"/cases/{case_id}/family{path}").page
    (chosen,) = re.findall(r'name="(?:told|decided_by)" type="radio" value="(\w+)" checked', page)
    assert chosen == "undecided"
    about = {"name": "Tess Whitlock", "relationship": "Mother", "email": "tess@example.org"}
    assert play.sends("amara", f"/cases/{case_id}/family{path}", **about, told="undecided").says("Kept.")
    seen = play.reads("amara", case_id, "tess@example.org")
    assert not seen.says("Decided by")
    play.reads("amara", f"{case_id}/history", "nobody has decided yet what they may be told")
    refused = play.sends("amara", f"/cases/{case_id}/family{path}", **about, told="everything")
    assert refused.status == 422 and refused.says("Choose who decided it")
    kept = keeps(play, case_id, path, **about)
    assert kept.says("May be told everything the consent covers. Decided by the family")
    page = play.at("amara", f"/cases/{case_id}/family{path}").page
    assert "undecided" not in page and re.search(r'name="decided_by"[^>]* value="family" checked', page)


FIFTEEN, NINE = date(2010, 9, 4), date(2017, 2, 1)
"""Birthdays."""
PARENTS = {
    "Tess Whitlock": {"relationship": "Mother", "parental_responsibility": "yes", "email": "tess@example.org"},
    "Mark Whitlock": {"relationship": "Father", "parental_responsibility": "yes", "address": "2 Mill Lane"},
}
OWN = {
    "given_by": "Sam", "whose": "young_person", "competence": "Amara Osei, 2 March: weighs what follows",
    "objection": "They would stop me coming", "consent": "given",
}  # fmt: skip


def with_parents(play, born):
    """Start a case, write both parents down, and return it with what each is as a box to tick."""
    case_id = play.asked(born=born)
    for name, about in PARENTS.items():
        keeps(play, case_id, name=name, **about)
    return case_id, [member(play, case_id, name)[1:] for name in PARENTS]


def test_a_competent_15_year_old_objects_to_parental_access_and_nothing_goes_to_either_parent(play):
    case_id, parents = with_parents(play, FIFTEEN)
    said = asks_for_consent(play, **OWN | {"competence": ""}, not_told=parents)
    assert said.status == 422 and said.says("who judged that the young person understands")
    play.consents(**OWN, not_told=parents)
    play.reads("amara", case_id, "It is the young person’s own decision")
    play.assesses()
    play.leads()
    play.meets()
    play.of("amara").does("Agree the action plan", **play.plan("dele"))
    play.days_pass(2)
    seen = play.reads(
        "dele", case_id, "Tell them nothing, and keep every copy from them. Decided by the young person",
        "They would stop me coming", "Understands, as judged: Amara Osei",
        "Copies of plan and notes do not go to",
    )  # fmt: skip
    kept_from = re.search(r"do not go to ([^.]+)\.", seen.page)[1]
    assert set(kept_from.split(", ")) == set(PARENTS)
    with play.service.engine.sessions.read() as connection:
        written = meetings.letters.c
        letters = connection.execute(sa.select(written.kind, written.member_id)).all()
        invited = meetings.family_invitations.c
        asked = connection.execute(sa.select(invited.member_id).where(invited.invited)).scalars().all()
    assert {row.kind for row in letters} == {"assessment", "invitation", "notes", "plan"}
    assert {row.member_id for row in letters} == {None}, "every one is to the young person"
    assert asked == [None]
    assert "tess" not in {who for who, _subject, _body in play.post.sent}


def test_who_objects_later_stops_the_letters_that_still_wait_for_a_parent(play):
    case_id = play.asked(born=FIFTEEN)
    keeps(play, case_id, name="Mark Whitlock", relationship="Father", address="2 Mill Lane")
    play.consents()
    play.assesses()
    play.leads()
    play.meets()
    waiting = letters_of(play, case_id)
    assert {letter.addressee for letter in waiting if letter.waits} == {"Sam", "Tess Whitlock", "Mark Whitlock"}
    objects = {"told": "nothing", "decided_by": "young_person", "reason": "He shouts", "competence": "Amara Osei"}
    path = member(play, case_id, "Mark Whitlock")
    keeps(play, case_id, path, name="Mark Whitlock", **objects)
    assert {letter.addressee for letter in letters_of(play, case_id) if letter.waits} == {"Sam", "Tess Whitlock"}
    page = play.at("amara", f"/cases/{case_id}/family")
    assert page.says("asked that nothing is told to Mark Whitlock", "Does this hold here too?")
    assert not re.search(r'name="(told|decided_by)"[^>]* checked', page.page), "nothing is chosen beforehand"
    new = keeps(play, case_id, name="Stan Hill", relationship="Stepfather", told="", decided_by="")
    assert new.status == 422 and new.says("There is a problem", "Does this hold here too?")
    his = [letter for letter in letters_of(play, case_id) if letter.addressee == "Mark Whitlock"]
    for letter in his:
        nothing_gives_it_to_him(play, f"/cases/{case_id}/letters/{letter.letter_id}")
    play.reads("amara", f"{case_id}/letters", "Not recorded as sent: stopped. Mark Whitlock is to be told nothing")
    assert {letter.sent_on for letter in letters_of(play, case_id) if letter.addressee == "Mark Whitlock"} == {None}
    play.of("amara").does("Agree the action plan", **play.plan("dele"))
    plans = [letter for letter in letters_of(play, case_id) if "plan" in letter.kind.lower()]
    assert {letter.addressee for letter in plans} == {"Sam", "Tess Whitlock"}


def nothing_gives_it_to_him(play, letter):
    amara = play.at("amara", letter)
    assert amara.says("Do not give this letter to Mark Whitlock.", "Decided by the young person: He shouts")
    assert '<article class="caf-letter caf-no-print">' in amara.page and f"{letter}/letter.pdf" not in amara.page
    assert {amara.client.get(f"{letter}/letter.{kind}").status_code for kind in ("pdf", "docx")} == {422}
    for how in ("hand", "post"):
        amara.get(letter)
        amara.post(f"{letter}/sent", how=how)
        assert amara.status == 422 and amara.says("told nothing") and not amara.says("Kept:")


def letters_of(play, case_id):
    """Return the letters of a case, as who leads sees them."""
    actor = play.service.actor("amara")
    return letter_queries.read_letters(play.service.engine, actor=actor, case_id=case_id)


def test_a_competent_15_year_old_refuses_and_the_record_says_who_why_and_whom_not_to_tell(play):
    case_id, parents = with_parents(play, FIFTEEN)
    offered = {"offered_by": "Dele Martins, health", "offered": "A club; Sam takes it"}
    refused = {**OWN, "consent": "refused", "reason": "I want to sort it out myself", **offered}
    said = asks_for_consent(play, **refused | {"objection": ""}, not_told=parents)
    assert said.status == 422 and said.says("Say why the young person does not want them told")
    play.consents(**refused, not_told=parents)
    seen = play.reads(
        "ines", case_id, "The young person did not agree to information being shared (Sam)",
        "Why: I want to sort it out myself", "Understands, as judged: Amara Osei", "consent was refused",
        "Tell them nothing, and keep every copy from them. Decided by the young person: They would stop me coming",
    )  # fmt: skip
    assert not seen.says("The family did not agree")
    told = play.at("ines", f"/cases/{case_id}/history")
    assert told.says(
        "Consent recorded: the young person did not agree to information being shared",
        "Said by Sam. I want to sort it out myself. Understands, as judged: Amara Osei, 2 March: weighs what follows",
    )


def test_a_child_of_9_does_not_consent_on_one_practitioner_s_word(play):
    case_id, parents = with_parents(play, NINE)
    refused = asks_for_consent(play, **OWN, not_told=parents)
    assert refused.status == 422
    assert refused.says("Sam is 9 years old. Below 12, one person’s judgement that they understand is not enough.")
    assert refused.says("Ask a parent or carer, or say who else judged that they understand, and why")
    assert "They would stop me coming" in refused.page, "what was typed stays"
    page = play.at("amara", f"/cases/{case_id}").page
    assert "Tell them nothing" not in page
    own = {"name": "Mark Whitlock", "told": "nothing", "decided_by": "young_person", "reason": "Sam says so"}
    young = keeps(play, case_id, member(play, case_id, "Mark Whitlock"), **own, competence="Amara Osei")
    assert young.status == 422 and young.says("Sam is 9 years old", "Choose who decides for them")
    play.consents(**OWN, second_judgement="Ruth Adeyemi, 2 March: saw Sam alone and agrees")
    play.reads("amara", case_id, "Judged a second time, as they are young: Ruth Adeyemi, 2 March")


def says_of_an_action(play, words):
    """Let every action of the plan say this."""
    with play.service.engine.sessions.act() as connection:
        connection.execute(sa.update(plan_actions).values(action=words))


def kept(service, query):
    with service.engine.sessions.read() as connection:
        return [tuple(row) for row in connection.execute(query)]


def promised(service):
    """Return every day that was promised: of tasks, timers, reviews and actions."""
    waiting = timers.c.fired_at.is_(None) & timers.c.cancelled_at.is_(None)
    return [
        kept(service, query)
        for query in (
            sa.select(user_tasks.c.element_id, user_tasks.c.due_on).where(user_tasks.c.state == "open"),
            sa.select(timers.c.element_id, timers.c.due_at).where(waiting).order_by(timers.c.id),
            sa.select(reviews.c.due_on),
            sa.select(plan_actions.c.due_on, plan_actions.c.first_due_on),
        )
    ]


def test_an_unborn_baby_has_a_plan_is_born_and_the_plan_goes_on(play, service):
    visitor = play.at("amara", "/cases/start")
    visitor.post(
        "/cases/start", act="start", request_key=visitor.hidden("request_key"), family_name="Whitlock", sex="unknown",
        assessor_id=play.ids["amara"], pathway="caf", **day("expected_on", play.today.replace(day=9)),
    )  # fmt: skip
    case_id = re.search(r"/cases/([0-9a-f-]{36})/birth", visitor.page).group(1)
    assert visitor.says("not born yet", "Expected on Monday 9 March")
    play.of("amara").does("Answer the checklist", **CHECKLIST)
    play.of("amara").does("Look for another plan", found="none")
    play.consents()
    play.assesses()
    play.leads()
    play.meets("Tess")
    play.of("amara").does("Agree the action plan", **play.plan("dele", **{"actions-0-action": "A cot is brought"}))
    play.reads("amara", case_id, "not born yet", "Expected on Monday 9 March", "A cot is brought", "Monday 16 March")
    before = promised(service)
    assert all(before[1:])
    play.days_pass(10)
    play.reads("amara", case_id, "Was expected on Monday 9 March", "A cot is brought")
    path, born = f"/cases/{case_id}/birth", {"given_name": "Bea", "family_name": "Whitlock", "sex": "female"}
    early = play.sends("amara", path, **born, **day("born_on", play.today.replace(day=20)))
    assert early.status == 422 and early.says("This day is still to come") and 'value="Bea"' in early.page
    play.sends("amara", path, **born, **day("born_on", play.today.replace(day=11)))
    page = play.reads(
        "amara", case_id, "Bea Whitlock, 1 day old", "The baby was born on 11 March", "A cot is brought",
        "Monday 16 March",
    )  # fmt: skip
    assert "/birth" not in page.page
    assert play.at("amara", path).says("is recorded already")
    (child,) = kept(service, sa.select(children.c.given_name, children.c.born_on, children.c.expected_on))
    assert child == ("Bea", play.today.replace(day=11), play.today.replace(day=9))
    assert promised(service) == before
    play.days_pass(15)
    assert play.at("amara", "/tasks").says("Choose how to review", "Bea Whitlock")


def test_a_family_that_moves_takes_one_paper_along_without_a_secret_address_or_the_court_s_reasons(play):
    case_id = play.planned()
    keeps(play, case_id, member(play, case_id, "Tess Whitlock"), name="Tess Whitlock", relationship="Mother",
          address="4 Elm Road, Hatfield", address_secret="yes")  # fmt: skip
    keeps(play, case_id, name="Mark Whitlock", relationship="Father", told="nothing", decided_by="court",
          reason="An order of January")  # fmt: skip
    path = f"/cases/{case_id}/for-the-other-area"
    refused = play.at("amara", path)
    assert refused.status == 409 and refused.says("Nothing may be sent")
    play.starts("amara", case_id, "transfer", area="Hillshire", **day("moves_on", play.today))
    play.of("amara").does(
        "May papers be sent?", transfer_consent="yes", given_by="Tess Whitlock", **day("asked_on", play.today)
    )
    tasks = play.at("amara", "/tasks")
    assert path in play.at("amara", re.search(r'href="(/tasks/[0-9a-f-]+)">Send the papers<', tasks.page)[1]).page
    paper = play.at("amara", path)
    for said in (
        "Sam Whitlock moves to Hillshire", "Please look at the plan with the family by", "Tess Whitlock agreed",
        "Mark Whitlock, father", "They must be told nothing of this", "Amara Osei, lead professional",
        "The next review is planned for", "Calm mornings", "Meet Sam at the gate", "Sam spoke first",
        "A TAC meeting was held", "The action plan in force was agreed",
        "Their address must stay secret",
    ):  # fmt: skip
        assert paper.says(said), said
    assert "Elm Road" not in paper.page and "An order of January" not in paper.page
    part = play.at("amara", f"{path}?part=plan")
    assert part.says("Meet Sam at the gate") and "Sam spoke first" not in part.page
    assert paper.client.get(f"{path}.pdf?part=plan").data.startswith(b"%PDF")
    assert play.at("dele", path).status == 403
    keeps(play, case_id, member(play, case_id, "Tess Whitlock"), name="Tess Whitlock", relationship="Mother",
          address="4 Gate Lane, Hatfield", address_secret="yes")  # fmt: skip
    says_of_an_action(play, "Meet Sam at 4 Gate Lane")
    held = play.at("amara", path)
    assert held.says("This must not go as it is", "This holds the address of Tess Whitlock")
    assert "Sam spoke first" not in held.page and 'name="why"' not in held.page
    assert held.client.get(f"{path}.pdf").status_code == 422
    assert play.at("amara", f"{path}?part=minutes").says("Sam spoke first"), "without that part it may go"
    says_of_an_action(play, "Meet Sam at Gate Lane School")
    maybe = play.at("amara", path)
    assert maybe.says("This may tell the address of Tess Whitlock")
    maybe.post(path, part=list(PARTS))
    assert maybe.status == 422 and maybe.says("Say what place it is")
    maybe.post(path, part=list(PARTS), why="His school is in that road")
    assert maybe.says("Kept, with your reason", "Amara Osei overruled it", "His school is in that road")
    assert maybe.client.get(f"{path}.pdf").data.startswith(b"%PDF")
    assert not play.at("amara", f"{path}?part=plan").says("overruled it"), "other parts are looked at anew"
    play.of("amara").does(
        "Send the papers", sent="yes", sent_to="R. Okafor", sent_what=["assessment", "minutes"],
        **day("sent_on", play.today),
    )  # fmt: skip
    play.reads("amara", case_id, "What is next Moves to Hillshire: to hear from R. Okafor, Monday 30 March")
    play.days_pass(28)
    tasks = play.at("ruth", "/tasks")
    asked = play.at("ruth", re.search(r'href="(/tasks/[0-9a-f-]+)">Have they taken over', tasks.page)[1])
    assert asked.says("R. Okafor, 2 March", "The assessment and notes of meetings")
