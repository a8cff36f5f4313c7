"""What every page of a play needs: the play under way, and the stage with the files as the designer has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.commands import plays as kept
from engine.errors import NotFound
from engine.playing.acting import Scene
from engine.playing.guarding import place_of
from engine.playing.plays import Played, play, scene_of
from engine.playing.stages import Stage, stage
from engine.queries import played, plays
from engine.queries.played import PlayedDiagram
from engine.queries.plays import Models
from engine.scenario_files import ALONE, CAF, SUFFIX, Scenario, Step, read_scenario
from web.current import actor, engine


@dataclass(frozen=True, slots=True)
class OnStage:
    """A file being played: its models and stage, the diagrams there are, the one that it is about, the play so far."""

    file: str
    models: Models
    stage: Stage
    diagrams: Sequence[PlayedDiagram]
    diagram: PlayedDiagram
    play: Scenario

    def played(self) -> Played:
        """Return how far the play came. Raises `EngineError` when it cannot begin."""
        return play(self.stage, self.play.begins, self.play.diagram, self.play.steps)

    def scene(self) -> Scene:
        """Return the scene as the play left it. Raises `EngineError`."""
        return scene_of(self.stage, self.played())

    def with_step(self, step: Step) -> OnStage:
        """Return the same with one step more."""
        return self.with_steps((*self.play.steps, step))

    def with_steps(self, steps: Sequence[Step]) -> OnStage:
        """Return the same with other steps."""
        return replace(self, play=replace(self.play, steps=tuple(steps)))

    def keep(self) -> None:
        """Keep the play as it is. Raises `Invalid` when it is too long."""
        kept.keep(engine(), actor=actor(), file=self.file, play=self.play)


def open_stage(file: str) -> OnStage:
    """Return a file on its stage. Raises `NotFound` for no such file, `DeploymentRefused` for what cannot run."""
    found = plays.models(engine(), actor=actor(), file=file)
    if file not in found.every:
        raise NotFound("There is no such file", file=file)
    ready = stage(found.in_force, found.drafts, place=place_of(engine(), actor().authority_id))
    reader = next(iter(ready.actors.values()))
    scene_engine = ready.look()
    diagrams = played.diagrams(scene_engine, reader)
    under_way = plays.under_way(engine(), actor=actor(), file=file)
    about = _about(file, found, diagrams, under_way)
    return OnStage(file, found, ready, diagrams, about, under_way or _new(file, found, about, diagrams))


def _about(
    file: str, found: Models, diagrams: Sequence[PlayedDiagram], under_way: Scenario | None
) -> PlayedDiagram:
    wanted = under_way.diagram if under_way else ""
    if not wanted and file.endswith(SUFFIX):
        wanted = read_scenario(found.every[file], name=file).diagram
    own = [each for each in diagrams if each.file == file]
    named = [each for each in diagrams if each.key == wanted]
    first = [each for each in diagrams if each.pathway == CAF]
    chosen = next(iter((*named, *own, *first, *diagrams)), None)
    if chosen is None:
        raise NotFound("There is no diagram to play", file=file)
    return chosen


def _new(file: str, found: Models, about: PlayedDiagram, diagrams: Sequence[PlayedDiagram]) -> Scenario:
    if file.endswith(SUFFIX):
        return read_scenario(found.every[file], name=file)
    return Scenario("Play", about.key, how_it_begins(about, diagrams))


def how_it_begins(about: PlayedDiagram, diagrams: Sequence[PlayedDiagram]) -> str:
    """Return how a case usually begins that a diagram is played on: its own way, the usual one, or by itself."""
    if about.pathway:
        return about.pathway
    ways = [each.pathway for each in diagrams if each.pathway]
    usual = CAF if CAF in ways else next(iter(ways), ALONE)
    alone = not (about.called or about.started or about.message)
    return ALONE if alone else usual
