"""Rules for the schema: whose every row is, said in the row."""

import pytest

from engine.store.tables import METADATA, OF_THE_MACHINE, PARTS

SCOPED = sorted(METADATA.tables.keys() - PARTS.keys() - OF_THE_MACHINE)


@pytest.mark.parametrize("name", SCOPED)
def test_every_scoped_row_says_whose_it_is(name: str) -> None:
    column = METADATA.tables[name].c.authority_id
    assert not column.nullable
    assert {key.target_fullname for key in column.foreign_keys} == {"authorities.id"}


@pytest.mark.parametrize(("part", "whole"), sorted(PARTS.items()))
def test_a_part_always_has_its_whole(part: str, whole: str) -> None:
    table = METADATA.tables[part]
    assert "authority_id" not in table.c
    ties = [key.parent for key in table.foreign_keys if key.column.table.name == whole]
    assert ties and not any(column.nullable for column in ties)
    assert whole in SCOPED


def test_rows_of_the_machine_carry_no_authority() -> None:
    assert all("authority_id" not in METADATA.tables[name].c for name in OF_THE_MACHINE)
