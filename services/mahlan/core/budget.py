"""The false-nudge budget: how fast a campaign spends the disputes that it allows itself, and whether that is chance.

Called by ``core/brake.py``, and by whoever shows a burn rate. A burn rate is the share of nudges disputed over the
share allowed: at 1 the budget is spent exactly. Windows and rates are those of Google's Site Reliability Workbook,
chapter 5, "Alerting on SLOs", approach 6 ("Multiwindow, Multi-Burn-Rate Alerts", table 5-8).

Those were made for services with thousands of requests; a campaign may show ten nudges an hour in a language, of which
two disputed are a burn rate of 10. So nothing burns without evidence: a bet that the share is over the one allowed,
which multiplies by what each nudge says for it. As long as the share is not over the one allowed, such a bet that is
begun at any one time has a chance of at most 1/x of ever reaching x (Ville's inequality), whatever the traffic and
however often somebody looks; bets begin with each bucket (Shin, Ramdas, Rinaldo, "E-detectors", arXiv 2203.03532).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp, log

from mahlan.events.brake import BrakeCode

#: Counters are kept by the 5 minutes in which a nudge was shown.
BUCKET = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of some nudges of one campaign in one language.

    ``shown``: nudges of which any outcome was told, each once: a nudge that was disputed was shown too.
    ``disputed``: those of them that were disputed, however much later; so never more than ``shown``.
    ``disputers``: those of them that are evidence: of each author one in three days (``is_evidence``), so that nobody
    can brake a campaign alone.
    """

    shown: int = 0
    disputed: int = 0
    disputers: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.shown + other.shown, self.disputed + other.disputed, self.disputers + other.disputers)


Buckets = Mapping[int, Counts]
"""By the number of the bucket (``bucket_of``) in which the nudges were shown."""


@dataclass(frozen=True, slots=True)
class Windows:
    """The budget burns when both windows burn as fast as ``burn``: the long one for a while, the short one still."""

    code: BrakeCode
    long: timedelta
    short: timedelta
    burn: float


#: 2 % of a month's budget in an hour, 5 % in six hours, 10 % in three days. The fastest first.
PAIRS = (
    Windows("burning_1h", timedelta(hours=1), timedelta(minutes=5), 14.4),
    Windows("burning_6h", timedelta(hours=6), timedelta(minutes=30), 6.0),
    Windows("burning_3d", timedelta(days=3), timedelta(hours=6), 1.0),
)
#: Older buckets are never asked for, and an author's disputes within it are one.
LONGEST = max(pair.long for pair in PAIRS)

#: What the bet is spread over evenly: burn rates that are worth finding. A share below the first is never found out.
BETS = (1.5, 2.0, 3.0, 6.0, 14.4)
#: No bet is on a certainty: one nudge that is not disputed would lose it for good.
SUREST = 0.99
#: The chance of burning in a month, in one language, though no more is disputed than is allowed: at most this.
FALSE_ALARMS = 0.01
MONTH = timedelta(days=30)
#: What the evidence must reach, a natural logarithm (13.67): that chance, over all bets that begin within a month.
ENOUGH = log((MONTH / BUCKET) / FALSE_ALARMS)


@dataclass(frozen=True, slots=True)
class Burn:
    """The budget burns: in which windows, with what counts in the long one."""

    windows: Windows
    counts: Counts
    allowed: float


def bucket_of(moment: datetime) -> int:
    """The number of the bucket that a moment falls into."""
    return int(moment.timestamp() // BUCKET.total_seconds())


def is_evidence(counted_at: datetime | None, at: datetime) -> bool:
    """Whether an author's dispute of ``at`` is evidence, where the last one that was (if any) was of ``counted_at``."""
    return counted_at is None or abs(at - counted_at) >= LONGEST


def counts_in(buckets: Buckets, now: datetime, window: timedelta, since: datetime | None = None) -> Counts:
    """Sums of the last whole buckets, as many as the window has, and of the one that is being filled ``now``.

    Only buckets that began at ``since`` or later count, where it is given; what lies after ``now`` does not.
    """
    last = bucket_of(now)
    first = last - window // BUCKET
    if since is not None:
        first = max(first, -int(-since.timestamp() // BUCKET.total_seconds()))
    counts = Counts()
    # Three days are 864 buckets and mostly empty: whichever are fewer.
    numbers = range(first, last + 1) if last - first < len(buckets) else buckets.keys()
    for number in numbers:
        if first <= number <= last and number in buckets:
            counts += buckets[number]
    return counts


def burn_rate(counts: Counts, allowed: float) -> float | None:
    """How many times as fast as allowed the budget is spent; None where nothing was shown."""
    return counts.disputed / counts.shown / allowed if counts.shown else None


def evidence(counts: Counts, allowed: float) -> float:
    """What the counts say for a share of disputes over ``allowed``, as the natural logarithm of an e-value.

    The mixture of likelihood ratios of ``BETS`` times ``allowed`` against ``allowed``: a supermartingale in the order
    in which nudges are shown, as long as each is disputed with a chance of at most ``allowed`` given those before.
    ``allowed`` lies in (0, 0.5].
    """
    disputers, others = counts.disputers, max(0, counts.shown - counts.disputers)
    shares = [min(bet * allowed, SUREST) for bet in BETS]
    gains = [disputers * log(share / allowed) + others * (log(1 - share) - log(1 - allowed)) for share in shares]
    highest = max(gains)
    return highest + log(sum(exp(gain - highest) for gain in gains) / len(gains))


def find_burn(buckets: Buckets, now: datetime, allowed: float, since: datetime | None = None) -> Burn | None:
    """The fastest burn that is no chance; None where the budget holds, or nobody can tell yet.

    ``since``: nothing that was shown before it counts.
    """
    for windows in PAIRS:
        counts = counts_in(buckets, now, windows.long, since)
        fast = all(
            (burn_rate(each, allowed) or 0.0) >= windows.burn
            for each in (counts, counts_in(buckets, now, windows.short, since))
        )
        if fast and evidence(counts, allowed) >= ENOUGH:
            return Burn(windows, counts, allowed)
    return None
