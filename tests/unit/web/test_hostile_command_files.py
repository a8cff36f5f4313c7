"""Files and values that command lines take, of any content: accepted, or refused in one line; never a stack trace."""

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.authorities import read_profile
from engine.casework.profiles import TEXTS
from engine.errors import Invalid
from engine.simulation.behaviours import DEFAULT, Behaviours
from engine.simulation.behaviours_file import read_behaviours
from web.__main__ import main
from web.cli.people_file import COLUMNS, PeopleFile

GROUPS = ("name", "area", "meetings", "phone", "when", "email")


def objects(inside, names=GROUPS):
    return st.dictionaries(st.sampled_from(names), inside, max_size=4)


PLAIN = (
    st.none() | st.booleans() | st.integers(-3, 9) | st.floats(-2, 2) | st.sampled_from(["", "x", "2026-06-04", "a\nb"])
)
VALUES = st.recursive(PLAIN, lambda inside: st.lists(inside, max_size=3) | objects(inside), max_leaves=6)
FIGURES = tuple(Behaviours.__dataclass_fields__)
ROWS = ("field", "weights", "form", "when", "least", "most", "rule", "on_time", "record_consent", "late_days")
FACTS = ("closed", "plan_agreed", "review_overdue_days", "days_silent", "lead_vacant", "consent", "open_actions")
SHIPPED = Path(__file__).parents[3] / "rules"


def one_line(refused):
    assert refused.message.strip() and len(refused.message.splitlines()) == 1, refused.message


@given(objects(VALUES, ("name", "nation", "safeguarding", "mags", *TEXTS)))
def test_a_profile(found):
    try:
        described = read_profile(json.dumps(found), file="profile.json")
    except Invalid as refused:
        one_line(refused)
        assert refused.message.startswith("profile.json: ")
    else:
        assert set(described.profile) <= set(found)


@given(objects(st.recursive(PLAIN, lambda inside: st.lists(inside, max_size=3) | objects(inside, ROWS)), FIGURES))
def test_a_council_s_own_figures(found):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "people.json"
        file.write_text(json.dumps(found))
        try:
            behaviours = read_behaviours(file)
        except Invalid as refused:
            one_line(refused)
        else:
            assert type(behaviours) is type(DEFAULT)


@example(['"@\r@', '"'], False)
@given(st.lists(st.text(st.sampled_from('ab ,"\n\r\x00\x1b@é'), max_size=12), max_size=4), st.booleans())
def test_a_file_of_people(lines, named):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "people.csv"
        file.write_text("\n".join([",".join(COLUMNS[:3])] * named + lines), encoding="utf-8", newline="")
        try:
            people = PeopleFile(file).people
        except Invalid as refused:
            one_line(refused)
        else:
            assert all(each.name.isprintable() for each in people)


@settings(deadline=None)
@given(objects(VALUES, FACTS) | VALUES)
def test_what_a_decision_is_asked(given_):
    code = main(["decide", str(SHIPPED / "escalation.dmn"), "escalation", f"--input={json.dumps(given_)}"])
    assert code in (0, 1, 2)


@pytest.mark.parametrize(
    "text", ["[" * 5000, '{"closed": NaN}', '{"closed": 1, "closed": 2}', '{"closed": "\\ud800"}', "\udcff"]
)
def test_a_decision_that_cannot_be_asked_says_why_in_one_line(text, capsys):
    assert main(["decide", str(SHIPPED / "escalation.dmn"), "escalation", "--input", text]) != 0
    said = capsys.readouterr().err
    assert "--input: " in said and len(said.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({"choices": [{"field": "consent", "weights": {"given": 0}}]}, "choices.consent.weights: give at least one"),
        (
            {"choices": [{"field": "consent", "weights": {"given": 1}, "when": {"a": 1}}]},
            "choices.consent.when.a: this",
        ),
        ({"days": [{"field": "due_on", "least": 3, "most": 1}]}, "days.due_on: least is more than most"),
    ],
)
def test_figures_that_would_stop_a_simulation_later_are_refused_before(found, said, tmp_path):
    file = tmp_path / "people.json"
    file.write_text(json.dumps(found))
    with pytest.raises(Invalid) as refused:
        read_behaviours(file)
    assert said in refused.value.message
