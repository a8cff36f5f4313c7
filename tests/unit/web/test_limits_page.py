"""Time limits as a plain form: only the numbers typed change, as a draft, and what is no number is refused."""

from __future__ import annotations

import re
from pathlib import Path

import sqlalchemy as sa

from engine.commands import deployments, second_person
from engine.limit_rows import limit_rows
from engine.queries import model_drafts
from engine.store.tables.modelling import scenario_outcomes
from tests.unit.web.service import Service, model_files

FILE = "timescales.dmn"
SHIPPED = model_files()[FILE]
EXAMPLES = {path.name: path.read_bytes() for path in (Path(__file__).parents[3] / "rules").glob("*.tests.yaml")}


def draft(service: Service) -> bytes:
    found = model_drafts.draft(service.engine, actor=service.actor("tomas"), file=FILE)
    assert found is not None
    return found.content


def test_a_limit_is_changed_without_an_expression_and_no_other_byte_changes(service: Service) -> None:
    visitor = service.signed_in("tomas")
    visitor.get("/studio/limits")
    assert visitor.says("To ask the family for consent", "working days", "Common assessment episode")
    visitor.post("/studio/limits", draft="", consent_days="7", lead_days="many")
    assert visitor.status == 422 and visitor.says("To choose who leads: enter a whole number")
    visitor.post("/studio/limits", draft="", consent_days="7", lead_days=str(amount("lead_days")))
    assert visitor.says("Saved as a draft", "In force: 5", "See what it would change for open cases")
    row = limit_rows(SHIPPED, file=FILE, authority="northcombe")["consent_days"]
    changed = draft(service)
    assert changed.splitlines()[:20] == [
        line.replace(b">5<", b">7<") if b"consent_days_default_amount" in line else line
        for line in SHIPPED.splitlines()[:20]
    ]
    assert row.amount == 5 and len(changed) == len(SHIPPED) and changed != SHIPPED
    assert changed.count(b">7<") == SHIPPED.count(b">7<") + 1


def test_a_limit_is_published_by_a_second_person_who_says_why_its_examples_do_not_count(service: Service) -> None:
    own = "decision: timescales\nexamples:\n  A week: {when: {limit: consent_days, authority: x}, then: 5}\n"
    examples = {"timescales.tests.yaml": own.encode()}
    begins = (
        "name: It begins\ndiagram: stalled_plan\nbegins: alone\nsteps:\n  - expect: [{open: discuss_stalled_plan}]\n"
    )
    examples["begins.scenario.yaml"] = begins.encode()
    deployments.deploy(service.engine, authority_id=service.authority_id, files=examples)
    second_person.ask_second_person(service.engine, actor=service.actor("olu"), asked=True, why="Two pairs of eyes")
    visitor = service.signed_in("tomas")
    visitor.post("/studio/limits", draft="", consent_days="7")
    assert visitor.says("of the rules hold", "another number", "see which")
    visitor.post("/studio/publish", file=FILE, why="Families asked for more time")
    found = re.search(r"/studio/publish/[0-9a-f-]{36}", visitor.page)
    assert found
    coordinator = service.signed_in("ines")
    coordinator.get(found[0])
    assert coordinator.says("Examples of the rules, or scenarios, go otherwise than they say", "“5” becomes “7”")
    digest = coordinator.hidden("digest")
    coordinator.post(f"{found[0]}/approve", digest=digest)
    assert coordinator.status == 422 and coordinator.says("Say why the examples do not count")
    with service.engine.sessions.read() as connection:
        tried = connection.execute(sa.select(sa.func.count()).select_from(scenario_outcomes)).scalar()
    assert tried == 0, "without a why it is answered before anything is tried"
    coordinator.post(f"{found[0]}/approve", digest=digest, examples_why="The change means just that")
    assert coordinator.says("Approved.", "It is being published.")
    service.publish_approved()
    coordinator.get(found[0])
    assert coordinator.says("In force")
    visitor.get("/studio/limits")
    assert visitor.says("To ask the family for consent") and not visitor.says("There is a draft")


def test_the_first_tac_limit_is_published_with_nothing_to_bring_along(service: Service) -> None:
    """The examples that come with the service hold whatever the number."""
    deployments.deploy(service.engine, authority_id=service.authority_id, files=EXAMPLES)
    second_person.ask_second_person(service.engine, actor=service.actor("olu"), asked=True, why="Two pairs of eyes")
    visitor = service.signed_in("tomas")
    visitor.post("/studio/limits", draft="", first_tac_weeks="4")
    assert visitor.says("Saved as a draft") and not visitor.says("another number")
    visitor.post("/studio/publish", file=FILE, why="Four weeks, as we promise")
    found = re.search(r"/studio/publish/[0-9a-f-]{36}", visitor.page)
    assert found
    coordinator = service.signed_in("ines")
    coordinator.get(found[0])
    assert coordinator.says("“6” becomes “4”") and not coordinator.says("go otherwise than they say")
    coordinator.post(f"{found[0]}/approve", digest=coordinator.hidden("digest"))
    assert coordinator.says("Approved.", "It is being published.")
    service.publish_approved()
    coordinator.get(found[0])
    assert coordinator.says("In force")


def amount(limit: str) -> int | None:
    return limit_rows(SHIPPED, file=FILE, authority="northcombe")[limit].amount


def test_a_page_made_before_somebody_saved_the_draft_changes_nothing(service: Service) -> None:
    visitor = service.signed_in("tomas")
    visitor.post("/studio/limits", draft="", consent_days="7")
    kept = draft(service)
    visitor.post("/studio/limits", draft="", consent_days="9")
    assert visitor.status == 409 and draft(service) == kept
    seen = re.search(r'name="draft" value="(\d+)"', visitor.get("/studio/limits"))
    assert seen
    visitor.post("/studio/limits", draft=seen[1], consent_days="9")
    cell = b'consent_days_default_amount"><text>'
    assert draft(service) == kept.replace(cell + b"7", cell + b"9")


def test_the_row_of_the_authority_itself_counts_before_that_for_everybody() -> None:
    rows = limit_rows(SHIPPED, file=FILE, authority="sefton")
    assert rows["search_days"].rule == "search_days_sefton"
    assert limit_rows(SHIPPED, file=FILE, authority="x")["search_days"].rule == "search_days_default"
