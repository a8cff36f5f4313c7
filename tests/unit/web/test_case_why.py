"""Why a case was raised with others: the rules' sentence and the values they looked at, never a code."""

import re
from datetime import timedelta

import pytest

from engine.scheduler import tick
from tests.unit.web.player import Play
from tests.unit.web.workers import Worker, day
from tests.worlds import Mailbox

ROW = re.compile(r'href="(/definitions/[0-9a-f-]{36})#([^"]+)">See row (\S+) of the rules')


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
    assert late_page.says("What the rules said", "What to do: a common assessment", "Because: ")
    assert late_page.says("By caf_needed.dmn, version 1.")


def test_who_may_see_the_rules_is_led_to_the_row_from_the_case_and_from_the_discussion(service):
    case = f"/cases/{Play(service).planned()}"
    for _ in range(12):
        service.clock.advance(timedelta(days=7))
        tick(service.engine, Mailbox())
    ruth = service.signed_in("ruth")
    ruth.get("/tasks")
    ruth.get(re.search(r'href="(/tasks/[0-9a-f-]{36})"[^>]*>[^<]*Discuss what is in the way', ruth.page)[1])
    assert ruth.says("Raised because", "working days", "the limit here")
    file, anchor, row = ROW.search(ruth.page).groups()
    assert ruth.says(f": row {row}, ")
    assert f'href="{file}#{anchor}"' in ruth.get(case)
    ruth.get(file)
    assert f'id="{anchor}"' in ruth.page and not ruth.says("Download") and not ruth.says("Go back to this version")
    amara = service.signed_in("amara")
    assert "of the rules</a>" not in amara.get(case), "the page of the rules is not for everybody"
    assert amara.get(file) and amara.status == 403
