"""Files to take away: lists as CSV and Excel, the month's return as page, PDF and Excel, the log of events."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime, timedelta

import pytest
from lxml import etree
from openpyxl import load_workbook
from openpyxl.cell.cell import Cell

from engine.queries.event_log import LoggedEvent
from web import csv_rows, event_files, workbooks
from web.workbooks import Sheet

XES = "{http://www.xes-standard.org/}"
DAYS = "from_on-day=1&from_on-month=1&from_on-year=2026&to_on-day=31&to_on-month=12&to_on-year=2026"


def _book(sheets: list[Sheet]):
    return load_workbook(io.BytesIO(b"".join(workbooks.streamed(sheets))))


def test_cells_keep_their_kind_and_nothing_becomes_a_formula():
    rows = [("=1+1", "+44", "-3", "@SUM(A1)", "#N/A", "a\x00b"), (7, date(2026, 3, 2), None, "x" * 40_000, "", "é")]
    page = _book([Sheet("A list: of [all]", ("One", "Two", "Three", "Four", "Five", "Six"), rows)]).worksheets[0]
    assert [cell.data_type for cell in page[2]] == ["s"] * 6
    assert [cell.value for cell in page[2]] == ["=1+1", "+44", "-3", "@SUM(A1)", "#N/A", "ab"]
    assert (page["A3"].value, page["B3"].value.date(), page["C3"].value) == (7, date(2026, 3, 2), None)
    assert page["B3"].is_date and len(page["D3"].value) == workbooks.LONGEST
    assert page.freeze_panes == "A2" and page["A1"].font.bold and page.column_dimensions["A"].width >= 12
    lines = list(csv.reader(io.StringIO("".join(csv_rows.streamed(("Head",), rows))[1:])))
    assert lines[1][:4] == ["'=1+1", "'+44", "'-3", "'@SUM(A1)"] and lines[2][:3] == ["7", "2026-03-02", ""]


def test_a_list_too_long_for_a_sheet_goes_on_in_another(monkeypatch):
    monkeypatch.setattr(workbooks, "MOST_ROWS", 2)
    book = _book([Sheet("Events", ("Number",), ((number,) for number in range(5)))])
    assert book.sheetnames == ["Events", "Events 2", "Events 3"]
    assert [[row[0].value for row in page.iter_rows(min_row=2)] for page in book] == [[0, 1], [2, 3], [4]]
    assert all(page["A1"].value == "Number" for page in book)


def test_a_return_is_a_page_a_pdf_and_a_workbook_of_the_same_figures(service):
    service.start_case("Sam")
    ruth = service.signed_in("ruth")
    month = service.clock.now().strftime("%Y-%m")
    ruth.get(f"/returns?month={month}")
    assert ruth.says("So far: the month is not over", "By agency and team", "Northcombe Council, Early help")
    book = load_workbook(io.BytesIO(ruth.client.get(f"/returns/return.xlsx?month={month}").data))
    assert book.sheetnames[:2] == ["Agencies and teams", "Closed by reason"]
    page = book["Agencies and teams"]
    assert [cell.value for cell in page[2]][:5] == ["All", None, 1, 0, 1]
    pdf = ruth.client.get(f"/returns/return.pdf?month={month}")
    assert pdf.mimetype == "application/pdf" and pdf.data.startswith(b"%PDF")
    assert f"return-{month}.pdf" in pdf.headers["Content-Disposition"]
    for wrong in ("2026-13", "x", "2999-01"):
        assert ruth.client.get(f"/returns?month={wrong}").headers["Location"] == "/returns", wrong


def test_the_log_of_events_reads_as_csv_and_as_xes(service):
    service.start_case("Sam")
    ruth = service.signed_in("ruth")
    table = list(csv.DictReader(io.StringIO(ruth.client.get(f"/returns/events.csv?{DAYS}").text)))
    assert tuple(table[0]) == event_files.HEAD, "no mark stands before the first column's name"
    assert all(datetime.fromisoformat(row["time:timestamp"]).tzinfo for row in table)
    log = etree.fromstring(ruth.client.get(f"/returns/events.xes?{DAYS}").data)
    XES_RULES.assertValid(log)
    traces = log.findall(f"{XES}trace")
    read = [
        (_value(trace, "concept:name"), _value(event, "concept:name"), _value(event, "org:role"))
        for trace in traces
        for event in trace.findall(f"{XES}event")
    ]
    assert read == [(row["case:concept:name"], row["concept:name"], row["org:role"]) for row in table]
    assert len(traces) == 1 and "Sam" not in etree.tostring(log).decode()
    known = {each.get("prefix") for each in log.findall(f"{XES}extension")}
    assert {each.get("key").partition(":")[0] for each in log.iter() if each.get("key")} <= known
    answer = ruth.client.get("/returns/events.csv")
    assert answer.status_code == 422 and "Enter the first day" in answer.text
    assert service.signed_in("tomas").client.get(f"/returns/events.csv?{DAYS}").status_code == 403, "no designer"


XES_RULES = etree.RelaxNG(
    etree.fromstring(
        """
<grammar xmlns="http://relaxng.org/ns/structure/1.0" ns="http://www.xes-standard.org/"
    datatypeLibrary="http://www.w3.org/2001/XMLSchema-datatypes">
  <start><element name="log">
    <attribute name="xes.version"/><attribute name="xes.features"/>
    <zeroOrMore><element name="extension">
      <attribute name="name"><data type="NCName"/></attribute><attribute name="prefix"><data type="NCName"/></attribute>
      <attribute name="uri"><data type="anyURI"/></attribute>
    </element></zeroOrMore>
    <zeroOrMore><element name="global">
      <attribute name="scope"><choice><value>trace</value><value>event</value></choice></attribute>
      <oneOrMore><ref name="attribute"/></oneOrMore>
    </element></zeroOrMore>
    <zeroOrMore><element name="classifier"><attribute name="name"/><attribute name="keys"/></element></zeroOrMore>
    <zeroOrMore><ref name="attribute"/></zeroOrMore>
    <zeroOrMore><element name="trace">
      <zeroOrMore><ref name="attribute"/></zeroOrMore>
      <zeroOrMore><element name="event"><zeroOrMore><ref name="attribute"/></zeroOrMore></element></zeroOrMore>
    </element></zeroOrMore>
  </element></start>
  <define name="attribute"><choice>
    <element name="string"><attribute name="key"/><attribute name="value"/></element>
    <element name="date"><attribute name="key"/><attribute name="value"><data type="dateTime"/></attribute></element>
  </choice></define>
</grammar>"""
    )
)
"""What IEEE 1849 lets stand where, in what order, as far as our log has it; written from the standard's text."""


def _value(part: etree._Element, key: str) -> str:
    (found,) = [each.get("value") for each in part if each.get("key") == key]
    return str(found)


def test_activities_of_any_words_stay_whole_in_xes():
    at = datetime.fromisoformat("2026-03-02T09:30:00+00:00")
    said = 'Agree <"what"> & when'
    log = etree.fromstring("".join(event_files.xes([LoggedEvent("c1", said, at, "case worker")])).encode())
    event = log.find(f"{XES}trace/{XES}event")
    assert event is not None and _value(event, "concept:name") == said
    assert datetime.fromisoformat(_value(event, "time:timestamp")) == at


MANAGERS = (
    "/overdue", "/workload", "/oversight", "/cases", "/tasks", "/people", "/directory", "/where-cases-stand",
    "/workload/tasks", "/cases/{case}/chronology", "/oversight/audits",
)  # fmt: skip
ADMINISTRATORS = ("/directory/roles", "/people/teams", "/authority/history")


@pytest.mark.parametrize(
    ("who", "path"), [*(("ruth", each) for each in MANAGERS), *(("olu", each) for each in ADMINISTRATORS)]
)
def test_a_list_is_the_same_in_excel_as_in_csv(service, who, path):
    case_id = service.start_case("Sam")
    service.start_case("Elin", username="ruth")
    service.clock.advance(timedelta(days=40))
    visitor, path = service.signed_in(who), path.format(case=case_id)
    if path == "/oversight/audits":
        visitor.get(path)
        visitor.post(path, name="Autumn", size="1")
    lines = list(csv.reader(io.StringIO(visitor.client.get(f"{path}.csv").text.lstrip(csv_rows.MARK))))
    page = load_workbook(io.BytesIO(visitor.client.get(f"{path}.xlsx").data)).worksheets[0]
    assert f"{path}.csv" in visitor.get(path) and f"{path}.xlsx" in visitor.page, "the page leads to both"
    assert len(lines) > 1 and [[_said(cell) for cell in row] for row in page.iter_rows()] == lines


def _said(cell: Cell) -> str:
    if isinstance(cell.value, datetime):
        has_time = cell.number_format.endswith("hh:mm")
        return f"{cell.value:%Y-%m-%d %H:%M}" if has_time else cell.value.date().isoformat()
    return "" if cell.value is None else str(cell.value)
