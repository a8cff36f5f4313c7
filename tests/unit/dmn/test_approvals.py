"""Rows under somebody's approval: found by their mark, and any change of what they do is seen."""

from __future__ import annotations

from importlib.resources import files

import pytest

from engine.dmn.approvals import changed_rows, file_key, guarded_rows, needing_approval

FILE = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" xmlns:caf="urn:caf:rules" id="f">
  <decision id="alarm" name="Alarm">
    <decisionTable id="t" hitPolicy="COLLECT">
      <input id="i1" label="Harm"><inputExpression id="e1"><text>harm</text></inputExpression></input>
      <input id="i2" label="Late"><inputExpression id="e2"><text>late</text></inputExpression></input>
      <output id="o1" name="level" />
      <rule id="harm_row" caf:approval="safeguarding_lead">
        <description>Harm comes first.</description>
        <inputEntry id="c1"><text>true</text></inputEntry>
        <inputEntry id="c2"><text>-</text></inputEntry>
        <outputEntry id="a1"><text>"now"</text></outputEntry>
      </rule>
      <rule id="late_row">
        <inputEntry id="c3"><text>-</text></inputEntry>
        <inputEntry id="c4"><text>&gt; 3</text></inputEntry>
        <outputEntry id="a2"><text>"soon"</text></outputEntry>
      </rule>
    </decisionTable>
  </decision>
</definitions>"""


def changed(old: str, new: str) -> list[str]:
    assert old in FILE
    return [row.row for row in needing_approval(FILE.encode(), FILE.replace(old, new).encode(), name="f.dmn")]


def test_a_marked_row_is_found_with_its_approver_and_reason() -> None:
    (row,) = guarded_rows(FILE.encode(), name="f.dmn")
    assert (row.decision, row.row, row.approver, row.description) == (
        "alarm", "harm_row", "safeguarding_lead", "Harm comes first.",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<text>true</text>", "<text>false</text>"),
        ('<text>"now"</text>', '<text>"soon"</text>'),
        ("<text>harm</text>", "<text>not(harm)</text>"),
        ('<inputEntry id="c2"><text>-</text>', '<inputEntry id="c2"><text>&gt; 3</text>'),
        ('hitPolicy="COLLECT"', 'hitPolicy="FIRST"'),
        ('name="level"', 'name="grade"'),
    ],
)
def test_a_change_of_what_it_does_needs_approval_of_what_was_and_what_comes(old: str, new: str) -> None:
    assert changed(old, new) == ["harm_row", "harm_row"]


@pytest.mark.parametrize(
    ("old", "new", "rows"),
    [
        (' caf:approval="safeguarding_lead"', "", ["harm_row"]),
        ('caf:approval="safeguarding_lead"', 'caf:approval="designer"', ["harm_row", "harm_row"]),
        ('<decision id="alarm"', '<decision id="other"', ["harm_row", "harm_row"]),
        ('<rule id="late_row">', '<rule id="late_row" caf:approval="coordinator">', ["late_row"]),
    ],
)
def test_a_mark_taken_or_given_needs_approval(old: str, new: str, rows: list[str]) -> None:
    assert changed(old, new) == rows


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<text>&gt; 3</text>", "<text>&gt; 5</text>"),
        ("Harm comes first.", "Harm always comes first."),
        ('id="harm_row"', 'id="first_row"'),
        ('label="Harm"', 'label="Harm now"'),
    ],
)
def test_other_changes_need_none(old: str, new: str) -> None:
    assert changed(old, new) == []


def test_a_first_file_needs_approval_of_what_it_brings() -> None:
    assert [row.row for row in needing_approval(None, FILE.encode(), name="f.dmn")] == ["harm_row"]


def test_a_changed_row_is_told_as_it_was_and_as_it_comes() -> None:
    new = FILE.replace("<text>true</text>", "<text>false</text>").replace('id="late_row"', 'id="x" caf:approval="cook"')
    harm, late = changed_rows(FILE.encode(), new.encode(), name="f.dmn")
    assert (harm.row, harm.approvers) == ("harm_row", {"safeguarding_lead"})
    assert harm.before is not None
    assert harm.after is not None
    assert (harm.before.asks, harm.after.asks) == ((("Harm", "true"),), (("Harm", "false"),))
    assert harm.before.gives == harm.after.gives == (("level", '"now"'),)
    assert (late.row, late.before, late.approvers) == ("x", None, {"cook"})


def test_a_row_taken_out_and_one_brought_in_are_two() -> None:
    new = FILE.replace('id="harm_row"', 'id="other"').replace("<text>true</text>", "<text>false</text>")
    gone, come = changed_rows(FILE.encode(), new.encode(), name="f.dmn")
    assert (gone.row, gone.after, come.row, come.before) == ("harm_row", None, "other", None)


def test_a_file_is_known_by_its_id() -> None:
    assert file_key(FILE.encode(), name="f.dmn") == "f"


def test_the_shipped_rules_guard_harm_danger_and_withdrawn_consent() -> None:
    found = guarded_rows(files("rules").joinpath("escalation.dmn").read_bytes(), name="escalation.dmn")
    assert {(row.row, row.approver) for row in found} == {
        (f"row_{reason}", "safeguarding_lead")
        for reason in ("significant_harm", "immediate_danger", "consent_withdrawn", "family_not_found")
    }
