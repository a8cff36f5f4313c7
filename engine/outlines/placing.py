"""Where new steps stand in a drawing: on the row of their way, under what they hang on, and nothing overlaps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from engine.outlines.drawing import GAP, SIZES, Drawing
from engine.outlines.geometry import Box, Point


def place_between(
    drawing: Drawing, source: str, target: str, step: str, size: tuple[int, int], old: list[Point]
) -> None:
    """Place a step in front of what follows its way, on the row of that way; the rest moves aside for it.

    `old` is how the way was led: where it leaves upwards or downwards, the step stands above or below instead.
    """
    one = drawing.box(source)
    if one is None:
        return
    width, height = size
    if len(old) > 1 and abs(old[0][0] - old[1][0]) < 1:
        box = _above_or_below(drawing, one, Box(old[0][0] - width / 2, 0, width, height), is_up=old[1][1] < old[0][1])
    else:
        box = Box(one.right + GAP, one.middle[1] - height / 2, width, height)
        if not _room(drawing, one, box, target):
            drawing.push("x", box.x - GAP / 2, width + GAP)
        box = _nearest_free(drawing, [replace(box, y=box.y + by) for by in (0, -60, 60, -110, 110, -170, 170)])
    _grow_around(drawing, box)
    drawing.place(step, box)


def _above_or_below(drawing: Drawing, one: Box, box: Box, *, is_up: bool) -> Box:
    if is_up:
        box = replace(box, y=one.y - GAP)
        drawing.push("y", one.y - GAP / 2, box.height + GAP)
    else:
        box = replace(box, y=one.bottom + GAP)
        drawing.push("y", one.bottom + GAP / 2, box.height + GAP)
    return _nearest_free(drawing, [replace(box, x=box.x + by) for by in (0, -40, 40, -80, 80, -140, 140, -200, 200)])


def _room(drawing: Drawing, one: Box, box: Box, target: str) -> bool:
    """Say whether a step fits in front of what follows it, with the usual gap, and meets nothing."""
    other = drawing.box(target)
    ahead = other is None or other.x < one.right or other.x >= box.right + GAP / 2
    return ahead and not any(box.meets(each, 20) for each in drawing.boxes())


def place_under(drawing: Drawing, above: str, end: str) -> None:
    """Place an end under a gateway, or over it; what is below moves down where neither has room."""
    around = drawing.box(above)
    if around is None:
        return
    width, height = SIZES["event"]
    middle = around.middle[0] - width / 2
    rows: tuple[float, ...] = (around.bottom + GAP, around.y - GAP - height, around.bottom + 2 * GAP)
    places = [Box(middle + aside, y, width, height) for aside in (0, 60, -60, 110, -110) for y in rows]
    if not any(drawing.is_free(box) for box in places):
        drawing.push("y", around.bottom, height + GAP)
        lowest = drawing.floor() + 30
        rows = (around.bottom + 30, around.bottom + 2 * GAP, lowest)
        places += [Box(middle + aside, y, width, height) for y in rows for aside in (0, 60, -60)]
    box = _nearest_free(drawing, places)
    _grow_around(drawing, box)
    drawing.place(end, box)


def place_beside(drawing: Drawing, host: str, event: str, service: str, end: str) -> None:
    """Place an event on the lower edge of its step, and what it begins below: a service, and its end."""
    box = drawing.box(host)
    if box is None:
        return
    size, (width, height) = SIZES["event"][0], SIZES["task"]
    x, is_up = _slot(drawing, host, box)
    drawing.place(event, Box(x, (box.y if is_up else box.bottom) - size / 2, size, size))
    y = box.y - 60 - height if is_up else box.bottom + 60
    row = Box(x + size / 2 - width / 2, y, width + GAP + size, height)
    asides = (0, 30, 60, 90, 130, 180, 240, 320, -60, -120, -180)
    downs = (0, -20, -40) if is_up else range(0, 81, 20)
    places = [replace(row, x=row.x + aside, y=row.y + down) for down in downs for aside in asides]
    if not any(drawing.is_free(each) for each in places):
        places = _made_room(drawing, box, row, is_up=is_up, asides=asides)
    found = _nearest_free(drawing, places)
    _grow_around(drawing, found)
    drawing.place(service, Box(found.x, found.y, width, height))
    drawing.place(end, Box(found.right - size, found.y + (height - size) / 2, size, size))


def _made_room(drawing: Drawing, host: Box, row: Box, *, is_up: bool, asides: tuple[int, ...]) -> list[Box]:
    """Move what is below aside; return the places that there are then, the lowest of all among them."""
    if is_up:
        drawing.push("y", host.y - GAP / 2, row.height + GAP)
        row = replace(row, y=host.y - GAP / 2)
    else:
        drawing.push("y", host.bottom + SIZES["event"][1] / 2, row.height + GAP)
    lowest = drawing.floor() + 30
    rows = (row.y, row.y + 20, row.y + 40, *(() if is_up else (lowest,)))
    return [replace(row, x=row.x + aside, y=y) for y in rows for aside in asides]


def _slot(drawing: Drawing, host: str, box: Box) -> tuple[float, bool]:
    """Return where on a step's edge there is room for an event: on the lower one, else (true) on the upper one."""
    size = SIZES["event"][0]
    slots = [box.x + 12 + number * (size + 8) for number in range(max(1, int((box.width - 12) // (size + 8))))]
    for edge, is_up in ((box.bottom, False), (box.y, True)):
        taken = [each.x for each in drawing.boxes((host,)) if abs(each.middle[1] - edge) < size]
        for slot in slots:
            if all(abs(slot - each) >= size for each in taken):
                return slot, is_up
    return slots[-1], False


def _nearest_free(drawing: Drawing, places: Iterable[Box]) -> Box:
    """Return the first of some places where nothing stands or is led through, else the first where nothing stands."""
    known = list(places)
    standing = list(drawing.boxes())
    clear = [box for box in known if not any(box.meets(each, 10) for each in standing)]
    return next((box for box in clear if drawing.is_free(box)), (clear or known)[0])


def _grow_around(drawing: Drawing, box: Box) -> None:
    """Let the lanes and pools of a drawing reach under what is placed lowest."""
    floor = drawing.floor()
    if box.bottom + 20 > floor:
        drawing.push("y", floor - 1, box.bottom + 20 - floor)


def place_in_lane(drawing: Drawing, step: str, lane: str) -> None:
    """Move a step that no line leads to yet up or down into a lane, which grows where it has no room."""
    box, around = drawing.box(step), drawing.box(lane)
    if box is None or around is None:
        return
    drawing.forget(step)
    drawing.place(step, _free_in(drawing, box, around))


def move_to_lane(drawing: Drawing, step: str, lane: str, *, along: Iterable[str]) -> None:
    """Move a step, and what goes `along` with it, up or down into a lane; the lines between them and others follow."""
    around = drawing.box(lane)
    if drawing.box(step) is None or around is None or drawing.lane_at(step) == lane:
        return
    lifted = drawing.lift(along)
    torn = drawing.put_down(lifted, by=_free_in(drawing, lifted.hull, around).y - lifted.hull.y)
    for event in (name for name in lifted.shapes if drawing.kinds[name].get("attachedToRef") == step):
        _turn(drawing, step, event, [drawing.ends(flow) for flow in torn])
    for flow in torn:
        drawing.connect(flow, *drawing.ends(flow))


def _turn(drawing: Drawing, step: str, event: str, flows: Iterable[tuple[str, str]]) -> None:
    """Let an event sit on that edge of its step behind which what it leads to stands."""
    host, own = drawing.box(step), drawing.box(event)
    led_to = [box for source, target in flows if source == event and (box := drawing.box(target))]
    if host is None or own is None or not led_to:
        return
    is_above = own.middle[1] < host.middle[1]
    if all(box.bottom <= host.y for box in led_to) and not is_above:
        drawing.shift(event, "y", -host.height)
    elif all(box.y >= host.bottom for box in led_to) and is_above:
        drawing.shift(event, "y", host.height)


def _free_in(drawing: Drawing, box: Box, around: Box) -> Box:
    """Return where in a lane there is room for what stands above or below it; without any the lane grows."""
    middle = around.middle[1] - box.height / 2
    rows = sorted(range(int(around.y) + 15, int(around.bottom - box.height) - 14, 5), key=lambda y: abs(y - middle))
    places = (replace(box, y=float(y)) for y in rows)
    found = next((place for place in places if drawing.is_free(place)), None)
    if found is None:
        drawing.push("y", around.bottom - 1, box.height + GAP)
        found = replace(box, y=around.bottom + GAP / 2)
    return found
