"""Where cases stand: on the diagram, by stage, and over a period. Figures; the board has the children."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson
from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.casework import permissions
from engine.errors import Invalid
from engine.queries import stage_times, where_cases_stand
from engine.queries.kept_figures import OLD_AFTER
from engine.queries.stage_times import Figures, Period
from engine.queries.where_cases_stand import Activity, Call, Now
from engine.simulation.plots import Plot
from web import access, exports
from web.csv_rows import Cell
from web.current import actor, engine
from web.day_fields import day_boxes, day_needed
from web.stage_plots import WIDTH, stage_plot
from web.workbooks import Sheet

blueprint = Blueprint("figures", __name__)


@blueprint.get("/where-cases-stand")
@access.for_those(permissions.may_see_figures)
def page() -> ResponseReturnValue:
    """Show where cases stand now, and what a period looked like."""
    found = where_cases_stand.now(engine(), actor=actor())
    key = request.args.get("diagram", "")
    key = key if key in found.diagrams else _busiest(found)
    period, typed, errors = _period()
    figures = stage_times.figures(engine(), actor=actor(), period=period)
    return render_template(
        "figures.html",
        found=found,
        old=(engine().clock.now() - min(found.counted_at, figures.counted_at)).total_seconds() > OLD_AFTER,
        key=key,
        shown=found.diagrams.get(key),
        names=found.names,
        heat=_heat(found, key),
        period=period,
        figures=figures,
        plot=stage_plot(figures.stages),
        flow=_flow(figures),
        values=typed,
        errors=errors,
        chosen={name: text for name, text in request.args.items() if text and name.startswith(("from_on-", "to_on-"))},
    ), 422 if errors else 200


@exports.both(blueprint, "/where-cases-stand")
@access.for_those(permissions.may_see_figures)
def as_file(kind: str) -> ResponseReturnValue:
    """Send the same figures as an Excel file, a sheet for each table; as CSV, which holds one, the steps."""
    found = where_cases_stand.now(engine(), actor=actor())
    if kind == "csv":
        return exports.listed("steps", kind, _STEPS, _steps(found))
    figures = stage_times.figures(engine(), actor=actor(), period=_period()[0])
    return exports.workbook("where-cases-stand", _sheets(found, figures))


_STEPS: Final = ("Diagram", "Step", "Waiting", "Overdue", "For over ten working days", "The oldest since")


def _steps(found: Now) -> Iterator[tuple[Cell, ...]]:
    for each in found.activities:
        yield each.diagram, each.name, each.live, each.overdue, each.old, each.oldest_on


def _sheets(found: Now, figures: Figures) -> list[Sheet]:
    times, flow = figures.stages, figures.weeks
    in_time = [("Reviews", figures.reviews), ("First meetings", figures.first_meetings)]
    return [
        Sheet("Steps", _STEPS, _steps(found)),
        Sheet("Stages", ("Stage", "Children", "Overdue"),
              [(each.said, each.live, each.overdue) for each in found.stages]),
        Sheet("Days at each stage", ("Stage", "Times it ended", "Median", "90th percentile"),
              [(each.stage, each.number, each.median, each.ninetieth) for each in times]),
        Sheet("Opened and closed", ("Week of", "Opened", "Closed"),
              [(each.monday, each.opened, each.closed) for each in flow]),
        Sheet("Kept in time", ("What", "In time", "Of"), [(what, each.in_time, each.number) for what, each in in_time]),
        Sheet("Escalations", ("Reason", "Began", "Of these, still so today"),
              [(each.reason, each.began, each.hold) for each in figures.escalations]),
        Sheet("Closures", ("Reason", "Closed"), figures.closures),
        Sheet("Perhaps forgotten", ("What", "Children"), [(said, number) for _, said, number in found.forgotten]),
    ]  # fmt: skip


def _busiest(found: Now) -> str:
    parts: tuple[Activity | Call, ...] = (*found.activities, *found.calls)
    counts = {key: sum(each.live for each in parts if each.process_key == key) for key in found.diagrams}
    return max(counts, key=lambda key: (counts[key], key), default="")


def _heat(found: Now, key: str) -> str:
    """Return what stands on each step of a diagram, as its viewer takes it."""
    marks = {each.element_id: _mark(each) for each in found.activities if each.process_key == key}
    for call in found.calls:
        if call.process_key == key:
            href = url_for("figures.page", diagram=call.called, _anchor="diagram")
            marks[call.element_id] = {"words": _count(call), "heat": 0, "href": href}
    return orjson.dumps(marks).decode()


def _mark(each: Activity) -> Mapping[str, Any]:
    return {"words": _count(each), "heat": each.heat, "href": url_for("overdue.board", step=each.element_id)}


def _count(each: Activity | Call) -> str:
    return f"{each.live:,}, {each.overdue:,} overdue" if each.overdue else f"{each.live:,}"


def _period() -> tuple[Period, Mapping[str, Any], Mapping[str, str]]:
    """Return the period asked for, what was typed and what is wrong with it; thirteen weeks when nothing is right."""
    usual = stage_times.default_period(engine(), actor=actor())
    boxes = {**day_boxes("from_on", usual.from_on), **day_boxes("to_on", usual.to_on)}
    if not any(name.startswith(("from_on-", "to_on-")) for name in request.args):
        return usual, boxes, {}
    typed = request.args
    try:
        first = day_needed(typed, "from_on", "Enter the first day")
        return Period(first, day_needed(typed, "to_on", "Enter the last day")), typed, {}
    except Invalid as wrong:
        return usual, typed, {str(wrong.details.get("field") or "from_on"): wrong.message}


def _flow(figures: Figures) -> str:
    weeks = figures.weeks
    return Plot(
        title="Cases opened and closed each week",
        words="By the Monday of the week.",
        steps=[f"{each.monday.day} {each.monday:%b}" for each in weeks],
        series={"Opened": [each.opened for each in weeks], "Closed": [each.closed for each in weeks]},
        width=WIDTH,
        names=82,
    ).figure()
