"""Beside what is overdue: time limits that changed, and families whom two agencies help in the same way."""

from __future__ import annotations

from datetime import timedelta

from engine.commands import deployments, setup
from engine.operations.action_plans import agree_action_plan
from engine.queries import case_file, overdue
from engine.store import locking
from engine.work import open_work
from tests.unit.web.player import Play
from tests.unit.web.service import PROFILE, model_files
from tests.unit.web.test_local_term import _to_the_plan
from tests.unit.web.workers import Worker


def test_managers_see_which_limits_changed_and_case_workers_do_not(service):
    changed = model_files()["timescales.dmn"].replace(
        b'id="review_manager_days_default_amount"><text>10', b'id="review_manager_days_default_amount"><text>5'
    )
    files = {"timescales.dmn": changed}
    deployments.deploy(service.engine, authority_id=service.authority_id, files=files, note="Sooner")
    for username, told in (("ruth", True), ("ines", True), ("amara", False)):
        visitor = service.signed_in(username)
        visitor.get("/overdue")
        said = "Before the line manager hears of a late review: 5 working days instead of 10."
        assert visitor.says("Time limits have changed", said) is told


def test_the_case_page_takes_a_kind_of_help_and_shows_two_agencies_that_give_it(service):
    setup.set_profile(service.engine, authority_id=service.authority_id, profile={**PROFILE, "meeting_term": "TAF"})
    case_id = service.start_case("Sam")
    ids = {name: str(id_) for name, id_ in service.ids.items()}
    _to_the_plan(service, Worker(service, "amara"), Worker(service, "dele"), service.clock.now().date(), ids)

    def actions():
        found = case_file.read(service.engine, actor=service.actor("ruth"), case_id=case_id)
        return [action for outcome in found.plan for action in outcome.actions]

    amara = service.signed_in("amara")
    amara.get(f"/cases/{case_id}")
    assert "Kind of help" in amara.page and "Two agencies" not in amara.page
    (action,) = actions()
    amara.post(f"/cases/{case_id}/actions/{action.action_id}", progress="Begun", help_kind="parenting")
    assert amara.says("Parenting")
    assert actions()[0].help == "parenting"
    _second_action(service, case_id, ids["Ines Ferreira"])
    ines = service.signed_in("ines")
    ines.get("/overdue")
    assert ines.says("Two agencies, one kind of help", "Sam Whitlock", "Northcombe NHS", "Northcombe Council")
    amara.get(f"/cases/{case_id}")
    assert amara.says("Two agencies may be doing the same for this family", "agree who goes on")
    amara.get("/overdue")
    assert not amara.says("Two agencies, one kind of help")


def _second_action(service, case_id, owner):
    due_on = (service.clock.now().date() + timedelta(days=9)).isoformat()
    row = {"action": "A course", "help": "parenting", "owner": owner, "due_on": due_on}
    with service.engine.sessions.act() as connection:
        case = locking.case(connection, case_id)
        work = open_work(service.engine, connection, case, actor=None, at=service.clock.now())
        agree_action_plan(work, {"actions": [row]}, {})
        work.finish()


def test_a_child_in_danger_stands_above_what_has_been_late_for_longer(service):
    play = Play(service)
    play.asked("Elin")
    play.days_pass(60)
    sam = play.asked("Sam")
    page = f"/concern?case={sam}"
    answers = {"case": str(sam), "immediate_danger": "yes", "harm": "Bruises", "what_happened": "Sam said so"}
    play.sends("amara", "/concern", page, **answers)
    board = overdue.board(service.engine, actor=service.actor("ines")).rows
    assert [row.child_name for row in board] == ["Sam Whitlock", "Elin Whitlock"]
    assert [row.state for row in board] == ["critically_overdue"] * 2
    said = [reason.split(".")[0] for reason in board[0].reasons]
    assert said == ["The child is in danger now", "A concern about significant harm is open"]
