"""A community's last thirty days in five sentences, each from facts."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from chaguan.insights.columns.opened import Columns, opened
from chaguan.insights.evaluate import evaluate
from chaguan.insights.health.assessing import assess
from chaguan.insights.health.words import LABELS, PROPOSALS, reason_sentence
from chaguan.insights.selectors.overview import DAYS, Overview, overview_from
from chaguan.insights.selectors.questions import Range, local_day, question
from chaguan.insights.types import Asked
from chaguan.kernel.actor import Actor


def story(actor: Actor, community_id: int, now: datetime) -> list[str]:
    """Five sentences: who is here, how they talk, who is new, who carries it, how it stands."""
    until = local_day(now, community_id)
    posed = question(actor, [community_id], Range(until - timedelta(days=2 * DAYS - 1), until))
    with opened() as everything:
        columns = everything.only(posed.community_ids)
        figures = overview_from(columns, posed)
        return [
            _people(figures),
            _talk(figures),
            _newcomers(figures),
            _weight(columns, posed),
            _health(columns, community_id, now),
        ]


def _people(figures: Overview) -> str:
    numbers = {
        "members": figures["members"].value,
        "joins": figures["joins"].value,
        "gone": figures["leaves"].value + figures["removals"].value,
        "days": DAYS,
    }
    return (
        _(
            "Members now: %(members)s; in the last %(days)s days %(joins)s came in and %(gone)s went."
        )
        % numbers
    )


def _talk(figures: Overview) -> str:
    messages, speakers = figures["messages"], figures["mau"]
    numbers = {
        "speakers": speakers.value,
        "messages": messages.value,
        "before": messages.before,
        "speakers_before": speakers.before,
    }
    if not messages.value:
        return _(
            "Nobody wrote in this time; in the 30 days before there were %(before)s messages."
        ) % (numbers)
    return (
        _(
            "They wrote %(messages)s messages, %(speakers)s members speaking; in the 30 days before it was"
            " %(before)s messages by %(speakers_before)s members."
        )
        % numbers
    )


def _newcomers(figures: Overview) -> str:
    new = figures["new_members"]
    if not new.value:
        return _("Nobody spoke for the first time.")
    return _(
        "Members who spoke for the first time: %(new)s; in the 30 days before it was %(before)s."
    ) % {"new": new.value, "before": new.before}


def _weight(columns: Columns, posed: Asked) -> str:
    month = Asked(
        posed.community_ids,
        posed.until - timedelta(days=DAYS - 1),
        posed.until,
        timezone=posed.timezone,
    )
    spread: dict[str, float] = dict(evaluate("concentration", month, columns).rows)
    if not spread["messages"]:
        return _("There is no talk that anybody could carry.")
    hours = evaluate("hour_of_day", month, columns).rows
    busiest = max(hours, key=lambda row: (row[1], -row[0]))[0]
    return _(
        "The busiest tenth of the speakers wrote %(percent)s%% of it; most is said between %(hour)s:00"
        " and %(next)s:00."
    ) % {"percent": round(spread["top_share"] * 100), "hour": busiest, "next": busiest + 1}


def _health(columns: Columns, community_id: int, now: datetime) -> str:
    found, _edition = assess(columns, now, [community_id])
    if community_id not in found:
        return _("This community is closed, so nothing is expected of it.")
    judged = found[community_id].judged
    reason = judged.reasons[0]
    return _("It is %(state)s. %(reason)s %(proposal)s") % {
        "state": str(LABELS[judged.state]).lower(),
        "reason": reason_sentence(reason.code, reason.numbers),
        "proposal": PROPOSALS[judged.state].sentence,
    }
