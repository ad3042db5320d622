"""What becomes of those who join (新人漏斗)."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chaguan.insights.contract import (
    JOIN,
    MESSAGE,
    PRESENCE,
    Bucket,
    MemberIds,
    Metric,
    Row,
    metric,
)
from chaguan.insights.kernels import added, ints
from chaguan.insights.periods import DAY_US, Ints, edges_of
from chaguan.insights.types import Asked
from chaguan.kernel.errors import Invalid


def steps_of(asked: Asked) -> list[str]:
    """The names of the steps; they tell their windows."""
    w = asked.windows
    return [
        "joined_new",
        f"posted_within_{w['first_post_days']}d",
        "posted_2plus_total",
        f"posted_again_day{w['early_from']}_{w['early_to']}",
        f"posted_again_day{w['late_from']}_{w['late_to']}",
    ]


@metric("newcomer_funnel")
class NewcomerFunnel(Metric):
    label, unit = _("Newcomer funnel"), pgettext_lazy("unit", "members")
    definition = _(
        "Newcomers are members whose first fact in the community is a join inside the range, at least"
        " %(settled_days)s days after the log's first fact there and %(watched_days)s days before its"
        " last. Of them: posted within %(first_post_days)s days; of those, posted at least twice; posted"
        " again on day %(early_from)s to %(early_to)s, or %(late_from)s to %(late_to)s, after the first"
        " post."
    )
    denominator = _("The newcomers; each later step is a part of those who posted in time.")
    windows = {
        "settled_days": 30,
        "watched_days": 37,
        "first_post_days": 7,
        "early_from": 7,
        "early_to": 13,
        "late_from": 14,
        "late_to": 29,
    }
    columns = ("step", "members")

    def _reached(self, bucket: Bucket, asked: Asked) -> list[Ints]:
        """The members who reached each step."""
        facts = bucket.facts(
            asked,
            *PRESENCE,
            extra=("id", f"name = '{MESSAGE}' AS said", f"name = '{JOIN}' AS came"),
        )
        members, at = ints(facts, "member_id"), ints(facts, "at_us")
        order = np.lexsort((ints(facts, "id"), at, members))
        members, at = members[order], at[order]
        said, came = (np.asarray(facts.column(c).to_numpy())[order] for c in ("said", "came"))
        fresh = np.ones(len(members), dtype=bool)
        fresh[1:] = members[1:] != members[:-1]
        new = fresh & came & self._in_reach(at, asked)
        newcomers, joined_at = members[new], at[new]
        return self._followed(newcomers, joined_at, members[said], at[said], asked)

    def _in_reach(self, at: Ints, asked: Asked) -> Ints:
        edges, (first, last) = edges_of(asked), asked.known_us
        begins = max(int(edges[0]), first + asked.windows["settled_days"] * DAY_US)
        ends = last - asked.windows["watched_days"] * DAY_US
        return np.asarray((at >= begins) & (at <= ends) & (at < edges[-1]))

    def _followed(
        self, newcomers: Ints, joined_at: Ints, members: Ints, at: Ints, asked: Asked
    ) -> list[Ints]:
        """Follow the newcomers through their posts, which are sorted by (member, at)."""
        w = asked.windows
        begin = np.searchsorted(members, newcomers, side="left")
        end = np.searchsorted(members, newcomers, side="right")
        spoke = end > begin
        first_post = np.zeros(len(newcomers), dtype=np.int64)
        first_post[spoke] = at[begin[spoke]]
        in_time = spoke & (first_post - joined_at <= w["first_post_days"] * DAY_US)
        reached = [newcomers, newcomers[in_time], newcomers[in_time & (end - begin >= 2)]]
        mine = np.searchsorted(newcomers, members)
        mine = np.minimum(mine, max(len(newcomers) - 1, 0))
        known = newcomers[mine] == members if len(newcomers) else np.zeros(len(members), dtype=bool)
        day = np.where(known, (at - first_post[mine]) // DAY_US, -1) if len(newcomers) else at
        for low, high in ((w["early_from"], w["early_to"]), (w["late_from"], w["late_to"])):
            again = np.unique(members[known & (day >= low) & (day <= high)])
            reached.append(newcomers[in_time & np.isin(newcomers, again)])
        return reached

    def partial(self, bucket: Bucket, asked: Asked) -> pa.Table:
        return pa.table({"n": [len(step) for step in self._reached(bucket, asked)]})

    def merge(self, partials: Sequence[pa.Table], asked: Asked) -> list[Row]:
        return list(zip(steps_of(asked), added(tuple(partials)).tolist(), strict=True))

    def members(self, bucket: Bucket, asked: Asked, key: Sequence[str]) -> MemberIds:
        steps = steps_of(asked)
        if not key or key[0] not in steps:
            raise Invalid(_("That step is not in the funnel."))
        return self._reached(bucket, asked)[steps.index(key[0])]
