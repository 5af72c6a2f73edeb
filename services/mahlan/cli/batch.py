"""Lines in, lines out, over all cores: the engine of ``mahlan normalise`` and ``mahlan score``.

Order and count are kept. Memory stays bounded: a few chunks are under way, never the whole input. Small inputs are
done in this process, so that they do not wait for others to start.
"""

from __future__ import annotations

import multiprocessing
import os
import queue
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import nullcontext
from dataclasses import dataclass
from typing import BinaryIO

import click

from mahlan.cli.lines import Chunk, Handler, answer, read_chunks
from mahlan.cli.progress import Progress, progress_bar
from mahlan.errors import FatalError, MahlanError

#: Makes a handler, in whichever process; must be picklable.
Factory = Callable[[], Handler]
Done = tuple[bytes, int, int]
"""What one chunk came to: its output, its lines, how many of them were bad."""

#: Lines this process does itself before others are worth their start-up, about half a second each.
ALONE = 5_000
#: Chunks under way per process: one being worked on, one waiting, one being written.
WINDOW = 3


@dataclass(frozen=True, slots=True)
class Streams:
    """Where lines come from and go to."""

    source: BinaryIO
    sink: BinaryIO


def run_batch(factory: Factory, jobs: int | None) -> int:
    """Standard input to standard output; the exit status: 1 where any line was bad."""
    if sys.stdin.isatty():
        raise click.UsageError('give lines of {"id", "text"} on standard input, for example: … < comments.jsonl')
    streams = Streams(sys.stdin.buffer, sys.stdout.buffer)
    with progress_bar(streams.source) or nullcontext() as bar:
        bad = copy_lines(streams, factory, jobs, bar)
    return 1 if bad else 0


def copy_lines(streams: Streams, factory: Factory, jobs: int | None, bar: Progress | None = None) -> int:
    """Answer every line; return how many were bad. Raises ``MahlanError`` when the handler cannot be made."""
    total_bad = 0
    for output, lines, bad in _answers(read_chunks(streams.source), factory, jobs):
        streams.sink.write(output)
        streams.sink.flush()
        total_bad += bad
        if bar:
            bar.advance(lines, bad)
    return total_bad


def _answers(chunks: Iterator[Chunk], factory: Factory, jobs: int | None) -> Iterator[Done]:
    if jobs is None or jobs == 1:
        yield from _alone(chunks, factory(), ALONE if jobs is None else None)
    if jobs != 1:
        yield from _together(chunks, factory, jobs or cores())


def cores() -> int:
    """Cores that this process may use: in a container fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _alone(chunks: Iterator[Chunk], handler: Handler, at_most: int | None) -> Iterator[Done]:
    done = 0
    while at_most is None or done < at_most:
        chunk = next(chunks, None)
        if chunk is None:
            return
        done += len(chunk.lines)
        yield _done(chunk, handler)


def _together(chunks: Iterator[Chunk], factory: Factory, jobs: int) -> Iterator[Done]:
    first = next(chunks, None)
    if first is None:
        return  # nothing left: no pool
    # Spawned, not forked: onnxruntime and its threads do not survive a fork.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin, initargs=(factory,))
    try:
        yield from _in_order(pool, _chained(first, chunks), jobs * WINDOW)
    except BrokenProcessPool:
        raise FatalError("a worker process died, perhaps for want of memory; try a smaller --jobs") from None
    finally:
        pool.shutdown(cancel_futures=True)


def _chained(first: Chunk, others: Iterable[Chunk]) -> Iterator[Chunk]:
    yield first
    yield from others


def _in_order(pool: ProcessPoolExecutor, chunks: Iterator[Chunk], window: int) -> Iterator[Done]:
    """Submit while there is input at hand and room; else write out the oldest. A slow writer is thus answered too."""
    pending: deque[Future[Done]] = deque()
    inbox = _read_ahead(chunks)
    ended = False
    while pending or not ended:
        if not ended and len(pending) < window:
            try:
                chunk = inbox.get(block=not pending)
            except queue.Empty:
                yield pending.popleft().result()
                continue
            ended = chunk is None
            if chunk is not None:
                pending.append(pool.submit(_work, chunk))
        else:
            yield pending.popleft().result()


def _read_ahead(chunks: Iterator[Chunk]) -> queue.Queue[Chunk | None]:
    """A thread that reads; None is the end."""
    inbox: queue.Queue[Chunk | None] = queue.Queue(maxsize=1)

    def read() -> None:
        for chunk in chunks:
            inbox.put(chunk)
        inbox.put(None)

    threading.Thread(target=read, name="read-ahead", daemon=True).start()
    return inbox


def _done(chunk: Chunk, handler: Handler) -> Done:
    output, bad = answer(chunk, handler)
    return output, len(chunk.lines), bad


# What follows runs in a worker process. Its handler, or why there is none, is the one thing it remembers.
_made: list[Handler | MahlanError] = []


def _begin(factory: Factory) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    try:
        _made.append(factory())
    except MahlanError as error:
        _made.append(error)


def _work(chunk: Chunk) -> Done:
    handler = _made[0]
    if isinstance(handler, MahlanError):
        raise handler
    return _done(chunk, handler)
