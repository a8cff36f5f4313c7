"""What a designer plays: the files in force with the drafts, the play under way, the scenarios of a diagram."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, cast
from uuid import UUID

import sqlalchemy as sa

from engine.casework.permissions import Actor
from engine.checking import check
from engine.in_force import known_to
from engine.process_engine import ProcessEngine
from engine.queries.definitions import require_designer
from engine.queries.view import View, viewing
from engine.scenario_files import SUFFIX, Scenario, read_scenario
from engine.store import authorities, definitions, model_drafts, scenario_outcomes
from engine.store.scenario_outcomes import KeptOutcome
from engine.store.tables.modelling import model_plays


@dataclass(frozen=True, slots=True)
class Models:
    """What is played: the files `in_force` by name, and the `drafts` in the place of theirs.

    `left_out` are the actor's drafts of other files that cannot run yet: what is in force stands in their place.
    """

    in_force: Mapping[str, bytes]
    drafts: Mapping[str, bytes]
    left_out: tuple[str, ...] = ()

    @property
    def every(self) -> Mapping[str, bytes]:
        """All files as they are played."""
        return {**self.in_force, **self.drafts}


def models(engine: ProcessEngine, *, actor: Actor, file: str = "", scenarios: bool = True) -> Models:
    """Return the files in force, the draft of `file`, and those that the actor saved last and that can run.

    With `scenarios`, the drafts of everybody's scenarios too. Raises `NotPermitted`.
    """
    require_designer(actor)
    with viewing(engine, actor) as view:
        latest = sorted(set(view.authority.latest.values()))
        stored = [definitions.load(view.connection, id_) for id_ in latest]
        drafts = model_drafts.load_all(view.connection, actor.authority_id)
        own = {
            each.file: each.content
            for each in drafts
            if each.file == file or each.saved_by == actor.name or (scenarios and each.file.endswith(SUFFIX))
        }
        left_out = _unfinished(view, file, own)
    return Models(
        {each.file: each.source for each in stored},
        {each: content for each, content in own.items() if each not in left_out}, left_out,
    )  # fmt: skip


def _unfinished(view: View, file: str, drafts: Mapping[str, bytes]) -> tuple[str, ...]:
    """Return the drafts of other files that cannot run with the rest, so that they stop no play but their own."""
    tried = {each: content for each, content in drafts.items() if each.endswith(_PLAYED)}
    others, left_out = tried.keys() - {file}, set[str]()
    if not others:
        return ()
    digests = frozenset((each, hashlib.sha256(content).digest()) for each, content in tried.items())
    key, now = ("unfinished", view.authority.id, view.authority.version, file, digests), view.engine.clock.now()
    if (kept := view.engine.kept.latest(key, now=now)) is not None:
        return cast("tuple[str, ...]", kept[1])
    known = known_to(view.engine, view.connection, view.authority)
    while others - left_out:
        checked = check({each: content for each, content in tried.items() if each not in left_out}, known)
        wrong = {each.file for each in checked.errors if each not in checked.unkept} - {file}
        if not wrong:
            break
        # What is wrong with a file in force is so by one of the drafts, and nothing tells by which.
        left_out |= (wrong & others) or others
    found = tuple(sorted(left_out))
    view.engine.kept.put(key, found, now=now)
    return found


_PLAYED: Final = (".bpmn", ".dmn", ".form")


def under_way(engine: ProcessEngine, *, actor: Actor, file: str) -> Scenario | None:
    """Return the play of a file that the actor has under way, None when there is none. Raises `NotPermitted`."""
    require_designer(actor)
    with engine.sessions.read() as connection:
        own = (model_plays.c.file == file) & (model_plays.c.account_id == actor.account_id)
        found = connection.execute(sa.select(model_plays.c.source).where(own)).scalar()
    return None if found is None else read_scenario(bytes(found), name=f"play{SUFFIX}", least=0)


def in_force(engine: ProcessEngine, *, authority_id: UUID) -> dict[str, bytes]:
    """Return the files in force at an authority (name -> content)."""
    with engine.sessions.read() as connection:
        latest = sorted(set(authorities.load(connection, authority_id).latest.values()))
        return {each.file: each.source for each in (definitions.load(connection, id_) for id_ in latest)}


def outcomes(engine: ProcessEngine, *, authority_id: UUID, digests: Collection[str]) -> dict[str, KeptOutcome]:
    """Return how scenarios went on texts that they were tried on already, by digest."""
    with engine.sessions.read() as connection:
        return scenario_outcomes.of(connection, authority_id, digests)
