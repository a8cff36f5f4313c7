"""What a row that matched is called, and where it says it comes from, whichever editor wrote that."""

from __future__ import annotations

import pytest

from engine.dmn import MatchedRow
from engine.dmn.results import told_source


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
