"""What a play has come to: where its case stands, what waits, what has happened. Only ever of invented children."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import chain
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.bpmn import FlowInfo, Instance, ProcessDefinition, StepEnvironment, case_opening, case_start
from engine.casework.escalation import DECISION
from engine.casework.permissions import Actor
from engine.process_engine import ProcessEngine
from engine.queries import case_where, next_steps, timeline
from engine.queries.event_sentences import MACHINERY
from engine.queries.view import View, viewing
from engine.queries.why import Why, kept
from engine.store import authorities, case_mails, definitions
from engine.store.tables.keeping import history, outbox
from engine.store.tables.meetings import letters
from engine.store.tables.people import practitioners
from engine.store.tables.record import cases, evaluations, plan_actions
from engine.store.tables.running import incidents, instances, timers, user_tasks

MOST_EVENTS: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayedTask:
    """An open task of a play. `assignee` is a name, "" while nobody has it; `form` the key of its form, "" for none."""

    id: UUID
    element: str
    process_key: str
    name: str
    assignee_id: UUID | None
    assignee: str
    groups: frozenset[str]
    due_on: date | None
    opened_at: datetime
    form: str
    version: int
    why: str


@dataclass(frozen=True, slots=True)
class PlayedTimer:
    """A timer of a play that waits, or has fired at `fired_at`; instants are aware UTC."""

    element: str
    name: str
    process: str
    due_at: datetime
    fired_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that happened: `kind` is one of `record`, `timer`, `sent`, `letter`, `rule`, `trouble`.

    `whom` it was sent or written to, by name; `key` is the timer's element, the decision and row of a rule, the kind of
    a recorded event.
    """

    at: datetime
    kind: str
    what: str
    whom: str = ""
    key: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Ended:
    """A process that ended; `steps` are what it entered last."""

    process_key: str
    name: str
    how: str
    at: datetime
    last: tuple[str, ...]


def open_tasks(engine: ProcessEngine, case_id: UUID) -> list[PlayedTask]:
    """Return the open tasks of a case, the oldest first."""
    with engine.sessions.read() as connection:
        rows = connection.execute(_OPEN, {"case": case_id}).all()
        return [
            PlayedTask(
                id=row.id, element=row.element_id, process_key=row.process_key, name=row.name,
                assignee_id=row.assignee_id, assignee=row.assignee or "", groups=frozenset(row.candidate_groups),
                due_on=row.due_on, opened_at=row.opened_at, version=row.version, why=row.asked_because,
                form=engine.library.form(connection, row.form_id).key if row.form_id else "",
            )
            for row in rows
        ]  # fmt: skip


def waiting_timers(engine: ProcessEngine, actor: Actor, case_id: UUID) -> list[PlayedTimer]:
    """Return the timers of a case that wait, the earliest due first."""
    with viewing(engine, actor) as view:
        return list(_timers(view, case_id, fired=False))


def next_timer(engine: ProcessEngine, case_id: UUID) -> datetime | None:
    """Return when the first timer of a case that waits is due (aware UTC); None when none waits."""
    with engine.sessions.read() as connection:
        return connection.execute(_NEXT, {"case": case_id}).scalar()


def judged_again_on(engine: ProcessEngine, case_id: UUID) -> date | None:
    """Return the local day on whose night a case is judged again if nothing happens; None for the very next."""
    with engine.sessions.read() as connection:
        return connection.execute(_JUDGED, {"case": case_id}).scalar()


def entered(engine: ProcessEngine, case_id: UUID) -> frozenset[str]:
    """Return the keys of the diagrams that a case stands in or has ended, called ones with an open task too."""
    with engine.sessions.read() as connection:
        keys = (
            connection.execute(sa.select(table.c.process_key).where(table.c.case_id == case_id)).scalars()
            for table in (instances, user_tasks)
        )
        return frozenset(chain.from_iterable(keys))


def flows_taken(engine: ProcessEngine, actor: Actor, case_id: UUID) -> dict[str, frozenset[str]]:
    """Return, by key of the diagram, the ids of the sequence flows that were taken on a case, in called ones too."""
    found: dict[str, set[str]] = {}
    with viewing(engine, actor) as view:
        moves = (
            sa.select(instances.c.definition_id, history.c.kind, history.c.detail)
            .join(instances, instances.c.id == history.c.subject_id)
            .where(history.c.case_id == case_id, history.c.kind.in_(("process_moved", "process_started")))
        )
        taken: dict[UUID, set[str]] = {}
        for row in view.connection.execute(moves).all():
            flows = taken.setdefault(row.definition_id, set())
            flows.update(row.detail.get("flows") or ())
            if row.kind == "process_started":
                flows.update(_between(view, row.definition_id, frozenset(row.detail.get("entered") or ())))
        for definition_id, flows in taken.items():
            for each in _with_called(view, definition_id):
                definition = view.process(each)
                found.setdefault(definition.key, set()).update(flows & definition.flows.keys())
    return {key: frozenset(flows) for key, flows in found.items()}


def variables(engine: ProcessEngine, actor: Actor, case_id: UUID) -> dict[str, Mapping[str, Any]]:
    """Return the variables of each process that runs on a case, by the diagram's name."""
    with viewing(engine, actor) as view:
        rows = view.connection.execute(
            sa.select(instances.c.definition_id, instances.c.state)
            .where(instances.c.case_id == case_id, instances.c.ended_at.is_(None))
            .order_by(instances.c.started_at)
        )
        host = engine.library.host(view.connection, view.authority)
        environment = StepEnvironment(now=view.now, zone=view.authority.zone, host=host, ids=engine.ids)
        found = {}
        for row in rows.all():
            definition = view.process(row.definition_id)
            found[definition.name or definition.key] = Instance.restore(definition, row.state, environment).variables
        return found


def drawings(
    engine: ProcessEngine, actor: Actor, case_id: UUID, asked: Sequence[str]
) -> list[tuple[str, case_where.Drawing]]:
    """Return the diagrams that a case stands in with their keys; first where the work is (`asked`: elements)."""
    with viewing(engine, actor) as view:
        found = case_where.drawings(case_where.processes(view, case_id), asked)
        return [(view.process(each.definition_id).key, each) for each in found]


def ended(engine: ProcessEngine, actor: Actor, case_id: UUID) -> list[Ended]:
    """Return the processes of a case that ended, the first to end first."""
    with viewing(engine, actor) as view:
        rows = view.connection.execute(
            sa.select(instances)
            .where(instances.c.case_id == case_id, instances.c.ended_at.is_not(None))
            .order_by(instances.c.ended_at, instances.c.id)
        ).all()
        return [
            Ended(row.process_key, view.process(row.definition_id).name, row.end, row.ended_at, _last(view, row.id))
            for row in rows
        ]


def authority_of(engine: ProcessEngine, authority_id: UUID) -> dict[str, Any]:
    """Return what diagrams and rules may see of an authority itself: key, name, nation, zone, profile."""
    with engine.sessions.read() as connection:
        found = authorities.load(connection, authority_id)
        where = {"nation": found.calendar.nation, "zone": found.zone.key}
        return {"key": found.key, "name": found.name, "profile": found.profile, **where}


@dataclass(frozen=True, slots=True)
class PlayedDiagram:
    """A diagram that can be played: its file, whether another calls it, and the pathway that it opens cases for."""

    key: str
    name: str
    file: str
    called: bool
    pathway: str
    words: str
    started: str
    message: str
    tasks: tuple[tuple[str, str], ...]
    flows: tuple[FlowInfo, ...]
    names: Mapping[str, str]

    def flow_words(self, flow: FlowInfo) -> str:
        """Say a flow by what it joins and its own name."""
        said = f"{self.names.get(flow.source, flow.source)} → {self.names.get(flow.target, flow.target)}"
        return f"{said} ({flow.name})" if flow.name else said


def diagrams(engine: ProcessEngine, actor: Actor) -> list[PlayedDiagram]:
    """Return every diagram in force, by its name.

    `words` are those of the choice that opens a case with it, `started` those of the link that starts it on one, ""
    where nobody does, `message` the message that does; `tasks` the id and name of each task of people.
    """
    with viewing(engine, actor) as view:
        ids = [id_ for (kind, _), id_ in view.authority.latest.items() if kind == "process"]
        found = [(view.process(id_), definitions.load(view.connection, id_).file) for id_ in ids]
        called = frozenset[str]().union(*(process.calls for process, _ in found))
        return sorted((_diagram(view, *each, called) for each in found), key=lambda each: each.name)


def _diagram(view: View, process: ProcessDefinition, file: str, called: frozenset[str]) -> PlayedDiagram:
    opening, start = case_opening(process), case_start(process)
    tasks = tuple(
        (each.id, view.said(each.name or each.id)) for each in process.elements.values() if each.kind == "userTask"
    )
    return PlayedDiagram(
        process.key, process.name or process.key, file, process.key in called, opening.pathway if opening else "",
        opening.words if opening else "", start.words if start else "", next(iter(process.message_starts), ""), tasks,
        tuple(process.flows.values()), {each.id: each.name or each.id for each in process.elements.values()},
    )  # fmt: skip


def is_judged(engine: ProcessEngine, authority_id: UUID) -> bool:
    """Tell whether an authority has rules that judge its cases."""
    with engine.sessions.read() as connection:
        return ("decision", DECISION) in authorities.load(connection, authority_id).latest


def is_closed(engine: ProcessEngine, case_id: UUID) -> bool:
    """Tell whether a case is closed."""
    with engine.sessions.read() as connection:
        closed = sa.select(cases.c.closed_on).where(cases.c.id == case_id)
        return connection.execute(closed).scalar() is not None


def open_actions(engine: ProcessEngine, case_id: UUID) -> list[tuple[UUID, UUID, date]]:
    """Return the open actions of a case's plan, the first due first: id, owner and day."""
    with engine.sessions.read() as connection:
        rows = connection.execute(
            sa.select(plan_actions.c.id, plan_actions.c.owner_id, plan_actions.c.due_on)
            .where(plan_actions.c.case_id == case_id, plan_actions.c.closed_on.is_(None))
            .order_by(plan_actions.c.due_on, plan_actions.c.id)
        )
        return [(row.id, row.owner_id, row.due_on) for row in rows]


def happened(
    engine: ProcessEngine, actor: Actor, case_id: UUID, *, after: datetime | None = None
) -> list[Happened]:
    """Return all that happened on a case (`after` an instant, aware UTC) in the order in which it did, in sentences."""
    since = after or datetime.min.replace(tzinfo=UTC)
    with viewing(engine, actor) as view:
        found = [each for part in (_recorded, _fired, _told, _ruled) for each in part(view, case_id, since)]
        return sorted((each for each in found if each.at > since), key=lambda each: each.at)


_JUDGED: Final = sa.select(cases.c.judge_on).where(cases.c.id == sa.bindparam("case", type_=sa.Uuid))
_OPEN: Final = (
    sa.select(user_tasks, practitioners.c.name.label("assignee"))
    .outerjoin(practitioners, practitioners.c.id == user_tasks.c.assignee_id)
    .where(user_tasks.c.case_id == sa.bindparam("case", type_=sa.Uuid), user_tasks.c.state == "open")
    .order_by(user_tasks.c.opened_at, user_tasks.c.id)
)
_WAITING: Final = timers.c.fired_at.is_(None) & timers.c.cancelled_at.is_(None)
_NEXT: Final = (
    sa.select(sa.func.min(timers.c.due_at))
    .join(instances, instances.c.id == timers.c.instance_id)
    .where(instances.c.case_id == sa.bindparam("case", type_=sa.Uuid), _WAITING)
)


def _timers(view: View, case_id: UUID, *, fired: bool) -> Iterator[PlayedTimer]:
    rows = view.connection.execute(
        sa.select(timers, instances.c.definition_id)
        .join(instances, instances.c.id == timers.c.instance_id)
        .where(instances.c.case_id == case_id, timers.c.fired_at.is_not(None) if fired else _WAITING)
        .order_by(timers.c.due_at, timers.c.id)
    )
    for row in rows.all():
        definition = view.process(row.definition_id)
        inside = next(
            (each for each in definition.family.values() if row.element_id in each), definition.elements
        )
        info = inside.get(row.element_id)
        name = (info.name if info else None) or next_steps.name_of(definition, row.element_id)
        yield PlayedTimer(row.element_id, view.said(name), definition.name, row.due_at, row.fired_at)


def _with_called(view: View, definition_id: UUID) -> set[UUID]:
    found, waiting = {definition_id}, [definition_id]
    while waiting:
        for id_ in view.engine.library.calls(view.connection, waiting.pop()).values():
            if id_ not in found:
                found.add(id_)
                waiting.append(id_)
    return found


def _between(view: View, definition_id: UUID, entered: frozenset[str]) -> Iterator[str]:
    """Give the flows between elements that a process entered as it started: its first move says no more."""
    for each in _with_called(view, definition_id):
        for flow in view.process(each).flows.values():
            if flow.source in entered and flow.target in entered:
                yield flow.id


def _last(view: View, instance_id: UUID) -> tuple[str, ...]:
    """Return the elements that the last move of a process led to."""
    row = view.connection.execute(
        sa.select(history.c.detail, instances.c.definition_id)
        .join(instances, instances.c.id == history.c.subject_id)
        .where(history.c.subject_id == instance_id, history.c.kind == "process_moved")
        .order_by(history.c.seq.desc())
        .limit(1)
    ).first()
    if row is None:
        return ()
    flows = view.process(row.definition_id).flows
    return tuple(flows[each].target for each in row.detail.get("flows") or () if each in flows)


def _recorded(view: View, case_id: UUID, after: datetime) -> Iterator[Happened]:
    query = timeline.EVENTS.where(history.c.case_id == case_id, history.c.kind.not_in(sorted(MACHINERY)))
    query = query.where(history.c.recorded_at > after)
    rows = view.connection.execute(query.order_by(history.c.seq).limit(MOST_EVENTS)).all()
    for event in timeline.said(view, rows):
        yield Happened(event.at, "record", event.what, whom=event.who, key=event.kind)


def _fired(view: View, case_id: UUID, _after: datetime) -> Iterator[Happened]:
    for each in _timers(view, case_id, fired=True):
        if each.fired_at is not None:
            yield Happened(each.fired_at, "timer", each.name, whom=each.process, key=each.element)
    rows = view.connection.execute(sa.select(incidents).where(incidents.c.case_id == case_id))
    for row in rows:
        yield Happened(row.opened_at, "trouble", row.message, key=row.element_id or "")


def _told(view: View, case_id: UUID, after: datetime) -> Iterator[Happened]:
    sent = (
        sa.select(outbox, practitioners.c.name)
        .outerjoin(practitioners, practitioners.c.id == outbox.c.practitioner_id)
        .where(outbox.c.case_id == case_id, outbox.c.queued_at > after)
        .order_by(outbox.c.queued_at, outbox.c.id)
    )
    for row in view.connection.execute(sent):
        text = case_mails.told(view.connection, row.body, case_id=case_id, to=row.practitioner_id, now=view.now)
        yield Happened(row.queued_at, "sent", row.subject, whom=row.name or row.recipient, text=text)
    written = sa.select(letters).where(letters.c.case_id == case_id).order_by(letters.c.id)
    for row in view.connection.execute(written):
        yield Happened(_made_at(row), "letter", row.subject, whom=row.addressee, key=row.kind, text=row.body)


def _made_at(row: Any) -> datetime:
    """Return when a letter was written: its id says so, to the millisecond."""
    return datetime.fromtimestamp((row.id.int >> 80) / 1000, tz=UTC)


def _ruled(view: View, case_id: UUID, after: datetime) -> Iterator[Happened]:
    for row in view.connection.execute(kept(case_id).where(evaluations.c.at > after)).all():
        why = Why(view, row)
        for each in row.result.get("matched", ()):
            if each["decision"] == why.decision.name:
                key = f"{row.decision} {each.get('rule', '')}"
                yield Happened(row.at, "rule", why.sentence(each), whom=why.rules.name, key=key)
