"""A draft, checked: read, scored and decided as the stream would, before its author has posted it.

One history, two deciders: the gateway decides what it is asked about and writes the ruling down; the dispatcher records
it, and decides on everything else. Deciding and remembering happen in one step of the event loop, so two checks of one
author never see the same history.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import takewhile
from time import perf_counter
from typing import NamedTuple

from mahlan.campaign_files import Campaigns
from mahlan.core.assignment import decision_id
from mahlan.core.decision import apply_ruling
from mahlan.core.policy import make_ruling
from mahlan.core.reading import key_of
from mahlan.errors import RetryError
from mahlan.events.comment import CommentSubmitted
from mahlan.gateway import SERVICE
from mahlan.gateway.answers import Answers, Checked
from mahlan.gateway.histories import Histories
from mahlan.gateway.pool import Pool, Read
from mahlan.gateway.records import ruling_record
from mahlan.runtime.brakes import Brakes
from mahlan.runtime.broker import Outgoing
from mahlan.runtime.followed import Followed
from mahlan.runtime.metrics import Metrics
from mahlan.scoring.comments import scored_comment
from mahlan.scoring.model import Scores

Keep = Callable[[Sequence[Outgoing]], Awaitable[None]]
"""Returns once the records will reach Kafka whatever happens to this process; raises ``RetryError`` when it cannot."""

NOT_RECORDED = "not_recorded"
"""The reason of a check that would have counted, where nothing could be written: nobody is asked in secret."""


class Outcome(NamedTuple):
    """A check's result. ``read`` is None for a repeat; seconds it took to decide and to record."""

    checked: Checked
    read: Read | None
    deciding: float = 0.0
    recording: float = 0.0


@dataclass(slots=True)
class Checking:
    """What checks work with. ``campaigns`` are followed: each check goes by their files as they are then."""

    pool: Pool
    histories: Histories
    brakes: Brakes
    keep: Keep
    campaigns: Followed[dict[str, str], Campaigns]
    salt: str
    metrics: Metrics
    clock: Callable[[], datetime]
    answers: Answers

    async def check(self, draft: CommentSubmitted, *, record: bool, explain: bool) -> Outcome:
        """Check a draft; with ``record`` its author is remembered and the same check gets the same answer.

        Raises ``RecordError`` or ``ProblemError``.
        """
        author = key_of(draft, self.salt)
        draft = replace(draft, author_key=author, author_id=None)
        name = decision_id(self.campaigns.value.in_force.id, draft.comment_id, draft.revision)
        read: Read | None = None
        known = self.answers.find(name, author, draft.text) if record else None
        if known is None or explain:
            read = await self.pool.read(draft, remember=record)
            # The same check may have been answered while this one was in the pool.
            known = self.answers.find(name, author, draft.text) if record else None
        begun = perf_counter()
        if known is None:
            assert read is not None
            checked = self._decided(read, name)
            decided = perf_counter()
            if not record:
                return Outcome(checked, read, decided - begun)
            known = self._remember(draft, checked)
        else:
            decided = perf_counter()
        # Shielded: a client that does not wait must not leave half an answer behind.
        checked = await asyncio.shield(known)
        return Outcome(checked, read, decided - begun, perf_counter() - decided)

    def _decided(self, read: Read, name: str) -> Checked:
        """Decide now; or, where this decision is in the author's history, as it was decided then."""
        found = read.result.outcome
        assert isinstance(found, Scores)
        campaign = self.campaigns.value.in_force
        scored = scored_comment(read.comment, found, read.result.decider, self.campaigns.value.all.values())
        now = self.clock()
        history = self.histories.of(scored.author_key, now)
        past = next((one for one in history.nudges if one.decision_id == name), None)
        if past is None:
            brake = self.brakes.level(campaign.id, scored.language)
            ruling = make_ruling(scored, campaign, history, now, brake)
        else:
            # Whoever was asked then was asked under no brake that holds such a comment back, whatever holds now.
            before = replace(history, nudges=tuple(takewhile(lambda one: one is not past, history.nudges)))
            ruling = make_ruling(scored, campaign, before, past.decided_at)
        return Checked(replace(scored, ruling=ruling), apply_ruling(scored, ruling), recorded=past is not None)

    def _remember(self, draft: CommentSubmitted, checked: Checked) -> asyncio.Task[Checked]:
        """Count it against the author's caps from this moment on, and write it down."""
        if not checked.recorded:
            self.histories.apply(checked.decision)
        task = asyncio.create_task(self._recorded(checked))
        self.answers.keep(checked.decision.decision_id, draft.author_key or "", draft.text, task)
        return task

    async def _recorded(self, checked: Checked) -> Checked:
        if not checked.recorded:
            try:
                await self.keep([ruling_record(checked.scored)])
            except RetryError:
                self.metrics.gateway_unrecorded.labels(SERVICE).inc()
                return self._unrecorded(checked)
            except Exception:
                self.histories.withdraw(checked.decision)
                raise
        decision = checked.decision
        self.metrics.gateway_checks.labels(SERVICE, decision.kind, decision.reason).inc()
        return replace(checked, recorded=True)

    def _unrecorded(self, checked: Checked) -> Checked:
        """What nobody can write down does not happen: no nudge, and nothing against the caps."""
        self.histories.withdraw(checked.decision)
        decision = checked.decision
        if decision.kind in {"nudge", "holdout"}:
            decision = replace(decision, kind="none", reason=NOT_RECORDED, wording=None, spans=())
        return Checked(checked.scored, decision, recorded=False)
