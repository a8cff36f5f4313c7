"""The same step after 1,000 review cycles of one case, against a case in its first cycle, in three shapes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from uuid import UUID

from bench.furnished import Databases, Service
from bench.measuring import Act, Figure, Scale, in_turns
from engine.clock import SystemClock

SHAPES = {
    "review_cycles": "plain",
    "review_beside_listener": "beside an open message listener",
    "review_inside": "inside a sub-process with a boundary event",
}
MOST_TIMES = 1.2
MOST_BYTES = 64 * 1024
_GO_ON = {"next_step": "continue"}


def measure(databases: Databases, scale: Scale) -> Iterator[Figure]:
    """Measure both tasks of a review cycle, early and late in a case, for each shape."""
    with databases.service(SystemClock()) as service:
        for key, said in SHAPES.items():
            case_id = service.start(key)
            old = _Reviews(service, case_id)
            for _ in range(scale.cycles):
                old.cycle()
            yield _figure(databases.kind, said, scale, _spans(service, key, old, scale), service.state_size(case_id))


class _Reviews:
    """A case whose review is due."""

    def __init__(self, service: Service, case_id: UUID) -> None:
        self._service = service
        (self._review,) = service.open_tasks([case_id], "hold_review")

    def cycle(self) -> None:
        """Hold the review, go on, bring the plan up to date."""
        (plan,) = self._service.complete(self._review, _GO_ON).opened
        (self._review,) = self._service.complete(plan, {}).opened


def _spans(service: Service, key: str, old: _Reviews, scale: Scale) -> dict[str, float]:
    def early() -> Iterable[Act]:
        return [_Reviews(service, service.start(key)).cycle for _ in range(scale.acts_a_round)]

    def late() -> Iterable[Act]:
        return [old.cycle] * scale.acts_a_round

    return in_turns({"early": early, "late": late}, scale)


def _figure(kind: str, said: str, scale: Scale, spans: dict[str, float], size: int) -> Figure:
    times = spans["late"] / spans["early"]
    return Figure(
        row="cycles",
        measure=f"a review cycle after {scale.cycles:,}, {said}",
        database=kind,
        figure=f"{times:.2f}x the first ({spans['early']:.2f} -> {spans['late']:.2f} ms); state {size / 1024:.1f} KB",
        reach=f"at most {MOST_TIMES:g}x; under 64 KB",
        met=times <= MOST_TIMES and size < MOST_BYTES,
        numbers={"times": times, **spans, "state_bytes": size},
    )
