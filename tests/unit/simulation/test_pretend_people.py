"""The pieces that pretend people are made of: answers to any form, diaries, an agenda, figures of one's own."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from engine.calendar import WorkingCalendar
from engine.casework.consent_cover import KINDS
from engine.casework.help_kinds import HELP_KINDS
from engine.casework.permissions import ROLES
from engine.errors import Invalid
from engine.feel import Environment
from engine.forms import Form, Option, read_form, validate, walk
from engine.simulation.agenda import Agenda
from engine.simulation.answering import Answering, Question
from engine.simulation.behaviour_kinds import Choice, Timing
from engine.simulation.behaviours import DEFAULT, Away
from engine.simulation.behaviours_file import read_behaviours
from engine.simulation.chance import stream
from engine.simulation.diaries import Diary, day_done, new_diary
from engine.simulation.limits import not_to_be_told
from engine.simulation.narratives import Story, new_story, word_list
from engine.simulation.workforce import SIGN_INS, workforce
from tests.worlds import shipped_models

FORMS = Path(__file__).parents[3] / "processes" / "forms"
TODAY = date(2027, 3, 3)
NOW = datetime(2027, 3, 3, 11, 0, tzinfo=UTC)
CALENDAR = WorkingCalendar()
PEOPLE = [UUID(int=number) for number in range(1, 7)]
OPTIONS = [Option(str(person), f"Person {person.int}") for person in PEOPLE]


Options = Mapping[str, Sequence[Option]]
NO_OPTIONS: Options = {}


def story(seed: int) -> Story:
    chance = stream(seed, "case")
    return new_story(chance, DEFAULT.caseload, today=TODAY, worker=PEOPLE[0], circle=PEOPLE[1:4], sibling_of=None)


def answered(form: Form, seed: int, *, plainly: bool = False, behaviours: object = DEFAULT) -> dict[str, object]:
    environment = Environment(now=NOW, zone=CALENDAR.zone, warnings=[])
    question = Question(
        form=form,
        options=dict.fromkeys(form.sources, OPTIONS),
        known={},
        variables={},
        environment=environment,
        today=TODAY,
        calendar=CALENDAR,
    )
    given = Answering(question, story(seed), behaviours, plainly=plainly).answers()  # type: ignore[arg-type]
    validate(form, given, environment=environment, options=question.options)
    return given


SHIPPED = sorted(name for name in shipped_models() if name.endswith(".form"))


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_form_is_answered_so_that_it_is_accepted(name: str) -> None:
    form = read_form(shipped_models()[name], name=name)
    for seed in range(15):
        answered(form, seed, plainly=seed % 3 == 0)


def unknown_form() -> Form:
    """Return a form that no figure names, with a question of every kind."""
    required = {"validate": {"required": True}}
    checks = [{"validate": {"required": True, "validationType": kind}} for kind in ("email", "phone")]
    choices = {"values": [{"label": "Yes", "value": "yes"}, {"label": "No", "value": "no"}]}
    components = [
        {"type": "textfield", "key": "line", "label": "Line", "validate": {"required": True, "minLength": 90}},
        {"type": "textfield", "key": "mail", "label": "Mail", **checks[0]},
        {"type": "textfield", "key": "ring", "label": "Ring", **checks[1]},
        {"type": "textarea", "key": "area", "label": "Area", **required},
        {"type": "number", "key": "rate", "label": "Rate", "validate": {"required": True, "min": 3, "max": 9}},
        {"type": "checkbox", "key": "sure", "label": "Sure", **required},
        {"type": "radio", "key": "wants", "label": "Wants", **required, **choices},
        {"type": "checklist", "key": "ticks", "label": "Ticks", **required, **choices},
        {"type": "textfield", "key": "why", "label": "Why", **required, "conditional": {"hide": '=wants = "no"'}},
        {"type": "datetime", "subtype": "date", "key": "past", "dateLabel": "Past", **required,
         "properties": {"min": "today() - duration(\"P30D\")", "max": "today()"}},
        {"type": "datetime", "subtype": "date", "key": "coming", "dateLabel": "Coming", **required,
         "properties": {"min": "today()", "max": "today() + duration(\"P3D\")"}},
        {"type": "datetime", "subtype": "time", "key": "clock", "timeLabel": "Clock", **required},
        {"type": "dynamiclist", "path": "rows", "label": "Rows", "properties": {"min_rows": "2", "max_rows": "3"},
         "components": [{"type": "textfield", "key": "what", "label": "What", **required, "id": "what"}]},
    ]  # fmt: skip
    for number, each in enumerate(components):
        each["id"] = f"field_{number}"
    file = {"type": "default", "id": "never_seen", "schemaVersion": 19, "components": components}
    return read_form(json.dumps(file).encode(), name="never_seen.form")


def test_a_form_that_nobody_has_seen_is_answered_too() -> None:
    form = unknown_form()
    given = [answered(form, seed) for seed in range(40)]
    assert {each["wants"] for each in given} == {"yes", "no"}
    assert all(("why" in each) == (each["wants"] == "yes") for each in given)
    assert {len(each["rows"]) for each in given} <= {2, 3}  # type: ignore[arg-type]


def test_choices_follow_the_figures_and_what_was_said_before() -> None:
    form = read_form(shipped_models()["hold_review.form"], name="hold_review.form")
    only = replace(
        DEFAULT,
        choices=(
            Choice(field="outcome", weights={"worse": 1}),
            Choice(field="next_step", weights={"replan": 1}, when={"outcome": "worse"}),
        ),
    )
    for seed in range(10):
        given = answered(form, seed, behaviours=only)
        assert (given["outcome"], given["next_step"]) == ("worse", "replan")


def test_an_answer_that_is_not_offered_is_passed_over() -> None:
    form = unknown_form()
    only = replace(DEFAULT, choices=(Choice(field="wants", weights={"perhaps": 5}),))
    assert answered(form, 1, behaviours=only)["wants"] in ("yes", "no")


def test_every_rule_of_the_word_list_can_be_written_out() -> None:
    words = word_list()
    for number, theme in enumerate(words["themes"]):
        told = replace(story(number), theme=theme)
        for rule in (*words["rules"], "need", "wish", "outcome", "action"):
            assert "{" not in told.write(rule), (theme["title"], rule)
        for talk in words["supervision"]:
            assert "{" not in told.tell(talk["discussed"]) + told.tell(talk["decided"]), talk


def test_children_fit_what_is_the_matter_and_unborn_ones_are_expected() -> None:
    told = [story(seed) for seed in range(300)]
    unborn = [each for each in told if each.child.born_on is None]
    assert 0 < len(unborn) < 30
    assert all(each.child.expected_on > TODAY for each in unborn if each.child.expected_on)
    for each in told:
        if each.child.born_on:
            age = (TODAY - each.child.born_on).days // 365
            assert each.theme["from"] <= age <= each.theme["to"] + 1


def test_nobody_quotes_a_baby() -> None:
    babies = [each for each in map(story, range(200)) if each.is_baby]
    older = [each for each in map(story, range(200)) if not each.is_baby]
    assert {each.write("child_comment") for each in babies} == {"Too young to say; settles best in a familiar room."}
    assert all("Too young" not in each.write("child_comment") for each in older)
    assert all(each.write("strengths")[0].isupper() for each in (*babies, *older))


def test_somebody_away_is_back_on_the_first_working_day_after() -> None:
    diary = Diary(((date(2027, 3, 8), date(2027, 3, 15)),), date(2027, 4, 1), 1.0)
    assert diary.back_on(date(2027, 3, 5), CALENDAR) == date(2027, 3, 5)
    assert diary.back_on(date(2027, 3, 6), CALENDAR) == date(2027, 3, 15)
    assert diary.back_on(date(2027, 3, 14), CALENDAR) == date(2027, 3, 15)
    assert diary.back_on(date(2027, 3, 15), CALENDAR) == date(2027, 3, 15)
    assert diary.back_on(date(2027, 3, 31), CALENDAR) == date(2027, 3, 31)
    assert diary.back_on(date(2027, 4, 1), CALENDAR) is None


def test_diaries_have_about_as_many_absences_as_the_figures_say() -> None:
    away = Away(leave_spells=4, ill_spells=2, long_ill=0, leaves=0.5)
    diaries = [
        new_diary(stream(number, "diary"), away, first=TODAY, days=365, slowest=2, calendar=CALENDAR, stays=False)
        for number in range(200)
    ]
    spells = sum(len(diary.absences) for diary in diaries) / len(diaries)
    assert 4.5 < spells < 6.5
    assert 60 < sum(diary.left_on is not None for diary in diaries) < 140
    for diary in diaries:
        ends = [day for spell in diary.absences for day in spell]
        assert ends == sorted(ends)


@pytest.mark.parametrize(("timing", "share"), [(Timing(on_time=0.8, stuck=0), 0.8), (Timing(on_time=1, stuck=0), 1)])
def test_work_is_done_in_time_as_often_as_the_figures_say(timing: Timing, share: float) -> None:
    due, chance = CALENDAR.add_working_days(TODAY, 10), stream(1, "done")
    days = [day_done(chance, timing, opened_on=TODAY, due_on=due, slow=1, calendar=CALENDAR) for _ in range(1000)]
    assert abs(sum(day <= due for day in days) / 1000 - share) < 0.05
    assert all(day > TODAY and CALENDAR.is_working_day(day) for day in days)


def test_a_meeting_is_not_held_before_its_day() -> None:
    due, chance = CALENDAR.add_working_days(TODAY, 10), stream(1, "held")
    timing = Timing(on_time=1, stuck=0, on_the_day=True)
    assert day_done(chance, timing, opened_on=TODAY, due_on=due, slow=1, calendar=CALENDAR) == due


def test_an_entry_that_is_moved_counts_once_and_in_its_new_place() -> None:
    agenda, task, case = Agenda(), uuid4(), uuid4()
    agenda.put(NOW + timedelta(days=2), "task", task, case_id=case)
    agenda.put(NOW + timedelta(days=1), "tick")
    agenda.put(NOW, "task", task, case_id=case)
    assert [entry.kind for entry in agenda.of_case(case)] == ["task"]
    assert [entry.kind for entry in agenda.until(NOW + timedelta(days=9))] == ["task", "tick"]
    assert agenda.of_case(case) == []


def test_what_is_entered_meanwhile_is_given_too() -> None:
    agenda, seen = Agenda(), []
    agenda.put(NOW, "first")
    for entry in agenda.until(NOW + timedelta(hours=2)):
        seen.append(entry.kind)
        if entry.kind == "first":
            agenda.put(NOW + timedelta(hours=1), "second")
            agenda.put(NOW + timedelta(hours=3), "third")
    assert seen == ["first", "second"]


def test_everybody_to_sign_in_as_is_there_and_names_are_not_shared() -> None:
    people = workforce(stream(3, "people"), DEFAULT.caseload, cases=1000)
    assert len({person.name for person in people}) == len(people)
    handles = [person.username for person in people if person.username]
    assert len(set(handles)) == len(handles)
    assert {account.username for account in SIGN_INS} <= set(handles)
    known = set()
    for person in people:
        assert not person.manager or person.manager in known
        known.add(person.name)


def test_every_role_can_be_tried_and_the_list_says_who_keeps_the_accounts() -> None:
    said = {account.username: account.who for account in SIGN_INS}
    people = [
        person for person in workforce(stream(3, "people"), DEFAULT.caseload, cases=40) if person.username in said
    ]
    assert {role for person in people for role in person.roles} == set(ROLES)
    for person in people:
        assert ("administrator" in person.roles) == ("administrator" in said[person.username])


def test_a_council_puts_in_its_own_figures(tmp_path: Path) -> None:
    file = tmp_path / "people.json"
    own = {"life": {"concern": 0.5}, "timings": {"hold_review": {"on_time": 0.5}, "new_form": {"stuck": 1}},
           "choices": [{"field": "consent", "weights": {"refused": 1}}], "optional": 0}  # fmt: skip
    file.write_text(json.dumps(own))
    read = read_behaviours(file)
    assert (read.life.concern, read.life.withdrawal) == (0.5, DEFAULT.life.withdrawal)
    assert read.timings["hold_review"] == replace(DEFAULT.timings["hold_review"], on_time=0.5)
    assert read.timings["new_form"] == Timing(stuck=1)
    assert read.choices[0] == Choice(field="consent", weights={"refused": 1})
    assert read.choices[1:] == DEFAULT.choices
    assert read.optional == 0


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"lief": {}}, "lief"),
        ({"life": {"concern": "often"}}, "life.concern"),
        ({"life": {"concern": -1}}, "life.concern"),
        ({"life": 3}, "life"),
        ({"away": {"settled": 1.5}}, "away.settled"),
        ({"timings": {"hold_review": {"soon": 1}}}, "timings.hold_review.soon"),
        ({"choices": [{"field": "consent", "weights": {"given": "all"}}]}, "choices.consent.given"),
        ({"choices": [{"weights": {}}]}, "choices"),
        ({"days": [{"field": "due_on", "least": 1.5, "most": 2}]}, "days.least"),
        ({"caseload": {"months": [1, 2]}}, "caseload.months"),
        ([], "people.json"),
    ],
)
def test_a_figure_that_is_none_is_refused_by_its_name(wrong: object, where: str, tmp_path: Path) -> None:
    file = tmp_path / "people.json"
    file.write_text(json.dumps(wrong))
    with pytest.raises(Invalid, match=where):
        read_behaviours(file)


def test_a_council_says_how_often_each_way_of_beginning_is_used(tmp_path: Path) -> None:
    told = tmp_path / "people.json"
    told.write_text(json.dumps({"caseload": {"pathways": {"step_down": 40, "nursery": 3}}}), encoding="utf-8")
    pathways = read_behaviours(told).caseload.pathways
    assert (pathways["step_down"], pathways["nursery"]) == (40, 3)
    assert pathways["caf"] == DEFAULT.caseload.pathways["caf"]


def test_every_theme_says_what_kind_of_help_its_actions_give() -> None:
    for theme in word_list()["themes"]:
        assert len(theme["help"]) == len(theme["action"])
        assert set(theme["help"]) <= HELP_KINDS.keys()


def put(
    name: str, seed: int, *, behaviours: object = DEFAULT, offered: Options = NO_OPTIONS, **variables: object
) -> dict[str, object]:
    """Return a shipped form answered by somebody who knows `variables`; `offered` are lists other than `OPTIONS`."""
    form = read_form(shipped_models()[name], name=name)
    environment = Environment(now=NOW, zone=CALENDAR.zone, warnings=[])
    question = Question(
        form=form,
        options={**dict.fromkeys(form.sources, OPTIONS), **offered},
        known={},
        variables=variables,
        environment=environment,
        today=TODAY,
        calendar=CALENDAR,
    )
    return Answering(question, story(seed), behaviours).answers()  # type: ignore[arg-type]


@pytest.mark.parametrize("weights", [{"yes": 1}, {"no": 1}])
def test_what_social_care_said_follows_whether_they_take_it_on(weights: dict[str, float]) -> None:
    only = replace(DEFAULT, choices=(Choice(field="accepted", weights=weights),))
    rules = word_list()["rules"]
    said = rules["taken_on"] if "yes" in weights else rules["not_taken_on"]
    assert {put("acknowledge_concern.form", seed, behaviours=only)["note"] for seed in range(20)} <= set(said)


def test_a_review_is_met_for_before_it_is_due_while_there_is_time() -> None:
    due = CALENDAR.add_working_days(TODAY, 14)
    days = [str(put("arrange_tac_meeting.form", seed, review_due_on=due).get("planned_on", "")) for seed in range(30)]
    assert {day for day in days if day} and max(days) <= due.isoformat()
    too_late = str(put("arrange_tac_meeting.form", 1, review_due_on=TODAY).get("planned_on", "9"))
    assert too_late > TODAY.isoformat()


def test_a_plan_rests_for_some_weeks_and_for_a_reason_to_rest() -> None:
    rests = [put("pause_case.form", seed) for seed in range(20)]
    assert min(str(each["paused_until"]) for each in rests) > (TODAY + timedelta(weeks=2)).isoformat()
    assert all("family" in str(each["reason"]) for each in rests)


def test_an_action_comes_once_and_words_fit_the_age() -> None:
    for seed in range(60):
        told = story(seed)
        actions = [told.write("action") for _ in range(8)]
        assert len(set(actions)) == 8
        assert all(told.kind_of_help(action) in HELP_KINDS for action in actions)
        likes = {told.write("likes") for _ in range(30)}
        assert told.age >= 6 or "Swimming" not in likes
        strengths = " ".join(told.write("strengths") for _ in range(9))
        assert told.age >= 7 or "younger children" not in strengths


def test_every_rule_that_a_text_is_written_by_is_in_the_word_list() -> None:
    slots = {"carer", "child", "outcome", "action"}
    assert {row.rule for row in DEFAULT.words} - word_list()["rules"].keys() <= slots


def test_an_entry_keeps_the_day_before_which_nobody_can_hurry_it() -> None:
    agenda, task, case = Agenda(), uuid4(), uuid4()
    agenda.put(NOW, "task", task, case_id=case, not_before=TODAY)
    assert [entry.not_before for entry in agenda.of_case(case)] == [TODAY]


def test_no_question_of_a_shipped_form_is_answered_with_the_words_for_any_other() -> None:
    """`note` and `short` are for the questions of a council's own forms."""
    known = word_list()["rules"].keys() | word_list()["themes"][0].keys() | {"carer", "family"}
    strange = [
        (path.stem, each.key)
        for path in sorted(FORMS.glob("*.form"))
        for each in walk(read_form(path.read_bytes(), name=path.stem).fields)
        if each.kind in ("textfield", "textarea")
        and each.key not in known - {"note", "short"}
        and not any(row.field == each.key and row.form in ("", path.stem) for row in DEFAULT.words)
    ]
    assert strange == []


def test_nobody_who_shares_takes_it_back_when_asked_again() -> None:
    """That is recorded as a withdrawal, and refused here."""
    shared = {put("ask_consent_again.form", seed, sharing="goes_on")["consent"] for seed in range(60)}
    stopped = {put("ask_consent_again.form", seed, sharing="stopped")["consent"] for seed in range(60)}
    assert shared == {"given", "limited"}
    assert "refused" in stopped


LIMITED = replace(DEFAULT, choices=(Choice(field="consent", weights={"limited": 1}), *DEFAULT.choices))
AGENCIES = sorted({each["agency"] for each in (*word_list()["jobs"], *word_list()["outside"])})


def consents(seeds: range) -> list[tuple[Story, dict[str, object]]]:
    """Return limited consents of the agencies of the word list, with the stories of who gives them."""
    offered = {"agencies": [Option(name, name) for name in AGENCIES]}
    return [(story(seed), put("record_consent.form", seed, behaviours=LIMITED, offered=offered)) for seed in seeds]


def test_what_a_family_says_of_a_limited_consent_fits_what_is_ticked() -> None:
    given = [each for _, each in consents(range(150))]
    said = {str(each["scope"]): each for each in given}
    assert len({words.split(",")[0] for words in said}) >= 5
    for words, each in said.items():
        ticked, kinds = each["agencies"], each["kinds"]
        assert isinstance(ticked, list) and isinstance(kinds, list) and ticked and kinds
        assert ("Northcombe Homes" in ticked) == words.startswith("All of them"), words
        assert ("everything" in words) == (sorted(kinds) == ["assessment", "notes", "plan"]), words
        assert ("Easterby Academy" in ticked) != words.startswith("The health"), words
        assert "people" not in each


def test_what_a_limited_consent_says_is_of_known_agencies_and_kinds() -> None:
    for limit in word_list()["limits"]:
        assert {*limit.get("only", ()), *limit.get("without", ())} <= set(AGENCIES)
        assert set(limit["kinds"]) <= KINDS.keys()


def test_young_people_consent_themselves_now_and_then_and_somebody_says_why_they_can() -> None:
    own = [(told, given) for told, given in consents(range(300)) if given.get("whose") == "young_person"]
    assert own
    for told, given in own:
        assert told.age >= 12 and told.child.given_name == given["given_by"] and given["competence"]
        assert ("objection" in given) == ("not_told" in given)
        assert "second_judgement" not in given
    assert 0 < sum("not_told" in given for _, given in own) < len(own)


def test_a_mother_who_asked_for_help_is_told_and_a_father_may_not_be() -> None:
    told = next(each for each in map(story, range(50)) if len(each.family) == 2)
    family = [Option(str(number), f"{each.name}, {each.relationship}") for number, each in enumerate(told.family)]
    assert not_to_be_told(told, family) == ["1"]
    assert not_to_be_told(told, family[:1]) == []


def test_some_consents_have_a_last_day() -> None:
    ends = [given["until_on"] for _, given in consents(range(100)) if "until_on" in given]
    assert 5 < len(ends) < 45
