"""Shadow models score the comments that the champions decided on, and are compared with them. They never decide.

Best effort, in one thread of their own that works for at most a share of its time. A batch that comes while it is busy
is skipped and counted: the champions wait for nothing here. Called by the scorer after each batch.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

from mahlan.core.drift import counted_as
from mahlan.errors import RecordError
from mahlan.events.comment import CommentNormalised
from mahlan.runtime.metrics import Metrics
from mahlan.scorer.drift import Drift
from mahlan.scorer.record import SERVICE
from mahlan.scoring.counting import count_seconds, count_stages, parted
from mahlan.scoring.deciding import Result, score_safely
from mahlan.scoring.lineup import Lineup
from mahlan.scoring.model import Scores

STEP = 32
"""Comments between two rests."""

Pair = tuple[CommentNormalised, Result]


class Shadows:
    """``offer`` a batch; it is scored later or not at all. ``share`` (0..1] bounds the thread's work."""

    def __init__(self, metrics: Metrics, drift: Drift, share: float) -> None:
        self._metrics = metrics
        self._drift = drift
        self._share = share
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="shadow")
        self._working: Future[None] | None = None
        self._lineup: Lineup | None = None
        self._ended = threading.Event()

    def follow(self, lineup: Lineup) -> None:
        """From now on these; work for a line-up before ends at its next step and lets go of its models."""
        self._lineup = lineup

    def offer(self, comments: Sequence[CommentNormalised], results: Sequence[Result]) -> None:
        """Score these too, unless the thread is busy."""
        lineup = self._lineup
        if lineup is None or not lineup.shadows or self._ended.is_set():
            return
        pairs = list(zip(comments, results, strict=True))
        if self._working is not None and not self._working.done():
            for name in lineup.shadows:
                self._count(name, ((comment.language, "skipped") for comment in comments))
            return
        self._working = self._thread.submit(self._work, lineup, pairs)

    def close(self) -> None:
        """End soon; nobody waits for it."""
        self._ended.set()
        self._lineup = None
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _work(self, lineup: Lineup, pairs: Sequence[Pair]) -> None:
        for name in lineup.shadows:
            for begin in range(0, len(pairs), STEP):
                if lineup is not self._lineup:
                    return
                begun = time.perf_counter()
                self._compare(lineup, name, pairs[begin : begin + STEP])
                spent = time.perf_counter() - begun
                self._ended.wait(spent * (1.0 - self._share) / self._share)

    def _compare(self, lineup: Lineup, name: str, pairs: Sequence[Pair]) -> None:
        comments, model = [comment for comment, _ in pairs], lineup.models[name]
        outcomes = score_safely(model, comments, partial(count_seconds, self._metrics, SERVICE))
        results = [Result(name, outcome) for outcome in outcomes]
        count_stages(self._metrics, SERVICE, lineup, comments, results)
        self._drift.see_scored(comments, results)
        told = zip(pairs, outcomes, strict=True)
        self._count(name, ((comment.language, _compared(result, outcome)) for (comment, result), outcome in told))

    def _count(self, name: str, told: Iterable[tuple[str, str]]) -> None:
        counts = Counter((counted_as(language), result) for language, result in told)
        for (language, result), count in counts.items():
            self._metrics.shadow_comments.labels(SERVICE, *parted(name), language, result).inc(count)


def _compared(decided: Result, shadow: Scores | RecordError) -> str:
    """Whether the verdict would have been another."""
    if isinstance(shadow, RecordError) or isinstance(decided.outcome, RecordError):
        return "failed"
    if shadow.verdict.toxic == decided.outcome.verdict.toxic:
        return "agreed"
    return "flipped_to_toxic" if shadow.verdict.toxic else "flipped_to_clean"
