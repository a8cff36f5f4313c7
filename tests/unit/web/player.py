"""Play a case on the pages: the plain start that scenarios begin from, and what people then do and read.

play = Play(service)
case_id = play.planned()                      # consent, assessment, lead, meeting and plan; Amara leads, Dele acts
play.of("dele").does("Reply to the invitation", reply="attending")
assert play.reads("amara", case_id, "Who leads Amara Osei")
"""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

from markupsafe import escape

from engine.scheduler import tick
from tests.unit.web.workers import Worker, day

NO_ACTIONS = {"ends_with": "no_actions", "no_actions_why": "The plan follows."}
"""How a meeting ends that leaves the actions to the plan."""


class Post:
    """Takes messages, keeps to whom and about what they are."""

    def __init__(self):
        self.sent = []

    def send(self, message):
        self.sent.append((message.recipient.split("@")[0], message.subject, message.body))


class Play:
    """A service and its people at their browsers."""

    def __init__(self, service):
        self.service, self.post = service, Post()
        self.ids = {name.split()[0].lower(): str(id_) for name, id_ in service.ids.items()}

    @property
    def today(self):
        return self.service.clock.now().date()

    def of(self, username):
        return Worker(self.service, username)

    def at(self, username, path):
        """Return somebody's browser with a page open."""
        visitor = self.service.signed_in(username)
        visitor.get(path)
        return visitor

    def reads(self, username, case_id, *words):
        """Tell whether somebody reads all of `words` on a case's page; says what they read when they do not."""
        visitor = self.at(username, f"/cases/{case_id}")
        assert visitor.status == 200, f"{username} sees no such case"
        text = unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", visitor.page)))
        missing = [each for each in words if each not in text]
        assert not missing, f"{username} does not read {missing} in: {text}"
        return visitor

    def has_task(self, username, task):
        return self.at(username, "/tasks").says(task)

    def takes(self, username, task):
        """Let somebody take a task that waits for nobody by name, from the list of those; return them."""
        visitor = self.at(username, "/tasks?whose=unclaimed")
        link = re.search(
            rf'<a class="govuk-link" href="(/tasks/[0-9a-f-]+)">{re.escape(str(escape(task)))}</a>', visitor.page
        )
        assert link, f"no task “{task}” waits for {username}"
        visitor.get(link.group(1))
        visitor.post(f"{link.group(1)}/claim")
        return self.of(username)

    def starts(self, username, case_id, key, **answers):
        """Start what has changed on a case, from its link on the case page."""
        visitor = self.at(username, f"/cases/{case_id}")
        path = f"/cases/{case_id}/start/{key}"
        assert path in visitor.page, f"{username} is not offered {key}"
        visitor.get(path)
        visitor.post(path, act="start", request_key=visitor.hidden("request_key"), **answers)
        assert visitor.says("has begun"), visitor.page
        return visitor

    def sends(self, username, path, page=None, **answers):
        """Open a page of ours (`page` when it is another) and send its form."""
        visitor = self.at(username, page or path)
        visitor.post(path, request_key=visitor.hidden("request_key"), **answers)
        return visitor

    def days_pass(self, number):
        """Let days pass, with the service awake each morning."""
        for _ in range(number):
            self.service.clock.advance(timedelta(days=1))
            tick(self.service.engine, self.post)

    def asked(self, name="Sam", **child):
        """Return a case whose family is to be asked for its consent."""
        return self.service.start_case(name, **child)

    def consents(self, **answers):
        given = {"consent": "given", "given_by": "Tess Whitlock", **answers}
        return self.of("amara").does("Ask for the family's consent", **given, **day("signed_on", self.today))

    def assessed(self, name="Sam", **child):
        """Return a case whose assessment is complete."""
        case_id = self.asked(name, **child)
        self.consents()
        self.assesses()
        return case_id

    def assesses(self):
        """Let Amara write the assessment of the one case that she is to assess."""
        content = {"strengths": "Close family", "needs": "Calm mornings", "conclusions": "A plan would help"}
        content |= {"development": "Sam reads well", "parenting": "Warm, and tired", "environment": "The flat is damp"}
        content |= {"signed_by": "Tess Whitlock"}
        self.of("amara").does("Complete the assessment", **content, **day("completed_on", self.today))

    def led(self, name="Sam", **child):
        """Return a case that Amara leads."""
        case_id = self.assessed(name, **child)
        self.leads()
        return case_id

    def leads(self):
        """Let Amara lead, of the one case that has no lead yet."""
        chosen = {"family_wishes": "Amara", "reasons": "Trusted", "lead_professional": self.ids["amara"]}
        self.of("amara").does("Choose the lead professional", **chosen)

    def planned(self, name="Sam", *, owner="dele", family=None, **child):
        """Return a case with a plan: Amara leads, Dele is of the team, `owner` has its one action."""
        case_id = self.led(name, **child)
        self.meets(name, family=family)
        self.of("amara").does("Agree the action plan", **self.plan(owner))
        return case_id

    def meets(self, name="Sam", *, family=None):
        """Let the team of the one case that Amara leads meet for the first time, today."""
        on = self.today
        self.of("amara").does(
            "Arrange the TAC meeting", starts_at="4pm", venue="Hill Road School", invited=[self.ids["dele"]],
            **day("planned_on", on),
        )  # fmt: skip
        self.of("dele").does("Reply to the invitation", reply="attending")
        held = {"family_came": "yes", "attended": [self.ids["dele"]], "notes": f"{name} spoke first"}
        held |= NO_ACTIONS | (family or {}) | day("next_on", on + timedelta(days=42))
        self.of("amara").does("Hold the TAC meeting", **held, **day("held_on", on))
        self.of("amara").does("Finish the meeting", family_has_it="yes")

    def plan(self, owner, **more):
        """Return the answers of a plan with one action, due in two weeks."""
        due_on = day("due_on", self.today + timedelta(days=14))
        return {
            "outcomes-count": "1", "outcomes-0-outcome": "Calm mornings", "actions-count": "1",
            "actions-0-outcome": "Calm mornings", "actions-0-action": "Meet Sam at the gate",
            "actions-0-owner": self.ids[owner], **{f"actions-0-{name}": text for name, text in due_on.items()}, **more,
        }  # fmt: skip

    def action(self, case_id):
        """Return the id of the plan's action, from the case page."""
        page = self.at("amara", f"/cases/{case_id}").page
        return re.search(rf"/cases/{case_id}/actions/([0-9a-f-]+)", page).group(1)
