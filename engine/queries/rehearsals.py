"""Rehearsals as people look at them: figures for who designs, cases for who answers for them and may see them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.errors import NotFound, NotPermitted
from engine.process_engine import ProcessEngine
from engine.queries import visibility
from engine.queries.view import View, viewing
from engine.reverting import before_release, deployments_of
from engine.store import batches, rehearsals
from engine.store.tables.batches import batch_items
from engine.store.tables.people import accounts, practitioners
from engine.store.tables.rehearsals import rehearsals as rows_of
from engine.titles import title_of

LATELY: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class MovingCases:
    """How far the cases are that move: `state` is `running`, `paused` or `done`."""

    state: str
    waiting: int
    done: int
    refused: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedStep:
    """A step that a release changes: `how` is `new`, `changed` or `gone`."""

    process: str
    element_id: str
    name: str
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """A rehearsal in figures. `files` are what is tried, none for what is in force; `choice` is `stay` or `move`.

    `titles` are what its files are called, in their order; where it `goes_back`, those of the release that it takes
    back.

    `changed` are the definitions (kind, key) that get another text, `steps` what changes of diagrams; `in_force` says
    whether all of them have it, `said` why it failed. `lagging` cases are on a version before the one in force: until
    they move, what a release changes for them is all that has changed since theirs. `later` cases began once all were
    tried, and are in no figure: they go as is chosen for all.
    """

    rehearsal_id: UUID
    files: tuple[str, ...]
    titles: tuple[str, ...]
    changed: tuple[tuple[str, str], ...]
    steps: tuple[ChangedStep, ...]
    state: str
    said: str
    total: int
    seen: int
    choice: str
    who: str
    begun_at: datetime
    ended_at: datetime | None
    moved_at: datetime | None
    in_force: bool
    moving: MovingCases | None
    lagging: int = 0
    later: int = 0
    goes_back: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """Cases of which the same came. `options` are the steps (id, name) at which they might go on, the likely first.

    `meets` tells whether they stand `at` a step that changes, have one `ahead`, come to one only if their
    way leads back (`again`), or will not come to one: `past`.
    `choice` is `stay`, `move` or "" as the release says; `to` the name of the step chosen. Once the release moved its
    cases, `moved` are those of `cases` that have, `kept` those that finish on their version, the rest are to come.
    """

    number: int
    process: str
    verdict: str
    meets: str
    remarks: tuple[str, ...]
    options: tuple[tuple[str, str], ...]
    cases: int
    choice: str
    to: str
    moved: int = 0
    kept: int = 0


@dataclass(frozen=True, slots=True)
class RehearsalPage:
    """A rehearsal with its kinds, those to decide first; for a line manager with the cases they may see alone."""

    rehearsal: Rehearsal
    kinds: tuple[Kind, ...]

    def of(self, *verdicts: str) -> int:
        """Return how many cases came to one of the verdicts."""
        return sum(kind.cases for kind in self.kinds if kind.verdict in verdicts)

    def meeting(self, meets: str) -> int:
        """Return how many cases stand so to the steps that change: see `Kind`."""
        return sum(kind.cases for kind in self.kinds if kind.meets == meets)

    @property
    def kept(self) -> int:
        """Return how many cases finish on the version that they began with, now that the others moved."""
        return sum(kind.kept for kind in self.kinds)


def lately(engine: ProcessEngine, *, actor: Actor) -> tuple[Rehearsal, ...]:
    """Return the newest rehearsals of the authority. Raises `NotPermitted`."""
    _require_may(actor)
    with viewing(engine, actor) as view:
        own = rows_of.c.authority_id == actor.authority_id
        rows = view.connection.execute(_ALL.where(own).order_by(rows_of.c.begun_at.desc()).limit(LATELY)).all()
        return tuple(_rehearsal(view, row) for row in rows)


def one(engine: ProcessEngine, *, actor: Actor, rehearsal_id: UUID) -> RehearsalPage:
    """Return a rehearsal with what came of it. Raises `NotPermitted`, `NotFound`."""
    _require_may(actor)
    with viewing(engine, actor) as view:
        return page_of(view, row_of(view, rehearsal_id))


def of_files(engine: ProcessEngine, *, actor: Actor, files: Mapping[str, bytes]) -> RehearsalPage | None:
    """Return the newest rehearsal of exactly these texts (name -> content); None when there is none.

    Rules and examples among them are left out: a rehearsal is of diagrams and forms. Raises `NotPermitted`.
    """
    _require_may(actor)
    texts = {file: hashlib.sha256(each).hexdigest() for file, each in files.items() if file.endswith(_REHEARSED)}
    with viewing(engine, actor) as view:
        own = rows_of.c.authority_id == actor.authority_id
        rows = view.connection.execute(_ALL.where(own).order_by(rows_of.c.begun_at.desc()).limit(LATELY)).all()
        same = (row for row in rows if texts and texts == _digests(view, row))
        found = next(same, None)
        return None if found is None else page_of(view, found)


def moved_with(engine: ProcessEngine, *, actor: Actor, name: tuple[str, str]) -> UUID | None:
    """Return the rehearsal whose cases moved with the release that brought a definition (kind, key); None without one.

    Raises `NotPermitted`, and as `engine.reverting.before_release`.
    """
    with viewing(engine, actor) as view:
        brought_by = deployments_of(view.connection, actor.authority_id, [name])
        before = before_release(view.connection, actor.authority_id, brought_by)
    files = {*before.files, *(each.file for each in before.new)}
    moved = (each for each in lately(engine, actor=actor) if each.in_force and each.moved_at is not None)
    return next((each.rehearsal_id for each in moved if each.files and files.issuperset(each.files)), None)


def back_from(engine: ProcessEngine, *, actor: Actor, rehearsal_id: UUID) -> UUID | None:
    """Return the rehearsal by which cases went back that had moved with another; None when none did.

    Raises `NotPermitted`.
    """
    _require_may(actor)
    with viewing(engine, actor) as view:
        same = (rows_of.c.authority_id == actor.authority_id) & (rows_of.c.back_of == rehearsal_id)
        query = sa.select(rows_of.c.id).where(same).order_by(rows_of.c.begun_at.desc()).limit(1)
        return view.connection.execute(query).scalar()


_REHEARSED: Final = (".bpmn", ".form")


def _digests(view: View, row: Any) -> dict[str, str]:
    files = rehearsals.files_of(view.connection, row.id)
    return {file: hashlib.sha256(each).hexdigest() for file, each in files.items() if file.endswith(_REHEARSED)}


def _require_may(actor: Actor) -> None:
    if not permissions.may_see_rehearsals(actor):
        raise NotPermitted("Designers and who answers for cases see rehearsals")


_ALL = (
    sa.select(rows_of, practitioners.c.name.label("who"))
    .join(accounts, accounts.c.id == rows_of.c.account_id)
    .join(practitioners, practitioners.c.id == accounts.c.practitioner_id)
)


def row_of(view: View, rehearsal_id: UUID) -> Any:
    """Return a rehearsal of the asker's authority, with who began it. Raises `NotFound`."""
    own = (rows_of.c.authority_id == view.actor.authority_id) & (rows_of.c.id == rehearsal_id)
    row = view.connection.execute(_ALL.where(own)).first()
    if row is None:
        raise NotFound("There is no such rehearsal", rehearsal_id=rehearsal_id)
    return row


def _rehearsal(view: View, row: Any) -> Rehearsal:
    texts = rehearsals.newest_texts(view.connection, view.actor.authority_id)
    names = view.engine.library.process_names(view.connection, view.authority)
    files = sorted(rehearsals.files_of(view.connection, row.id).items())
    about = files if row.back_of is None else sorted(rehearsals.files_of(view.connection, row.back_of).items())
    return Rehearsal(
        rehearsal_id=row.id, files=tuple(file for file, _ in files), state=row.state,
        titles=tuple(view.said(title_of(*each)) for each in about), goes_back=row.back_of is not None,
        said=row.said, total=row.total, seen=row.seen, choice=row.choice, who=row.who, begun_at=row.begun_at,
        ended_at=row.ended_at, moved_at=row.moved_at, moving=_moving(view, row.batch_id),
        changed=tuple((name.partition(" ")[0], name.partition(" ")[2]) for name in sorted(row.wanted)),
        steps=tuple(
            ChangedStep(
                process=view.said(names.get(each["process"], each["process"])), element_id=each["element"],
                name=view.said(each["name"]), how=each["how"],
            )
            for each in row.steps
        ),
        in_force=all(texts.get(name) == digest for name, digest in row.wanted.items()),
        lagging=0 if row.moved_at or not row.wanted else _lagging(view, row), later=_later(view, row),
    )  # fmt: skip


def _lagging(view: View, row: Any) -> int:
    latest = view.authority.latest
    newest = {key: latest["process", key] for key in row.process_keys if ("process", key) in latest}
    return len(rehearsals.behind(view.connection, row.authority_id, newest)) if newest else 0


def _later(view: View, row: Any) -> int:
    if row.moved_at or row.state != "done" or not row.wanted or row.back_of is not None:
        return 0
    return rehearsals.begun_since(view.connection, row.authority_id, row.process_keys, row.ended_at)


def _moving(view: View, batch_id: UUID | None) -> MovingCases | None:
    if batch_id is None:
        return None
    counted = dict.fromkeys(("waiting", "done", "refused"), 0)
    counted |= {row.state: row.number for row in view.connection.execute(_STATES, {"batch": batch_id})}
    state = batches.read(view.connection, view.actor.authority_id, batch_id).state
    return MovingCases(state=state, **counted)


_STATES = (
    sa.select(batch_items.c.state, sa.func.count().label("number"))
    .where(batch_items.c.batch_id == sa.bindparam("batch"))
    .group_by(batch_items.c.state)
)


def page_of(view: View, row: Any) -> RehearsalPage:
    """Return a rehearsal with the kinds that the asker may see."""
    names = view.engine.library.process_names(view.connection, view.authority)
    kinds = rehearsals.kinds(view.connection, row.id)
    all_seen = permissions.may_approve_changes(view.actor)
    seen = None if all_seen and row.moved_at is None else _seen(view, row, all_seen=all_seen)
    found = [
        _kind(view, each, names, {"open": each.number_of} if seen is None else seen.get(each.number, {}))
        for each in kinds
    ]
    shown = [kind for kind in found if kind.cases]
    order = sorted(shown, key=lambda kind: (_FIRST.index(kind.verdict), -kind.cases, kind.number))
    return RehearsalPage(_rehearsal(view, row), tuple(order))


_FIRST: Final = ("decide", "stays", "changes", "unharmed")


def _seen(view: View, row: Any, *, all_seen: bool) -> Mapping[int, Mapping[str, int]]:
    """Return how the cases of each kind stand, by number: `done`, `kept` or `open`.

    Only of those that the asker may see, unless figures of all are theirs: no number may betray another.
    """
    tried = rehearsals.cases_of(view.connection, row.id)
    open_to = None if all_seen else visibility.visible(view, sorted({each.case_id for each in tried}))
    stand = _stand(view, row)
    found: dict[int, dict[str, int]] = {}
    for each in tried:
        if open_to is None or each.case_id in open_to:
            counted = found.setdefault(each.number, {})
            how = stand.get(str(each.instance_id), "kept") if row.moved_at else "open"
            counted[how] = counted.get(how, 0) + 1
    return found


def _stand(view: View, row: Any) -> Mapping[str, str]:
    """Return how far each instance is that was to move: `done`, `kept`, or `open` while the batch goes on."""
    if row.batch_id is None:
        return {}
    going_on = batches.read(view.connection, view.actor.authority_id, row.batch_id).state != "done"
    said = {"done": "done", "waiting": "open" if going_on else "kept"}
    listed = batches.items(view.connection, row.batch_id)
    return {each.particulars["instance"]: said.get(each.state, "kept") for each in listed if each.particulars}


def _kind(view: View, row: Any, names: Mapping[str, str], stand: Mapping[str, int]) -> Kind:
    asked: list[list[str]] = next((each["options"] for each in row.remarks if each["kind"] == "decide"), [])
    options = tuple((option, view.said(name)) for option, name in asked)
    return Kind(
        number=row.number, process=view.said(names.get(row.process_key, row.process_key)), verdict=row.verdict,
        meets=row.meets, remarks=tuple(view.said(each["said"]) for each in row.remarks), options=options,
        cases=sum(stand.values()), choice=row.choice, to=step_named(row.targets, dict(options)),
        moved=stand.get("done", 0), kept=stand.get("kept", 0),
    )  # fmt: skip


def step_named(targets: Mapping[str, Mapping[str, str]], names: Mapping[str, str]) -> str:
    """Return the name of the step that was chosen in place of another; "" when none was."""
    chosen = [names.get(each, each) for of in targets.values() for each in of.values()]
    return chosen[0] if chosen else ""
