"""The properties of one part of a form as fields of a plain form: the same ones that form-js and the service know."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from engine.errors import Invalid
from engine.outlines.extensions import pairs
from engine.outlines.properties import Field

Part = dict[str, Any]
KINDS: Final[dict[str, str]] = {
    "textfield": "A line of text", "textarea": "Longer text", "number": "A number", "date": "A day", "time": "A time",
    "datetime": "A day and a time", "radio": "One of a few", "select": "One of a list", "checklist": "Some of a few",
    "taglist": "Some of a list", "checkbox": "A box to tick", "filepicker": "A file",
}  # fmt: skip
"""The kinds of question of which one may become another, and the words for them."""
OTHER_KINDS: Final[dict[str, str]] = {
    "dynamiclist": "Rows of questions", "group": "Questions together", "text": "Words, no question",
    "separator": "A line", "spacer": "Room", "table": "A table", "expression": "Worked out", "button": "A button",
}  # fmt: skip
CHOOSING: Final = ("radio", "select", "checklist", "taglist")
HOLDERS: Final = ("dynamiclist", "group")
_DATES: Final = ("date", "time", "datetime")
_YES_NO: Final = (("no", "No"), ("yes", "Yes"))


@dataclass(frozen=True, slots=True)
class Property:
    """A field, how it is read from a part, and how it is set: an empty text takes it out."""

    field: Field
    get: Callable[[Part], str]
    set: Callable[[Part, str], None]


def kind_of(part: Part) -> str:
    """Return what a part is, a day, a time and both apart."""
    return str(part.get("subtype") or "date") if part.get("type") == "datetime" else str(part.get("type") or "")


def key_of(part: Part) -> str:
    """Return the name among the answers, empty for what asks nothing."""
    return str(part.get("path" if part.get("type") in HOLDERS else "key") or "")


def label_of(part: Part) -> str:
    """Return the words of a part: its question, or what it says."""
    return str(part.get(_label_name(part)) or part.get("label") or part.get("text") or "")


def set_kind(part: Part, kind: str) -> None:
    """Make a question one of another kind; a choice without choices gets two. Raises `Invalid` for no such kind."""
    if kind not in KINDS or kind_of(part) not in KINDS:
        raise Invalid("Choose what kind of question it is", field="kind")
    words = label_of(part)
    for name in ("label", "dateLabel", "timeLabel", "subtype"):
        part.pop(name, None)
    if kind != "textfield":
        _custom(part).pop("suggest", None)
    part["type"] = "datetime" if kind in _DATES else kind
    if kind in _DATES:
        part["subtype"] = kind
    part[_label_name(part)] = words
    if kind not in CHOOSING:
        part.pop("values", None)
    elif not (part.get("values") or part.get("valuesExpression") or _custom(part).get("options")):
        part["values"] = [{"label": "Yes", "value": "yes"}, {"label": "No", "value": "no"}]


def properties_of(part: Part) -> Iterator[Property]:
    """Yield the properties of a part, in the order in which a form shows them."""
    kind, asks = kind_of(part), kind_of(part) in KINDS
    if kind == "text":
        yield _plain("text", Field("label", "The words", "lines", "Markdown: **bold**, lists, links"))
    elif kind not in ("separator", "spacer", "button"):
        yield _plain(_label_name(part), Field("label", "The question" if asks else "Heading"))
    if asks:
        yield _plain("description", Field("description", "Hint below it"))
        field = Field("kind", "What kind of answer", "choice", options=tuple(KINDS.items()))
        yield Property(field, kind_of, set_kind)
        field = Field("required", "Must it be answered?", "choice", options=_YES_NO)
        yield Property(field, _required, _set_required)
    if kind in CHOOSING:
        yield from _choices()
    if asks or kind in HOLDERS:
        field = Field("key", "Kept under the name", hint="Small letters and _, such as agreed_on. Conditions read it")
        yield _plain("path" if kind in HOLDERS else "key", field)
    if kind != "button":
        hint = 'FEEL over the other answers, such as consent = "refused". Empty: it is always asked'
        yield Property(Field("hide", "Left out when", hint=hint), _hide, _set_hide)
    yield from _limits(kind)
    if kind == "dynamiclist":
        yield _number("defaultRepetitions", "How many rows stand there at first")
    if asks:
        yield _custom_property("name", Field("name", "What messages call it", hint="Such as the day of the meeting"))
    field = Field("properties", "Other properties", "lines", "One a line: name = value")
    yield Property(field, _others, _set_others)


def _choices() -> Iterator[Property]:
    hint = "One a line: what is kept = what people read, such as given = They agree"
    yield Property(Field("values", "The choices", "lines", hint), _values, _set_values)
    field = Field("options", "Or choices from the record", "choice", names="sources")
    yield _custom_property("options", field)
    yield _plain("valuesExpression", Field("valuesExpression", "Or choices worked out", hint="A list in FEEL"))


def _limits(kind: str) -> Iterator[Property]:
    if kind in ("textfield", "textarea"):
        yield _checked("minLength", "At least so many characters", whole=True)
        yield _checked("maxLength", "At most so many characters", whole=True)
        yield _checked("pattern", "Must look like", hint="A regular expression, such as [A-Z]{2}[0-9]{6}[A-D]")
    if kind == "number":
        yield _checked("min", "At least", hint="A number, or FEEL")
        yield _checked("max", "At most", hint="A number, or FEEL")
        yield _number("decimalDigits", "Digits after the point")
    if kind in _DATES and kind != "time":
        yield _custom_property("min", Field("min", "Not before", hint="A day in FEEL, such as today()"))
        yield _custom_property("max", Field("max", "Not after", hint='Such as today() + duration("P6M")'))


def _label_name(part: Part) -> str:
    if part.get("type") != "datetime" or part.get("label"):
        return "label"
    return "timeLabel" if part.get("subtype") == "time" else "dateLabel"


def _put(holder: Part, name: str, value: Any) -> None:
    if value in ("", None):
        holder.pop(name, None)
    else:
        holder[name] = value


def _within(part: Part, name: str, key: str, value: Any) -> None:
    """Set a key of a mapping in a part; a mapping that is left empty goes."""
    held = part.setdefault(name, {})
    _put(held, key, value)
    if not held:
        del part[name]


def _mapping(part: Part, name: str) -> Part:
    found = part.get(name)
    return found if isinstance(found, dict) else {}


def _custom(part: Part) -> Part:
    return _mapping(part, "properties")


def _plain(name: str, field: Field) -> Property:
    return Property(field, lambda part: str(part.get(name) or ""), lambda part, value: _put(part, name, value))


def _number(name: str, label: str) -> Property:
    def write(part: Part, value: str) -> None:
        _put(part, name, _whole(value))

    return Property(Field(name, label), lambda part: _shown(part.get(name)), write)


def _checked(name: str, label: str, *, hint: str = "", whole: bool = False) -> Property:
    def write(part: Part, value: str) -> None:
        wanted = _whole(value) if whole else int(value) if re.fullmatch(r"-?\d{1,9}", value, re.ASCII) else value
        _within(part, "validate", name, wanted)

    return Property(Field(name, label, hint=hint), lambda part: _shown(_mapping(part, "validate").get(name)), write)


def _custom_property(name: str, field: Field) -> Property:
    def write(part: Part, value: str) -> None:
        _within(part, "properties", name, value)

    return Property(field, lambda part: _shown(_custom(part).get(name)), write)


def _shown(value: Any) -> str:
    return "" if value is None else str(value)


def _whole(value: str) -> int | None:
    if value and not re.fullmatch(r"\d{1,6}", value, re.ASCII):
        raise Invalid("Enter a whole number")
    return int(value) if value else None


def _required(part: Part) -> str:
    return "yes" if _mapping(part, "validate").get("required") is True else "no"


def _set_required(part: Part, value: str) -> None:
    _within(part, "validate", "required", True if value == "yes" else None)


def _hide(part: Part) -> str:
    return str(_mapping(part, "conditional").get("hide") or "").strip().removeprefix("=").strip()


def _set_hide(part: Part, value: str) -> None:
    _within(part, "conditional", "hide", f"={value.removeprefix('=').strip()}" if value else None)


def _values(part: Part) -> str:
    given = (each for each in part.get("values") or () if isinstance(each, dict))
    return "\n".join(f"{each.get('value')} = {each.get('label')}" for each in given)


def _set_values(part: Part, value: str) -> None:
    """Set the choices; what else is said of one that stays, such as its hint, stays too."""
    before = {str(each.get("value")): each for each in part.get("values") or () if isinstance(each, dict)}
    made = []
    for line in filter(None, (each.strip() for each in value.split("\n"))):
        kept, _, words = (piece.strip() for piece in line.partition("="))
        kept, words = (kept, words) if words else (re.sub(r"[^a-z0-9]+", "_", line.lower()).strip("_"), line)
        if not kept:
            raise Invalid(f"Say what is kept for the choice “{line}”")
        made.append({**before.get(kept, {}), "label": words, "value": before.get(kept, {}).get("value", kept)})
    if len({str(each["value"]) for each in made}) < len(made):
        raise Invalid("Two of the choices are kept as the same: make each different")
    _put(part, "values", made or None)


def _others(part: Part) -> str:
    return "\n".join(f"{name} = {value}" for name, value in _custom(part).items() if name not in _own_of(part))


def _set_others(part: Part, value: str) -> None:
    own = _own_of(part)
    wanted = dict(pairs(value))
    kept = {name: each for name, each in _custom(part).items() if name in own}
    both = {**kept, **{name: each for name, each in wanted.items() if name not in own}}
    order = [*(name for name in _custom(part) if name in both), *(name for name in both if name not in _custom(part))]
    _put(part, "properties", {name: both[name] for name in order} or None)


def _own_of(part: Part) -> frozenset[str]:
    """Return the properties that have a field of their own for this kind of part."""
    kind = kind_of(part)
    shown = {"name"} if kind in KINDS else set()
    shown |= {"options"} if kind in CHOOSING else set()
    return frozenset(shown | ({"min", "max"} if kind in ("date", "datetime") else set()))
