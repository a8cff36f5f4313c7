"""A release is rehearsed on pages: figures for the designer, cases for who answers for them, and the way back."""

from __future__ import annotations

import re
from datetime import timedelta

import sqlalchemy as sa

from engine.commands import deployments, model_drafts, publishing, second_person
from engine.queries import definitions
from engine.scheduler import tick
from engine.store.tables import running
from tests.worlds import Mailbox, shipped_models

FILE = "identify.bpmn"


def versions(service) -> list[int]:
    """Return the versions of the episode that run, one for each case."""
    joined = running.instances.join(running.definitions)
    query = sa.select(running.definitions.c.version).select_from(joined)
    with service.engine.sessions.read() as connection:
        return sorted(connection.execute(query.where(running.instances.c.process_key == "caf_episode")).scalars())


def renamed() -> bytes:
    """Return the episode in which asking for consent has another name and id."""
    names = rb'(( id|sourceRef|targetRef|attachedToRef|bpmnElement)="|>)record_consent(?=["<])'
    return re.sub(names, rb"\1ask_for_consent", shipped_models()[FILE])


def rehearse(service, source: bytes):
    """Let the designer draft a change and try it; return them on the rehearsal's page."""
    model_drafts.save(service.engine, actor=service.actor("tomas"), file=FILE, content=source, expected=None)
    tomas = service.signed_in("tomas")
    tomas.get("/studio/rehearsals")
    tomas.post("/studio/rehearsals", file=FILE)
    return tomas


def path_of(visitor) -> str:
    found = re.search(r"/studio/rehearsals/[0-9a-f-]{36}", visitor.page)
    assert found
    return found[0]


def test_a_designer_sees_figures_and_never_a_case(service):
    service.start_case("Sam")
    tomas = rehearse(service, renamed())
    assert tomas.says("1 case", "is not in the new version", "Need a decision")
    assert tomas.says("Which cases does it touch?", "1 case stands at a step that changes", "They stand at one")
    page = path_of(tomas)
    assert "Sam" not in tomas.page and "/cases/" not in tomas.page
    tomas.get(f"{page}/cases")
    assert tomas.status == 403


def test_a_step_that_is_gone_is_chosen_for_all_and_the_cases_move_once_it_is_published(service):
    case_id = service.start_case("Sam")
    tomas = rehearse(service, renamed())
    page = path_of(tomas)
    tomas.post(page, act="again", **{"to-1": "ask_for_consent"})
    assert tomas.says("Move with these changes", "goes on at the step that takes its place")
    page = path_of(tomas)
    tomas.post(page, act="choose", choice="move")
    assert versions(service) == [1]
    files = {FILE: definitions.draft_source(service.engine, actor=service.actor("tomas"), file=FILE)}
    deployments.deploy(service.engine, authority_id=service.authority_id, files=files, note="Tried")
    tick(service.engine, Mailbox())
    tick(service.engine, Mailbox())
    assert versions(service) == [2]
    tomas.get(page)
    assert tomas.says("1 case has moved", "Go back", "Could move with these changes", "1 moved")
    assert not tomas.says("Chosen")
    ruth = service.signed_in("ruth")
    ruth.get(f"/cases/{case_id}/history")
    assert re.search(r"“[^”]+” goes on by version 2 of its diagram", ruth.page)
    tomas.post(page, act="back", why="It was a slip")
    tick(service.engine, Mailbox())
    tick(service.engine, Mailbox())
    assert versions(service) == [3]
    assert tomas.says("Taken back: What does the child need?")
    tomas.get("/studio/rehearsals")
    assert tomas.says("Taken back: What does the child need?")


def ticks(visitor) -> list[str]:
    """Return the cases that a page lets its reader decide."""
    return re.findall(r'name="row" value="([^"]+)"', visitor.page)


def test_who_answers_for_a_case_chooses_for_it(service):
    case_id = service.start_case("Sam")
    page = path_of(rehearse(service, renamed()))
    ruth = service.signed_in("ruth")
    ruth.get(f"{page}/cases?kind=1")
    assert ruth.says("Sam Whitlock", "Ask for the family's consent", "Nobody has decided yet")
    assert f"/cases/{case_id}" in ruth.page
    (row,) = ticks(ruth)
    ruth.post(f"{page}/cases", act="cases", row=row, choice="to:ask_for_consent", kind="1")
    assert ruth.says("Kept for 1 case", "Goes on at “Ask for the family's consent”")
    ruth.post(f"{page}/cases", act="cases", row=row, choice="to:nowhere")
    assert ruth.says("Choose the step at which they go on") and not ruth.says("Kept for")
    ruth.post(f"{page}/cases", act="cases", row=row, choice="later")
    assert ruth.says("To be decided later")
    ruth.get(f"{page}/cases?only=undecided")
    assert ruth.says("Sam Whitlock", "1 case that is open to you")


def test_several_cases_are_found_and_decided_at_once(service):
    for child in ("Sam", "Ada", "Kit"):
        service.start_case(child)
    page = path_of(rehearse(service, renamed()))
    ruth = service.signed_in("ruth")
    ruth.get(f"{page}/cases")
    assert ruth.says("3 cases that are open to you") and len(ticks(ruth)) == 3
    ruth.post(f"{page}/cases", act="find", search="ada")
    assert ruth.says("Ada Whitlock", "1 case that is open to you") and not ruth.says("Sam Whitlock")
    ruth.post(f"{page}/cases", act="find", search="nobody")
    assert ruth.says("No case that is open to you is found so")
    ruth.get(f"{page}/cases?verdict=unharmed")
    assert ruth.says("No case that is open to you is found so")
    ruth.get(f"{page}/cases?verdict=green")
    assert ruth.status == 422
    ruth.get(f"{page}/cases?meets=at")
    rows = ticks(ruth)
    ruth.post(f"{page}/cases", act="cases", row=rows[:2], choice="to:ask_for_consent")
    assert ruth.says("Kept for 2 cases")
    ruth.post(f"{page}/cases", act="cases", row=rows, choice="move")
    assert not ruth.says("Kept for") and ruth.page.count("Choose the step at which they go on") == 3
    ruth.post(f"{page}/cases", act="cases", choice="stay")
    assert ruth.says("Choose at least one case")
    dele = service.signed_in("dele")
    dele.get(f"{page}/cases")
    assert dele.status == 403
    files = {FILE: definitions.draft_source(service.engine, actor=service.actor("tomas"), file=FILE)}
    deployments.deploy(service.engine, authority_id=service.authority_id, files=files, note="Tried")
    tick(service.engine, Mailbox())
    tick(service.engine, Mailbox())
    assert versions(service) == [1, 2, 2]
    ruth.get(f"{page}/cases?only=moved")
    assert ruth.says("2 cases that are open to you", "Moved", "It has ended") and not ticks(ruth)
    ruth.get(f"{page}/cases?only=kept")
    assert ruth.says("1 case that is open to you", "Finishes on its version")


def test_whom_somebody_keeps_back_is_counted_once_the_others_moved(service):
    for child in ("Sam", "Ada"):
        service.start_case(child)
    source = shipped_models()[FILE] + b"<!-- as before -->"
    tomas = rehearse(service, source)
    page = path_of(tomas)
    tomas.post(page, act="choose", choice="move")
    ruth = service.signed_in("ruth")
    ruth.get(f"{page}/cases")
    ruth.post(f"{page}/cases", act="cases", row=ticks(ruth)[0], choice="stay")
    files = {FILE: definitions.draft_source(service.engine, actor=service.actor("tomas"), file=FILE)}
    deployments.deploy(service.engine, authority_id=service.authority_id, files=files, note="Tried")
    tick(service.engine, Mailbox())
    tick(service.engine, Mailbox())
    tomas.get(page)
    assert tomas.says("1 case has moved", "1 case finishes on the earlier version", "1 moved")


def publish(service, source: bytes) -> None:
    deployments.deploy(service.engine, authority_id=service.authority_id, files={FILE: source}, note="Tried")


def test_cases_on_an_earlier_version_and_cases_begun_since_are_said_beside_the_numbers(service):
    """One step changed in a version that nobody moved to, another changes now: both count for a case that lags."""
    words = "Ask for the family's consent"
    before = shipped_models()[FILE]
    assert words.encode() in before
    service.start_case("Sam")
    in_force = before.replace(words.encode(), b"Ask whether the family agrees")
    publish(service, in_force)
    service.clock.advance(timedelta(minutes=1))
    service.start_case("Ada")
    tomas = rehearse(service, in_force.replace(b"Confirm: no assessment", b"Say that none is needed"))
    page = path_of(tomas)
    changed = re.search(r"<p[^>]*>(Changed: [^<]*)</p>", tomas.page)
    assert changed and "agrees" not in changed[1], "only what differs from what is in force"
    assert tomas.says("1 case is on an earlier one still: moving, it would get what came since as well")
    assert tomas.says("1 case stands at a step that changes", "1 case does not come to a step")
    assert not tomas.says("begun since") and "Try every case again" not in tomas.page
    service.clock.advance(timedelta(minutes=1))
    service.start_case("Kit")
    tomas.get(page)
    assert tomas.says("1 case has begun since, and is not in these numbers.", "Try every case again")
    second_person.ask_second_person(service.engine, actor=service.actor("olu"), asked=True, why="Two pairs of eyes")
    texts = {FILE: definitions.draft_source(service.engine, actor=service.actor("tomas"), file=FILE)}
    asked = publishing.propose(service.engine, actor=service.actor("tomas"), files=texts, why="Plainer")
    coordinator = service.signed_in("ines")
    coordinator.get(f"/studio/publish/{asked.proposal_id}")
    assert coordinator.says("1 case has begun since, and is not in these numbers.", "May this change come into force?")
    ruth = service.signed_in("ruth")
    ruth.get(page)
    assert not ruth.says("begun since") and not ruth.says("on an earlier one still"), "figures of all are no manager's"
    tomas.get(page)
    tomas.post(page, act="again")
    assert not tomas.says("begun since") and tomas.says("2 cases do not come to a step")
