"""Where the words for a relationship put somebody in the family's picture."""

from __future__ import annotations

import pytest

from engine.casework.kinship import CHILDREN, GRANDPARENTS, PARENTS, Standing, standing


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("Mother", Standing(PARENTS, "female", True)),
        ("step-dad", Standing(PARENTS, "male", True)),
        ("Foster carer", Standing(PARENTS, "unknown", True)),
        ("Nan", Standing(GRANDPARENTS, "female", True)),
        ("Grandfather, mother’s side", Standing(GRANDPARENTS, "male", True)),
        ("half-brother", Standing(CHILDREN, "male", True)),
        ("Twin", Standing(CHILDREN, "unknown", True)),
        ("Aunt", Standing(PARENTS, "female", False)),
        ("brother-in-law", Standing(PARENTS, "male", False)),
        ("godmother", Standing(PARENTS, "female", False)),
        ("neighbour", Standing(PARENTS, "unknown", False)),
        ("", Standing(PARENTS, "unknown", False)),
    ],
)
def test_a_relationship_has_its_place(said: str, place: Standing) -> None:
    assert standing(said) == place
