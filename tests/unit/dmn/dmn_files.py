"""Small DMN files for tests, written by a few functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr
from zoneinfo import ZoneInfo

from engine.dmn import DecisionModel, DecisionResult, read_model
from engine.feel import Environment

SPACES = {
    "1.3": "https://www.omg.org/spec/DMN/20191111/MODEL/",
    "1.4": "https://www.omg.org/spec/DMN/20211108/MODEL/",
    "1.5": "https://www.omg.org/spec/DMN/20230324/MODEL/",
}


def definitions(
    *elements: str, version: str = "1.5", namespace: str = "urn:test", name: str = "Test", key: str = "test"
) -> bytes:
    body = "\n".join(elements)
    space = SPACES.get(version, version)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<definitions xmlns="{space}" id="{key}" name="{name}" '
        f'namespace="{namespace}">\n{body}\n</definitions>'
    ).encode()


def imported(namespace: str, name: str = "lib") -> str:
    kind = "https://www.omg.org/spec/DMN/20230324/MODEL/"
    return f'<import namespace="{namespace}" name="{name}" importType="{kind}"/>'


def literal(text: str, kind: str = "") -> str:
    return f"<literalExpression{_type(kind)}><text>{escape(text)}</text></literalExpression>"


def decision(name: str, logic: str, *, requires: Iterable[str] = (), kind: str = "", extra: str = "") -> str:
    arrows = "".join(map(_arrow, requires))
    variable = f"<variable name={quoteattr(name)}{_type(kind)}/>"
    return f"<decision id={quoteattr(key(name))} name={quoteattr(name)}>{extra}{variable}{arrows}{logic}</decision>"


def input_data(name: str, kind: str = "") -> str:
    variable = f"<variable name={quoteattr(name)}{_type(kind)}/>"
    return f"<inputData id={quoteattr(key(name))} name={quoteattr(name)}>{variable}</inputData>"


def knowledge(
    name: str, parameters: Sequence[tuple[str, str]], logic: str, *, requires: Iterable[str] = (), kind: str = ""
) -> str:
    formal = "".join(f"<formalParameter name={quoteattr(each)}{_type(type_)}/>" for each, type_ in parameters)
    return (
        f"<businessKnowledgeModel id={quoteattr(key(name))} name={quoteattr(name)}>"
        f"<variable name={quoteattr(name)}{_type(kind)}/>"
        f"<encapsulatedLogic>{formal}{logic}</encapsulatedLogic>{''.join(map(_arrow, requires))}"
        "</businessKnowledgeModel>"
    )


def table(
    policy: str, inputs: Sequence[str], outputs: Sequence[str], rules: Sequence[Sequence[str]], *,
    output_values: Sequence[str] = (), defaults: Sequence[str] = (), input_values: Sequence[str] = (),
    notes: Sequence[str] = (), input_types: Sequence[str] = (),
) -> str:
    name, _, aggregation = policy.partition(" ") if policy.startswith("COLLECT") else (policy, "", "")
    head = f'hitPolicy="{name}"' + (f' aggregation="{aggregation}"' if aggregation else "")
    columns = "".join(
        f"<input><inputExpression{_type(input_types[index] if input_types else '')}><text>{escape(text)}</text>"
        f"</inputExpression>{_values('inputValues', input_values, index)}</input>" for index, text in enumerate(inputs)
    )
    columns += "".join(
        f"<output name={quoteattr(text)}>{_values('outputValues', output_values, index)}"
        f"{_values('defaultOutputEntry', defaults, index)}</output>" for index, text in enumerate(outputs)
    )
    columns += "".join(f"<annotation name={quoteattr(text)}/>" for text in notes)
    rows = "".join(_rule(rule, len(inputs), len(outputs), number) for number, rule in enumerate(rules, start=1))
    return f'<decisionTable id="table" {head}>{columns}{rows}</decisionTable>'


def item(name: str, inner: str, *, collection: bool = False) -> str:
    many = ' isCollection="true"' if collection else ""
    return f"<itemDefinition name={quoteattr(name)}{many}>{inner}</itemDefinition>"


def simple(kind: str, allowed: str = "") -> str:
    limits = f"<allowedValues><text>{escape(allowed)}</text></allowedValues>" if allowed else ""
    return f"<typeRef>{kind}</typeRef>{limits}"


def key(name: str) -> str:
    return "id_" + name.replace(" ", "_").replace("'", "")


def world() -> Environment:
    return Environment(now=datetime(2026, 3, 2, 9, 30, tzinfo=UTC), zone=ZoneInfo("Europe/London"))


def read(*elements: str, **options: Any) -> DecisionModel:
    return read_model(definitions(*elements), name="test.dmn", **options)


def ask(model: DecisionModel, decision_name: str, **inputs: Any) -> DecisionResult:
    return model.evaluate(decision_name, inputs, world())


def _rule(cells: Sequence[str], inputs: int, outputs: int, number: int) -> str:
    tags = ["inputEntry"] * inputs + ["outputEntry"] * outputs
    tags += ["annotationEntry"] * (len(cells) - len(tags))
    entries = "".join(f"<{tag}><text>{escape(cell)}</text></{tag}>" for tag, cell in zip(tags, cells, strict=True))
    return f'<rule id="rule_{number}">{entries}</rule>'


def _values(tag: str, texts: Sequence[str], index: int) -> str:
    text = texts[index] if index < len(texts) else ""
    return f"<{tag}><text>{escape(text)}</text></{tag}>" if text else ""


def _type(kind: str) -> str:
    return f" typeRef={quoteattr(kind)}" if kind else ""


def _arrow(target: str) -> str:
    """`input:X`, `decision:X` or `knowledge:X`, X a name; with a # in it, an href as it stands."""
    what, _, name = target.partition(":")
    href = name if "#" in name else "#" + key(name)
    tag = {"input": "requiredInput", "decision": "requiredDecision", "knowledge": "requiredKnowledge"}[what]
    outer = "knowledgeRequirement" if what == "knowledge" else "informationRequirement"
    return f"<{outer}><{tag} href={quoteattr(href)}/></{outer}>"
