"""Rehearsals as people look at them: figures for who designs, cases for who answers for them and may see them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.errors import NotFound, NotPermitted
from engine.process_engine import ProcessEngine
from engine.queries import visibility, words
from engine.queries.view import View, viewing
from engine.store import batches, rehearsals, relations
from engine.store.sets import among
from engine.store.tables.batches import batch_items
from engine.store.tables.people import accounts, practitioners
from engine.store.tables.record import cases, children
from engine.store.tables.rehearsals import rehearsals as rows_of

LATELY: Final = 20
SHOWN: Final = 500
"""How many cases of a kind a page shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moving:
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

    `changed` are the definitions (kind, key) that get another text, `steps` what changes of diagrams; `in_force` says
    whether all of them have it, `said` why it failed.
    """

    rehearsal_id: UUID
    files: tuple[str, ...]
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
    moving: Moving | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """Cases of which the same came. `options` are the steps (id, name) at which they might go on, the likely first.

    `meets` tells whether they stand `at` a step that changes, have one `ahead`, or will not come to one: `past`.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedCase:
    """A case of a kind that the asker may see; `came` is what came of moving it, empty before."""

    row_id: UUID
    case_id: UUID
    child_name: str
    choice: str
    to: str
    came: str
    may_choose: bool


@dataclass(frozen=True, slots=True)
class KindPage:
    """A kind with those of its cases that the asker may see; `hidden` are the others."""

    rehearsal: Rehearsal
    kind: Kind
    cases: tuple[TriedCase, ...]
    hidden: int


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
        return _page(view, _row(view, rehearsal_id))


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
        return None if found is None else _page(view, found)


_REHEARSED: Final = (".bpmn", ".form")


def _digests(view: View, row: Any) -> dict[str, str]:
    files = rehearsals.files_of(view.connection, row.id)
    return {file: hashlib.sha256(each).hexdigest() for file, each in files.items() if file.endswith(_REHEARSED)}


def of_kind(engine: ProcessEngine, *, actor: Actor, rehearsal_id: UUID, number: int) -> KindPage:
    """Return the cases of a kind that the asker may see. Raises `NotPermitted`, `NotFound`."""
    if not permissions.may_see_figures(actor):
        raise NotPermitted("Who answers for cases sees which they are")
    with viewing(engine, actor) as view:
        row = _row(view, rehearsal_id)
        page = _page(view, row)
        kind = next((each for each in page.kinds if each.number == number), None)
        if kind is None:
            raise NotFound("There is no such kind", rehearsal_id=rehearsal_id)
        tried = [each for each in rehearsals.cases_of(view.connection, row.id) if each.number == number]
        shown = _cases(view, row, kind, tried)
        return KindPage(page.rehearsal, kind, shown[:SHOWN], kind.cases - len(shown))


def _require_may(actor: Actor) -> None:
    if not permissions.may_see_rehearsals(actor):
        raise NotPermitted("Designers and who answers for cases see rehearsals")


_ALL = (
    sa.select(rows_of, practitioners.c.name.label("who"))
    .join(accounts, accounts.c.id == rows_of.c.account_id)
    .join(practitioners, practitioners.c.id == accounts.c.practitioner_id)
)


def _row(view: View, rehearsal_id: UUID) -> Any:
    own = (rows_of.c.authority_id == view.actor.authority_id) & (rows_of.c.id == rehearsal_id)
    row = view.connection.execute(_ALL.where(own)).first()
    if row is None:
        raise NotFound("There is no such rehearsal", rehearsal_id=rehearsal_id)
    return row


def _rehearsal(view: View, row: Any) -> Rehearsal:
    texts = rehearsals.newest_texts(view.connection, view.actor.authority_id)
    names = view.engine.library.process_names(view.connection, view.authority)
    return Rehearsal(
        rehearsal_id=row.id, files=tuple(sorted(rehearsals.files_of(view.connection, row.id))), state=row.state,
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
    )  # fmt: skip


def _moving(view: View, batch_id: UUID | None) -> Moving | None:
    if batch_id is None:
        return None
    counted = dict.fromkeys(("waiting", "done", "refused"), 0)
    counted |= {row.state: row.number for row in view.connection.execute(_STATES, {"batch": batch_id})}
    state = batches.read(view.connection, view.actor.authority_id, batch_id).state
    return Moving(state=state, **counted)


_STATES = (
    sa.select(batch_items.c.state, sa.func.count().label("number"))
    .where(batch_items.c.batch_id == sa.bindparam("batch"))
    .group_by(batch_items.c.state)
)


def _page(view: View, row: Any) -> RehearsalPage:
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
        cases=sum(stand.values()), choice=row.choice, to=_to(row.targets, dict(options)),
        moved=stand.get("done", 0), kept=stand.get("kept", 0),
    )  # fmt: skip


def _to(targets: Mapping[str, Mapping[str, str]], names: Mapping[str, str]) -> str:
    chosen = [names.get(each, each) for of in targets.values() for each in of.values()]
    return chosen[0] if chosen else ""


def _cases(view: View, row: Any, kind: Kind, tried: Sequence[Any]) -> tuple[TriedCase, ...]:
    ids = sorted({each.case_id for each in tried})
    stands = relations.of_many(view.connection, view.actor, ids) if ids else {}
    names = {each.id: each for each in view.connection.execute(_NAMES, {"ids": ids})}
    came = _came(view, row.batch_id)
    return tuple(
        TriedCase(
            row_id=each.id, case_id=each.case_id, child_name=_child(names[each.case_id]), choice=each.choice,
            to=_to(each.targets, dict(kind.options)), came=came.get(str(each.instance_id), ""),
            may_choose=row.moved_at is None and permissions.may_appoint_interim(view.actor, stands[each.case_id]),
        )
        for each in tried
        if each.case_id in names and permissions.may_read_case(view.actor, stands[each.case_id])
    )


_NAMES = (
    sa.select(cases.c.id, children.c.given_name, children.c.family_name, children.c.known_as)
    .join(children, children.c.id == cases.c.child_id)
    .where(among(cases.c.id))
)


def _child(row: Any) -> str:
    return words.child_name(row.given_name, row.family_name, row.known_as)


def _came(view: View, batch_id: UUID | None) -> Mapping[str, str]:
    """Return what came of moving each instance, in words."""
    if batch_id is None:
        return {}
    said = {"done": "Moved", "waiting": "To come"}
    return {
        each.particulars["instance"]: said.get(each.state) or f"Stays: {each.said}"
        for each in batches.items(view.connection, batch_id)
        if each.particulars
    }
