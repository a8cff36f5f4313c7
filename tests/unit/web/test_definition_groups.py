"""What is in force, in groups, found by a word, with how many versions there were."""

import re

from tests.unit.web.service import model_files
from tests.unit.web.test_definition_pages import send


def test_what_is_in_force_stands_in_groups_and_can_be_found_by_a_word(service):
    visitor = service.signed_in("tomas")
    page = visitor.get("/definitions")
    assert page.index('id="in-force-rules"') < page.index('id="in-force-process"') < page.index('id="in-force-form"')
    assert re.search(r"Show all \d+", page), "forms are folded"
    places = [page.index(f"/{file}") if f"/{file}" in page else page.index(file) for file in (
        "caf_episode.bpmn", "identify.bpmn", "step_down.bpmn", "action_declined.bpmn",
    )]  # fmt: skip
    assert places == sorted(places), "the main diagram, what it calls, other ways to begin, the rest"
    assert visitor.says("Begins a case: With a common assessment (CAF).", "Started by the rules “Escalation”")
    visitor.get("/definitions?find=review+interval")
    assert visitor.says("review_interval.dmn", "Show all")
    assert "escalation.dmn" not in visitor.page
    visitor.get("/definitions?find=<nothing>")
    assert visitor.says("Nothing in force has “<nothing>” in its name or file.")


def test_earlier_versions_are_counted_beside_the_one_in_force(service):
    visitor = service.signed_in("tomas")
    changed = model_files()["record_consent.form"].replace(b"What does the family say?", b"What do they say?")
    send(visitor, {"record_consent.form": changed}, "Plainer words")
    assert visitor.says("1 earlier one")


def test_a_rules_file_says_what_is_odd_about_its_rows_with_an_example(service):
    visitor = service.signed_in("tomas")
    changed = model_files()["review_interval.dmn"]
    cell = b'<inputEntry id="sefton_first_reviews_held"><text>0</text>'
    assert cell in changed
    send(visitor, {"review_interval.dmn": changed.replace(cell, cell.replace(b">0<", b">-<"))}, "Sooner")
    visitor.get(re.search(r'href="(/definitions/[0-9a-f-]{36})">Review interval<', visitor.get("/definitions"))[1])
    assert visitor.says("Odd about its rows", "authority: sefton", "Row 2 (sefton_worse) never counts")
