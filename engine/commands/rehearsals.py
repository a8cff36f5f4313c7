"""Rehearse a release over all running cases, choose what becomes of them, and move those chosen once it is in force."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, Literal
from uuid import UUID

import sqlalchemy as sa

from engine import rehearsing, releasing
from engine.acts import environment_of
from engine.batch_runs import end, go_on_with
from engine.bpmn import Targets
from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.going_back import goals
from engine.leaving import open_staff_work
from engine.migrating import tried, waiting
from engine.process_engine import ProcessEngine
from engine.store import authorities, batches, locking, rehearsals, relations
from engine.work import Work, open_work

__all__ = [
    "again", "back", "begin", "choose", "choose_for_case", "choose_for_cases", "choose_for_kind", "drop", "go_on",
    "pause", "resume", "stop",
]  # fmt: skip

AT_ONCE: Final = 100
"""How many cases are tried while whoever begins a rehearsal waits for the answer."""
MOST: Final = 500
"""For how many cases one choice is made at once."""
Choice = Literal["", "stay", "move"]
CaseChoice = Literal["", "stay", "move", "later"]
STOPPED: Final = "It was stopped before this"
TAKEN_BACK: Final = "The change was taken back before this"


def begin(
    engine: ProcessEngine,
    *,
    actor: Actor,
    files: Mapping[str, bytes] | None = None,
    keys: Iterable[str] = (),
    targets: Targets | None = None,
    choice: Choice = "stay",
    back_of: UUID | None = None,
) -> UUID:
    """Begin to try every running case on what `files` (name -> content) would make of its diagram; return its id.

    Without files, cases on an earlier version are tried on what is in force, of the processes `keys` or of all.
    `targets`, by process key, say which element is meant now instead of which. `choice` is what becomes of cases that
    can move once all is in force. With `back_of`, a rehearsal, only cases that moved with it are tried, each on what it
    was on before. A rehearsal of the same texts that nothing came of yet goes. Raises `NotPermitted`,
    `Invalid` for files that cannot run and for such as concern no diagram.
    """
    _require_may(actor)
    texts = dict(files or {})
    with engine.sessions.read() as connection:  # checking takes a while, in which others are not to wait
        authority = authorities.load(connection, actor.authority_id)
        release = rehearsing.release_of(engine, connection, authority, texts)
        in_force = rehearsals.newest_texts(connection, authority.id)
        steps = rehearsing.steps_of(engine, connection, authority, release, targets or {})
    wanted = {name: digest for name, digest in release.wanted.items() if in_force.get(name) != digest}
    concerned = sorted(release.versions.keys() & set(keys) if keys else release.versions)
    if not concerned or (texts and not wanted):
        raise Invalid("No diagram would change, so there is nothing to try", field="files")
    row: dict[str, Any] = {
        "id": engine.ids.new(), "authority_id": actor.authority_id, "account_id": actor.account_id, "state": "running",
        "wanted": wanted, "process_keys": concerned, "steps": steps, "choice": choice, "begun_at": engine.clock.now(),
        "targets": {key: dict(each) for key, each in (targets or {}).items()}, "back_of": back_of, "total": 0,
    }  # fmt: skip
    begun = _insert(engine, actor, row, texts)
    rehearsing.go_on_with(engine, begun, most=AT_ONCE)
    rehearsal_id: UUID = begun.id
    return rehearsal_id


def _insert(engine: ProcessEngine, actor: Actor, row: dict[str, Any], texts: Mapping[str, bytes]) -> Any:
    """Write a rehearsal that begins in place of one of the same texts, and return it as it is stored."""
    concerned, wanted, back_of = row["process_keys"], row["wanted"], row["back_of"]
    with engine.sessions.act() as connection:
        work = open_staff_work(engine, connection, actor.authority_id, actor)
        for other in rehearsals.not_moved(connection, actor.authority_id):
            if (other.wanted, other.process_keys, other.back_of) == (wanted, concerned, back_of):
                rehearsals.remove(connection, other.id)
        there = rehearsing.there_already(work.authority, concerned, wanted)
        rehearsals.insert(connection, row, texts)
        begun = rehearsals.read(connection, actor.authority_id, row["id"])
        back = goals(connection, work.authority, begun)
        total = rehearsals.how_many(connection, actor.authority_id, concerned, but=there, only=back)
        rehearsals.change(connection, row["id"], total=total)
        work.record("rehearsal_begun", subject=row["id"], detail={"of": sorted(wanted), "cases": total})
        work.finish()
        return rehearsals.read(connection, actor.authority_id, row["id"])


def again(
    engine: ProcessEngine, *, actor: Actor, rehearsal_id: UUID, to: Mapping[int, str] | None = None
) -> UUID:
    """Begin a rehearsal anew, in which the cases of some kinds, by number, go on at the element given; return its id.

    Raises as `begin`, `NotFound`, `Conflict` once the cases move.
    """
    _require_may(actor)
    with engine.sessions.read() as connection:
        row = rehearsals.read(connection, actor.authority_id, rehearsal_id)
        _require_free(row)
        files, kinds = rehearsals.files_of(connection, rehearsal_id), rehearsals.kinds(connection, rehearsal_id)
    targets = {key: dict(each) for key, each in row.targets.items()}
    for kind in kinds:
        chosen = (to or {}).get(kind.number, "")
        for key, each in _targets(kind, "move", chosen).items() if chosen else ():
            targets.setdefault(key, {}).update(each)
    return begin(
        engine, actor=actor, files=files, keys=row.process_keys, targets=targets, choice=row.choice, back_of=row.back_of
    )  # fmt: skip


def back(engine: ProcessEngine, *, actor: Actor, rehearsal_id: UUID) -> UUID | None:
    """Begin to move the cases back that moved with a release, each the same way; return the rehearsal's id.

    What still waited to move stays, as does who never moved; None when no case had moved. Raises as `begin`,
    `NotFound`.
    """
    _require_may(actor)
    with engine.sessions.act() as connection:
        work = open_staff_work(engine, connection, actor.authority_id, actor)
        row = rehearsals.read(connection, actor.authority_id, rehearsal_id, lock=True)
        if row.batch_id is None:
            return None
        if batches.set_state(connection, row.batch_id, was=("running", "paused"), now="done", at=work.at):
            batches.refuse_waiting(connection, row.batch_id, said=TAKEN_BACK)
            end(work, batches.read(connection, actor.authority_id, row.batch_id))
        moved = batches.items(connection, row.batch_id, state="done")
    return begin(engine, actor=actor, keys=row.process_keys, choice="move", back_of=rehearsal_id) if moved else None


def go_on(engine: ProcessEngine, *, most: int = rehearsing.A_TURN) -> int:
    """Go on with the rehearsals under way, for up to `most` cases, and move the cases of those in force.

    Return how many cases were tried and batches begun.
    """
    return rehearsing.go_on(engine, most=most) + releasing.move_published(engine)


def choose(engine: ProcessEngine, *, actor: Actor, rehearsal_id: UUID, choice: Choice) -> None:
    """Choose what becomes of the cases that can move, unless somebody chooses otherwise for them.

    Raises `NotPermitted`, `NotFound`, `Invalid`, `Conflict` once the cases move.
    """
    with _choosing(engine, actor, rehearsal_id) as (work, _):
        if choice not in ("stay", "move"):
            raise Invalid("Choose what becomes of the cases", field="choice")
        rehearsals.change(work.connection, rehearsal_id, choice=choice)
        work.record("rehearsal_choice_made", subject=rehearsal_id, detail={"choice": choice})


def choose_for_kind(
    engine: ProcessEngine, *, actor: Actor, rehearsal_id: UUID, number: int, choice: Choice, to: str = ""
) -> None:
    """Choose what becomes of all cases of a kind: "" as the release says; `to` is the element at which they go on.

    Raises as `choose`; `NotPermitted` for whoever does not see the whole authority.
    """
    with _choosing(engine, actor, rehearsal_id) as (work, _):
        if not permissions.sees_whole_authority(actor):
            raise NotPermitted("A coordinator chooses for all cases of a kind")
        kind = next((each for each in rehearsals.kinds(work.connection, rehearsal_id) if each.number == number), None)
        if kind is None:
            raise NotFound("There is no such kind", rehearsal_id=rehearsal_id)
        targets = _targets(kind, choice, to)
        rehearsals.choose_kind(work.connection, kind.id, choice=choice, targets=targets)
        detail = {"choice": choice, "kind": number, **({"to": to} if to else {})}
        work.record("rehearsal_choice_made", subject=rehearsal_id, detail=detail)


def choose_for_cases(
    engine: ProcessEngine, *, actor: Actor, row_ids: Sequence[UUID], choice: CaseChoice, to: str = ""
) -> Mapping[UUID, str]:
    """Choose what becomes of several cases, each for itself as `choose_for_case` does; return why not, by `row_id`.

    Raises `Invalid` for none and for more than `MOST`.
    """
    if not row_ids:
        raise Invalid("Choose at least one case", field="rows")
    if len(row_ids) > MOST:
        raise Invalid(f"Choose {MOST} cases at most", field="rows")
    refused: dict[UUID, str] = {}
    for row_id in dict.fromkeys(row_ids):
        try:
            choose_for_case(engine, actor=actor, row_id=row_id, choice=choice, to=to)
        except (Conflict, Invalid, NotFound, NotPermitted) as error:
            refused[row_id] = error.message
    return refused


def choose_for_case(
    engine: ProcessEngine, *, actor: Actor, row_id: UUID, choice: CaseChoice, to: str = ""
) -> None:
    """Choose what becomes of one case that was tried (`row_id`): "" as its kind says; `to` as `choose_for_kind` says.

    One to decide `later` stays until somebody does. Raises `NotFound` for a case that the actor may not see,
    `NotPermitted` for who does not put it right, `Conflict` once the cases move and when it cannot go on there.
    """
    with engine.sessions.act() as connection:
        row = rehearsals.case_row(connection, actor.authority_id, row_id)
        line = locking.case(connection, row.case_id)
        work = open_work(engine, connection, line, actor=actor, at=engine.clock.now())
        _require_puts_right(work, row.case_id)
        rehearsal = rehearsals.read(connection, actor.authority_id, row.rehearsal_id, lock=True)
        _require_free(rehearsal)
        targets = _targets(row, choice, to)
        if targets:
            _require_can(work, rehearsal, row, targets)
        rehearsals.choose_case(connection, row_id, choice=choice, targets=targets, by=actor.practitioner_id)
        detail = {"choice": choice, **({"to": to} if to else {})}
        work.record("rehearsal_choice_made", subject=row.instance_id, detail=detail)
        work.finish()


def drop(engine: ProcessEngine, *, actor: Actor, rehearsal_id: UUID) -> None:
    """Throw a rehearsal away. Raises as `choose`."""
    with _choosing(engine, actor, rehearsal_id) as (work, _):
        rehearsals.remove(work.connection, rehearsal_id)


def pause(engine: ProcessEngine, *, actor: Actor, rehearsal_id: UUID) -> None:
    """Let the moving of cases rest after the case it is at. Raises `NotPermitted`, `NotFound`, `Conflict`."""
    _move(engine, actor, rehearsal_id, was="running", now="paused", kind="batch_paused")


def resume(engine: ProcessEngine, *, actor: Actor, rehearsal_id: UUID) -> None:
    """Go on with moving cases. Raises as `pause`."""
    batch_id = _move(engine, actor, rehearsal_id, was="paused", now="running", kind="batch_resumed")
    go_on_with(engine, batch_id, most=rehearsing.A_TURN // 25)


def stop(engine: ProcessEngine, *, actor: Actor, rehearsal_id: UUID) -> None:
    """End the moving of cases while it rests: who has moved stays moved, the rest stay where they are."""
    _require_may(actor)
    with engine.sessions.act() as connection:
        work = open_staff_work(engine, connection, actor.authority_id, actor)
        batch_id = _batch_of(connection, actor, rehearsal_id)
        if not batches.set_state(connection, batch_id, was=("paused",), now="done", at=work.at):
            raise Conflict("Pause it first")
        batches.refuse_waiting(connection, batch_id, said=STOPPED)
        end(work, batches.read(connection, actor.authority_id, batch_id))


Moved = Literal["batch_paused", "batch_resumed"]


def _move(engine: ProcessEngine, actor: Actor, rehearsal_id: UUID, *, was: str, now: str, kind: Moved) -> UUID:
    _require_may(actor)
    with engine.sessions.act() as connection:
        work = open_staff_work(engine, connection, actor.authority_id, actor)
        batch_id = _batch_of(connection, actor, rehearsal_id)
        if not batches.set_state(connection, batch_id, was=(was,), now=now, at=work.at):
            raise Conflict("This has gone on meanwhile. Look again", batch_id=batch_id)
        work.record(kind, subject=batch_id)
        work.finish()
    return batch_id


def _batch_of(connection: sa.Connection, actor: Actor, rehearsal_id: UUID) -> UUID:
    batch_id: UUID | None = rehearsals.read(connection, actor.authority_id, rehearsal_id).batch_id
    if batch_id is None:
        raise Conflict("No case moves yet", rehearsal_id=rehearsal_id)
    return batch_id


def _require_may(actor: Actor) -> None:
    if not (permissions.may_deploy(actor) or permissions.sees_whole_authority(actor)):
        raise NotPermitted("A process designer or a coordinator rehearses a release")


@contextmanager
def _choosing(engine: ProcessEngine, actor: Actor, rehearsal_id: UUID) -> Iterator[tuple[Work, Any]]:
    """Carry out an act about a rehearsal whose cases do not move yet."""
    _require_may(actor)
    with engine.sessions.act() as connection:
        work = open_staff_work(engine, connection, actor.authority_id, actor)
        row = rehearsals.read(connection, actor.authority_id, rehearsal_id, lock=True)
        _require_free(row)
        yield work, row
        if work.events:
            work.finish()


def _require_free(row: Any) -> None:
    if row.moved_at is not None:
        raise Conflict("The cases of this release move already, or have moved", rehearsal_id=row.id)


def _targets(row: Any, choice: CaseChoice, to: str) -> dict[str, dict[str, str]]:
    """Return which element is meant instead of each that is in question. Raises `Invalid`, naming the field."""
    asked = [each for each in row.remarks if each["kind"] == "decide"]
    if choice == "move" and row.verdict == "stays":
        raise Invalid("These cases cannot move", field="choice")
    if choice != "move" or row.verdict != "decide":
        return {}
    if not any(to == option for each in asked for option, _ in each["options"]):
        raise Invalid("Choose the step at which they go on", field="to")
    found: dict[str, dict[str, str]] = {}
    for each in asked:
        found.setdefault(each["process"], {})[each["element"]] = to
    return found


def _require_puts_right(work: Work, case_id: UUID) -> None:
    actor = work.actor
    relation = None if actor is None else relations.of(work.connection, actor, case_id)
    if actor is None or relation is None or not permissions.may_see_case(actor, relation):
        raise NotFound("There is no such case", case_id=case_id)
    if not permissions.may_appoint_interim(actor, relation):
        raise NotPermitted("The line manager of who leads, or a coordinator, chooses for a case")


def _require_can(work: Work, rehearsal: Any, row: Any, targets: Targets) -> None:
    """Raise `Conflict` with the reason when a case cannot go on where somebody wants it to."""
    engine, connection = work.engine, work.connection
    files = rehearsals.files_of(connection, rehearsal.id)
    version = rehearsing.release_of(engine, connection, work.authority, files).versions[row.process_key]
    line = locking.instance(connection, row.instance_id)
    tasks = waiting(connection, engine.library, [line.id])[line.id]
    old = engine.library.process(connection, line.definition_id)
    merged = {**rehearsal.targets, **targets}
    carried = tried(old, version, line.state, environment_of(work), tasks, targets=merged)
    if carried.instance is None:
        raise Conflict("; ".join(each.said for each in carried.remarks if each.kind in ("stays", "decide")))
