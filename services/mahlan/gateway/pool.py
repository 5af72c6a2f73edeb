"""Texts to scores, away from the event loop: one thread, and whatever waits when it is free is its next batch.

No timer: a lone text is scored at once, and the busier the gateway, the larger the batches. A score does not depend on
what it is batched with. More texts than ``limit``, or than can be scored within ``patience``, are not let in: answering
some in time beats answering all too late.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter
from typing import NamedTuple

from mahlan.core.reading import read_comment
from mahlan.errors import InternalError, RecordError
from mahlan.events.comment import Band, CommentNormalised, CommentSubmitted
from mahlan.gateway import SERVICE
from mahlan.gateway.problems import ProblemError, overloaded
from mahlan.gateway.queue_wait import QueueWait
from mahlan.runtime.metrics import Metrics
from mahlan.scoring.counting import count_seconds, count_stages, count_verdicts, show_models
from mahlan.scoring.deciding import Result, Took, decide_scores, with_labels
from mahlan.scoring.lineup import Lineup

MOST = 32
"""Texts of a batch at most: the first must not wait for the hundredth."""
RECENT = 128
"""Texts kept in memory, to try a new model on: of checks, never of previews."""


class Read(NamedTuple):
    """A comment as it was read and scored, and the seconds it waited, was read and was scored (with its batch)."""

    comment: CommentNormalised
    result: Result
    waited: float
    reading: float
    scoring: float


@dataclass(slots=True, eq=False)
class Job:
    """A text that waits."""

    submitted: CommentSubmitted
    answer: asyncio.Future[Read]
    labels: frozenset[str] = frozenset()
    since: float = field(default_factory=perf_counter)


class Pool:
    """Scores for every route. The swapper changes its models between two batches."""

    def __init__(self, lineup: Lineup, asked: Band, metrics: Metrics, limit: int, patience: float) -> None:
        self.lineup = lineup
        self._asked = asked
        self._metrics = metrics
        self._limit = limit
        self._patience = patience
        self._queue_wait = QueueWait(MOST)
        self._waiting: deque[Job] = deque()
        self._recent: deque[CommentNormalised] = deque(maxlen=RECENT)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="score")
        self._working: asyncio.Task[None] | None = None
        self.serve(lineup)

    def serve(self, lineup: Lineup) -> None:
        """From the next batch on these models."""
        show_models(self._metrics, SERVICE, self.lineup, lineup)
        self.lineup = lineup

    def ask_from(self, band: Band) -> None:
        """From the next batch on spans are found from this band on."""
        self._asked = band

    def recent(self) -> list[CommentNormalised]:
        """Comments that were to be remembered and came in lately."""
        return list(self._recent)

    async def read(
        self, submitted: CommentSubmitted, *, remember: bool = False, labels: frozenset[str] = frozenset()
    ) -> Read:
        """Normalise and score one comment, whose ``author_key`` is set; with ``remember`` it is one of ``recent``.

        ``labels`` are wanted even where the verdict needs no score of them.

        Raises ``ProblemError``: too much waits already, or the model has no score for this text.
        """
        if full := self.crowded():
            self._metrics.gateway_shed.labels(SERVICE, full).inc()
            raise overloaded(full)
        job = Job(submitted, asyncio.get_running_loop().create_future(), labels)
        self._waiting.append(job)
        self._metrics.gateway_queue.labels(SERVICE).set(len(self._waiting))
        if self._working is None:
            self._working = asyncio.create_task(self._work())
        read = await job.answer
        if isinstance(read.result.outcome, RecordError):
            raise ProblemError("unscored", "the model gave no score for this text", "$.text")
        if remember:
            self._recent.append(read.comment)
        return read

    def crowded(self) -> str | None:
        """Why one more text would not be scored in time: too many wait, or they ``wait`` too long. None if it would."""
        if len(self._waiting) >= self._limit:
            return "queue"
        return "wait" if self._queue_wait.seconds(len(self._waiting), perf_counter()) > self._patience else None

    def forget(self, author_key: str) -> None:
        """The author was erased."""
        kept = [comment for comment in self._recent if comment.author_key != author_key]
        self._recent = deque(kept, maxlen=RECENT)

    async def _work(self) -> None:
        """Batch after batch while something waits."""
        try:
            while self._waiting:
                batch = [job for job in self._taken() if not job.answer.done()]
                if batch:
                    await self._answer(batch)
        finally:
            self._working = None

    def _taken(self) -> list[Job]:
        taken = [self._waiting.popleft() for _ in range(min(MOST, len(self._waiting)))]
        self._metrics.gateway_queue.labels(SERVICE).set(len(self._waiting))
        return taken

    async def _answer(self, batch: Sequence[Job]) -> None:
        self._queue_wait.begin(begun := perf_counter())
        took = partial(count_seconds, self._metrics, SERVICE)
        work = partial(_read_all, lineup := self.lineup, batch, self._asked, took)
        try:
            reads = await asyncio.get_running_loop().run_in_executor(self._thread, work)
            self._count(lineup, batch, [read for read in reads if isinstance(read, Read)], begun)
        except Exception as error:  # noqa: BLE001 (these must have an answer, and the next batch be scored)
            for job in batch:
                _fail(job, InternalError(f"{type(error).__name__} while scoring; this is a bug"))
            return
        finally:
            self._queue_wait.end(perf_counter())
        for job, read in zip(batch, reads, strict=True):
            if isinstance(read, InternalError):
                _fail(job, read)
            elif not job.answer.done():
                job.answer.set_result(read._replace(waited=begun - job.since))

    def _count(self, lineup: Lineup, batch: Sequence[Job], reads: Sequence[Read], begun: float) -> None:
        if not reads:
            return
        comments, results = [read.comment for read in reads], [read.result for read in reads]
        count_verdicts(self._metrics, SERVICE, comments, results)
        count_stages(self._metrics, SERVICE, lineup, comments, results)
        self._metrics.batch_records.labels(SERVICE).observe(len(batch))
        stage = self._metrics.stage_seconds.labels
        stage(SERVICE, "queue").observe(begun - batch[0].since)
        stage(SERVICE, "normalise").observe(reads[0].reading)
        stage(SERVICE, "score").observe(reads[0].scoring)

    def close(self) -> None:
        """Let the thread end."""
        self._thread.shutdown(wait=False, cancel_futures=True)


def _fail(job: Job, error: InternalError) -> None:
    if not job.answer.done():
        job.answer.set_exception(error)


def _read_all(lineup: Lineup, batch: Sequence[Job], asked: Band, took: Took) -> list[Read | InternalError]:
    """The work of the thread. One text that nobody can read costs no other its scores."""
    begun = perf_counter()
    comments = [_read(job.submitted) for job in batch]
    readable = [comment for comment in comments if isinstance(comment, CommentNormalised)]
    wanted = [
        job.labels for job, comment in zip(batch, comments, strict=True) if isinstance(comment, CommentNormalised)
    ]
    read = perf_counter()
    decided = decide_scores(lineup, readable, asked, took)
    results = iter(with_labels(lineup, readable, decided, wanted, took))
    scored = perf_counter()
    return [
        comment
        if isinstance(comment, InternalError)
        else Read(comment, next(results), 0.0, read - begun, scored - read)
        for comment in comments
    ]


def _read(submitted: CommentSubmitted) -> CommentNormalised | InternalError:
    try:
        return read_comment(submitted, submitted.author_key or "")
    except Exception as error:  # noqa: BLE001 (a bug of ours)
        return InternalError(f"{type(error).__name__} while normalising; this is a bug")
