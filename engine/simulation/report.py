"""One page on what a simulation found: plots with their tables, nothing loaded from anywhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from html import escape
from math import ceil
from typing import Final

from engine.queries.simulated_figures import DoneTask
from engine.simulation.assumptions import assumptions
from engine.simulation.plots import Plot, table
from engine.simulation.reason_words import in_words, level_in_words
from engine.simulation.summary import Summary, row_order

_MOST_PEOPLE = 40
_ENOUGH_WORDS = 3
_LATE_BANDS = ((0, 0, "On time"), (1, 5, "1 to 5 days late"), (6, 10, "6 to 10"), (11, 20, "11 to 20"),
               (21, 10_000, "More than 20"))  # fmt: skip
_WORDS = (
    "Every child, family and worker is invented. The people follow figures that can be changed; the processes, rules "
    "and timers are the ones deployed."
)
_SEED = ": the same seed gives the same caseload again, another seed another one that is as likely."
_STYLE = (
    "body{font:16px/1.5 system-ui,Arial,sans-serif;color:#0b0c0c;max-width:820px;margin:2rem auto;padding:0 1rem}"
    "h1{font-size:1.9rem}h2{font-size:1.3rem;margin:2.2rem 0 .3rem}"
    "section,figure{overflow-x:auto}figure{margin:.5rem 0}svg{width:100%;min-width:600px;height:auto}"
    "svg text{font:12px system-ui,Arial,sans-serif;fill:#0b0c0c}"
    "table{border-collapse:collapse;width:100%;font-size:.95rem}"
    "th,td{border-bottom:1px solid #b1b4b6;padding:.3rem .5rem;text-align:right}"
    "th:first-child{text-align:left}th[scope=row]{font-weight:400}"
    "summary{cursor:pointer;color:#1d70b8}details[open] summary{margin-bottom:.5rem}"
    "@media print{figure,tr{break-inside:avoid}h2{break-after:avoid}}"
    "pre{white-space:pre-wrap;background:#f3f2f1;padding:1rem;font-size:.85rem;overflow-wrap:anywhere}"
)


def page(found: Summary, *, above: str = "") -> str:
    """Return the report as one HTML page that stands by itself; `above` are sections of HTML to begin with."""
    weeks = _weeks(found.first, found.last)
    title = f"{found.plan.cases} cases over {found.plan.days} days"
    span = f"From {_long(found.first)} to {_long(found.last)}, seed {found.plan.seed}"
    parts = [
        f"<p>{span}{_SEED} {_WORDS}</p>",
        above,
        _in_short(found),
        table("Where the cases are", ("Stage", "Cases"), list(found.stages.items())),
        table("What the open ones wait for", ("Stage and step", "Cases"), list(found.waits.items())),
        table("Why the others closed", ("Reason", "Cases"), list(found.closed.items())),
        _first_steps(found),
        _open_cases(found, weeks).figure(),
        _lateness(found, weeks).figure(),
        _late_tasks(found),
        _escalations(found, weeks).figure(),
        _escalation_table(found),
        _workload_by_week(found, weeks).figure(),
        _workload(found),
        assumptions(found.plan.behaviours, found.limits),
        f"<section><h2>The summary as printed</h2><pre>{escape(found.text())}</pre></section>",
    ]
    return (
        '<!DOCTYPE html>\n<html lang="en-GB"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1>{''.join(parts)}</main></body></html>\n"
    )


def _in_short(found: Summary) -> str:
    """Say in a few sentences what the rest of the page shows."""
    closed = [case for case in found.cases if case.closed_on]
    met = sum(case.closure_reason == "needs_met" for case in closed)
    raised = Counter(each.reason for each in found.escalations).most_common(2)
    often = " and ".join(f"“{in_words(reason)}” ({number:,} times)" for reason, number in raised)
    wrong = sum(found.incidents.values())
    still = len(found.cases) - len(closed)
    said = [
        f"Of {len(found.cases):,} cases {still:,} are open at the end; {len(closed):,} closed, {met:,} with needs met.",
        *found.promises(),
        f"The rules raised {len(found.escalations):,} reasons to act, {found.escalations_open:,} of which hold now.",
        f"Most often they said {often}." if often else "They said nothing.",
        f"{wrong:,} times something stopped and waited for an operator." if wrong else "Nothing stopped or failed.",
    ]
    return f"<section><h2>In short</h2><ul>{''.join(f'<li>{escape(each)}</li>' for each in said)}</ul></section>"


def _first_steps(found: Summary) -> str:
    """List how long the first steps of a case took: half the cases within, nine in ten within, in working days."""
    rows = [
        (step, len(days), _within(days, 0.5), _within(days, 0.9)) for step, days in found.first_steps.items() if days
    ]
    columns = ("From the day a case was opened, until", "Cases", "Half of them within", "Nine in ten within")
    return table("How many working days the first steps took", columns, rows)


def _within(days: Sequence[int], share: float) -> int:
    return sorted(days)[ceil(share * len(days)) - 1]


def _open_cases(found: Summary, weeks: Sequence[date]) -> Plot:
    spans = [(case.opened_on, case.closed_on or date.max) for case in found.cases]
    ends = [week + timedelta(days=6) for week in weeks]
    opened = [sum(1 for begun, _ in spans if begun <= day) for day in ends]
    still = [sum(1 for begun, closed in spans if begun <= day < closed) for day in ends]
    return Plot(
        title="Open cases",
        words="Cases open at the end of each week, and all that were opened until then.",
        steps=[_short(week) for week in weeks],
        series={"Open": still, "Opened in all": opened},
    )


def _lateness(found: Summary, weeks: Sequence[date]) -> Plot:
    """Draw what share of the tasks and reviews done each week was late."""
    tasks = [(on, late) for task, on, late in found.tasks if on and task.due_on]
    reviews = [(held, late) for _, held, late in found.reviews if held]
    return Plot(
        title="Lateness",
        words=(
            "Of what was done in each week and the three before it, the share later than its day, in per cent. Nothing "
            "is drawn where nothing was done."
        ),
        steps=[_short(week) for week in weeks],
        series={"Tasks": _late_share(tasks, weeks), "Reviews": _late_share(reviews, weeks)},
        unit=" %",
    )


def _late_share(done: Sequence[tuple[date, int]], weeks: Sequence[date]) -> list[float | None]:
    """Return the share by week, None where nothing was done; over four, as a single late review is no bad week."""
    every, late = Counter(_week(on) for on, _ in done), Counter(_week(on) for on, days in done if days)
    found: list[float | None] = []
    for number in range(len(weeks)):
        window = weeks[max(0, number - 3) : number + 1]
        whole = sum(every[week] for week in window)
        found.append(round(100 * sum(late[week] for week in window) / whole, 1) if whole else None)
    return found


_WRITING_UP: Final = (
    "Done is when it was written up. A review counts above by the day on which it was held; to write it up after its "
    "meeting there is as long as for the meeting's notes."
)


def _late_tasks(found: Summary) -> str:
    done = [(_step(task), days) for task, on, days in found.tasks if on and task.due_on]
    rows: list[list[str | int]] = []
    for name in sorted({name for name, _ in done}):
        late = [days for each, days in done if each == name]
        rows.append([name, *(sum(1 for days in late if low <= days <= high) for low, high, _ in _LATE_BANDS)])
    heading = "How late each kind of task was"
    made = table("", ("Task", *(words for _, _, words in _LATE_BANDS)), rows)
    return f"<section><h2>{heading}</h2><p>{_WRITING_UP}</p>{made}</section>"


def _step(task: DoneTask) -> str:
    """Name a kind of task; one of a word or two, as “Decide”, with its diagram, as it says nothing by itself."""
    return task.name if len(task.name.split()) >= _ENOUGH_WORDS else f"{task.name} ({task.diagram})"


def _escalations(found: Summary, weeks: Sequence[date]) -> Plot:
    levels = sorted({each.level for each in found.escalations})
    counted = Counter((_week(each.on), each.level) for each in found.escalations)
    return Plot(
        title="Escalations by week",
        words=(
            "Escalations that began in each week, by level: who is to act. To remind is for the person who has it in "
            "hand, to replan for the lead and the team."
        ),
        steps=[_short(week) for week in weeks],
        series={_capital(level_in_words(level)): [counted[week, level] for week in weeks] for level in levels},
        stacked=True,
    )


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _escalation_table(found: Summary) -> str:
    counted = Counter((row_order(each.row), each.row, each.reason) for each in found.escalations)
    rows = [(f"{row}: {in_words(reason)}", count) for (_, row, reason), count in sorted(counted.items())]
    return table("Escalations by row of the rules", ("Row and reason", "Began"), rows)


def _workload_by_week(found: Summary, weeks: Sequence[date]) -> Plot:
    done = Counter(_week(on) for _, on, _ in found.tasks if on)
    return Plot(
        title="Workload by week",
        words="Tasks completed in each week, by everybody together.",
        steps=[_short(week) for week in weeks],
        series={"Tasks completed": [done[week] for week in weeks]},
        stacked=True,
    )


def _workload(found: Summary) -> str:
    """List who did and who has the most, the busiest first."""
    done = Counter(task.done_by for task, on, _ in found.tasks if on)
    waiting = Counter(task.assignee_id for task, on, _ in found.tasks if not on)
    late = Counter(task.assignee_id for task, on, days in found.tasks if not on and days)
    counted = [
        (f"{name}, {job}", (found.led.get(id_, 0), done[id_], waiting[id_], late[id_]))
        for id_, (name, job) in found.names.items()
    ]
    counted.sort(key=lambda row: (-row[1][0], -row[1][1], row[0]))
    busy = [row for row in counted if any(row[1])]
    rest = [figures for _, figures in busy[_MOST_PEOPLE:]]
    more = [
        (f"{len(rest):,} more people", tuple(map(sum, zip(*rest, strict=True)))),
        ("Groups: whoever of them takes it", (0, done[None], waiting[None], late[None])),
    ]
    rows: list[tuple[str | int, ...]] = [
        (who, *figures) for who, figures in [*busy[:_MOST_PEOPLE], *more] if any(figures)
    ]
    columns = ("Who", "Leads now", "Tasks done", "Open tasks", "Overdue now")
    return table("Workload by person", columns, rows)


def _weeks(first: date, last: date) -> list[date]:
    week, found = _week(first), []
    while week <= last:
        found.append(week)
        week += timedelta(days=7)
    return found


def _week(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _short(day: date) -> str:
    return f"{day.day} {day:%b}"


def _long(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
