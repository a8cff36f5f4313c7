"""Playing a diagram: a year of a case, from its list of steps, and one step more."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files

from bench.furnished import Databases
from bench.measuring import Figure, Scale, timed
from engine.playing.plays import play, scene_of
from engine.playing.stages import Stage, stage
from engine.queries import played
from engine.scenario_files import CAF, Step

MOST_YEAR = 2_000
MOST_STEP = 500
YEAR = "52 weeks"
EPISODE = "caf_episode"


def measure(databases: Databases, scale: Scale) -> Iterator[Figure]:
    """Measure the milliseconds of a play of 52 weeks with all its tasks done, and of one more step; in memory."""
    if databases.kind != "sqlite":
        return
    on = stage(_shipped())
    # Statements are compiled once for each thread that plays.
    play(on, CAF, EPISODE, [Step("work", "6 weeks")])
    rounds = min(scale.rounds, 4)
    spent = [timed(lambda days=days: _year(on, days)) for days in range(rounds)]
    yield _figure(f"a case of {YEAR}, everything done in it", min(spent), MOST_YEAR)
    done = [Step("work", YEAR)]
    play(on, CAF, EPISODE, done)
    more = [timed(lambda days=days: _once_more(on, done, days)) for days in range(3)]
    yield _figure("one step more, a day later", min(more), MOST_STEP)


def _year(on: Stage, round_: int) -> None:
    # A play that was played before is not played again: each round begins with another day.
    steps = [Step("wait", f"{round_ + 1} days"), Step("work", YEAR)]
    done = play(on, CAF, EPISODE, steps)
    scene = scene_of(on, done)
    assert len(played.happened(scene.engine, scene.coordinator, scene.case_id)) > 100


def _once_more(on: Stage, done: list[Step], round_: int) -> None:
    play(on, CAF, EPISODE, [*done, Step("wait", f"{round_ + 1} days")])


def _shipped() -> dict[str, bytes]:
    folders = (files("processes"), files("processes") / "forms", files("rules"))
    found = (each for folder in folders for each in folder.iterdir())
    return {each.name: each.read_bytes() for each in found if each.name.endswith((".bpmn", ".form", ".dmn"))}


def _figure(measured: str, spent: float, most: float) -> Figure:
    return Figure("play", measured, "memory", f"{spent:,.0f} ms", f"at most {most:,} ms", met=spent <= most,
                  numbers={"milliseconds": spent})  # fmt: skip
