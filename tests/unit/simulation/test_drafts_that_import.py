"""Rules to be played that import others: of the draft itself, else of the models that they take their place among."""

from __future__ import annotations

import pytest

from engine.errors import Invalid
from tests.unit.dmn.dmn_files import decision, definitions, imported, literal
from web.cli.simulate import with_draft


def limits(name: str = "Limit", value: str = "1") -> bytes:
    return definitions(decision(name, literal(value)), key="limits", namespace="urn:limits")


IMPORTING = definitions(
    imported("urn:limits"), decision("Paint", literal("lib.Limit"), requires=["decision:urn:limits#id_Limit"]),
    key="paint", namespace="urn:paint",
)  # fmt: skip


def test_a_draft_may_import_one_of_the_models_and_stands_beside_it() -> None:
    whole = with_draft({"limits.dmn": limits(), "old.dmn": IMPORTING}, {"new.dmn": IMPORTING})
    assert set(whole) == {"limits.dmn", "new.dmn"}


def test_a_draft_of_what_the_models_import_is_read_with_them(capsys: pytest.CaptureFixture[str]) -> None:
    models = {"limits.dmn": limits(), "paint.dmn": IMPORTING}
    assert with_draft(models, {"more.dmn": limits(value="2")}) == {
        "more.dmn": limits(value="2"), "paint.dmn": IMPORTING,
    }  # fmt: skip
    with pytest.raises(Invalid, match="nothing was simulated"):
        with_draft(models, {"more.dmn": limits("Bound")})
    assert "paint.dmn:id_Paint: decision 'Paint' (id_Paint): it requires" in capsys.readouterr().err
