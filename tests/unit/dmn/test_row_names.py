"""What a row that matched is called, and where it says it comes from, whichever editor wrote that."""

from __future__ import annotations

import pytest

from engine.dmn import MatchedRow
from engine.dmn.results import told_source
from engine.errors import Invalid, faults_of
from tests.unit.dmn.dmn_files import decision, read, table


def matched(description: str = "", **annotations: str) -> MatchedRow:
    return MatchedRow("Rows", "", 12, "", {}, {}, annotations, description)


def test_a_row_is_called_what_its_table_calls_it() -> None:
    assert matched(Row="8").label == "8"
    assert matched(Source="Salford").label == "12"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (matched("Row 8. Salford.", Source="Salford."), "Salford."),
        (matched("Salford."), "Salford."),
        (matched(Source="Salford."), "Salford."),
        (matched("Row 8. Devon.", Source="Salford."), "Row 8. Devon. Salford."),
        (matched(), ""),
    ],
)
def test_a_source_is_said_once_and_never_lost(row: MatchedRow, said: str) -> None:
    assert told_source(row.as_json()) == said


def test_a_cell_that_is_refused_is_named_by_the_row_s_own_name_and_the_column_s_heading() -> None:
    rules = table(
        "FIRST", ["days"], ["to"], [["> 5", '"remind"', "7"], ["> ", '"tell"', "26b"], ["-", "1 +", ""]], notes=["Row"]
    )
    headed = rules.replace("<input>", '<input label="Days of silence">')
    headed = headed.replace('<output name="to">', '<output name="to" label="Who hears">')
    with pytest.raises(Invalid) as refused:
        read(decision("Rules", headed))
    said = [str(fault) for fault in faults_of(refused.value)]
    assert "row 26b (the 2nd), column 'Days of silence': `>` is not FEEL" in said[0]
    assert "row 3, column 'Who hears': `1 +` is not FEEL" in said[1], "a row that has no name is its number"
    assert [fault.details["row"] for fault in faults_of(refused.value)] == [2, 3]
