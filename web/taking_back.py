"""Taking a release back whole, for a program and the command line: texts first, then the cases that moved."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from engine.casework.permissions import Actor, may_deploy
from engine.commands import deployments, rehearsals
from engine.commands.deployments import NewVersion
from engine.errors import NotPermitted
from engine.process_engine import ProcessEngine
from engine.queries import rehearsals as rehearsed


@dataclass(frozen=True, slots=True)
class ReleaseTakenBack:
    """What is in force again and no longer, and the rehearsal by which cases go back; None where none had moved."""

    deployment_id: UUID | None
    added: tuple[NewVersion, ...]
    ended: tuple[str, ...]
    rehearsal_id: UUID | None


def take_back(engine: ProcessEngine, *, actor: Actor, name: tuple[str, str], reason: str) -> ReleaseTakenBack:
    """Take back the release that brought the text in force of a definition (kind, key).

    Raises `NotPermitted`, and as its two commands.
    """
    if not may_deploy(actor):
        raise NotPermitted("Only a process designer takes a release back")
    moved = rehearsed.moved_with(engine, actor=actor, name=name)
    done = deployments.revert_release(engine, authority_id=actor.authority_id, names=[name], reason=reason, actor=actor)
    begun = None if moved is None else rehearsals.back(engine, actor=actor, rehearsal_id=moved)
    return ReleaseTakenBack(done.deployment_id, done.added, done.ended, begun)
