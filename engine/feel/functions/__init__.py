"""FEEL's built-in functions, by kind. Importing a module registers its functions."""

import engine.feel.functions.contexts
import engine.feel.functions.conversion
import engine.feel.functions.lists
import engine.feel.functions.numeric
import engine.feel.functions.ranges
import engine.feel.functions.statistics
import engine.feel.functions.strings
import engine.feel.functions.temporal  # noqa: F401
from engine.feel.functions.registry import (
    BuiltIn,
    built_in,
    built_in_names,
    find_built_in,
    host_function,
)

__all__ = ["BuiltIn", "built_in", "built_in_names", "find_built_in", "host_function"]
