"""What came of a simulation, counted once and told in words: the same for the same seed, byte for byte."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import takewhile
from uuid import UUID

from engine.process_engine import ProcessEngine
from engine.queries import simulated_figures as figures
from engine.queries.simulated_figures import Begun, CaseSpan, DoneTask
from engine.queries.simulated_limits import limits_in_force
from engine.queries.simulated_stages import ORDER
from engine.simulation.plans import Plan, first_day
from engine.simulation.reason_words import in_words, level_in_words
from engine.simulation.town import Town

_WIDTH = 70


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The figures of one simulation. Lateness is in working days; a day that is not due yet is None."""

    plan: Plan
    first: date
    last: date
    cases: Sequence[CaseSpan]
    beside: Mapping[str, int]
    reviews: Sequence[tuple[date, date | None, int]]
    tasks: Sequence[tuple[DoneTask, date | None, int]]
    escalations: Sequence[Begun]
    escalations_open: int
    led: Mapping[UUID, int]
    names: Mapping[UUID, tuple[str, str]]
    counts: Mapping[str, int]
    incidents: Mapping[str, int]
    done: Mapping[str, int]
    refused: Mapping[str, int]
    first_steps: Mapping[str, Sequence[int]]
    """By step, after how many working days it was done in each case that came to it."""
    limits: Sequence[tuple[str, str]]
    """What each time limit in force is about, and how long it is."""

    @property
    def stages(self) -> dict[str, int]:
        """How many cases are at each stage, as an episode goes through them; the closed ones last."""
        counted = Counter(case.stage for case in self.cases)
        return {stage: counted[stage] for stage in ORDER if counted[stage]}

    @property
    def waits(self) -> dict[str, int]:
        """How many open cases wait for what, by stage, the most first."""
        still = [case for case in self.cases if not case.closed_on]
        counted = Counter((case.stage, "; ".join(map(_inside, case.waits_for)) or "nothing open") for case in still)
        rows = sorted(counted.items(), key=lambda row: (ORDER.index(row[0][0]), -row[1], row[0][1]))
        return {f"{stage}: {words}": number for (stage, words), number in rows}

    @property
    def closed(self) -> dict[str, int]:
        """How many cases closed for each reason, the most first."""
        return _by_number(Counter(case.closure_reason.replace("_", " ") for case in self.cases if case.closed_on))

    def promises(self) -> list[str]:
        """Say how many reviews and tasks were done, how many of them in time, and how many wait."""
        return [f"{line}." for line in _promises(self)]

    def text(self) -> str:
        """Return the summary as it is printed."""
        return "\n".join(_lines(self)) + "\n"


def summarise(engine: ProcessEngine, town: Town, plan: Plan, *, authority_id: UUID) -> Summary:
    """Count what a simulation left in the record."""
    calendar = town.office.calendar
    last = plan.until.astimezone(calendar.zone).date()
    tasks = []
    for task in figures.tasks(engine):
        closed_on = task.closed_at.astimezone(calendar.zone).date() if task.closed_at else None
        late = calendar.days_overdue(task.due_on, closed_on or last) if task.due_on else 0
        tasks.append((task, closed_on, late))
    return Summary(
        plan=plan,
        first=first_day(plan, last),
        last=last,
        cases=figures.case_spans(engine, authority_id),
        beside=figures.processes_beside(engine),
        reviews=[(due, held, calendar.days_overdue(due, held or last)) for due, held in figures.review_days(engine)],
        tasks=tasks,
        escalations=figures.escalations_begun(engine),
        escalations_open=figures.escalations_open(engine),
        led=figures.led_cases(engine),
        names=figures.names(engine, authority_id),
        counts=figures.counts(engine),
        incidents=figures.incidents_by_message(engine),
        done=dict(sorted(town.done.items())),
        refused=dict(sorted(town.refused.items())),
        first_steps={
            step: [calendar.working_days_between(opened, on) for opened, on in days]
            for step, days in figures.first_steps(engine, authority_id).items()
        },
        limits=limits_in_force(engine, authority_id),
    )


def _inside(name: str) -> str:
    """Write a step's name as inside a sentence: without its capital, but for a name of letters, as TAC."""
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]


def _lines(found: Summary) -> Iterator[str]:
    plan = found.plan
    yield f"{plan.cases} cases over {plan.days} days, seed {plan.seed}: {_day(found.first)} to {_day(found.last)}"
    yield from _table("Cases by stage", found.stages)
    yield from _table("What the open ones wait for", found.waits)
    yield from _table("Why the others closed", found.closed)
    if found.beside:
        yield from _table("Running beside them", {key.replace("_", " "): count for key, count in found.beside.items()})
    yield ""
    yield from _promises(found)
    yield from _table("Escalations begun, by row of the rules", _escalation_rows(found.escalations))
    yield f"  {'hold now':<{_WIDTH}} {found.escalations_open:>7,}"
    yield ""
    counts = found.counts
    yield (
        f"Timers: {counts['timers_fired']:,} fired, {counts['timers_late']:,} of them more than five minutes late; "
        f"{counts['timers_waiting']:,} wait"
    )
    yield f"Messages: {counts['messages']:,} sent, {counts['unsent']:,} not"
    yield f"History: {counts['events']:,} events"
    yield f"Incidents: {sum(found.incidents.values()):,}"
    for said, count in found.incidents.items():
        yield f"  {count} x {said}"
    yield from _table("What people did", found.done)
    if found.refused:
        yield from _table("What the service would not do", found.refused)


def _promises(found: Summary) -> Iterator[str]:
    held = [late for _, on, late in found.reviews if on]
    waiting = [late for _, on, late in found.reviews if not on]
    yield (
        f"Reviews: {len(held):,} held, {_share(held)} by the day first promised; "
        f"{len(waiting):,} awaited, {_late(waiting)} overdue"
    )
    done = [late for task, on, late in found.tasks if on and task.due_on]
    still = [late for task, on, late in found.tasks if not on]
    mean = sum(done) / max(1, _late(done))
    yield (
        f"Tasks: {len(done):,} done, {_share(done)} on time, the others {mean:.1f} working days late; "
        f"{len(still):,} open, {_late(still)} overdue"
    )


def _share(late: Sequence[int]) -> str:
    return f"{100 * (len(late) - _late(late)) / len(late):.0f} %" if late else "none"


def _late(late: Sequence[int]) -> int:
    return sum(1 for days in late if days > 0)


def _escalation_rows(begun: Sequence[Begun]) -> dict[str, int]:
    counted = Counter((row_order(each.row), each.row, each.reason, each.level) for each in begun)
    return {
        f"row {row}: {in_words(reason)} ({level_in_words(level)})": count
        for (_, row, reason, level), count in sorted(counted.items())
    }


def row_order(label: str) -> tuple[int, str]:
    """Return by what the rows of a table are sorted: 3a, 3b, 10, and those not numbered first."""
    number = "".join(takewhile(str.isdecimal, label))
    return int(number or 0), label


def _table(title: str, rows: Mapping[str, int]) -> Iterator[str]:
    yield ""
    yield title
    for name, count in rows.items():
        yield f"  {name:<{_WIDTH}} {count:>7,}"
    if not rows:
        yield "  none"


def _by_number(counted: Counter[str]) -> dict[str, int]:
    return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
