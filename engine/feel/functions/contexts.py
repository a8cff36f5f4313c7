"""Built-ins on contexts."""

from __future__ import annotations

from engine.feel.environment import Runtime
from engine.feel.functions.registry import define
from engine.feel.values import Value


@define("get value", "m:context", "key:string", may_be_null=True)
def _get_value(_: Runtime, context: dict[str, Value], key: str) -> Value:
    return context.get(key)


@define("get value", "context:context", "keys:list", may_be_null=True)
def _get_value_within(runtime: Runtime, context: dict[str, Value], keys: list[Value]) -> Value:
    if not keys or not all(type(key) is str for key in keys):
        runtime.warn("arguments", "'get value' was called with keys that are not text")
        return None
    value: Value = context
    for key in keys:
        if type(value) is not dict:
            return None
        value = value.get(key)
    return value


@define("get entries", "m:context")
def _get_entries(runtime: Runtime, context: dict[str, Value]) -> Value:
    runtime.check_list(len(context))
    return [{"key": key, "value": value} for key, value in context.items()]


@define("context", "entries:list")
def _context(runtime: Runtime, entries: list[Value]) -> Value:
    runtime.check_list(len(entries))
    context: dict[str, Value] = {}
    for entry in entries:
        if type(entry) is not dict or not {"key", "value"} <= entry.keys():
            return None
        if type(entry["key"]) is not str or entry["key"] in context:
            return None
        context[entry["key"]] = entry["value"]
    return context


@define("context put", "context:context", "key:string", "value:any")
def _context_put(runtime: Runtime, context: dict[str, Value], key: str, value: Value) -> Value:
    runtime.check_list(len(context) + 1)
    return {**context, key: value}


@define("context put", "context:context", "keys:list", "value:any")
def _context_put_within(runtime: Runtime, context: dict[str, Value], keys: list[Value], value: Value) -> Value:
    if not keys or not all(type(key) is str for key in keys) or len(keys) > 100:
        return None
    levels = [context]
    for key in keys[:-1]:
        inner = levels[-1].get(key)
        if type(inner) is not dict:
            return None
        levels.append(inner)
    for level, key in zip(reversed(levels), reversed(keys), strict=True):
        runtime.check_list(len(level) + 1)
        value = {**level, key: value}
    return value


@define("context merge", "contexts:list")
def _context_merge(runtime: Runtime, contexts: list[Value]) -> Value:
    merged: dict[str, Value] = {}
    for context in contexts:
        if type(context) is not dict:
            return None
        runtime.check_list(len(context))
        merged.update(context)
    return merged
