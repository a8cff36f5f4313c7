"""One case from consent to close, on the pages only, as its people would do it."""

import re
from datetime import date, timedelta

from markupsafe import escape

from engine.scheduler import tick


def day(name: str, on: date) -> dict[str, str]:
    return {f"{name}-day": str(on.day), f"{name}-month": str(on.month), f"{name}-year": str(on.year)}


class Worker:
    """Somebody who opens their task of a name and answers it."""

    def __init__(self, service, username):
        self._service, self._username = service, username

    def does(self, task, **answers):
        visitor = self._service.signed_in(self._username)
        shown = str(escape(task))
        row = re.search(
            rf'<a class="govuk-link" href="(/tasks/[0-9a-f-]+)">{re.escape(shown)}</a>', visitor.get("/tasks")
        )
        assert row, f"{self._username} has no task “{task}”"
        visitor.get(row.group(1))
        hidden = {name: visitor.hidden(name) for name in ("expected_version", "request_key")}
        visitor.post(row.group(1), act="complete", **hidden, **answers)
        assert visitor.says(f"“{task}” is finished"), visitor.page
        return visitor


def test_a_case_goes_from_consent_to_its_close(service):
    case_id = service.start_case("Sam")
    today = service.clock.now().date()
    ids = {name: str(id_) for name, id_ in service.ids.items()}
    amara, dele = Worker(service, "amara"), Worker(service, "dele")

    amara.does("Ask for the family's consent", consent="given", given_by="Tess Whitlock", **day("signed_on", today))
    amara.does(
        "Complete the assessment",
        strengths="Close family",
        needs="Calm mornings",
        conclusions="A plan would help",
        **day("completed_on", today),
    )
    amara.does("Choose the lead professional", family_wishes="Amara", lead_professional=ids["Amara Osei"])
    invited = [ids["Dele Martins"], ids["Amara Osei"]]
    meeting = today + timedelta(days=14)
    amara.does(
        "Arrange the first team meeting", venue="Hill Road School", invited=invited, **day("planned_on", meeting)
    )
    dele.does("Reply to the invitation", reply="attending")
    amara.does("Reply to the invitation", reply="attending")
    service.clock.advance(timedelta(days=14))
    amara.does("Hold the first team meeting", attended=invited, notes="Sam spoke first", **day("held_on", meeting))
    amara.does(
        "Agree the action plan",
        **{"outcomes-count": "1", "outcomes-0-outcome": "Calm mornings", "actions-count": "1"},
        **{"actions-0-outcome": "Calm mornings", "actions-0-action": "Meet Sam at the gate"},
        **{"actions-0-owner": ids["Dele Martins"]},
        **{f"actions-0-{name}": value for name, value in day("due_on", meeting + timedelta(days=14)).items()},
    )
    visitor = service.signed_in("dele")
    visitor.get(f"/cases/{case_id}")
    assert visitor.says("Calm mornings", "Meet Sam at the gate", "Who leads Amara Osei")
    action = re.search(rf"/cases/{case_id}/actions/[0-9a-f-]+", visitor.page).group()
    visitor.post(action, progress="Every day this week", done="yes")
    assert visitor.says("Every day this week", "Done today")

    service.clock.advance(timedelta(weeks=6))
    tick(service.engine, Nowhere())
    held = service.clock.now().date()
    review = {"outcome": "better", "notes": "Sam likes the mornings", "next_step": "close"}
    amara.does("Review the plan", **review, **day("held_on", held))
    amara.does("Close the case", reason="needs_met", summary="Sam is settled")
    coordinator = service.signed_in("ines")
    coordinator.get(f"/cases/{case_id}")
    assert coordinator.says(", closed Monday 27 April", "Nothing is running for this case", "things are better")


class Nowhere:
    """Takes messages and keeps none."""

    def send(self, message):
        """Let a message go."""
