"""People who do their tasks on the pages."""

from __future__ import annotations

import re
from datetime import date

from markupsafe import escape


def day(name: str, on: date) -> dict[str, str]:
    return {f"{name}-day": str(on.day), f"{name}-month": str(on.month), f"{name}-year": str(on.year)}


class Worker:
    """Somebody who opens their task of a name and answers it."""

    def __init__(self, service, username):
        self._service, self._username = service, username

    def does(self, task, *, listed="/tasks", **answers):
        visitor = self._service.signed_in(self._username)
        shown = str(escape(task))
        row = re.search(
            rf'<a class="govuk-link" href="(/tasks/[0-9a-f-]+)">{re.escape(shown)}</a>', visitor.get(listed)
        )
        assert row, f"{self._username} has no task “{task}”"
        visitor.get(row.group(1))
        hidden = {name: visitor.hidden(name) for name in ("expected_version", "request_key")}
        answers = self._family_that_came(visitor.page) | answers
        visitor.post(row.group(1), act="complete", **hidden, **answers)
        assert visitor.says(f"“{task}” is finished"), visitor.page
        return visitor

    @staticmethod
    def _family_that_came(page):
        """Say of everybody of the family whom the page names that they were there; nothing where it does not ask."""
        asked = dict(re.findall(r'name="(family-\d+)-person" value="([^"]+)"', page))
        if 'name="family-0-came"' not in page:
            return {}
        came = {f"{row}-came": "yes" for row in asked}
        return {"family-count": str(len(asked)), **{f"{row}-person": who for row, who in asked.items()}, **came}
