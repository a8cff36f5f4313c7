"""An authority's own copy of a file that came with the service, with what it takes of a newer original put in."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from copy import deepcopy
from typing import Any, Final

from lxml import etree

from engine.adapting_wholes import COLUMNS, dress, fill_lane, inside, is_whole, local, put_column, table_of, take_column
from engine.comparing.changes import Kind
from engine.comparing.outlines import outline_of
from engine.errors import Invalid
from engine.strict_json import read_json
from engine.xml import parse_untrusted

_BPMN: Final = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
_OUTERMOST: Final = frozenset({"Process", "Pool"})
"""What stands beside everything else: one that is new or gone makes another file."""


def can_be_taken(file: str, what: str, kind: Kind) -> bool:
    """Tell whether an element of a file, by what it is in words and what becomes of it, can be taken by itself."""
    return file.endswith((".bpmn", ".dmn", ".form")) and (what not in _OUTERMOST or kind == "changed")


def taken(file: str, *, yours: bytes, now: bytes, keys: Collection[str]) -> bytes:
    """Return `yours` with the elements `keys` as they are in `now`: put in, replaced, or taken out where it has none.

    What is not named stays as it is. Raises `Invalid` for a text that cannot be read.
    """
    if not keys:
        return yours
    if file.endswith(".form"):
        return _form(file, yours, now, keys)
    if not file.endswith((".bpmn", ".dmn")):
        raise Invalid(f"{file}: choose the whole file of the upgrade, or keep yours", file=file)
    return _xml(file, yours, now, keys)


def _form(file: str, yours: bytes, now: bytes, keys: Collection[str]) -> bytes:
    own, new = read_json(yours, name=file), read_json(now, name=file)
    theirs = {_key(each): each for each in new.get("components", [])}
    order = [_key(each) for each in new.get("components", [])]
    if "form" in keys:
        own.update({name: value for name, value in new.items() if name != "components"})
    parts: list[Mapping[str, Any]] = list(own.get("components", []))
    for key in (each for each in order if each in keys):
        places = [number for number, each in enumerate(parts) if _key(each) == key]
        if places:
            parts[places[0]] = theirs[key]
        else:
            parts.insert(_place([_key(each) for each in parts], order, key), theirs[key])
    gone = {key for key in keys if key != "form" and key not in theirs}
    own["components"] = [each for each in parts if _key(each) not in gone]
    return (json.dumps(own, indent=2, ensure_ascii=False) + "\n").encode()


def _place(here: list[str], order: list[str], key: str) -> int:
    """Return where a new element goes: after the nearest one before it that is here too."""
    before = [each for each in order[: order.index(key)] if each in here]
    return here.index(before[-1]) + 1 if before else 0


def _key(component: Mapping[str, Any]) -> str:
    return str(component.get("id") or component.get("key") or "")


def _xml(file: str, yours: bytes, now: bytes, keys: Collection[str]) -> bytes:
    own, new = _parsed(file, yours), _parsed(file, now)
    theirs = outline_of(file, now).items
    for key in [each for each in theirs if each in keys]:
        _take(own, new, key)
    for key in (each for each in keys if each not in theirs):
        _remove(own, key)
    _join_again(own)
    return etree.tostring(own, xml_declaration=True, encoding="UTF-8") + b"\n"


def _parsed(file: str, source: bytes) -> etree._Element:
    parse_untrusted(source, file)  # refuses what is unsafe; read again here so that comments stay
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    return etree.fromstring(source, parser)


def _take(own: etree._Element, new: etree._Element, key: str) -> None:
    mine, theirs = _named(own, key), _named(new, key)
    if theirs is None:
        return
    if mine is not None and is_whole(mine) and is_whole(theirs):
        dress(mine, theirs)
        return
    if mine is None and local(theirs) in COLUMNS:
        decision = _named(own, _holder(_holder(theirs)).get("id", ""))
        if decision is not None and (table := table_of(decision)) is not None:
            put_column(table, theirs)
        return
    copy = deepcopy(theirs)
    if mine is not None:
        copy.tail = mine.tail
        _holder(mine).replace(mine, copy)
    elif not _put_in(own, theirs, copy):
        return
    elif local(copy) == "lane":
        fill_lane(own, copy, theirs)
    moved = _lane_as(own, new, key)
    for each in inside(copy):
        _draw_as(own, new, each, anew=moved)


def _put_in(own: etree._Element, theirs: etree._Element, copy: etree._Element) -> bool:
    """Put a new element where the upgrade has it: after the nearest one before it that is here too."""
    outer = _holder(theirs)
    holder = own if outer.getparent() is None else _named(own, outer.get("id", ""))
    if holder is None:
        return False
    here = (_named(own, each.get("id", "")) for each in theirs.itersiblings(preceding=True))
    after = next((each for each in here if each is not None and each.getparent() is holder), None)
    if after is not None:
        after.addnext(copy)
    else:
        holder.insert(_after_head(holder), copy)
    return True


def _lane_as(own: etree._Element, new: etree._Element, key: str) -> bool:
    """Put a step in the lane in which the upgrade has it, where that lane is here; tell whether it was in another."""
    ref = next((each for each in new.iter(f"{_BPMN}flowNodeRef") if (each.text or "").strip() == key), None)
    lane = _named(own, _holder(ref).get("id", "")) if ref is not None else None
    here = [each for each in own.iter(f"{_BPMN}flowNodeRef") if (each.text or "").strip() == key]
    if ref is None or lane is None or any(_holder(each) is lane for each in here):
        return False
    for each in here:
        _holder(each).remove(each)
    lane.append(deepcopy(ref))
    return True


def _draw_as(own: etree._Element, new: etree._Element, key: str, *, anew: bool) -> None:
    """Draw an element where the upgrade has it, unless it is drawn here already and is no way, or `anew`."""
    theirs, mine = (next(_drawn(root, key), None) for root in (new, own))
    plane = next((each for each in own.iter() if local(each) in ("BPMNPlane", "DMNDiagram")), None)
    if theirs is None or plane is None:
        return
    if mine is None:
        plane.append(deepcopy(theirs))
    elif anew or local(theirs) == "BPMNEdge":
        _holder(mine).replace(mine, deepcopy(theirs))


def _remove(own: etree._Element, key: str) -> None:
    mine = _named(own, key)
    if mine is not None and local(mine) in COLUMNS:
        take_column(mine)
        return
    gone = set(inside(mine)) if mine is not None else {key}
    drawn = [each for name in gone for each in _drawn(own, name)]
    refs = [each for each in own.iter(f"{_BPMN}flowNodeRef") if (each.text or "").strip() in gone]
    for each in [*drawn, *refs, *([mine] if mine is not None else [])]:
        if each.getparent() is not None:
            _holder(each).remove(each)


def _drawn(root: etree._Element, key: str) -> Iterator[etree._Element]:
    return (each for each in root.iter() if key and key in (each.get("bpmnElement"), each.get("dmnElementRef")))


def _join_again(own: etree._Element) -> None:
    """Say of each step anew which ways lead to it and from it, as the ways themselves say."""
    flows = list(own.iter(f"{_BPMN}sequenceFlow"))
    for name, end in (("incoming", "targetRef"), ("outgoing", "sourceRef")):
        wanted: dict[str, list[str]] = {}
        for flow in flows:
            wanted.setdefault(flow.get(end, ""), []).append(flow.get("id", ""))
        holding = {_holder(each).get("id", "") for each in own.iter(f"{_BPMN}{name}")}
        for node_id in holding | wanted.keys():
            node = _named(own, node_id)
            if node is not None:
                _say_ways(node, f"{_BPMN}{name}", wanted.get(node_id, []))


def _say_ways(node: etree._Element, tag: str, wanted: list[str]) -> None:
    said = node.findall(tag)
    if sorted((each.text or "").strip() for each in said) == sorted(wanted):
        return
    place = node.index(said[0]) if said else _after_head(node)
    for each in said:
        node.remove(each)
    for number, flow_id in enumerate(wanted):
        made = etree.Element(tag)
        made.text, made.tail = flow_id, "\n      "
        node.insert(place + number, made)


def _after_head(node: etree._Element) -> int:
    """Return the place after what has to come first in a step: its documentation, its extensions, the ways to it."""
    head = ("documentation", "extensionElements", "incoming")
    return sum(1 for each in node if local(each) in head)


def _named(root: etree._Element, key: str) -> etree._Element | None:
    found = (each for each in root.iter() if isinstance(each.tag, str) and each.get("id") == key)
    return next(found, None) if key else None


def _holder(element: etree._Element) -> etree._Element:
    holder = element.getparent()
    if holder is None:
        raise Invalid("The outermost element of a file cannot be taken by itself")
    return holder
