"""Why a case was raised with others: the rules' sentence and the values they looked at, never a code."""

from datetime import timedelta

import pytest

from engine.scheduler import tick
from tests.unit.web.workers import Worker, day
from tests.worlds import Mailbox


@pytest.fixture
def late_page(service):
    """Give the page of a case whose assessment was begun after consent and never finished."""
    case_id = service.start_case("Sam")
    today = service.clock.now().date()
    consent = {"consent": "given", "given_by": "Tess Whitlock", **day("signed_on", today)}
    Worker(service, "amara").does("Ask for the family's consent", **consent)
    for _ in range(30):
        service.clock.advance(timedelta(days=1))
        tick(service.engine, Mailbox())
    visitor = service.signed_in("amara")
    visitor.get(f"/cases/{case_id}")
    return visitor


def test_the_facts_the_row_looked_at_stand_folded_under_the_reason(late_page):
    assert late_page.says("Raised with others, and why", "Assessment open (working days): ", "Case closed: no")
    assert late_page.says("By the rules “Escalation” (escalation.dmn, version 1).")


def test_neither_reason_nor_history_shows_a_code(late_page):
    assert "assessment_late" not in late_page.page
    assert not late_page.says("assessment late")
    assert late_page.page.count("The assessment has been open") >= 2


def test_a_sentence_says_the_sum_the_limit_the_row_and_who_was_told(late_page):
    said = late_page.page
    assert "Assessment open: " in said and " working days since the assessment was begun on " in said
    assert "more than " in said and ", the limit here" in said
    assert late_page.says("was written to")


def test_what_else_the_rules_said_stands_folded_with_its_file(late_page):
    assert late_page.says("What the rules said", "What to do: ", "Because: ", "By caf_needed.dmn, version 1.")
