"""The scenarios of a diagram: how each goes with the draft, and which flows they take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.casework import permissions
from engine.checking import kind_of
from engine.commands.deployments import DeploymentRefused, scenarios_tried
from engine.playing.guarding import place_of
from engine.playing.scenarios import Outcome, covered, scenarios_in, try_scenario
from engine.playing.stages import Kept
from engine.process_engine import Tried
from engine.queries import plays
from engine.queries.played import PlayedDiagram
from engine.scenario_files import SUFFIX, Scenario
from web import access
from web.current import actor, engine
from web.studio import publish_checks
from web.studio.play_stage import OnStage, open_stage
from web.studio.publish_checks import Shown
from web.words import counted

blueprint = Blueprint("studio_scenarios", __name__, url_prefix="/studio/scenarios")

_TRIED: Kept[Outcome] = Kept(60)


@dataclass(frozen=True, slots=True)
class Coverage:
    """Which sequence flows of a diagram its scenarios take: ids for the drawing, and the others in words."""

    taken: tuple[str, ...]
    missed: tuple[str, ...]
    missed_words: tuple[str, ...]

    @property
    def percent(self) -> int:
        """How much is taken, in whole percent; 100 only when nothing is missed."""
        whole = len(self.taken) + len(self.missed)
        return len(self.taken) * 100 // whole if whole else 100


@blueprint.get("")
@access.for_those(permissions.may_deploy)
def page() -> ResponseReturnValue:
    """Try the scenarios of a file's diagram, and show what they leave out."""
    file = request.args.get("file", "")
    try:
        on = open_stage(file)
        outcomes = _outcomes(on)
    except DeploymentRefused as refused:
        return render_template("studio/play_refused.html", file=file, findings=refused.findings), 422
    drafts = set(on.models.drafts)
    shown = coverage(on.diagram, outcomes)
    return render_template(
        "studio/scenarios.html", on=on, outcomes=outcomes, drafts=drafts, coverage=shown,
    )  # fmt: skip


@blueprint.get("/results")
@access.for_those(permissions.may_deploy)
def results() -> ResponseReturnValue:
    """Return how the scenarios of a file's diagram go, for the editor."""
    on = open_stage(request.args.get("file", ""))
    outcomes = _outcomes(on)
    return jsonify(
        scenarios=[
            {"file": each.scenario.file, "name": each.scenario.name, "kept": each.kept, "problems": each.problems}
            for each in outcomes
        ],
        covered=coverage(on.diagram, outcomes).percent,
    )


@blueprint.post("/play")
@access.for_those(permissions.may_deploy)
def load() -> ResponseReturnValue:
    """Take a scenario's steps as the play under way, without what it expects, and go there."""
    on, wanted = open_stage(request.form.get("file", "")), request.form.get("scenario", "")
    found = next((each for each in scenarios_in(on.models.every)[0] if each.file == wanted), None)
    if found is not None:
        steps = tuple(step for step in found.steps if step.verb != "expect")
        play = Scenario("Play", found.diagram, found.begins, steps=steps)
        OnStage(on.file, on.models, on.stage, on.diagrams, on.diagram, play).keep()
    return redirect(url_for("studio_playing.page", file=on.file), 303)


def coverage(diagram: PlayedDiagram, outcomes: list[Outcome]) -> Coverage:
    """Return which flows of a diagram some scenarios take."""
    taken = covered(outcomes, diagram.key)
    missed = [flow for flow in diagram.flows if flow.id not in taken]
    words = tuple(diagram.flow_words(flow) for flow in missed)
    return Coverage(tuple(sorted(taken)), tuple(flow.id for flow in missed), words)


def _outcomes(on: OnStage) -> list[Outcome]:
    """Return how the scenarios go that are about a diagram, and those that pass through it as it is called."""
    where = place_of(engine(), actor().authority_id)

    def tried(scenario: Scenario) -> Outcome:
        found: Outcome = _TRIED.made(
            (on.stage.key, scenario.file, repr(scenario)),
            lambda: try_scenario(on.models.in_force, on.models.drafts, scenario, place=where),
        )
        return found

    every = [tried(each) for each in scenarios_in(on.models.every)[0]]
    return [each for each in every if on.diagram.key == each.scenario.diagram or each.flows.get(on.diagram.key)]


def shown_before_publishing(files: Mapping[str, bytes]) -> Shown | None:
    """Say to whoever approves a change which scenarios were tried on it as it is now, and how they went."""
    played = sorted(file for file in files if kind_of(file) in ("process", "rules", "form"))
    if not played:
        return None
    tried = scenarios_tried(engine(), actor().authority_id, files)
    if not tried.played and not tried.refused and not tried.failing:
        there = plays.scenarios_in_force(engine(), actor=actor()) or any(file.endswith(SUFFIX) for file in files)
        said = "No scenario was tried, as the change cannot run as it is." if there else "There is no scenario to try."
        return Shown("Scenarios", (said,), "warning" if there else "nothing")
    if tried.refused:
        return Shown("Scenarios", _against(tried), "warning", asks_why=True)
    number = len(tried.played)
    went = (
        f"{counted(number, 'scenario')} {'was' if number == 1 else 'were'} tried with this change and went as "
        f"{'it says' if number == 1 else 'they say'}: {', '.join(sorted(tried.played))}."
        if number else "No scenario says anything of this change."
    )
    if tried.failing:
        return Shown("Scenarios", (went, *_failing(tried)), "warning")
    diagram = next((file for file in played if file.endswith(".bpmn")), "")
    if not (diagram and permissions.may_deploy(actor())):
        return Shown("Scenarios", (went,), "well")
    href = url_for("studio_scenarios.page", file=diagram)
    return Shown("Scenarios", (went,), "well", href, "See which flows of the diagram they take")


def _against(tried: Tried) -> tuple[str, ...]:
    names = {finding.element_id for finding in tried.refused}
    first = f"{counted(len(names), 'scenario')} of {len(tried.played)} went otherwise than it says."
    against = (f"{finding.element_id}: {finding.what}." for finding in tried.refused)
    return (first, *against, *_failing(tried))


def _failing(tried: Tried) -> tuple[str, ...]:
    names = ", ".join(sorted(tried.failing))
    return (f"Left out, as they go otherwise without this change too: {names}. Mend them.",) if names else ()


publish_checks.CHECKS.append(shown_before_publishing)
