"""The end of a run in words: its figures, its verdict, where people went, what a review proposes."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from chaguan.playbooks.selectors.handovers import Handing, Part
from chaguan.playbooks.selectors.outcomes import Figure, RunOutcome
from chaguan.ui.templatetags.ui import percent

VERDICTS: dict[str, tuple[str | Promise, str, str | Promise]] = {  # word, tone, what it means
    "under_way": (gettext_lazy("Under way"), "sky", gettext_lazy("It is judged when it is over.")),
    "not_done": (
        gettext_lazy("Not wholly done"),
        "amber",
        gettext_lazy("Steps were left out or not done in time, so the result says little."),
    ),
    "done_weak": (
        gettext_lazy("Done, weak result"),
        "red",
        gettext_lazy(
            "Every step was gone through, and it did not reach people. The review is for this."
        ),
    ),
    "done_unknown": (
        gettext_lazy("Done, result not known"),
        "violet",
        gettext_lazy("Nobody answered enough to say what it was worth."),
    ),
    "done_well": (
        gettext_lazy("Done, good result"),
        "green",
        gettext_lazy("It was done, and it reached people."),
    ),
}
LABELS: dict[str, str | Promise] = {
    "steps": gettext_lazy("Steps that were done"),
    "replies": gettext_lazy("People who answered"),
    "check_ins": gettext_lazy("Sign-ins when asked"),
    "acts": gettext_lazy("Acts waited for"),
    "rating": pgettext_lazy("of a run", "Rating"),
}
STATES: dict[str, str | Promise] = {
    "started": gettext_lazy("started"),
    "planned": gettext_lazy("waits to start"),
    "already": gettext_lazy("has been through it"),
    "nobody": gettext_lazy("No rule fits: please decide"),
    "held": gettext_lazy("held"),
    "let_go": gettext_lazy("nothing follows"),
}
REASONS: dict[str, str | Promise] = {
    "left": gettext_lazy("Has left the community"),
    "opted_out": gettext_lazy("Wants no private messages"),
    "loop": gettext_lazy("Was handed from plan to plan too often"),
    "no_track": gettext_lazy("No track of the plan takes this person"),
}
FIELDS: dict[str, str | Promise] = {
    "text": gettext_lazy("Text"),
    "offset": gettext_lazy("Time"),
    "minutes": gettext_lazy("Minutes"),
    "purpose": gettext_lazy("Purpose"),
    "instruction": gettext_lazy("Instruction"),
    "drop": gettext_lazy("Leave the step out"),
    "other": gettext_lazy("Something else (a person works it in)"),
}


@dataclass(frozen=True)
class FigureLine:
    """One number with what it is counted of, and what would be too little."""

    code: str
    label: str
    value: str
    of: str
    bar: str
    is_weak: bool
    has_people: bool


def figure_lines(outcome: RunOutcome) -> list[FigureLine]:
    """The figures in words."""
    return [_line(figure) for figure in outcome.figures]


def _line(figure: Figure) -> FigureLine:
    value = percent(figure.value)
    if figure.code == "rating" and figure.value is not None:
        value = f"{figure.value:.1f}"
    return FigureLine(
        code=figure.code,
        label=str(LABELS[figure.code]),
        value=value,
        of=_of(figure),
        bar=_bar(figure),
        is_weak=figure.is_weak,
        has_people=figure.code != "steps" and figure.amount > 0,
    )


def _of(figure: Figure) -> str:
    words = {"n": figure.amount, "of": figure.of}
    match figure.code:
        case "steps":
            return _("%(n)s of %(of)s that came due") % words
        case "replies":
            return _("%(n)s of %(of)s people wrote within 3 hours of a message") % words
        case "check_ins":
            return _("%(n)s of %(of)s sign-ins that were asked for (people × days)") % words
        case "acts":
            return _("%(n)s of %(of)s waits that ended") % words
    if not figure.has_basis:
        return _("%(n)s of %(of)s people answered: too few to judge") % words
    return _("%(n)s of %(of)s people answered, one to five stars") % words


def _bar(figure: Figure) -> str:
    if figure.bar is None:
        return ""
    shown = f"{figure.bar:g}" if figure.code == "rating" else f"{figure.bar:.0%}"
    return _("weak below %(bar)s") % {"bar": shown}


def reason_words(reason: str) -> str:
    """Why somebody is held, in words; sentences stay as they are."""
    return str(REASONS.get(reason, reason))


def part_lines(handing: Handing) -> list[tuple[Part, str, str]]:
    """Each part with its state and its reason in words."""
    by_hand = _("Decided by a person")
    return [
        (part, str(STATES[part.state]), reason_words(part.reason) or by_hand * _is_by_hand(part))
        for part in handing.parts
    ]


def _is_by_hand(part: Part) -> bool:
    """Whether a person sent these people there: no rule, so no why."""
    return bool(part.playbook) and not part.why


def facts_of(outcome: RunOutcome, handing: Handing) -> str:
    """The facts a review begins with: the report in sentences."""
    word = VERDICTS[outcome.verdict][0]
    lines = [_("Result: %(word)s. It was for %(n)s people.") % {"word": word, "n": outcome.people}]
    lines += [
        _("%(label)s: %(value)s (%(of)s)") % {"label": one.label, "value": one.value, "of": one.of}
        for one in figure_lines(outcome)
    ]
    went: Sequence[Part] = [part for part in handing.parts if part.state == "started"]
    lines += [
        _("Went on to “%(plan)s”: %(n)s people.") % {"plan": part.title, "n": part.people}
        for part in went
    ]
    return "\n".join(lines)
