"""Scenarios tried: played again, live and taken up anew at each step; and made of a play that somebody keeps."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from engine.bpmn.lint import Finding
from engine.checking import kind_of
from engine.errors import EngineError, Invalid
from engine.playing.acting import Scene, question_of, task_named
from engine.playing.answers import differing
from engine.playing.mending import goes_otherwise_at, unnamed
from engine.playing.plays import Played, play, scene_of
from engine.playing.stages import Place, Stage, stage
from engine.queries import played
from engine.scenario_files import Expectation, Scenario, Step, read_scenario
from engine.xml import parse_untrusted

_BPMN: Final = "http://www.omg.org/spec/BPMN/20100524/MODEL"
_MOST_OF_A_KIND: Final = 6
"""How many messages of one step are written into a scenario that is kept."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a scenario went: `problems` in sentences, none when it is kept; `flows` taken, by diagram."""

    scenario: Scenario
    problems: tuple[str, ...]
    flows: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def kept(self) -> bool:
        """Tell whether everything came as it says."""
        return not self.problems


def scenarios_in(files: Mapping[str, bytes]) -> tuple[list[Scenario], list[Finding]]:
    """Return the scenarios among files (name -> content), and what is wrong with those that cannot be read."""
    found, wrong = [], []
    for file, content in sorted(files.items()):
        if kind_of(file) == "scenario":
            try:
                found.append(read_scenario(content, name=file))
            except Invalid as error:
                wrong.append(Finding(file, "file", error.message.removeprefix(f"{file}: "), "mend it and try again"))
    return found, wrong


def try_scenario(
    files: Mapping[str, bytes], drafts: Mapping[str, bytes], scenario: Scenario, *, place: Place | None = None,
    restoring: bool = True,
) -> Outcome:  # fmt: skip
    """Play a scenario on files in force and drafts, live, and then with each step taken up anew from what is stored.

    Raises `DeploymentRefused` when the files cannot run together.
    """
    on = stage(files, drafts, place=place, on=scenario.on)
    try:
        live = play(on, scenario.begins, scenario.diagram, scenario.steps)
        problems = tuple(_problems(live, ""))
        if problems:
            more = f". {_MAY_FOLLOW}" if len(problems) > 1 else ""
            problems = (f"{problems[0]}{_waits_at(on, scenario, live, files)}{more}",)
        scene = scene_of(on, live)
        flows = played.flows_taken(scene.engine, scene.coordinator, scene.case_id)
        if restoring and not problems:
            again = play(on, scenario.begins, scenario.diagram, scenario.steps, restoring=True)
            problems = tuple(_problems(again, "taken up again from what was saved, "))[:1]
    except EngineError as error:
        return Outcome(scenario, (f"it cannot begin: {error}",))
    return Outcome(scenario, problems, flows)


_MAY_FOLLOW: Final = "What else it expects after that is looked at once this is mended"


def _waits_at(on: Stage, scenario: Scenario, live: Played, in_force: Mapping[str, bytes]) -> str:
    """Say at which steps it waits, where it goes otherwise, of which it says nothing: as a rule they are new."""
    waits = unnamed(on, scenario, scenario.steps[: goes_otherwise_at(live)])
    drawn = b"".join(content for file, content in in_force.items() if kind_of(file) == "process")
    new = dict.fromkeys(each.name for each in waits if f'id="{each.element}"'.encode() not in drawn)
    if drawn and new:
        return f". It waits at {', '.join(new)}, which this change added"
    others = ", ".join(dict.fromkeys(each.name for each in waits if each.opened_at == waits[0].opened_at))
    return f". It waits at {others}, of which it says nothing" if others else ""


def findings(outcomes: Iterable[Outcome]) -> tuple[Finding, ...]:
    """Return what went otherwise than scenarios say, each naming the scenario and the step."""
    return tuple(
        Finding(
            each.scenario.file, each.scenario.name, problem,
            "mend the diagram or the rules, or the scenario where it is meant to go otherwise",
        )
        for each in outcomes
        for problem in each.problems
    )  # fmt: skip


def concerned(scenarios: Iterable[Scenario], changed: Iterable[str], files: Mapping[str, bytes]) -> list[Scenario]:
    """Return the scenarios that a change of files may touch: all, unless only scenarios themselves are new.

    Those that are withdrawn are not asked.
    """
    names = set(changed)
    scenarios = [each for each in scenarios if not each.withdrawn]
    if any(kind_of(file) in ("process", "rules", "form") for file in names):
        return scenarios
    return [each for each in scenarios if each.file in names]


def covered(outcomes: Collection[Outcome], diagram: str) -> frozenset[str]:
    """Return the sequence flows of a diagram that scenarios take."""
    return frozenset[str]().union(*(each.flows.get(diagram, frozenset()) for each in outcomes))


def share_covered(outcomes: Collection[Outcome], source: bytes) -> int:
    """Return how many of 100 sequence flows of a diagram's text scenarios take; 100 only when none is missed."""
    root = parse_untrusted(source, "diagram")
    named = {kind: {each.get("id") for each in root.iter(f"{{{_BPMN}}}{kind}")} for kind in ("process", "sequenceFlow")}
    whole = named["sequenceFlow"]
    taken = frozenset[str]().union(*(covered(outcomes, str(key)) for key in named["process"])) & whole
    return len(taken) * 100 // len(whole) if whole else 100


def record(on: Stage, scenario: Scenario) -> Scenario:
    """Return a scenario with what is expected after each step, as it happens now. Raises `EngineError` when it sticks.

    What it expected before is left out.
    """
    acts = [step for step in scenario.steps if step.verb != "expect"]
    steps: list[Step] = []
    before = play(on, scenario.begins, scenario.diagram, [])
    for number, step in enumerate(acts):
        steps.append(_said_short(scene_of(on, before), step))
        done = play(on, scenario.begins, scenario.diagram, acts[: number + 1])
        if done.stuck is not None:
            raise done.stuck
        expects = _what_came(scene_of(on, done), before.at, last=number == len(acts) - 1)
        if expects:
            steps.append(Step("expect", expects=tuple(expects)))
        before = done
    return replace(scenario, steps=tuple(steps), on=on.begins_at.astimezone(on.calendar.zone).date())


def _said_short(scene: Scene, step: Step) -> Step:
    """Return a step whose answers are only those that are not given anyway, as a person would write them."""
    if step.verb != "do" or not step.answers:
        return step
    question = question_of(scene, task_named(scene, step.what, step.whose))
    if question is None:
        return step
    return replace(step, answers=differing(question, step.answers, lambda: scene.story(step.what)))


def _what_came(after: Scene, at: datetime, *, last: bool) -> list[Expectation]:
    tasks = played.open_tasks(after.engine, after.case_id)
    found = [
        Expectation(
            "open", each.element, whom=each.assignee or min(each.groups, default=""),
            due=str(each.due_on or "") if last else "",
        )
        for each in tasks
        if last or each.opened_at > at
    ]
    events = played.happened(after.engine, after.coordinator, after.case_id, after=at)
    found += _first(Expectation("happened", each.key) for each in events if each.kind == "timer")
    found += _first(Expectation("sent", each.what, whom=each.whom) for each in events if each.kind == "sent")
    found += _first(Expectation("rule", each.key) for each in events if each.kind == "rule")
    done = played.ended(after.engine, after.coordinator, after.case_id)
    found += [Expectation("ended", each.process_key) for each in done if each.at > at]
    return list(dict.fromkeys(found))


def _first(found: Iterable[Expectation]) -> Sequence[Expectation]:
    return tuple(dict.fromkeys(found))[:_MOST_OF_A_KIND]


def _problems(done: Played, how: str) -> Iterator[str]:
    for each in done.unmet:
        yield f"{how}step {each.step} expected “{each.expected}”, but {each.got}"
    if done.stuck is not None:
        yield f"{how}step {len(done.ends) + 1} cannot be taken: {done.stuck}"
