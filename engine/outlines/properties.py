"""The properties of a step or a way as fields of a plain form: the same ones that the editor offers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, Literal

from engine.bpmn.lint.model import (
    ACTIVITIES,
    EXTENSIONS,
    NODES,
    Element,
    children,
    event_kinds,
    extension,
    interrupts,
    kind,
)
from engine.errors import Invalid
from engine.outlines import event_properties, extensions
from engine.outlines.diagram import Diagram, make_early, take_away
from engine.outlines.extensions import extension_space
from engine.outlines.lanes import lane_of, lanes_beside, set_lane

Shape = Literal["line", "lines", "choice", "ticks"]
Get = Callable[[Element], str]
Set = Callable[[Diagram, Element, str], None]
_CHOOSING: Final = ("exclusiveGateway", "inclusiveGateway")
_VERSION: Final = (("", "As usual"), ("latest", "The newest"), ("deployment", "The one published with this diagram"))
_PERSONAL: Final = (("", "No: who stands in for them may"), ("yes", "Yes: it waits for them"))


@dataclass(frozen=True, slots=True)
class Field:
    """One property: `options` are fixed choices (value and words), `names` the sort of thing that may be chosen.

    Of "ticks" several may be chosen: their names stand with commas between, or an expression stands in their place.
    """

    key: str
    label: str
    shape: Shape = "line"
    hint: str = ""
    options: tuple[tuple[str, str], ...] = ()
    names: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class _Property:
    field: Field
    get: Get
    set: Set


def fields_of(diagram: Diagram, element_id: str) -> tuple[Field, ...]:
    """Return the properties of a step, a way or a process, with what they are now. Raises `NotFound`."""
    element = diagram.element(element_id)
    return tuple(replace(each.field, value=each.get(element)) for each in _properties(diagram, element))


def set_fields(diagram: Diagram, element_id: str, values: Mapping[str, str]) -> tuple[str, ...]:
    """Set those properties among `values` that are others than now; return their keys.

    Raises `NotFound`, and `Invalid` (details: `field`) for lines that cannot be read.
    """
    element = diagram.element(element_id)
    changed = []
    for each in list(_properties(diagram, element)):
        wanted = _tidy(values.get(each.field.key, each.get(element)))
        if wanted != _tidy(each.get(element)):
            try:
                each.set(diagram, element, wanted)
            except Invalid as error:
                raise Invalid(error.message, field=each.field.key) from error
            changed.append(each.field.key)
    return tuple(changed)


def _tidy(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _properties(diagram: Diagram, element: Element) -> Iterator[_Property]:
    what = kind(element)
    if what == "textAnnotation":
        yield _Property(Field("text", "Words", "lines"), event_properties.note, event_properties.set_note)
        return
    yield _attribute("name", "Name")
    if what != "sequenceFlow":
        field = Field("documentation", "What it is for", "lines", "Whoever does it reads this")
        yield _Property(field, _documentation, _set_documentation)
    if what in NODES - {"boundaryEvent"} and (lanes := lanes_beside(element)):
        none = () if lane_of(element) else (("", "In none"),)
        yield _Property(Field("lane", "In whose lane it stands", "choice", options=(*none, *lanes)), lane_of, set_lane)
    if what in ("userTask", "manualTask"):
        yield from _asked()
    if what in ("userTask", "startEvent"):
        yield from _form()
    if what in ("serviceTask", "sendTask"):
        yield from _service()
    if what == "businessRuleTask":
        yield from _decision()
    if what == "callActivity":
        yield from _called()
    if what == "sequenceFlow" and kind(diagram.element(element.get("sourceRef", ""))) in _CHOOSING:
        yield from _condition()
    if what == "boundaryEvent" and event_kinds(element) not in (["error"],):
        options = (("no", "No: it begins something beside it"), ("yes", "Yes: it takes the step's place"))
        field = Field("interrupts", "Does it end the step it is on?", "choice", options=options)
        yield _Property(field, lambda event: "yes" if interrupts(event) else "no", _set_interrupts)
    for each, get, set_ in event_properties.of(diagram, element):
        yield _Property(_field(each), get, set_)
    if what in ACTIVITIES:
        yield from _repeats()
    if what != "sequenceFlow":
        field = Field("properties", "Other properties", "lines", "One a line: name = value")
        yield _Property(field, extensions.other_properties, extensions.set_other_properties)


def _field(spec: event_properties.Spec) -> Field:
    return Field(spec.key, spec.label, "choice" if spec.options else "line", spec.hint, spec.options)


def _asked() -> Iterator[_Property]:
    yield _extension("assignee", "One person", hint="Such as =lead_professional; empty: nobody in particular")
    yield _extension("candidateGroups", "Groups whose members may take it", names="groups")
    yield _named("personal", "Only the person asked may answer", options=_PERSONAL)
    yield _extension("dueDate", "Due", hint="A day in FEEL, such as add working days(today(), 10)")
    yield _extension("followUpDate", "To be followed up", hint="A day in FEEL")
    yield _extension("priority", "Priority", hint="A number, or FEEL that comes to one")


def _form() -> Iterator[_Property]:
    yield _extension("formRef", "Form", names="forms")
    yield _extension("formRefBinding", "Which version of the form", options=_VERSION)
    yield _named("record", "What it does to the record", names="records")
    yield _named("guidance", "Guidance beside it", names="guidance")


def _service() -> Iterator[_Property]:
    field = Field("operation", "What the service does", "choice", names="operations")
    yield _Property(field, extensions.operation, extensions.set_operation)
    yield _named("subject", "Words of the message, where it sends one")
    yield from _parameters()


def _decision() -> Iterator[_Property]:
    yield _extension("decisionRef", "Decision", names="decisions")
    yield _extension("decisionRefBinding", "Which version of the rules", options=_VERSION)
    yield _extension("resultVariable", "Name for the result")
    results = (
        ("", "All rows, as a list"), ("singleEntry", "One value"), ("singleResult", "One row, each output by its name"),
        ("collectEntries", "One column, as a list"), ("resultList", "All rows, as a list (said so)"),
    )  # fmt: skip
    yield _extension("mapDecisionResult", "What is kept of it", options=results)
    yield from _parameters()


def _called() -> Iterator[_Property]:
    yield _attribute("calledElement", "Diagram", names="processes")
    yield _extension("calledElementBinding", "Which version of it", options=_VERSION)
    for tag, label in (("in", "What passes into it"), ("out", "What passes back")):
        field = Field(f"mapping_{tag}", label, "lines", "One a line: name there = name or FEEL here")
        yield _Property(field, partial(extensions.mappings, tag=tag), partial(extensions.set_mappings, tag=tag))


def _parameters() -> Iterator[_Property]:
    for tag, label in (("inputParameter", "What it is given"), ("outputParameter", "What it leaves")):
        field = Field(tag, label, "lines", "One a line: name = value, or = and FEEL")
        yield _Property(field, partial(extensions.parameters, tag=tag), partial(extensions.set_parameters, tag=tag))


def _condition() -> Iterator[_Property]:
    field = Field("condition", "When it is taken", "line", 'FEEL, such as consent = "given"')
    yield _Property(field, event_properties.condition, event_properties.set_condition)
    options = (("no", "No"), ("yes", "Yes, when no other condition holds"))
    field = Field("is_default", "Is it the usual way?", "choice", options=options)
    yield _Property(field, _is_default, _set_default)


def _repeats() -> Iterator[_Property]:
    field = Field("collection", "Done once for each of", "line", "A list in FEEL; empty: done once")
    yield _Property(field, event_properties.collection, event_properties.set_collection)
    field = Field("item", "Name for the one it is done for", "line")
    yield _Property(field, event_properties.item, event_properties.set_item)
    options = (("no", "All at once"), ("yes", "One after the other"))
    field = Field("sequential", "How", "choice", options=options)
    yield _Property(field, event_properties.sequential, event_properties.set_sequential)
    field = Field("enough", "Enough when", "line", "A condition in FEEL; empty: each is done")
    yield _Property(field, event_properties.enough, event_properties.set_enough)


def _attribute(name: str, label: str, *, names: str = "") -> _Property:
    def write(diagram: Diagram, element: Element, value: str) -> None:
        _write(element, name, value)

    field = Field(name, label, "choice" if names else "line", names=names)
    return _Property(field, lambda each: each.get(name, ""), write)


def _extension(
    name: str, label: str, *, hint: str = "", names: str = "", options: tuple[tuple[str, str], ...] = ()
) -> _Property:
    def write(diagram: Diagram, element: Element, value: str) -> None:
        for space in EXTENSIONS:
            element.attrib.pop(space + name, None)
        _write(element, extension_space(diagram.root) + name, value)

    shape: Shape = "ticks" if names == "groups" else "choice" if options or names else "line"
    return _Property(Field(name, label, shape, hint, options, names), lambda each: extension(each, name) or "", write)


def _named(name: str, label: str, *, names: str = "", options: tuple[tuple[str, str], ...] = ()) -> _Property:
    field = Field(name, label, "choice" if options or names else "line", options=options, names=names)
    return _Property(field, partial(extensions.property_of, name=name), partial(extensions.set_property, name=name))


def _write(element: Element, name: str, value: str) -> None:
    if value:
        element.set(name, value)
    else:
        element.attrib.pop(name, None)


def _documentation(element: Element) -> str:
    found = next(children(element, "documentation"), None)
    return "" if found is None else (found.text or "").strip()


def _set_documentation(diagram: Diagram, element: Element, value: str) -> None:
    found = next(children(element, "documentation"), None)
    if found is None:
        make_early(element, "documentation", value)
    elif value:
        found.text = value
    else:
        take_away(found)


def _set_interrupts(diagram: Diagram, event: Element, value: str) -> None:
    event.set("cancelActivity", "true" if value == "yes" else "false")


def _is_default(flow: Element) -> str:
    gateway = _source(flow)
    return "yes" if gateway is not None and gateway.get("default") == flow.get("id") else "no"


def _set_default(diagram: Diagram, flow: Element, value: str) -> None:
    gateway = _source(flow)
    if gateway is not None and value == "yes":
        gateway.set("default", flow.get("id", ""))
        event_properties.set_condition(diagram, flow, "")
    elif gateway is not None:
        gateway.attrib.pop("default", None)


def _source(flow: Element) -> Element | None:
    holder = flow.getparent()
    nodes = () if holder is None else holder.iterchildren("*")
    return next((node for node in nodes if node.get("id") == flow.get("sourceRef")), None)
