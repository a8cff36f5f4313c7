"""Unhappy paths, played on the pages: several cases at once.

See test_unhappy_paths_family for what the family decides, and for where the rest is played.
"""

from __future__ import annotations

import io
import re

import pytest
import sqlalchemy as sa

from engine.commands import cases, user_tasks
from engine.store.tables.record import children
from engine.store.tables.running import user_tasks as tasks
from tests.unit.web.player import Play
from tests.unit.web.workers import day
from tests.worlds import CHECKLIST, shipped_models

CASES = 200


@pytest.fixture
def play(service):
    return Play(service)


def test_two_cafs_at_once_become_one_plan_and_both_records_stay(play):
    first, second = play.planned(), play.led()
    page = play.at("ines", f"/cases/{first}/start/merge_cafs").page
    other = re.search(rf'value="({second})"', page).group(1)
    play.starts("ines", first, "merge_cafs", other_case=other, why="Two schools began one each")
    play.of("amara").does("Ask the family", merge_agreed="yes", family_view="One is enough")
    play.takes("ines", "Decide which plan goes on").does(
        "Decide which plan goes on", continues="this", merged_lead=play.ids["amara"]
    )
    play.reads("ines", second, "This case closed on", "The plan of this child goes on in")
    play.reads("amara", first, "Brought into this case", "Meet Sam at the gate", "Who leads Amara Osei")


def test_what_the_family_took_back_on_one_caf_is_not_brought_into_the_other_and_both_may_go_on(play):
    first, second = play.planned(), play.led()
    play.starts("ines", first, "merge_cafs", other_case=str(second), why="Two schools began one each")
    play.of("amara").does("Ask the family", merge_agreed="yes", family_view="One is enough")
    play.sends("amara", f"/cases/{second}/consent", why="She does not want it any more")
    play.of("ruth").does("Consent withdrawn: at risk?", finding="no_concern", note="All well")
    play.takes("ines", "Decide which plan goes on")
    visitor = play.at("ines", "/tasks")
    path = re.search(r'href="(/tasks/[0-9a-f-]+)">Decide which plan goes on<', visitor.page).group(1)
    visitor.get(path)
    assert visitor.says("Its family does not agree to information being shared")
    hidden = {name: visitor.hidden(name) for name in ("expected_version", "request_key")}
    visitor.post(path, act="complete", continues="this", merged_lead=play.ids["amara"], **hidden)
    assert visitor.says("nothing of it can go to another plan", "or choose that both go on")
    play.of("ines").does("Decide which plan goes on", continues="both")
    play.reads("ines", first, "It was decided that both CAFs of the child go on")
    assert not play.at("ines", f"/cases/{second}").says("This case closed on")


def test_when_one_of_two_cafs_closes_first_nobody_is_asked_to_bring_them_together(play):
    first, second = play.planned(), play.led()
    play.starts("ines", first, "merge_cafs", other_case=str(second), why="Two schools began one each")
    play.of("amara").does("Ask the family", merge_agreed="yes", family_view="One is enough")
    play.starts("amara", second, "transfer", area="Hillshire", **day("moves_on", play.today))
    refused = {"transfer_consent": "no", "reason": "A fresh start"}
    play.of("amara").does("May papers be sent?", **refused, **day("asked_on", play.today))
    play.of("ruth").does("Nothing may be sent: decide", move_decision="close", why="They have gone")
    play.days_pass(1)
    assert "Decide which plan goes on" not in play.at("ines", "/tasks?whose=unclaimed").page
    play.reads("ines", first, "two CAFs do not become one")


def test_three_siblings_of_whom_one_closes_keep_their_own_plan_consent_and_closure(play):
    sam = play.planned()
    others = [sibling(play, sam, name) for name in ("Ella", "Noah")]
    for name, case_id in zip(("Ella", "Noah"), others, strict=True):
        play.reads("amara", case_id, f"{name} Whitlock", "The family has not been asked yet")
        assert play.at("amara", f"/cases/{case_id}").says("Meet Sam at the gate") is False
    play.sends("amara", f"/cases/{others[0]}/consent", why="Ella does not want it")
    play.of("ruth").does("Consent withdrawn: at risk?", finding="no_concern", note="All well")
    play.of("amara").does("Close the case", reason="consent_withdrawn", summary="Ella said no", family_told="yes")
    assert not play.at("ines", f"/cases/{others[0]}").says("This case closed on")
    play.of("ruth").does("Sign the closure off", signed_off="yes")
    play.reads("ines", others[0], "This case closed on")
    play.reads("dele", sam, "Meet Sam at the gate", "The family agreed to information being shared")
    assert not play.at("ines", f"/cases/{others[1]}").says("This case closed on")


def sibling(play, case_id, name):
    """Start a case for a brother or sister, from the page of the child whose case there is."""
    visitor = play.at("amara", f"/cases/{case_id}")
    start = re.search(r'href="(/cases/start\?sibling_of=[0-9a-f-]+)"', visitor.page).group(1)
    visitor.get(start)
    visitor.post(
        "/cases/start", act="start", request_key=visitor.hidden("request_key"), given_name=name, sex="unknown",
        sibling_of=visitor.hidden("sibling_of"), family_name="Whitlock", assessor_id=play.ids["amara"], pathway="caf",
        **day("born_on", play.today.replace(year=2015)),
    )  # fmt: skip
    assert visitor.says("The case is started."), visitor.page
    with play.service.engine.sessions.read() as connection:
        families = connection.execute(sa.select(children.c.family_id).distinct()).scalars().all()
    assert len(families) == 1
    return re.search(r"/cases/([0-9a-f-]{36})/dates", visitor.page).group(1)


def test_the_authority_changes_a_limit_while_200_cases_run_and_no_promise_moves(play):
    amara = play.service.actor("amara")
    begun = [begin(play, amara, f"Sam{number}") for number in range(CASES)]
    play.days_pass(8)
    play.reads("amara", begun[0], "Complete the assessment", "Due Monday 16 March")
    assert late_on(play.at("ruth", "/overdue")) == [0, 0]
    source = shipped_models()["timescales.dmn"].decode()
    for name, amount in (("assessment_remind_days", 3), ("assessment_manager_days", 4)):
        source, found = re.subn(rf'(id="{name}_default_amount"><text>)\d+', rf"\g<1>{amount}", source)
        assert found == 1
    tomas = play.at("tomas", "/definitions")
    sent = {"csrf_token": tomas.hidden("csrf_token"), "files": [(io.BytesIO(source.encode()), "timescales.dmn")]}
    tomas.client.post("/definitions", data={**sent, "note": "Sooner"})
    play.days_pass(1)
    board = play.at("ruth", "/overdue")
    assert board.says("Time limits have changed", "4 working days instead of 15", "keeps its day")
    assert sum(late_on(board)) == CASES
    for case_id in (begun[0], begun[-1]):
        play.reads("amara", case_id, "Complete the assessment", "Due Monday 16 March")


def late_on(board):
    """Return how many children the overdue board counts as critically overdue, and as overdue."""
    groups = ("Critically overdue", "Overdue")
    return [int(re.search(rf">{group}(?:</a>)? <strong>(\d+)<", board.page).group(1)) for group in groups]


def begin(play, actor, name):
    """Open a case, record consent and return its id, through the engine: two hundred times is too often for pages."""
    service = play.service
    child = cases.Child(given_name=name, family_name="Whitlock", born_on=play.today.replace(year=2018))
    case_id = cases.start(service.engine, actor=actor, child=child).case_id
    consent = {"consent": "given", "given_by": "Tess Whitlock", "signed_on": play.today.isoformat()}
    for answers in (CHECKLIST, {"found": "none"}, consent):
        with service.engine.sessions.read() as connection:
            open_here = (tasks.c.case_id == case_id) & (tasks.c.state == "open")
            task_id = connection.execute(sa.select(tasks.c.id).where(open_here)).scalar_one()
        user_tasks.complete(service.engine, actor=actor, task_id=task_id, answers=dict(answers))
    return case_id
