"""Activities done several times: one token stands for the whole, and one below it for each body that runs."""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.bpmn.specs import defaults

from engine.bpmn.nodes import Activity, Node
from engine.bpmn.script_environment import Formula
from engine.bpmn.tokens import STARTED, Token
from engine.bpmn.values import clean_value
from engine.errors import Invalid

COUNTER = "loopCounter"
# Kept on the loop's own token, which no expression ever sees; no variable's name has a bracket.
_ITEMS = "(items)"
_COLLECTED = "(collected)"


class Loop(Activity):
    """What multi-instance activities and standard loops have in common. `memory["done"]` counts finished bodies."""

    body: Node

    def wrap(self, body: Node) -> None:
        """Take the place of `body`, which is done several times."""
        self.body = body
        body.loop = self
        # The loop is the element that is entered; its bodies are the same one again.
        body.quiet = False

    def _start_body(self, token: Token, index: int, item: dict[str, Any]) -> None:
        scope = token.workflow
        body = Token(scope, self.body, token.id)
        body.memory["index"] = index
        body.local = {COUNTER: index, **item}
        self.body._update(body)

    def body_done(self, token: Token, body: Token) -> None:
        """Count a finished body and go on."""
        memory = token.memory
        memory["done"] = memory.get("done", 0) + 1
        seen = self._counted(token, body)
        self._collect(token, body)
        body.drop()
        if self._finished(token, seen):
            # Bodies still running hang below the loop and go with it.
            token.complete()
        else:
            self._go_on(token)

    def _counted(self, token: Token, body: Token) -> dict[str, Any]:
        total, done = token.memory.get("total"), token.memory["done"]
        active = sum(other.task_spec is self.body for other in token.children) - 1
        counts = {"nrOfInstances": total, "nrOfCompletedInstances": done, "nrOfActiveInstances": active}
        return {**body.data, **counts}

    def _collect(self, token: Token, body: Token) -> None:
        """Keep what a body leaves behind."""

    def _finished(self, token: Token, seen: dict[str, Any]) -> bool:
        raise NotImplementedError

    def _go_on(self, token: Token) -> None:
        """Start the next body, when they come one after the other."""


class MultiInstance(Loop, defaults.ParallelMultiInstanceTask):
    """Done once for each item of a collection or up to a count, all at once or one after the other."""

    def configure(
        self, *, sequential: bool, repeated: Formula, by_count: bool, item_name: str | None,
        condition: Formula | None, output_list: str | None, output_item: str | None,
    ) -> None:
        """Take in the loop's characteristics: `repeated` gives a list, or with `by_count` a number."""
        self.sequential = sequential
        self.repeated = repeated
        self.by_count = by_count
        self.item_name = item_name
        self.condition = condition
        self.output_list = output_list
        self.output_item = output_item

    def _begin(self, token: Token) -> bool:
        items = self._items(token)
        total = len(items) if isinstance(items, list) else items
        token.memory["total"] = total
        if not total:
            self._write_output(token)
            return True
        token._set_state(STARTED)
        if self.sequential:
            if isinstance(items, list) and self.item_name:
                token.local[_ITEMS] = items
            self._start(token, 0)
        else:
            for index in range(total):
                self._start(token, index, items)
        return False

    def _items(self, token: Token) -> list[Any] | int:
        process = token.workflow.process
        value, text = process.evaluate(self.repeated, token.data), self.repeated.text
        if self.by_count:
            if not isinstance(value, int) or isinstance(value, bool) or value < 0:
                raise self._refusal(f"the count {text} did not come to a whole number")
            process.spending.instances(self.element_id, value)
            return value
        if not isinstance(value, list):
            raise self._refusal(f"it is done for each item of a list, and {text} is not a list")
        process.spending.instances(self.element_id, len(value))
        return [clean_value(self.item_name or text, item) for item in value]

    def _start(self, token: Token, index: int, items: Any = None) -> None:
        items = token.local.get(_ITEMS) if items is None else items
        item = {self.item_name: items[index]} if self.item_name and isinstance(items, list) else {}
        if self.output_item:
            item.setdefault(self.output_item, None)
        self._start_body(token, index, item)

    def _collect(self, token: Token, body: Token) -> None:
        if self.output_list and self.output_item:
            token.local[f"{_COLLECTED}{body.memory['index']}"] = body.local.get(self.output_item)

    def _finished(self, token: Token, seen: dict[str, Any]) -> bool:
        done: bool = token.memory["done"] >= token.memory["total"]
        if not done and self.condition is not None:
            done = token.workflow.process.evaluate(self.condition, seen) is True
        if done:
            self._write_output(token)
        return done

    def _write_output(self, token: Token) -> None:
        if self.output_list:
            kept = (token.local.get(f"{_COLLECTED}{index}") for index in range(token.memory["total"]))
            token.workflow.write(self.output_list, list(kept))

    def _go_on(self, token: Token) -> None:
        if self.sequential:
            self._start(token, token.memory["done"])

    def _refusal(self, message: str) -> Invalid:
        return Invalid(f"{self.element_id}: {message}", element=self.element_id)


class StandardLoop(Loop, defaults.StandardLoopTask):
    """Done again while a condition is true, at most a number of times."""

    def configure(self, *, condition: Formula | None, maximum: int | None, test_before: bool) -> None:
        """Take in the loop's characteristics."""
        self.condition = condition
        self.maximum = maximum
        self.test_before = test_before

    def _begin(self, token: Token) -> bool:
        if self.test_before and not self._again(token, token.data):
            return True
        token._set_state(STARTED)
        self._start_body(token, 0, {})
        return False

    def _again(self, token: Token, seen: dict[str, Any]) -> bool:
        if self.maximum is not None and token.memory.get("done", 0) >= self.maximum:
            return False
        return self.condition is None or token.workflow.process.evaluate(self.condition, seen) is True

    def _finished(self, token: Token, seen: dict[str, Any]) -> bool:
        return not self._again(token, seen)

    def _go_on(self, token: Token) -> None:
        self._start_body(token, token.memory["done"], {})
