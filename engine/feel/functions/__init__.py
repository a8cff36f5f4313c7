"""FEEL's built-in functions, by kind. Importing a module registers its functions."""

from engine.feel.functions import (
    contexts,
    conversion,
    lists,
    numeric,
    ranges,
    statistics,
    strings,
    temporal,
)
from engine.feel.functions.registry import (
    BuiltIn,
    built_in,
    built_in_names,
    find_built_in,
    host_function,
)

__all__ = [
    "BuiltIn",
    "built_in",
    "built_in_names",
    "contexts",
    "conversion",
    "find_built_in",
    "host_function",
    "lists",
    "numeric",
    "ranges",
    "statistics",
    "strings",
    "temporal",
]
