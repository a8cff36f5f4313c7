"""Rules files that import each other, read together: which file is meant, in which order, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

import pytest

from engine.dmn.imports import InForce, ReadTogether, imported_from, read_together
from tests.unit.dmn.dmn_files import (
    ask,
    decision,
    definitions,
    imported,
    input_data,
    item,
    knowledge,
    literal,
    simple,
    table,
)

LACKING = (
    "sum.dmn: the import 'lib' names the namespace 'urn:base', which no rules file given or in force has; add the file "
    "that has it, or mend the namespace"
)


def giving(value: str, *, key: str = "base", namespace: str = "urn:base", name: str = "Limit") -> bytes:
    return definitions(decision(name, literal(value)), key=key, namespace=namespace)


def adding(
    to: str = "urn:base", name: str = "Limit", *, key: str = "sum", namespace: str = "urn:sum", own: str = "Sum"
) -> bytes:
    """Return a file with the decision `own`: that of the file it imports, and one more."""
    asks = decision(own, literal(f"lib.{name} + 1"), requires=[f"decision:{to}#id_{name}"])
    return definitions(imported(to), asks, key=key, namespace=namespace)


TOP = adding("urn:sum", "Sum", key="top", namespace="urn:top", own="Top")


def together(in_force: InForce | None = None, /, **files: bytes) -> ReadTogether:
    return read_together({f"{name}.dmn": text for name, text in files.items()}, in_force or InForce(), {})


def after(**files: bytes) -> InForce:
    """Return what is in force when these files were deployed."""
    read = together(**files)
    assert read.faults == ()
    models = {model.key: model for model in read.models.values()}
    sources = {model.key: files[file.removesuffix(".dmn")] for file, model in read.models.items()}
    return InForce(models, {key: sources[key] for key, model in models.items() if model.imports})


def said(read: ReadTogether) -> list[str]:
    return [str(fault) for _, fault in read.faults]


def test_files_are_read_after_those_they_import_whatever_their_names() -> None:
    read = together(a=TOP, b=adding(), c=giving("5"))
    assert said(read) == []
    assert ask(read.models["a.dmn"], "Top").value == Decimal(7)
    assert list(read.models) == ["c.dmn", "b.dmn", "a.dmn"]


def test_what_is_in_force_is_imported_where_no_file_given_has_the_namespace() -> None:
    in_force = after(base=giving("5"))
    assert ask(together(in_force, sum=adding()).models["sum.dmn"], "Sum").value == Decimal(6)
    read = together(in_force, sum=adding(), other=giving("9", key="other"))
    assert ask(read.models["sum.dmn"], "Sum").value == Decimal(10)
    assert read.again == {}


def test_importers_in_force_are_read_anew_with_what_they_import_and_so_are_theirs() -> None:
    in_force = after(base=giving("5"), sum=adding(), top=TOP, alone=giving("1", key="alone", namespace="urn:alone"))
    read = together(in_force, base=giving("7"))
    assert set(read.again) == {"sum", "top"}
    assert ask(read.again["top"], "Top").value == Decimal(9)
    assert ask(in_force.models["top"], "Top").value == Decimal(7), "what was read before stays as it was"
    assert set(together(in_force, sum=adding()).again) == {"top"}
    assert together(in_force, alone=giving("2", key="alone", namespace="urn:alone")).again == {}


def test_an_importer_in_force_keeps_to_the_file_it_imports_when_another_takes_the_namespace_too() -> None:
    in_force = after(base=giving("5"), sum=adding(), top=TOP)
    other = giving("9", key="other")
    assert together(in_force, other=other).again == {}
    both = together(in_force, other=other, base=giving("6"))
    assert ask(both.again["sum"], "Sum").value == Decimal(7)


def test_an_importer_in_force_that_would_break_is_told_of_by_its_file() -> None:
    in_force = after(base=giving("5"), sum=adding(), top=TOP)
    read = together(in_force, base=giving("5", name="Bound"))
    ((file, fault),) = read.broken
    assert (file, read.again, said(read)) == ("sum.dmn", {}, [])
    assert "requires the decision 'id_Limit'" in str(fault)
    moved = together(in_force, base=giving("5", namespace="urn:moved"))
    assert [(file, str(fault)) for file, fault in moved.broken] == [("sum.dmn", LACKING)]
    renamed = together(in_force, base=giving("5", namespace="urn:moved"), new=giving("8", key="new"))
    assert renamed.broken == ()
    assert ask(renamed.again["sum"], "Sum").value == Decimal(9)


def test_a_namespace_that_no_file_or_several_have_is_a_fault_that_names_it() -> None:
    assert said(together(sum=adding())) == [LACKING]
    two = together(sum=adding(), one=giving("1"), two=giving("2", key="two"))
    assert said(two)[0].endswith(
        "which several files have: one.dmn, two.dmn; give the one you mean a namespace of its own"
    )
    assert set(two.models) == {"one.dmn", "two.dmn"}


def test_imports_that_go_round_in_a_circle_are_refused_in_every_file_of_it_and_only_there() -> None:
    read = together(
        one=adding("urn:two", key="one", namespace="urn:one"), two=adding("urn:one", key="two", namespace="urn:two"),
        outside=adding("urn:two", key="outside", namespace="urn:outside"), base=giving("5"),
        own=adding("urn:own", key="own", namespace="urn:own"),
    )  # fmt: skip
    faults = dict(read.faults)
    assert set(faults) == {"one.dmn", "two.dmn", "own.dmn", "outside.dmn"}
    for file in ("one.dmn", "two.dmn"):
        assert "go round in a circle: " in str(faults[file])
        assert {"one.dmn", "two.dmn"} <= set(str(faults[file]).replace(";", " ").split())
    assert "circle: own.dmn -> own.dmn; take one" in str(faults["own.dmn"])
    assert "the import 'lib' needs two.dmn, which cannot be read; mend that first" in str(faults["outside.dmn"])
    assert set(read.models) == {"base.dmn"}


def test_a_circle_through_a_file_in_force_is_refused_too() -> None:
    in_force = after(base=giving("5"), sum=adding())
    back = definitions(
        imported("urn:sum"), decision("Limit", literal("lib.Sum"), requires=["decision:urn:sum#id_Sum"]),
        key="base", namespace="urn:base",
    )  # fmt: skip
    (sentence,) = said(together(in_force, base=back))
    assert "base.dmn" in sentence and "sum.dmn" in sentence and "circle" in sentence


def test_what_imports_a_file_that_cannot_be_read_says_which_and_files_beside_are_read() -> None:
    read = together(sum=adding(), base=giving("1 +"), other=giving("1", key="other", namespace="urn:other"))
    assert [file for file, _ in read.faults] == ["base.dmn", "sum.dmn"]
    assert "needs base.dmn, which cannot be read" in str(dict(read.faults)["sum.dmn"])
    assert set(read.models) == {"other.dmn"}
    assert together(after(base=giving("5"), sum=adding()), base=giving("1 +")).broken == (), "the fault says it all"


@pytest.mark.parametrize("text", [b"", b"<x", b"<definitions><import/></definitions>", b'<a:b xmlns:a="urn:a"/>'])
def test_what_is_no_rules_file_is_a_fault_like_any_other(text: bytes) -> None:
    (fault,) = together(x=text).faults
    assert fault[0] == "x.dmn"


def test_imports_of_another_kind_are_refused_as_such() -> None:
    odd = definitions(imported("urn:base").replace("www.omg.org/spec/DMN/", "www.w3.org/"), decision("D", literal("1")))
    assert "import DMN files only" in said(together(odd=odd))[0]


def test_imports_that_multiply_are_refused_before_they_fill_the_memory() -> None:
    files = {"f00": definitions(item("t", simple("number")), key="f00", namespace="urn:0")}
    for number in range(1, 40):
        both = (imported(f"urn:{number - 1}", "a"), imported(f"urn:{number - 1}", "b"))
        files[f"f{number:02}"] = definitions(*both, key=f"f{number:02}", namespace=f"urn:{number}")
    assert "its imports bring more than 20,000 types and inputs; import fewer files" in said(together(**files))[0]


def test_a_long_chain_of_imports_does_not_run_out_of_stack() -> None:
    chain = {"f0": giving("1", key="f0", namespace="urn:0", name="D0")}
    for number in range(1, 300):
        below = number - 1
        chain[f"f{number}"] = adding(
            f"urn:{below}", f"D{below}", key=f"f{number}", namespace=f"urn:{number}", own=f"D{number}"
        )
    read = together(**chain)
    assert read.faults == ()
    assert len(read.models) == 300


def others(files: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    yield from files.items()


def test_of_other_files_those_are_taken_that_are_imported_and_what_they_import() -> None:
    beside = {"sum.dmn": adding(), "base.dmn": giving("5"), "odd.dmn": b"<", "no.dmn": giving("1", namespace="urn:no")}
    assert set(imported_from({"top.dmn": TOP}, others(beside))) == {"sum.dmn", "base.dmn"}
    assert set(imported_from({"top.dmn": TOP, "sum.dmn": adding()}, others(beside))) == {"base.dmn"}
    assert imported_from({"top.dmn": adding("urn:nowhere")}, others(beside)) == {}


def test_other_files_are_not_looked_at_when_nothing_is_lacking() -> None:
    offered = others({"more.dmn": giving("1", key="more", namespace="urn:more")})
    assert imported_from({"base.dmn": giving("5"), "sum.dmn": adding(), "odd.dmn": b"<"}, offered) == {}
    assert len(list(offered)) == 1


def test_a_row_of_an_imported_table_is_no_row_of_the_table_that_is_asked() -> None:
    rows = table("FIRST", ["true"], ["Limit"], [["false", "1"], ["-", "5"]])
    base = definitions(decision("Limit", rows), key="base", namespace="urn:base")
    own = decision("Limit", table("FIRST", ["lib.Limit"], ["x"], [["5", "6"]]), requires=["decision:urn:base#id_Limit"])
    read = together(base=base, top=definitions(imported("urn:base"), own, key="top", namespace="urn:top"))
    result = ask(read.models["top.dmn"], "Limit")
    assert [(row.decision, row.row) for row in result.matched] == [("lib.Limit", 2), ("Limit", 1)]
    assert [row.row for row in result.own_rows] == [1]


def test_an_imported_name_that_no_arrow_brings_is_refused_with_the_cell_that_uses_it() -> None:
    in_force = after(base=giving("5"), sum=adding())
    renamed = giving("5").replace(b'name="Limit"', b'name="Bound"')
    assert b"id_Limit" in renamed, "the arrow leads there still"
    ((file, fault),) = together(in_force, base=renamed).broken
    assert file == "sum.dmn"
    assert str(fault).endswith(
        "`lib.Limit + 1` uses 'lib.Limit', which no arrow from the import brings here; connect it, or mend the name"
    )
    unconnected = definitions(imported("urn:base"), decision("D", table("FIRST", ["lib.Limit"], ["x"], [["5", "6"]])))
    assert "uses 'lib.Limit', which no arrow" in said(together(in_force, test=unconnected))[0]


def test_a_name_of_the_files_own_goes_before_an_import_called_the_same() -> None:
    own = (
        imported("urn:base", "person"), input_data("person"),
        decision("D", literal("person.age"), requires=["input:person"]),
        knowledge("f", [("person", "")], literal("person.age")),
    )  # fmt: skip
    read = together(base=giving("5"), top=definitions(*own))
    assert said(read) == []
    assert ask(read.models["top.dmn"], "D", person={"age": 7}).value == Decimal(7)
