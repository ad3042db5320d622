"""The result of a split in words: rates, their intervals, and what may be said about the difference."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from chaguan.console.lines.causes import title_of
from chaguan.playbooks.selectors.splits import ArmResult, Difference, SplitResult

DAY = 86_400


@dataclass(frozen=True)
class ArmLine:
    """One arm as a row of the table."""

    title: str
    people: int
    judged: int
    reached: int
    rate: str
    interval: str


@dataclass(frozen=True)
class SplitLines:
    """The panel: what was counted, the arms, and one sentence for each difference."""

    goal: str
    arms: Sequence[ArmLine]
    sentences: Sequence[str]


def split_lines(result: SplitResult | None) -> SplitLines | None:
    """None for a run that compares nothing."""
    if result is None:
        return None
    titles = {arm.key: arm.title for arm in result.arms}
    goal = _("Goal: “%(fact)s” within %(span)s of coming in. Everybody counts who came in.") % {
        "fact": title_of(result.fact),
        "span": _span(result.within_s),
    }
    sentences = [_sentence(one, titles) for one in result.differences]
    return SplitLines(goal, [_line(arm) for arm in result.arms], sentences)


def _line(arm: ArmResult) -> ArmLine:
    interval = arm.interval
    return ArmLine(
        title=_("%(way)s (for comparison)") % {"way": arm.title} if arm.is_control else arm.title,
        people=arm.people,
        judged=arm.judged,
        reached=arm.reached,
        rate="–" if arm.rate is None else f"{arm.rate:.1%}",
        interval="–" if interval is None else f"{interval[0]:.1%} – {interval[1]:.1%}",
    )


def _sentence(one: Difference, titles: dict[str, str]) -> str:
    words = {"way": titles[one.arm], "other": titles[one.against]}
    if one.points is None or one.p is None:
        return _("%(way)s and %(other)s: too few people so far to tell them apart.") % words
    words |= {"points": f"{one.points * 100:+.1f}", "p": f"{one.p:.1%}"}
    if one.is_clear:
        return _("%(way)s against %(other)s: %(points)s points. Chance alone: %(p)s.") % words
    text = _("%(way)s against %(other)s: %(points)s points; chance does that, too (%(p)s).")
    return text % words


def _span(seconds: int) -> str:
    if seconds % DAY == 0:
        return _("%(n)s days") % {"n": seconds // DAY}
    return _("%(n)s hours") % {"n": round(seconds / 3600, 1)}
