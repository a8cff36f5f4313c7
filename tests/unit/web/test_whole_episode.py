"""One case from consent to close, on the pages only, as its people would do it."""

import re
from datetime import timedelta

from engine.scheduler import tick
from tests.unit.web.player import NO_ACTIONS
from tests.unit.web.workers import Worker, day


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
        signed_by="Jo",
        **day("completed_on", today),
    )
    chosen = {"family_wishes": "Amara", "lead_professional": ids["Amara Osei"], "reasons": "They know her"}
    amara.does("Choose the lead professional", **chosen)
    invited = [ids["Dele Martins"]]
    meeting = today + timedelta(days=14)
    arranged = {"starts_at": "4pm", "venue": "Hill Road School", "invited": invited}
    amara.does("Arrange the TAC meeting", **arranged, **day("planned_on", meeting))
    dele.does("Reply to the invitation", reply="attending")
    service.clock.advance(timedelta(days=14))
    held = {"family_came": "yes", "attended": invited, "notes": "Sam spoke first", **NO_ACTIONS}
    held |= day("next_on", meeting + timedelta(days=42))
    amara.does("Hold the TAC meeting", **held, **day("held_on", meeting))
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
    amara.does("Choose how to review", way="updates")
    amara.does("Review the plan", **review, **day("held_on", held))
    amara.does("Close the case", reason="needs_met", summary="Sam is settled", family_told="yes")
    landed = Worker(service, "ruth").does("Sign the closure off", signed_off="yes")
    assert landed.says("Sam Whitlock", "This case closed on Monday 27 April: needs are met.")
    coordinator = service.signed_in("ines")
    coordinator.get(f"/cases/{case_id}")
    assert coordinator.says(", closed Monday 27 April", "Nothing is running for this case", "things are better")


class Nowhere:
    """Takes messages and keeps none."""

    def send(self, message):
        """Let a message go."""
