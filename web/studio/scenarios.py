"""The scenarios of a diagram: how each goes with the draft, and which flows they take."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.casework import permissions
from engine.commands import model_drafts as drafts
from engine.commands.deployments import DeploymentRefused
from engine.errors import NotFound
from engine.playing.guarding import place_of
from engine.playing.mending import goes_otherwise_at, mended
from engine.playing.plays import play
from engine.playing.scenarios import Outcome, covered, scenarios_in
from engine.playing.stages import Stage, stage
from engine.queries import model_drafts, plays
from engine.queries.played import PlayedDiagram
from engine.scenario_files import Scenario, withdrawn_text, write_scenario
from engine.titles import title_of
from web import access
from web.current import actor, engine
from web.studio import scenario_trials
from web.studio.play_stage import OnStage, open_stage

blueprint = Blueprint("studio_scenarios", __name__, url_prefix="/studio/scenarios")


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
    """Show how the scenarios of a file's diagram go as far as they are tried, and what they leave out.

    The page's script has the others tried behind it, one after the other; `all` tries them before it answers.
    """
    file = request.args.get("file", "")
    found = plays.models(engine(), actor=actor(), file=file)
    if file not in found.every:
        raise NotFound("There is no such file", file=file)
    trials = scenario_trials.trials_with(found)
    scenarios = scenarios_in(found.every)[0]
    every = [each for each in scenarios if not each.withdrawn]
    shown = {
        "file": file, "name": title_of(file, found.every[file]), "left_out": found.left_out,
        "drafts": set(found.drafts), "withdrawn": [each for each in scenarios if each.withdrawn],
    }  # fmt: skip
    try:
        if "all" in request.args:
            for each in every:
                trials.of(each)
            return redirect(url_for("studio_scenarios.page", file=file), 303)
        known = trials.known(every)
        untried = [each for each in every if each.file not in known]
        if untried:
            return render_template("studio/scenarios.html", **shown, **_so_far(file, found, known, untried))
        on = open_stage(file)
    except DeploymentRefused as refused:
        return render_template("studio/play_refused.html", file=file, findings=refused.findings), 422
    outcomes = _concerned(on, known.values())
    shown["name"] = on.diagram.name
    return render_template(
        "studio/scenarios.html", **shown, rows=[(each.scenario, each) for each in outcomes], drawn=on.diagram,
        coverage=coverage(on.diagram, outcomes),
    )  # fmt: skip


def _so_far(
    file: str, models: plays.Models, known: Mapping[str, Outcome], untried: Sequence[Scenario]
) -> dict[str, Any]:
    """Return what there is to show while scenarios are untried: without a stage, which takes seconds to put up."""
    source = models.every[file]
    tried = [(each.scenario, each) for each in known.values() if scenario_trials.concerns(each, source)]
    own = [(each, None) for each in untried if f'id="{each.diagram}"'.encode() in source]
    told = scenario_trials.of_file(file, models, go_on=False)
    return {"rows": [*sorted(tried, key=lambda row: row[1].kept), *own], "told": told}


@blueprint.get("/results")
@access.for_those(permissions.may_deploy)
def results() -> ResponseReturnValue:
    """Return how far the scenarios of a file are tried with the drafts, for pages that ask again until all are.

    With `try`, one more is tried first.
    """
    file = request.args.get("file", "")
    found = plays.models(engine(), actor=actor(), file=file)
    return jsonify(asdict(scenario_trials.of_file(file, found, go_on="try" in request.args)))


@blueprint.post("/play")
@access.for_those(permissions.may_deploy)
def load() -> ResponseReturnValue:
    """Take a scenario's steps as the play under way, up to where it goes otherwise, without what it expects."""
    on, wanted = open_stage(request.form.get("file", "")), request.form.get("scenario", "")
    found = next((each for each in scenarios_in(on.models.every)[0] if each.file == wanted), None)
    if found is not None:
        at = goes_otherwise_at(play(_stage_of(on, found), found.begins, found.diagram, found.steps))
        steps = tuple(step for step in found.steps[:at] if step.verb != "expect")
        if at is not None:
            flash(
                f"Played up to where “{found.name}” goes otherwise. Answer the step that is new, go on to where it "
                f"ends, and keep it in its place at the end of this page."
            )  # fmt: skip
        under_way = Scenario(found.name, found.diagram, found.begins, steps=steps)
        OnStage(on.file, on.models, on.stage, on.diagrams, on.diagram, under_way).keep()
    return redirect(url_for("studio_playing.page", file=on.file), 303)


@blueprint.post("/mend")
@access.for_those(permissions.may_deploy)
def mend() -> ResponseReturnValue:
    """Draft a scenario in which the steps that are new are answered as usual; nothing else of it changes."""
    on, wanted = open_stage(request.form.get("file", "")), request.form.get("scenario", "")
    found = next((each for each in scenarios_in(on.models.every)[0] if each.file == wanted), None)
    if found is None:
        raise NotFound("There is no such scenario", file=wanted)
    done = mended(_stage_of(on, found), found)
    if done is None:
        flash(
            "Answering what is new does not mend it. Play it up to where it goes otherwise, go on, and keep it in its "
            "place; or withdraw it.", "problem"
        )  # fmt: skip
    else:
        scenario, names = done
        save_scenario(scenario)
        said = f"“{'”, “'.join(names)}” {'is' if len(names) == 1 else 'are'} answered in it now" if names else "It goes"
        flash(f"{said}: kept as a draft. Publish {wanted} together with the diagram.")
    return redirect(url_for("studio_scenarios.page", file=on.file), 303)


def _stage_of(on: OnStage, scenario: Scenario) -> Stage:
    """Return the stage as it is on the day on which a scenario begins."""
    place = place_of(engine(), actor().authority_id)
    return stage(on.models.in_force, on.models.drafts, place=place, on=scenario.on)


def save_scenario(scenario: Scenario) -> None:
    """Draft a scenario in the place of what its file is now. Raises `Conflict` when somebody was faster."""
    draft = model_drafts.draft(engine(), actor=actor(), file=scenario.file)
    version = draft.version if draft else None
    drafts.save(
        engine(), actor=actor(), file=scenario.file, content=write_scenario(scenario), expected=version
    )  # fmt: skip


@blueprint.post("/withdraw")
@access.for_those(permissions.may_deploy)
def withdraw() -> ResponseReturnValue:
    """Draft that a scenario counts no more, with the reason, or without one that it counts again."""
    file, wanted, why = (request.form.get(name, "") for name in ("file", "scenario", "why"))
    if not why.strip() and "again" not in request.form:
        flash("Say why it is withdrawn.", "problem")
        return redirect(url_for("studio_scenarios.page", file=file), 303)
    draft = model_drafts.draft(engine(), actor=actor(), file=wanted)
    now = draft or model_drafts.in_force(engine(), actor=actor(), file=wanted)
    if now is None:
        raise NotFound("There is no such scenario", file=wanted)
    drafts.save(
        engine(), actor=actor(), file=wanted, content=withdrawn_text(now.content, why, name=wanted),
        expected=draft.version if draft else None,
    )  # fmt: skip
    flash("Kept as a draft: it is so once the draft is published.")
    return redirect(url_for("studio_scenarios.page", file=file), 303)


def coverage(diagram: PlayedDiagram, outcomes: list[Outcome]) -> Coverage:
    """Return which flows of a diagram some scenarios take."""
    taken = covered(outcomes, diagram.key)
    missed = [flow for flow in diagram.flows if flow.id not in taken]
    words = tuple(diagram.flow_words(flow) for flow in missed)
    return Coverage(tuple(sorted(taken)), tuple(flow.id for flow in missed), words)


def _concerned(on: OnStage, outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Return how the scenarios go that are about a diagram or pass through it as it is called, those to mend first."""
    own = [each for each in outcomes if on.diagram.key == each.scenario.diagram or each.flows.get(on.diagram.key)]
    return sorted(own, key=lambda each: each.kept)
