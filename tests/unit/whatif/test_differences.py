"""What counts as a difference between two judgements of one case, and how differences are counted."""

from datetime import UTC, datetime

from engine.casework.escalation import Judgement, Reason, judge
from engine.casework.feel_functions import HOST_FUNCTIONS
from engine.dmn import read_model
from engine.dmn.example_file import read_examples
from engine.dmn.explaining import inputs_by_row
from engine.feel import to_plain
from engine.rule_files import FileHost
from engine.whatif.differences import About, compare
from engine.whatif.figures import Figures, LevelFigure, RowFigure, Tally
from tests.unit.web.service import ROOT


def reason(name="late", level="remind", row="4", **more):
    values = {"reason": name, "sentence": f"Because {name}.", "level": level, "addressee": "assessor", "process": None}
    return Reason(**{**values, "row": row, **more})


def judged(*reasons, unsure=""):
    return Judgement({each.reason: each for each in reasons}, unsure)


def kinds(now, draft):
    return [(each.kind, each.told.reason if each.told else "", each.what) for each in compare(now, draft)]


def test_what_only_the_draft_says_is_new_and_what_it_leaves_out_is_gone():
    assert kinds(judged(reason("a", row="1")), judged(reason("b", row="2"))) == [("new", "b", ()), ("gone", "a", ())]
    assert kinds(judged(reason()), judged(reason())) == []


def test_another_level_person_process_or_waiting_is_a_change_and_another_sentence_is_none():
    assert kinds(judged(reason()), judged(reason(level="mag"))) == [("changed", "late", ("level",))]
    other = reason(addressee="coordinator", process="stalled_plan", waits=True)
    assert kinds(judged(reason()), judged(other)) == [("changed", "late", ("addressee", "process", "waits"))]
    assert kinds(judged(reason()), judged(reason(sentence="In other words."))) == []


def test_a_row_that_gives_its_reason_another_name_is_one_change():
    (found,) = compare(judged(reason("late")), judged(reason("very_late", level="line_manager")))
    assert (found.kind, found.now.reason, found.draft.reason, found.what) == (
        "changed", "late", "very_late", ("reason", "level"),
    )  # fmt: skip


def test_what_cannot_be_judged_is_said_and_nothing_is_gone_by_it():
    found = compare(judged(reason("a")), judged(reason("b", row="9"), unsure="there is no fact called 'x'"))
    assert [each.kind for each in found] == ["unjudged", "new"]
    assert found[0].said == "the draft: there is no fact called 'x'"
    (found,) = compare(judged(unsure="row 3 gives no reason"), judged())
    assert found.said == "the rules in force: row 3 gives no reason"


def test_the_worst_level_of_either_side_counts_and_what_is_not_judged_comes_first():
    (changed,) = compare(judged(reason(level="safeguarding")), judged(reason(level="remind")))
    (unjudged,) = compare(judged(), judged(unsure="x"))
    (odd,) = compare(judged(), judged(reason(level="somewhere")))
    assert (unjudged.seriousness, changed.seriousness, odd.seriousness) == (-1, 0, 6)


def count(*pairs):
    tally = Tally()
    for now, draft in pairs:
        tally.add(now, draft, compare(now, draft))
    return tally.figures()


def test_cases_are_counted_by_kind_row_and_level():
    found = count(
        (judged(), judged(reason("b", row="10"))),
        (judged(reason("a", row="2")), judged(reason("a", row="2", level="mag"), reason("b", row="10"))),
        (judged(reason("a", row="2")), judged()),
        (judged(), judged()),
    )
    assert (found.cases, found.new, found.gone, found.changed, found.unjudged) == (4, 2, 1, 1, 0)
    assert (found.escalating_now, found.escalating_draft, found.first, found.quiet) == (2, 2, 1, 1)
    assert found.rows == (
        RowFigure("new", "10", "b", "", "remind", 2),
        RowFigure("gone", "2", "a", "remind", "", 1),
        RowFigure("changed", "2", "a", "remind", "mag", 1),
    )
    assert found.levels == (LevelFigure("mag", 0, 1, 0, 0), LevelFigure("remind", 2, 2, 2, 1))
    assert not found.same
    assert count((judged(reason()), judged(reason()))).same


def test_figures_are_kept_as_json_and_come_back():
    found = count((judged(), judged(reason())))
    assert Figures.from_json(found.as_json()) == found


SILENT = 'time limit("silence_remind_days")..time limit("silence_manager_days")'
LONG_SILENT = '&gt;= time limit("silence_manager_days")'


def shipped(**changed):
    """Return the shipped rules as they are, and with rows 26a and 26b earlier, on a plan of these facts."""
    source = (ROOT / "rules" / "escalation.dmn").read_text()
    earlier = source.replace(SILENT, "10..20")
    before, after = earlier.rsplit(LONG_SILENT, 1)
    limits = read_model((ROOT / "rules" / "timescales.dmn").read_bytes(), name="t.dmn", functions=HOST_FUNCTIONS)
    environment = FileHost(limits).environment(datetime(2026, 3, 2, 12, tzinfo=UTC))
    examples = read_examples((ROOT / "rules" / "escalation.tests.yaml").read_bytes(), name="e.tests.yaml").examples
    models = [read_model(text.encode(), name="e.dmn", functions=HOST_FUNCTIONS) for text in (
        source, f"{before}&gt;= 20{after}")]  # fmt: skip
    found = [model.evaluate("escalation", {**examples[0].inputs, **changed}, environment) for model in models]
    judgements = [judge(to_plain(each.value), [row.label for row in each.matched], []) for each in found]
    return judgements, About(*(inputs_by_row(model.decision("escalation")) for model in models))


def test_a_reminder_that_would_go_to_the_line_manager_by_another_row_is_one_change():
    (now, draft), about = shipped(days_silent=25)
    (found,) = compare(now, draft, about)
    assert (found.kind, found.now.reason, found.now.level) == ("changed", "silent", "remind")
    assert (found.draft.reason, found.draft.level) == ("long_silent", "line_manager")
    tally = Tally()
    tally.add(now, draft, (found,))
    figures = tally.figures()
    assert (figures.new, figures.gone, figures.changed, figures.first, figures.quiet) == (0, 0, 1, 0, 0)


def test_the_row_that_shares_most_takes_the_place_and_what_else_is_said_is_new():
    (now, draft), about = shipped(days_silent=25, linked_plan="early_help")
    assert [(each.kind, each.told.reason) for each in compare(now, draft, about)] == [("changed", "long_silent")]
    other = judged(
        reason("other_plan_silent", row="25c"), reason("long_silent", row="26b"), reason("lead_away", row="17")
    )
    said = [(each.kind, each.told.reason) for each in compare(now, other, about)]
    assert said == [("new", "other_plan_silent"), ("changed", "long_silent"), ("new", "lead_away")]
    said = [(each.kind, each.told.reason) for each in compare(now, judged(reason("lead_away", row="17")), about)]
    assert said == [("new", "lead_away"), ("gone", "silent")], "they are about other facts"


def test_a_further_reason_of_a_case_is_not_newly_escalating():
    found = count((judged(reason("a", row="2")), judged(reason("a", row="2"), reason("b", row="10"))))
    assert (found.new, found.first, found.more) == (1, 0, 1)


def test_each_line_says_of_which_kind_it_is():
    def how(now, draft):
        return [each.how for each in compare(now, draft)]

    a, b = reason("a", row="1"), reason("b", row="2")
    assert how(judged(), judged(a)) == ["newly escalates"]
    assert how(judged(a), judged(a, b)) == ["a further reason"]
    assert (how(judged(a), judged()), how(judged(a, b), judged(a))) == (["no longer escalates"], ["one reason less"])
    assert how(judged(a), judged(reason("a", row="3"))) == [], "another row alone changes nothing for anybody"
    raised = reason("a", row="3", level="mag")
    assert how(judged(a), judged(raised)) == ["another row, 1 now; another level"]
    assert how(judged(), judged(unsure="x")) == ["could not be judged"]
