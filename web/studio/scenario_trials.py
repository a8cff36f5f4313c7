"""How far scenarios are tried on drafts or on a change, in words, one more tried each time somebody asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from flask import url_for

from engine.casework import permissions
from engine.checking import kind_of
from engine.commands.deployments import DeploymentRefused
from engine.errors import Invalid
from engine.outlines import Step, steps_of
from engine.playing import guarding
from engine.playing.guarding import Standing, place_of
from engine.playing.outcomes import Trials
from engine.playing.scenarios import Outcome, scenarios_in, share_covered
from engine.queries.plays import Models
from web.current import actor, engine
from web.studio import publish_checks
from web.studio.publish_checks import Shown
from web.words import counted

State = Literal["well", "warning", "nothing"]


@dataclass(frozen=True, slots=True)
class Told:
    """How far scenarios are tried, in sentences; `done` when there is no more to try.

    `asks_why` tells that one speaks against a change, so that whoever approves it has to say why that does not count.
    `ways` are where to go on, addresses with words, for whoever may mend one.
    """

    said: tuple[str, ...]
    done: bool = True
    state: State = "nothing"
    asks_why: bool = False
    ways: tuple[tuple[str, str], ...] = ()


def trials_with(models: Models) -> Trials:
    """Return what scenarios are tried on with drafts in the place of what is in force."""
    authority_id = actor().authority_id
    return Trials(engine(), authority_id, place_of(engine(), authority_id), models.in_force, models.drafts)


def of_file(file: str, models: Models, *, go_on: bool) -> Told:
    """Tell how the scenarios go that pass through a diagram, all of them for another file, with the drafts."""
    trials = trials_with(models)
    scenarios = [each for each in scenarios_in(models.every)[0] if not each.withdrawn]
    if not scenarios:
        return Told(("Scenarios: there is none yet. Play the diagram, and keep the play.",))
    known = trials.known(scenarios)
    untried = [each for each in scenarios if each.file not in known]
    if go_on and untried:
        try:
            known[untried[0].file] = trials.of(untried[0])
        except DeploymentRefused:
            return Told(("Scenarios are tried once everything that must be put right is.",))
        untried = untried[1:]
    source = models.every.get(file, b"") if file.endswith(".bpmn") else b""
    shown = [each for each in known.values() if not source or concerns(each, source)]
    if untried:
        tried = f"Scenarios: {len(known)} of {len(scenarios)} tried. Still trying: {untried[0].name} …"
        return Told((tried, *_problems(shown)), done=False, state=_state(shown))
    if not shown:
        return Told(("Scenarios: none passes through this diagram.",))
    kept = sum(each.kept for each in shown)
    said = f"Scenarios: {kept} kept" + (f", {len(shown) - kept} not" if kept < len(shown) else "")
    told = Told((f"{said}.{_covered(shown, source)}", *_problems(shown)), state=_state(shown))
    if kept == len(shown) or not permissions.may_deploy(actor()):
        return told
    address = url_for("studio_scenarios.page", file=file)
    return replace(told, ways=((address, "Mend it, or withdraw it with a reason"),))


def covered_in_force(file: str) -> int | None:
    """Return how many of 100 flows of a diagram in force its scenarios take; None while they are not tried on it."""
    authority_id = actor().authority_id
    trials = guarding.trials_of(engine(), authority_id, {})
    scenarios = [each for each in scenarios_in(trials.in_force)[0] if not each.withdrawn]
    known = trials.known(scenarios)
    if file not in trials.in_force or len(known) < len(scenarios):
        return None
    return share_covered(list(known.values()), trials.in_force[file])


def concerns(outcome: Outcome, source: bytes) -> bool:
    """Tell whether a scenario is about a diagram of a file, or passes through one."""
    keys = {outcome.scenario.diagram, *(key for key, flows in outcome.flows.items() if flows)}
    return any(f'id="{key}"'.encode() in source for key in keys)


def _covered(shown: Sequence[Outcome], source: bytes) -> str:
    try:
        return f" They take {share_covered(shown, source)}% of the flows of this diagram." if source else ""
    except Invalid:
        return ""


def _problems(outcomes: Iterable[Outcome]) -> tuple[str, ...]:
    return tuple(f"{each.scenario.name}: {each.problems[0]}." for each in outcomes if not each.kept)


def _state(outcomes: Sequence[Outcome]) -> State:
    return "well" if all(each.kept for each in outcomes) else "warning"


def of_change(files: Mapping[str, bytes], *, go_on: bool) -> Told | None:
    """Tell how scenarios go with a change as it is now; None where it changes nothing that is played."""
    if not _played(files):
        return None
    trials = guarding.trials_of(engine(), actor().authority_id, files)
    stands = guarding.standing(trials)
    if go_on and stands.untried:
        try:
            guarding.try_next(trials, stands)
        except DeploymentRefused:
            return Told(("No scenario was tried, as the change cannot run as it is.",), state="warning")
        stands = guarding.standing(trials)
    if stands.untried:
        return _under_way(stands)
    if not stands.known and not stands.unreadable and not stands.failing:
        return Told(("There is no scenario to try.",))
    if stands.against or stands.unreadable:
        ways = _ways_to_mend(stands.against, files, {**trials.in_force, **files})
        return Told(_against(stands), state="warning", asks_why=True, ways=ways)
    names = sorted(each.scenario.name for each in stands.known)
    went = (
        f"{counted(len(names), 'scenario')} {'was' if len(names) == 1 else 'were'} tried with this change and went as "
        f"{'it says' if len(names) == 1 else 'they say'}: {', '.join(names)}."
        if names else "No scenario says anything of this change."
    )  # fmt: skip
    return Told((went, *_failing(stands)), state="warning" if stands.failing else "well")


def _ways_to_mend(
    against: Iterable[Outcome], files: Mapping[str, bytes], every: Mapping[str, bytes]
) -> tuple[tuple[str, str], ...]:
    """Return where each scenario is mended, and where the step is drawn at which it goes otherwise, for who may."""
    if not permissions.may_deploy(actor()):
        return ()
    ways = []
    for each in against:
        file, step = _where_otherwise(each, files, every)
        mend = url_for("studio_scenarios.page", file=file, _anchor=each.scenario.file)
        ways.append((mend, f"Mend “{each.scenario.name}”, or withdraw it with a reason"))
        if step is not None:
            drawn = url_for("studio_editing.page", file=file, at=step.id)
            ways.append((drawn, f"See “{step.name}”, where it is drawn"))
    return tuple(dict.fromkeys(ways))


def _where_otherwise(
    outcome: Outcome, files: Mapping[str, bytes], every: Mapping[str, bytes]
) -> tuple[str, Step | None]:
    """Return the diagram in which a scenario goes otherwise, one of a change `files` first, and the step if it is said.

    What it says last of all is where it waits.
    """
    passed = [file for file, content in every.items() if file.endswith(".bpmn") and concerns(outcome, content)]
    diagrams = sorted(passed, key=lambda file: (file not in files, file))
    said = outcome.problems[0]
    for file in diagrams:
        named = [each for each in steps_of(every[file], name=file) if each.name != each.id and each.name in said]
        if named:
            return file, max(named, key=lambda each: (said.rfind(each.name), len(each.name)))
    return next(iter(diagrams), next(iter(_played(files)))), None


def _under_way(stands: Standing) -> Told:
    done = len(stands.known) + len(stands.failing)
    whole = done + len(stands.untried)
    said = f"{done} of {counted(whole, 'scenario')} tried. Next: {stands.untried[0].name} …"
    return Told((said, "Each takes some seconds. You may read on meanwhile.", *_problems(stands.against)), done=False)


def _against(stands: Standing) -> tuple[str, ...]:
    wrong = len(stands.against) + len(stands.unreadable)
    first = f"{counted(wrong, 'scenario')} of {len(stands.known) + len(stands.unreadable)} went otherwise than it says."
    unreadable = (f"{each.file}: {each.what}." for each in stands.unreadable)
    against = (f"{each.scenario.name}: {problem}." for each in stands.against for problem in each.problems)
    return (first, *unreadable, *against, *_failing(stands), _WHAT_TO_DO)


_WHAT_TO_DO: Final = (
    "If that is just what the change means, whoever drew it mends the scenario and proposes both together, or whoever "
    "approves says why it does not count. If not, the change has to be put right."
)


def _failing(stands: Standing) -> tuple[str, ...]:
    names = ", ".join(sorted(stands.failing))
    return (f"Left out, as they go otherwise without this change too: {names}. Mend them.",) if names else ()


def _played(files: Mapping[str, bytes]) -> list[str]:
    return sorted(file for file in files if kind_of(file) in ("process", "rules", "form"))


def shown_before_publishing(files: Mapping[str, bytes]) -> Shown | None:
    """Say to whoever approves a change which scenarios were tried on it as it is now, and how they went."""
    told = of_change(files, go_on=False)
    if told is None:
        return None
    diagram = next((file for file in _played(files) if file.endswith(".bpmn")), "")
    if not told.done:
        return Shown("Scenarios", told.said, "nothing", tries=True)
    if told.state != "well" or not diagram or not permissions.may_deploy(actor()):
        return Shown("Scenarios", told.said, told.state, told.ways, asks_why=told.asks_why)
    href = url_for("studio_scenarios.page", file=diagram)
    return Shown("Scenarios", told.said, told.state, ((href, "See which flows of the diagram they take"),))


publish_checks.CHECKS.append(shown_before_publishing)
