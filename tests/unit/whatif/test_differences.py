"""What counts as a difference between two judgements of one case, and how differences are counted."""

from engine.casework.escalation import Judgement, Reason
from engine.whatif.differences import compare
from engine.whatif.figures import Figures, LevelFigure, RowFigure, Tally


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
