"""Describe the engine's frozen records to OpenAPI, and write them as JSON, from their own types."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import fields as fields_of
from dataclasses import is_dataclass
from datetime import date, datetime
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from marshmallow import Schema, fields, validate

_PLAIN: Mapping[type, Callable[..., fields.Field[Any]]] = {
    UUID: fields.UUID,
    datetime: fields.AwareDateTime,
    date: fields.Date,
    str: fields.String,
    bool: fields.Boolean,
    int: fields.Integer,
    float: fields.Float,
    Any: fields.Raw,
}


@cache
def schema_of(record: Any, *, without: frozenset[str] = frozenset(), name: str = "") -> type[Schema]:
    """Return the schema that writes `record` (a frozen dataclass), by its field names; `without` leaves some out.

    `name` is for one whose own name another record has. Raises `TypeError`, when the application starts, for a
    field of a type that JSON has no word for.
    """
    hints = get_type_hints(record)
    described = {each.name: _field(hints[each.name]) for each in fields_of(record) if each.name not in without}
    attributes: dict[str, Any] = {**described, "__doc__": record.__doc__, "__module__": __name__}
    return type(name or record.__name__, (Schema,), attributes)


def _field(hint: Any, **options: Any) -> fields.Field[Any]:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType) and NoneType in arguments:
        (kept,) = (each for each in arguments if each is not NoneType)
        return _field(kept, allow_none=True)
    if origin is Literal:
        return fields.String(validate=validate.OneOf(arguments), **options)
    if origin in (tuple, list):
        return fields.List(_field(arguments[0]), **options)
    if origin is not None and issubclass(origin, AbstractSet):
        return _Sorted(_field(arguments[0]), **options)
    if origin is not None and issubclass(origin, Mapping):
        return fields.Dict(**options)
    if is_dataclass(hint):
        return fields.Nested(schema_of(hint), **options)  # type: ignore[arg-type]
    if hint not in _PLAIN:
        raise TypeError(f"There is no JSON for {hint}")
    return _PLAIN[hint](**options)


class _Sorted(fields.List[Any]):
    """A set, written as a list in order."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **more: Any) -> Any:
        return super()._serialize(sorted(value), attr, obj, **more)
