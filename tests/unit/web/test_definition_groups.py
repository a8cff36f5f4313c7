"""What is in force, in groups, found by a word, with how many versions there were."""

import re

from engine.commands import model_drafts
from tests.unit.web.service import model_files
from tests.unit.web.test_definition_pages import send


def test_what_is_in_force_stands_in_groups_and_can_be_found_by_a_word(service):
    visitor = service.signed_in("tomas")
    page = visitor.get("/definitions")
    groups = re.findall(r'<details class="[^"]*caf-group" id="in-force-(\w+)"( open)?>', page)
    assert [kind for kind, _ in groups] == ["process", "rules", "form", "letter"]
    assert [kind for kind, is_open in groups if is_open] == ["process", "rules"], "the others are folded"
    assert visitor.says("Invitation to the family", "The usual wording", "Word it")
    places = [page.index(f"/{file}") if f"/{file}" in page else page.index(file) for file in (
        "caf_episode.bpmn", "identify.bpmn", "step_down.bpmn", "action_declined.bpmn",
    )]  # fmt: skip
    assert places == sorted(places), "the main diagram, what it calls, other ways to begin, the rest"
    assert visitor.says("Begins a case: With a common assessment (CAF).", "Started by the rules “Escalation”")
    visitor.get("/definitions?find=review+interval")
    assert visitor.says("review_interval.dmn", "Show all")
    assert visitor.page.count('<li class="caf-file">') == 1 and 'id="in-force-rules" open' in visitor.page
    visitor.get("/definitions?find=letter")
    assert visitor.says("Invitation to a practitioner") and 'id="in-force-letter" open' in visitor.page
    visitor.get("/definitions?find=review+interval")
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


def test_what_is_under_work_stands_first_each_by_its_name(service):
    visitor = service.signed_in("tomas")
    changed = model_files()["agree_plan.bpmn"].replace(b'name="The first plan"', b'name="Our first plan"')
    model_drafts.keep(service.engine, actor=service.actor("tomas"), file="agree_plan.bpmn", content=changed)
    model_drafts.keep(service.engine, actor=service.actor("tomas"), file="broken_off.bpmn", content=b"<")
    page = visitor.get("/definitions")
    assert page.index('id="drafts"') < page.index('id="in-force"')
    drafts = page[page.index('id="drafts"') : page.index('id="in-force"')]
    assert "Our first plan" in drafts and ">Broken off<" in drafts, "a file that cannot be read goes by its name"
    in_force = page[page.index('id="in-force"') :]
    assert re.search(r">The first plan</a> <strong [^>]*>Draft</strong>", in_force)
