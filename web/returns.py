"""The month's return: a page, a PDF and an Excel file; and the log of events for process mining."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any, Final

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.casework import permissions
from engine.errors import Invalid
from engine.queries import event_log, monthly_return, stage_times
from engine.queries.monthly_return import MonthlyReturn, ReturnRow
from engine.queries.stage_times import Period, Share
from web import access, csv_rows, documents, event_files, exports
from web.csv_rows import Cell
from web.current import actor, engine
from web.day_fields import day_boxes, day_needed
from web.workbooks import Sheet

blueprint = Blueprint("returns", __name__, url_prefix="/returns")

HEADS: Final = (
    ("Opened", "Closed", "Open at the end"),
    ("Assessments in time", "First meetings in time", "Reviews on time"),
    ("Escalations", "MAG referrals"),
)
_MONTHS_OFFERED: Final = 24
_XES: Final = "application/xml"


@blueprint.get("")
@access.for_those(permissions.may_see_figures)
def page() -> ResponseReturnValue:
    """Show a month's return; an address that names no month leads to the last whole one."""
    try:
        found = _found()
    except Invalid:
        return redirect(url_for("returns.page"), 303)
    return _page(found)


@blueprint.get("/return.pdf")
@access.for_those(permissions.may_see_figures)
def as_pdf() -> ResponseReturnValue:
    """Give the return as a tagged PDF."""
    try:
        found = _found()
        made = documents.pdf("returns/paper.html", found=found, authority=g.authority, heads=_heads())
    except Invalid:
        return redirect(url_for("returns.page"), 303)
    except documents.NoPdf as missing:
        return _page(found, problem=missing), 503
    return documents.download(made, documents.PDF_TYPE, f"return-{found.period.from_on:%Y-%m}.pdf")


@blueprint.get("/return.xlsx")
@access.for_those(permissions.may_see_figures)
def as_workbook() -> ResponseReturnValue:
    """Give the return as an Excel file, a sheet for each table."""
    try:
        found = _found()
    except Invalid:
        return redirect(url_for("returns.page"), 303)
    return exports.workbook(f"return-{found.period.from_on:%Y-%m}", list(_sheets(found)))


@exports.both(blueprint, "/events")
@access.for_those(permissions.may_see_figures)
def events(kind: str) -> ResponseReturnValue:
    """Give what happened on cases, without anybody's name, as a table of events."""
    try:
        found = event_log.events(engine(), actor=actor(), period=_period())
    except Invalid as wrong:
        return _wrong_days(wrong)
    if kind == "xlsx":
        return exports.listed("events", kind, event_files.HEAD, event_files.rows(found))
    # A mark of UTF-8 would become part of the first column's name for the programs that read this.
    lines = csv_rows.streamed(event_files.HEAD, event_files.rows(found), mark="")
    return Response(lines, mimetype="text/csv", headers=_named("events.csv"))


@blueprint.get("/events.xes")
@access.for_those(permissions.may_see_figures)
def events_xes() -> ResponseReturnValue:
    """Give the same as an XES file."""
    try:
        found = event_log.events(engine(), actor=actor(), period=_period())
    except Invalid as wrong:
        return _wrong_days(wrong)
    return Response(event_files.xes(found), mimetype=_XES, headers=_named("events.xes"))


def _named(name: str) -> Mapping[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def _wrong_days(wrong: Invalid) -> ResponseReturnValue:
    return _page(_found(), errors={str(wrong.details.get("field") or "from_on"): wrong.message}), 422


def _page(
    found: MonthlyReturn, *, errors: Mapping[str, str] | None = None, problem: documents.NoPdf | None = None
) -> str:
    usual = stage_times.default_period(engine(), actor=actor())
    boxes = {**day_boxes("from_on", usual.from_on), **day_boxes("to_on", usual.to_on)}
    return render_template(
        "returns/page.html",
        found=found,
        months=list(_months(g.today)),
        heads=_heads(),
        values=request.args if errors else boxes,
        errors=errors or {},
        problem=problem,
    )


def _heads() -> tuple[str, ...]:
    return tuple(name for part in HEADS for name in part)


def _found() -> MonthlyReturn:
    return monthly_return.read(engine(), actor=actor(), month=_month(request.args.get("month", "")))


def _month(text: str) -> date | None:
    """Return the first day of a month as an address writes it (2026-03), None when it names none."""
    if not text:
        return None
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise Invalid("There is no such month", field="month") from error


def _months(today: date) -> Iterator[tuple[str, date]]:
    first = today.replace(day=1)
    for _ in range(_MONTHS_OFFERED):
        yield f"{first:%Y-%m}", first
        first = (first - timedelta(days=1)).replace(day=1)


def _period() -> Period:
    typed = request.args
    first = day_needed(typed, "from_on", "Enter the first day")
    return Period(first, day_needed(typed, "to_on", "Enter the last day"))


_PARTS: Final = ("Assessments", "First meetings", "Reviews")


def _sheets(found: MonthlyReturn) -> Iterator[Sheet]:
    shares = [f"{name}, {which}" for name in _PARTS for which in ("in time", "all")]
    yield Sheet("Agencies and teams", ("Agency", "Team", *HEADS[0], *shares, *HEADS[2]), _lines(found))
    yield Sheet("Closed by reason", ("Reason", "Cases closed"), found.closures)
    held = ((each.reason, each.level, each.began, each.ended, each.hold) for each in found.escalations)
    yield Sheet("Escalations", ("Reason", "Level", "Began", "Ended by the end", "Held at the end"), held)
    yield Sheet("Managers decided", ("Decision", "Number"), found.discussions)
    yield Sheet("MAG decided", ("Group", "Referrals"), found.group_decisions)
    yield Sheet("About this return", ("What", "Value"), list(_about(found)))


def _lines(found: MonthlyReturn) -> Iterator[list[Cell]]:
    yield ["All", "", *_cells(found.total)]
    for row in found.rows:
        yield [row.agency, row.team, *_cells(row)]


def _cells(row: ReturnRow) -> Iterator[Cell]:
    yield from (row.opened, row.closed, row.open_at_end)
    for share in (row.assessments, row.first_meetings, row.reviews):
        yield from _both(share)
    yield from (row.escalations, row.referrals)


def _both(share: Share) -> tuple[Any, Any]:
    return share.in_time, share.number


def _about(found: MonthlyReturn) -> Iterator[tuple[Cell, Cell]]:
    yield "First day", found.period.from_on
    yield "Last day", found.period.to_on
    yield "The month is over", "no" if found.so_far else "yes"
    yield "Limit for an assessment, working days", found.assessment_days
    yield "Limit for the first meeting, weeks", found.first_tac_weeks
    yield "Counted on", g.today
