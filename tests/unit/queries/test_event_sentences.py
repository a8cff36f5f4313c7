"""Every kind of event that the engine records has a sentence, and the sentence can be said."""

from __future__ import annotations

import ast
from datetime import date
from pathlib import Path

import pytest

from engine.queries.event_sentences import MACHINERY, NEVER_FOR_FAMILIES, SENTENCES, Told, say

ENGINE = Path(__file__).parents[3] / "engine"


def recorded_kinds(source: str) -> set[str]:
    """Return the kinds that a module gives to `record(...)`, also through a parameter of its own functions."""
    tree = ast.parse(source)
    kinds: set[str] = set()
    for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
        for call in _calls(function, "record"):
            kind = call.args[0]
            if isinstance(kind, ast.Constant):
                kinds.add(str(kind.value))
            elif isinstance(kind, ast.Name):
                kinds |= _listed(tree, function, kind.id) or _given(tree, function, kind.id)
            else:
                raise AssertionError(f"line {call.lineno}: the kind of an event must be seen from the source")
    return kinds


def _calls(tree: ast.AST, name: str) -> list[ast.Call]:
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [call for call in found if getattr(call.func, "attr", getattr(call.func, "id", "")) == name and call.args]


def _listed(tree: ast.Module, function: ast.FunctionDef, parameter: str) -> set[str]:
    """Return the words of the `Literal` that `parameter` is declared to be, by a name of the module or at once."""
    named = {
        target.id: node.value
        for node in tree.body if isinstance(node, ast.Assign)
        for target in node.targets if isinstance(target, ast.Name)
    }  # fmt: skip
    arguments = (*function.args.args, *function.args.kwonlyargs)
    (declared,) = [each.annotation for each in arguments if each.arg == parameter]
    found = named.get(declared.id) if isinstance(declared, ast.Name) else declared
    if not isinstance(found, ast.Subscript) or getattr(found.value, "id", "") != "Literal":
        return set()
    words = found.slice.elts if isinstance(found.slice, ast.Tuple) else [found.slice]
    return {str(ast.literal_eval(word)) for word in words}


def _given(tree: ast.AST, function: ast.FunctionDef, parameter: str) -> set[str]:
    """Return the constants given for `parameter` wherever `function` is called in its module."""
    names = [each.arg for each in function.args.args]
    values = []
    for call in _calls(tree, function.name):
        by_name = {each.arg: each.value for each in call.keywords}
        values.append(by_name[parameter] if parameter in by_name else call.args[names.index(parameter)])
    assert values, f"nobody calls {function.name}"
    constants = [value for value in values if isinstance(value, ast.Constant)]
    assert len(constants) == len(values), f"{function.name}: name the kind where it is called"
    return {str(value.value) for value in constants}


def every_kind() -> set[str]:
    modules = [path for path in ENGINE.rglob("*.py") if path.name != "work.py" and not path.stem.endswith("sentences")]
    return set().union(*(recorded_kinds(path.read_text(encoding="utf-8")) for path in modules))


def told(**changes) -> Told:
    plain = {"detail": {}, "why": "", "subject": "7", "names": {"7": "Noor Bakar"}, "task": "Hold the meeting"}
    return Told(**{**plain, "process": "Stalled plan", "today": date(2026, 3, 2), **changes})


def test_the_search_sees_kinds_given_straight_and_through_a_parameter():
    source = (
        "def a(work):\n work.record('one')\n b(work, 'two')\n b(work, kind='three')\n"
        "def b(work, kind):\n work.record(kind)\n"
    )
    assert recorded_kinds(source) == {"one", "two", "three"}


def test_the_search_sees_kinds_that_a_parameter_is_declared_to_be():
    source = (
        "Kind = Literal['one', 'two']\n"
        "def a(work, *, kind: Kind):\n work.record(kind)\n"
        "def b(work, kind: Literal['three']):\n work.record(kind)\n"
    )
    assert recorded_kinds(source) == {"one", "two", "three"}


def test_every_kind_recorded_has_a_sentence():
    found = every_kind()
    assert {"case_opened", "task_claimed", "line_manager_told"} <= found
    assert not found - SENTENCES.keys()


def test_no_sentence_is_about_what_nobody_records():
    assert not SENTENCES.keys() - every_kind()
    assert SENTENCES.keys() >= MACHINERY | NEVER_FOR_FAMILIES


@pytest.mark.parametrize("kind", sorted(SENTENCES))
def test_each_sentence_can_be_said_with_nothing_known(kind):
    said = say(kind, told(subject="", names={}))
    assert said[0].isupper() or said[0] == "“"
    assert said[-1] in ".?!”"
    assert "{" not in said and "None" not in said


@pytest.mark.parametrize(
    ("kind", "detail", "said"),
    [
        ("consent_recorded", {"answer": "limited"}, "agreed to some information being shared"),
        ("consent_recorded", {"answer": "refused"}, "did not agree"),
        ("tac_meeting_arranged", {"planned_on": "2026-03-12", "invited": 2}, "for 12 March; 2 people invited"),
        ("tac_meeting_held", {"attended": 1}, "1 practitioner came"),
        (
            "tac_meeting_held",
            {"attended": 2, "family": 1, "ends_with": "close"},
            "1 person of the family came, and it was",
        ),
        ("family_invited", {"asked": 2, "not_asked": 1}, "Written to the family: 2 letters; 1 person not asked"),
        ("minutes_circulated", {"copies": 2}, "2 copies written for the family"),
        ("invitation_answered", {"reply": "apologies"}, "Noor Bakar cannot come"),
        ("review_held", {"outcome": "worse", "next_step": "replan"}, "things are worse, and the plan is to be changed"),
        ("action_reported", {"done": True, "due_on": None}, "An action was finished."),
        ("family_letter_sent", {"how": "post"}, "A letter was posted to Noor Bakar."),
        ("action_reported", {"done": False, "due_on": "2026-04-01"}, "its date is now 1 April"),
        ("concern_raised", {"immediate_danger": True}, "with immediate danger"),
        ("concern_acknowledged", {"accepted": False}, "does not take it on"),
        ("line_manager_told", {"told": False}, "no line manager"),
        ("task_reassigned", {"from": None, "to": "7"}, "“Hold the meeting” was given to Noor Bakar"),
        ("case_closed", {"reason": "moved_authority"}, "moved to another authority"),
        ("escalation_begun", {"reason": "x_y", "sentence": "The review is 3 days late."}, "The review is 3 days late"),
        ("escalation_begun", {"reason": "x_y"}, "There was a reason to raise it with others"),
        ("escalation_ended", {"reason": "x_y", "sentence": "It is late."}, "No longer so: It is late."),
        ("escalation_ended", {"reason": "x_y"}, "no longer holds"),
        ("timer_fired", {"element": "wait", "late": True}, "late"),
        ("rules_approved", {"file": "a.dmn", "rows": ["x", "y"]}, "A change of a.dmn was approved: x and y."),
        ("rules_approved", {}, "A change of a rule file was approved."),
    ],
)
def test_details_come_into_the_sentence(kind, detail, said):
    assert said in say(kind, told(detail=detail))


def test_a_reason_given_stands_behind_it():
    assert say("members_not_told", told(why="there is no consent to share")) == (
        "The team was not told (there is no consent to share)."
    )


def test_a_kind_of_a_later_version_is_said_in_its_own_words():
    assert say("plan_was_printed", told()) == "Plan was printed."


@pytest.mark.parametrize(
    ("role", "said"),
    [
        ("lead_professional", "Who leads was reminded."),
        ("assessor", "The assessor was reminded."),
        ("coordinator", "Nobody leads, so the coordinators were reminded."),
    ],
)
def test_it_says_who_was_reminded(role, said):
    assert say("lead_reminded", told(detail={"told": 1, "role": role})) == said
