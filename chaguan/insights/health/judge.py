"""From numbers to a state with its reasons. Pure; the conditions are those of `definition`."""

from collections.abc import Mapping
from dataclasses import dataclass

from chaguan.insights.health.measure import Measured
from chaguan.insights.periods import DAY_US
from chaguan.insights.types import HealthState


@dataclass(frozen=True)
class Reason:
    """Why: a permanent code and the numbers of its sentence."""

    code: str
    numbers: Mapping[str, int]


@dataclass(frozen=True)
class Judged:
    """A state and what speaks for it, the main reason first."""

    state: HealthState
    reasons: tuple[Reason, ...]


def judge(m: Measured, now_us: int, windows: Mapping[str, int]) -> Judged:
    """Try the states in the definition's order."""
    for state, condition in (
        (HealthState.DEAD, _dead),
        (HealthState.AD_RIDDEN, _ad_ridden),
        (HealthState.NOISY, _noisy),
        (HealthState.COLD, _cold),
        (HealthState.COOLING, _cooling),
    ):
        if reasons := condition(m, now_us, windows):
            return Judged(state, tuple(reasons))
    return Judged(HealthState.LIVELY, (_volume(m, windows), *_compared(m, windows)))


def percent(part: int, whole: int) -> int:
    """A share in whole per cent, rounded half up."""
    return (200 * part + whole) // (2 * whole) if whole else 0


def _per_span(total: int, spans: int) -> int:
    """The mean per span, rounded half up."""
    return (2 * total + spans) // (2 * spans) if spans else 0


def _volume(m: Measured, w: Mapping[str, int]) -> Reason:
    return Reason(
        "volume", {"messages": m.messages, "speakers": m.speakers, "days": w["recent_days"]}
    )


def _silence(m: Measured, now_us: int) -> list[Reason]:
    if m.last_us is None:
        return [Reason("never_spoken", {})]
    days = (now_us - m.last_us) // DAY_US
    return [Reason("silent_for", {"days": days})] if days >= 2 else []


def _dead(m: Measured, now_us: int, w: Mapping[str, int]) -> list[Reason]:
    is_young = m.first_us is not None and now_us - m.first_us < w["long_days"] * DAY_US
    if is_young or m.messages_long >= w["dead_below_messages"]:
        return []
    rare = Reason("few_messages", {"messages": m.messages_long, "days": w["long_days"]})
    return [*_silence(m, now_us), rare]


def _ad_ridden(m: Measured, now_us: int, w: Mapping[str, int]) -> list[Reason]:
    if m.messages < w["ad_from_messages"] or m.links_only * 100 < m.messages * w["ad_percent"]:
        return []
    share = percent(m.links_only, m.messages)
    return [Reason("links_only", {"percent": share, "messages": m.links_only}), _volume(m, w)]


def _noisy(m: Measured, now_us: int, w: Mapping[str, int]) -> list[Reason]:
    if m.messages < w["noisy_from_messages"] or m.short * 100 < m.messages * w["noisy_percent"]:
        return []
    share = percent(m.short, m.messages)
    return [Reason("short", {"percent": share, "chars": w["short_chars"]}), _volume(m, w)]


def _cold(m: Measured, now_us: int, w: Mapping[str, int]) -> list[Reason]:
    found = []
    low, low_long = w["cold_below_messages"], w["cold_below_messages_long"]
    if m.messages < low and m.messages_long < low_long:
        found.append(Reason("few_messages", {"messages": m.messages, "days": w["recent_days"]}))
    few, few_long = w["cold_below_speakers"], w["cold_below_speakers_long"]
    if m.speakers < few and m.speakers_long < few_long:
        found.append(Reason("few_speakers", {"speakers": m.speakers, "days": w["recent_days"]}))
    return [*found, *_silence(m, now_us), *_fallen(m, w), *_absent(m, w)] if found else []


def _cooling(m: Measured, now_us: int, w: Mapping[str, int]) -> list[Reason]:
    fallen = _fallen(m, w)
    return [*fallen, *_absent(m, w), *_unanswered(m, w)] if fallen else []


def _fallen(m: Measured, w: Mapping[str, int]) -> list[Reason]:
    """Messages or speakers at most cooling_percent of the mean before."""
    found = []
    limit = w["cooling_percent"]
    if m.messages * m.base_spans * 100 <= m.base_messages * limit and m.base_messages:
        found.append(_change("messages_fell", _per_span(m.base_messages, m.base_spans), m.messages))
    if m.speakers * m.base_spans * 100 <= m.base_speakers * limit and m.base_speakers:
        found.append(_change("speakers_fell", _per_span(m.base_speakers, m.base_spans), m.speakers))
    return found


def _compared(m: Measured, w: Mapping[str, int]) -> list[Reason]:
    if not m.base_messages:
        return []
    return [_change("messages_compared", _per_span(m.base_messages, m.base_spans), m.messages)]


def _change(code: str, before: int, now: int) -> Reason:
    return Reason(code, {"before": before, "now": now})


def _absent(m: Measured, w: Mapping[str, int]) -> list[Reason]:
    if not m.core_absent:
        return []
    numbers = {"absent": m.core_absent, "core": m.core, "days": w["recent_days"]}
    return [Reason("core_absent", numbers)]


def _unanswered(m: Measured, w: Mapping[str, int]) -> list[Reason]:
    if not m.turns:
        return []
    share = percent(m.unanswered, m.turns)
    return [Reason("unanswered", {"percent": share, "minutes": w["answer_minutes"]})]
