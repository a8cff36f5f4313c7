"""A child for whom another service's plan leads: its key worker is shown first, and there is never a second plan."""

from datetime import date

import pytest

from engine.commands import cases, user_tasks
from engine.queries import case_file
from tests.unit.web.service import CHECKLIST

LED = {"linked_plan": "looked_after", "key_worker": "Ola Grant, 01632 960111"}


def found(service, visitor, **answers):
    """Start a case, record what the search found, and give its page."""
    actor = service.actor("amara")
    child = cases.Child(given_name="Sam", family_name="Whitlock", born_on=date(2018, 3, 2))
    case_id = cases.start(service.engine, actor=actor, child=child).case_id
    for said in (CHECKLIST, answers):
        (task,) = case_file.read(service.engine, actor=actor, case_id=case_id).tasks
        user_tasks.complete(service.engine, actor=actor, task_id=task.task_id, answers=dict(said))
    return visitor.get(f"/cases/{case_id}")


@pytest.fixture
def visitor(service):
    return service.signed_in("amara")


def test_a_case_kept_beside_another_plan_shows_its_key_worker_first(service, visitor):
    page = found(service, visitor, found="beside", why_beside="Her brothers need help at home", **LED)
    assert visitor.says("Key worker", "Ola Grant, 01632 960111 (plan for a looked-after child)")
    assert visitor.says("This case is kept beside it", "Who coordinates here", "Her brothers need help at home")
    assert "Who leads" not in page
    visitor.get("/cases")
    assert visitor.says("Key worker: Ola Grant, 01632 960111")


def test_a_case_that_ends_for_another_plan_still_says_who_its_key_worker_is(service, visitor):
    page = found(service, visitor, found="other_plan", **LED)
    assert visitor.says("Ola Grant, 01632 960111 (plan for a looked-after child)", "there is no second plan")
    assert "Who led" not in page


def test_without_another_plan_nobody_is_called_key_worker(service, visitor):
    page = found(service, visitor, found="none")
    assert visitor.says("Who leads")
    assert "Key worker" not in page
