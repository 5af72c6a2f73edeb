"""Whether to ask an author to think again, and why not. One ordered list of rules; the first that applies decides.

Called by the dispatcher (and the gateway) for every scored comment; ``docs/campaigns.md`` shows ``rules_table()``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from mahlan.core.assignment import in_holdout
from mahlan.core.brake import asks_nobody, braked_band
from mahlan.core.campaign import BANDS, Campaign
from mahlan.core.decision import apply_ruling
from mahlan.core.history import CAP_WINDOW, count_since, has_comment
from mahlan.core.wording import choose_support, choose_wording, options_for
from mahlan.events.brake import RELEASED, BrakeLevel
from mahlan.events.comment import CommentScored
from mahlan.events.nudge import AuthorHistory, NudgeDecided
from mahlan.events.ruling import Kind, Ruling


@dataclass(frozen=True, slots=True)
class Case:
    """All that a rule may look at. ``brake`` is the campaign's in the comment's language."""

    scored: CommentScored
    campaign: Campaign
    history: AuthorHistory
    now: datetime
    brake: BrakeLevel = RELEASED


@dataclass(frozen=True, slots=True)
class Rule:
    """If it ``applies``, the decision is ``kind`` with the reason code ``reason``. Its meaning is its docstring."""

    kind: Kind
    reason: str
    applies: Callable[[Case], bool]

    @property
    def meaning(self) -> str:
        """One sentence for the docs."""
        return (self.applies.__doc__ or "").strip()


def decide(
    scored: CommentScored, campaign: Campaign, history: AuthorHistory, now: datetime, brake: BrakeLevel = RELEASED
) -> NudgeDecided:
    """The decision on one comment's revision. Total: every comment gets one, most of them ``none``.

    ``history`` is the author's (``no_history`` where nothing is remembered), ``now`` an aware time, ``brake`` the
    campaign's in the comment's language.
    """
    return apply_ruling(scored, make_ruling(scored, campaign, history, now, brake), "stream")


def make_ruling(
    scored: CommentScored, campaign: Campaign, history: AuthorHistory, now: datetime, brake: BrakeLevel = RELEASED
) -> Ruling:
    """What ``decide`` decides and nothing else: what the gateway sends along with a comment that it answered."""
    case = Case(scored, campaign, history, now, brake)
    rule = next(rule for rule in RULES if rule.applies(case))
    return Ruling(
        kind=rule.kind,
        reason=rule.reason,
        campaign=campaign.id,
        campaign_version=campaign.version,
        decided_at=now,
        wording=choose_wording(campaign, scored, history, now) if rule.kind == "nudge" else None,
        support=choose_support(campaign, scored, now) if rule.reason == "self_harm" else None,
    )


def _self_harm(case: Case) -> bool:
    """The author may be in danger: support is the answer, never a nudge. Cannot be switched off."""
    return "self_harm" in case.scored.signals


def _not_toxic(case: Case) -> bool:
    """The model sees nothing that hurts."""
    return not case.scored.verdict.toxic


def _under_band(case: Case) -> bool:
    """Not serious enough for this campaign in this language; a brake may ask for one band more."""
    least = braked_band(case.brake, case.campaign.band_in(case.scored.language))
    return BANDS.index(case.scored.verdict.band) < BANDS.index(least)


def _campaign_inactive(case: Case) -> bool:
    """The campaign is switched off, has not begun or is over."""
    return not case.campaign.is_running(case.now)


def _not_addressed(case: Case) -> bool:
    """The campaign does not speak to this platform, or not on this surface."""
    return not case.campaign.addresses(case.scored.platform, case.scored.surface)


def _staff_or_bot(case: Case) -> bool:
    """The platform says that its staff or a program wrote it."""
    return case.campaign.rules.staff_or_bot and case.scored.context.author_role != "person"


def _campaign_tag(case: Case) -> bool:
    """The comment carries a hashtag of the challenge: its author is taking part."""
    return case.campaign.rules.campaign_tag and not case.campaign.tags.keys().isdisjoint(case.scored.campaign_tags)


def _too_short(case: Case) -> bool:
    """Too few characters to judge."""
    return case.scored.length < case.campaign.asking_on(case.scored.surface).min_length


def _unknown_language(case: Case) -> bool:
    """The campaign has no wording in the author's language, nor in one it falls back to."""
    return not options_for(case.campaign, case.scored, case.campaign.day_of(case.now))


def _victim_report(case: Case) -> bool:
    """Somebody tells of abuse against them."""
    return _signalled(case, "victim_report")


def _counter_speech(case: Case) -> bool:
    """Somebody speaks up against abuse."""
    return _signalled(case, "counter_speech")


def _quoting(case: Case) -> bool:
    """The hurtful words are somebody else's."""
    return _signalled(case, "quoting")


def _self_directed(case: Case) -> bool:
    """The author jokes about themselves."""
    return _signalled(case, "self_directed")


def _praise(case: Case) -> bool:
    """Praise in rough words."""
    return _signalled(case, "praise")


def _signalled(case: Case, name: str) -> bool:
    on: bool = getattr(case.campaign.rules, name)
    return on and name in case.scored.signals


def _own_thread(case: Case) -> bool:
    """The author answers in a thread of their own."""
    return case.campaign.rules.own_thread and case.scored.context.reply_to == "own_thread"


def _mutual(case: Case) -> bool:
    """The author answers somebody they follow and who follows them: banter between friends."""
    return case.campaign.rules.mutual and case.scored.context.reply_to == "mutual"


def _already_nudged(case: Case) -> bool:
    """An earlier revision of the same comment was decided for a nudge: at most one per draft."""
    return has_comment(case.history, case.scored.comment_id)


def _capped(case: Case) -> bool:
    """The author has had as many nudges in the last 24 hours as the campaign allows, in all or on this surface."""
    since, surface = case.now - CAP_WINDOW, case.scored.surface
    own = case.campaign.surfaces.get(surface)
    if own is not None and own.per_day is not None and count_since(case.history, since, surface) >= own.per_day:
        return True
    return count_since(case.history, since) >= case.campaign.nudge.per_day


def _cooling_down(case: Case) -> bool:
    """The author's last nudge was too short a while ago."""
    cooldown = timedelta(minutes=case.campaign.asking_on(case.scored.surface).cooldown_minutes)
    return count_since(case.history, case.now - cooldown) > 0


def _quiet_hours(case: Case) -> bool:
    """The campaign asks nobody at this hour."""
    return case.campaign.is_quiet(case.now)


def _paused(case: Case) -> bool:
    """Too many nudges in this language were disputed: the brake is on until a person releases it."""
    return asks_nobody(case.brake, case.campaign.band_in(case.scored.language))


def _holdout(case: Case) -> bool:
    """The author belongs to the group that is never asked, so that the effect can be measured."""
    campaign, holdout = case.campaign, case.campaign.holdout
    return in_holdout(case.scored.author_key, campaign.id, holdout.salt, holdout.share)


def _over_band(case: Case) -> bool:
    """Nothing held it back."""
    return True


#: ``suppress`` means: would have been asked, but this rule held it back; so what settles that there was nothing to
#: ask comes first (``none``). Self-harm stands above all, so that it is recorded whatever the model said. The
#: brake's pause comes after all other rules that hold a nudge back, so that ``paused`` counts what nothing but the
#: pause has cost and its release would bring back; and before the holdout, which comes last: both of its arms are then
#: authors who would have been asked, and a pause takes as much from the one as from the other.
RULES: tuple[Rule, ...] = (
    Rule("suppress", "self_harm", _self_harm),
    Rule("none", "not_toxic", _not_toxic),
    Rule("none", "under_band", _under_band),
    Rule("none", "campaign_inactive", _campaign_inactive),
    Rule("none", "not_addressed", _not_addressed),
    Rule("suppress", "staff_or_bot", _staff_or_bot),
    Rule("suppress", "campaign_tag", _campaign_tag),
    Rule("suppress", "too_short", _too_short),
    Rule("suppress", "unknown_language", _unknown_language),
    Rule("suppress", "victim_report", _victim_report),
    Rule("suppress", "counter_speech", _counter_speech),
    Rule("suppress", "quoting", _quoting),
    Rule("suppress", "self_directed", _self_directed),
    Rule("suppress", "praise", _praise),
    Rule("suppress", "own_thread", _own_thread),
    Rule("suppress", "mutual", _mutual),
    Rule("suppress", "already_nudged", _already_nudged),
    Rule("suppress", "capped", _capped),
    Rule("suppress", "cooling_down", _cooling_down),
    Rule("suppress", "quiet_hours", _quiet_hours),
    Rule("suppress", "paused", _paused),
    Rule("holdout", "holdout", _holdout),
    Rule("nudge", "over_band", _over_band),
)


def rules_table() -> str:
    """The rules in their order, as a Markdown table."""
    rows = [f"| {number} | `{r.reason}` | {r.kind} | {r.meaning} |" for number, r in enumerate(RULES, 1)]
    return "\n".join(["| # | reason | decision | when |", "|---|---|---|---|", *rows])
