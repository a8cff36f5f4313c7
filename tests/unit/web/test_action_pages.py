"""The page of an action: files that show how it goes, and another action that works against it."""

import re
from io import BytesIO

import pytest

from tests.unit.web.player import Play
from tests.unit.web.workers import day


@pytest.fixture
def play(service):
    return Play(service)


def planned(play, name="Sam"):
    """Return a case of which Dele does one action and Amara another, and the address of Dele's."""
    case_id = play.led(name)
    play.meets(name)
    due_on = day("due_on", play.today)
    second = {"outcome": "Calm mornings", "action": "Visit after nine", "owner": play.ids["amara"], **due_on}
    both = {**play.plan("dele"), "actions-count": "2", **{f"actions-1-{name}": text for name, text in second.items()}}
    play.of("amara").does("Agree the action plan", listed=f"/cases/{case_id}", **both)
    plan = play.at("amara", f"/cases/{case_id}/plan")
    found = re.search(rf'"(/cases/{case_id}/actions/[0-9a-f-]+)">[^<]*<span[^>]*>: Meet Sam at the gate', plan.page)
    assert found, plan.page
    return case_id, found[1]


def test_a_file_is_kept_with_an_action_and_stands_on_the_plan(play):
    case_id, path = planned(play)
    nothing = play.sends("dele", f"{path}/files", page=path)
    assert nothing.status == 422 and nothing.says("Choose a file")
    dele = play.at("dele", path)
    key = dele.hidden("request_key")
    for _ in range(2):
        chart = (BytesIO(b"%PDF-1.7 chart %%EOF"), "Chart of mornings.pdf", "application/pdf")
        dele.post(f"{path}/files", request_key=key, file=chart)
    assert dele.says("Chart of mornings.pdf", "by Dele Martins")
    assert dele.page.count("Chart of mornings.pdf") == 1
    plan = play.at("amara", f"/cases/{case_id}/plan")
    link = re.search(rf"/cases/{case_id}/files/[0-9a-f-]+", plan.page)[0]
    assert plan.says("Chart of mornings.pdf") and plan.client.get(link).data == b"%PDF-1.7 chart %%EOF"


def test_two_actions_that_work_against_each_other_stand_on_the_plan_until_settled(play):
    case_id, path = planned(play)
    nobody = play.sends("dele", f"{path}/contradictions", page=path, other_id="", note="Late visits")
    assert nobody.status == 422 and nobody.says("Choose the other action", "Late visits")
    other = re.search(r'<option value="([0-9a-f-]+)"[^>]*>Visit after nine', nobody.page)[1]
    why = play.sends("dele", f"{path}/contradictions", page=path, other_id=other, note=" ")
    assert why.status == 422 and why.says("Say how the two work against each other")
    said = "Early gates and late visits"
    plan = play.sends("dele", f"{path}/contradictions", page=path, other_id=other, note=said)
    assert plan.says("These actions work against each other", "Visit after nine", said, "Dele Martins")
    again = play.sends("amara", f"{path}/contradictions", page=path, other_id=other, note=said)
    assert again.status == 409 and again.says("already")
    assert play.at("amara", path).says(said)
    amara = play.at("amara", f"/cases/{case_id}/plan")
    settled = re.search(rf"/cases/{case_id}/contradictions/([0-9a-f-]+)", amara.page)
    amara.post(settled[0], **{f"how-{settled[1]}": " "})
    assert amara.status == 422 and amara.says("Say how it was settled")
    amara.post(settled[0], **{f"how-{settled[1]}": "Visits move to Friday"})
    assert amara.says("It is settled") and not amara.says(said)


def test_an_action_of_another_case_is_not_there(play):
    _, path = planned(play)
    assert play.at("amara", path.replace(path[-4:], "0000")).status == 404
