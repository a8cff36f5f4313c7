"""Examples of the rules, on the pages and on the command line: tried, refused, let be by somebody else."""

from tests.unit.web.service import ROOT, model_files
from tests.unit.web.test_definition_pages import send
from tests.unit.web.test_drafts import keep
from web.__main__ import main

FILE = "review_interval.dmn"
EXAMPLES = """decision: review_interval
usually: {authority: barnet, reviews_held: 1}
examples:
  Things got worse: {when: {outcome: worse}, then: 4}
"""


def sooner():
    text = model_files()[FILE]
    before, _, after = text.partition(b'<rule id="worse">')
    assert b"<text>4</text>" in after
    return before + b'<rule id="worse">' + after.replace(b"<text>4</text>", b"<text>3</text>", 1)


def test_from_the_refusal_to_what_is_in_force_with_a_second_person(service):
    designer, lead = service.signed_in("tomas"), service.signed_in("ines")
    send(designer, {"review_interval.tests.yaml": EXAMPLES.encode()})
    designer.get("/definitions")
    assert designer.says("Examples of review_interval")
    send(designer, {FILE: sooner()})
    assert designer.status == 422
    assert designer.says("examples come to something else", "Things got worse", "expected 4, got 3")
    assert designer.says("row 14 (worse) matched: ")
    keep(designer, FILE)
    assert designer.says("1 example would not be kept:", "Or somebody else, who did not keep this draft, says here")
    assert "Let the examples be" not in designer.page
    lead.get("/rules-to-approve")
    assert lead.says(FILE, "review_interval.tests.yaml: Things got worse: expected 4, got 3", "Let the examples be")
    assert f"?draft={FILE}" not in lead.page, "no escalation hangs on it"
    digest = lead.hidden("digest")
    assert lead.client.get(f"/what-if?draft={FILE}").status_code == 200
    lead.post("/rules-to-approve/examples", file=FILE, digest=digest)
    assert lead.status == 422
    assert lead.says("Say why the examples do not count", "Why may it come into force all the same?", "expected 4")
    assert f'id="reason_{digest[:8]}-error"' in lead.page
    lead.post("/rules-to-approve/examples", **{"file": FILE, "digest": digest, f"reason_{digest[:8]}": "Agreed in May"})
    assert lead.says(f"{FILE} can be deployed now", "Ines Ferreira let that be", "Agreed in May")
    designer.post("/definitions/drafts/deploy", file=FILE, note="Agreed in May")
    assert designer.says("expected 4, got 3", "Worth knowing")


def test_lint_and_decide_try_them(tmp_path, capsys):
    rules = tmp_path / FILE
    rules.write_bytes(model_files()[FILE])
    assert main(["decide", str(rules), "--examples"]) != 0
    assert "there is no such file; examples of" in capsys.readouterr().err
    rules.with_name("review_interval.tests.yaml").write_text(EXAMPLES)
    assert main(["decide", str(rules), "--examples"]) == 0
    assert capsys.readouterr().out.endswith("1 example, all kept\n")
    rules.write_bytes(sooner())
    assert main(["decide", str(rules), "--examples"]) == 1
    said = capsys.readouterr().out
    assert said.startswith("Not kept: Things got worse\n  expected 4, got 3\n  row 14 (worse) matched: ")
    assert said.endswith("\n1 example, 1 not kept\n")
    assert main(["lint", str(tmp_path)]) == 1
    assert "Things got worse: expected 4, got 3" in capsys.readouterr().out


def test_only_examples_are_counted_as_not_kept(tmp_path, capsys):
    (tmp_path / FILE).write_bytes(model_files()[FILE])
    examples = tmp_path / "review_interval.tests.yaml"
    examples.write_text(EXAMPLES.replace("decision: review_interval", "decision: review_intervall"))
    assert main(["decide", str(tmp_path / FILE), "--examples"]) == 1
    assert capsys.readouterr().out.endswith("\n1 example, not tried\n")
    examples.write_text(EXAMPLES + "  Two slips: {when: {outcom: worse, autority: x}, then: 4}\n")
    assert main(["decide", str(tmp_path / FILE), "--examples"]) == 1
    said = capsys.readouterr().out
    assert "did you mean 'outcome'" in said and said.endswith("\n2 examples, 1 not kept\n")


def test_a_decision_is_named_unless_examples_are_tried(tmp_path, capsys):
    rules = tmp_path / FILE
    rules.write_bytes(model_files()[FILE])
    assert main(["decide", str(rules)]) != 0
    assert "say which decision: review_interval" in capsys.readouterr().err


def test_rules_that_lie_without_their_time_limits_are_tried_with_the_shipped_ones(tmp_path, capsys):
    for name in ("escalation.dmn", "escalation.tests.yaml"):
        (tmp_path / name).write_bytes((ROOT / "rules" / name).read_bytes())
    assert main(["lint", str(tmp_path)]) == 0
    told = capsys.readouterr()
    told_once = "timescales.dmn does not lie beside the rules, so the shipped time limits are used\n"
    assert (told.out, told.err) == ("", f"caf lint: {told_once}")
    asked = ("escalation", "--explain", "--input", '{"closed": false, "linked_plan": "none", "days_silent": 30}')
    assert main(["decide", str(tmp_path / "escalation.dmn"), *asked]) == 0
    told = capsys.readouterr()
    assert "Because: Without news: 30 working days, at least" in told.out
    assert told.err == f"caf decide: {told_once}"
    assert main(["lint", str(ROOT / "rules")]) == 0
    assert capsys.readouterr().err == ""
