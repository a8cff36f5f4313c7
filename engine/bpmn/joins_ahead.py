"""Whether the joins of another version fit what is under way: none may wait for ever for what has gone past already."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from uuid import UUID

from engine.bpmn.fitting import Remark, quoted
from engine.bpmn.nodes import InclusiveGateway, Node, ParallelGateway
from engine.bpmn.process_spec import ProcessSpec
from engine.bpmn.scopes import Scope
from engine.bpmn.tokens import Token

Named = Callable[[Node], str]


def joins_fit(
    scope: Scope, spec: ProcessSpec, nodes: Mapping[UUID, Node], ways: dict[UUID, str], named: Named
) -> Iterator[Remark]:
    """Yield why tokens of a scope cannot go on in `spec` because of a join; add to `ways` by which flow each has come.

    `nodes` says where each token is carried to, `named` what a node of the old version is called in the new one.
    """
    waiting: dict[str, set[str]] = {}
    for token in scope.task_tree.children:
        old, new = token.task_spec, nodes.get(token.id)
        if not isinstance(old, ParallelGateway | InclusiveGateway) or new is None:
            continue
        matched = _matched(old, new, named)
        if matched is None:
            said = f"Other ways lead into {quoted(old)}, where the case waits for the rest"
            yield Remark("stays", old.element_id, said)
        else:
            ways[token.id] = matched[token.memory["by"]]
            waiting.setdefault(new.name, set()).add(ways[token.id])
    live = {node.name for token in scope.task_tree.children if (node := nodes.get(token.id)) is not None}
    here = {token.task_spec.name for token in scope.task_tree.children}
    for join in spec.nodes():
        if isinstance(join, ParallelGateway) and len(join.incoming) > 1:
            missing = _missing(join, spec, live - {join.name}, waiting.get(join.name, set()))
            if missing and not _waits_in_vain(scope, join, here):
                by = quoted(spec.node(missing))
                yield Remark(
                    "stays", join.element_id, f"{quoted(join)} would wait for ever: this case has gone past {by}"
                )


def _matched(old: Node, new: Node, named: Named) -> dict[str, str] | None:
    """Return the flows into a join, by the ids they had; None unless they are the same ones."""
    specs = old._wf_spec.task_specs
    by_source = {flow.source: flow.id for flow in new.incoming}
    ids = {flow.id for flow in new.incoming}
    found = {
        flow.id: flow.id if flow.id in ids else by_source.get(named(specs[flow.source]), "") for flow in old.incoming
    }
    return found if set(found.values()) == ids and len(found) == len(ids) else None


def _missing(join: Node, spec: ProcessSpec, live: set[str], here: set[str]) -> str | None:
    """Return from where nothing comes any more to a join that something comes to; None when it is sure to go on."""
    upstream = spec.upstream_of(join)
    touched = bool(here) or any(live & sources for sources in upstream.values())
    gone = [flow.source for flow in join.incoming if flow.id not in here and not live & upstream[flow.id]]
    return gone[0] if touched and gone else None


def _waits_in_vain(scope: Scope, join: Node, live: set[str]) -> bool:
    """Say whether the join of that name would have waited for ever in the old version too."""
    old = scope.spec.task_specs.get(join.name)
    if not isinstance(old, ParallelGateway) or len(old.incoming) < 2:
        return False
    at: list[Token] = [token for token in scope.task_tree.children if token.task_spec is old]
    return _missing(old, scope.spec, live - {old.name}, {token.memory["by"] for token in at}) is not None
