"""The numbers behind the health of all communities, in one pass over the columnar copy."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from chaguan.insights.columns.opened import Columns
from chaguan.insights.contract import MESSAGE
from chaguan.insights.periods import DAY_US, instant_us

WEEK_BITS = 62


@dataclass(frozen=True)
class Measured:
    """What is known of one community at one instant. Windows are those of the definition's edition.

    `base_messages` and `base_speakers` are sums over `base_spans` spans as long as the recent one: the
    spans of the baseline in which the community existed. `spoken_us` is the last message ever.
    """

    community_id: int
    messages: int = 0
    speakers: int = 0
    short: int = 0
    links_only: int = 0
    base_messages: int = 0
    base_speakers: int = 0
    base_spans: int = 0
    core: int = 0
    core_absent: int = 0
    messages_long: int = 0  # in long_days, the recent ones included
    speakers_long: int = 0
    turns: int = 0  # messages in a row by one member are one turn
    unanswered: int = 0
    first_us: int | None = None
    last_us: int | None = None


_SQL = """
WITH posts AS (
  SELECT community_id, member_id, epoch_us("at") AS at_us, chars, has_link
  FROM {source} WHERE name = '{message}' AND NOT is_bot AND "at" < make_timestamptz({now})
  {only}
), by_member AS (
  SELECT community_id, member_id,
    count(*) FILTER (at_us >= {recent}) AS messages,
    count(*) FILTER (at_us >= {recent} AND chars <= {short_chars}) AS short,
    count(*) FILTER (at_us >= {recent} AND has_link) AS links,
    count(*) FILTER (at_us < {recent} AND at_us >= {base}) AS base_messages,
    bit_count(bit_or(CASE WHEN at_us < {recent} AND at_us >= {base}
      THEN 1::BIGINT << (({recent} - 1 - at_us) // {span}) ELSE 0::BIGINT END)) AS base_weeks,
    count(*) FILTER (at_us >= {long}) AS messages_long,
    min(at_us) AS first_us, max(at_us) AS last_us
  FROM posts GROUP BY community_id, member_id
), turns AS (
  SELECT community_id, count(*) AS turns,
    count(*) FILTER (next_us IS NULL OR next_us - at_us > {answer}) AS unanswered
  FROM (
    SELECT community_id, member_id, at_us,
      lead(member_id) OVER w AS next_member, lead(at_us) OVER w AS next_us
    FROM posts WHERE at_us >= {recent}
    WINDOW w AS (PARTITION BY community_id ORDER BY at_us)
  ) WHERE next_member IS DISTINCT FROM member_id
  GROUP BY community_id
), by_community AS (
  SELECT community_id,
    sum(messages) AS messages,
    count(*) FILTER (messages > 0) AS speakers,
    sum(short) AS short,
    coalesce(sum(messages) FILTER (messages > 1 AND links * 100 >= messages * {link_percent}), 0)
      AS links_only,
    sum(base_messages) AS base_messages,
    sum(base_weeks) AS base_speakers,
    count(*) FILTER (base_weeks >= {core_weeks}) AS core,
    count(*) FILTER (base_weeks >= {core_weeks} AND messages = 0) AS core_absent,
    sum(messages_long) AS messages_long,
    count(*) FILTER (messages_long > 0) AS speakers_long,
    min(first_us) AS first_us, max(last_us) AS last_us
  FROM by_member GROUP BY community_id
)
SELECT c.community_id, messages, speakers, short, links_only, base_messages, base_speakers,
  core, core_absent, messages_long, speakers_long, coalesce(turns, 0) AS turns,
  coalesce(unanswered, 0) AS unanswered, first_us, last_us
FROM by_community c LEFT JOIN turns t ON t.community_id = c.community_id
"""


def measure(
    columns: Columns,
    now: datetime,
    windows: Mapping[str, int],
    community_ids: Collection[int] | None = None,
) -> dict[int, Measured]:
    """Measure all communities that ever had a message, or only some. One statement."""
    at = instant_us(now)
    span = windows["recent_days"] * DAY_US
    recent = at - span
    only = ""
    if community_ids is not None:
        only = "AND community_id IN ({})".format(
            ", ".join(f"{i:d}" for i in community_ids) or "NULL"
        )
    sql = _SQL.format(
        source=columns.source(),
        message=MESSAGE,
        only=only,
        now=at,
        recent=recent,
        base=recent - min(windows["base_weeks"], WEEK_BITS) * span,
        span=span,
        long=at - windows["long_days"] * DAY_US,
        answer=windows["answer_minutes"] * 60_000_000,
        short_chars=windows["short_chars"],
        link_percent=windows["link_percent"],
        core_weeks=windows["core_weeks"],
    )
    rows = columns.table(sql).to_pylist()
    return {
        row["community_id"]: Measured(
            **{key: int(value) for key, value in row.items()},
            base_spans=_spans(int(row["first_us"]), recent, span, windows["base_weeks"]),
        )
        for row in rows
        if row["community_id"] is not None
    }


def _spans(first_us: int, recent: int, span: int, most: int) -> int:
    """How many spans before the recent one the community has lived through, begun ones included."""
    return max(0, min(most, -(-(recent - first_us) // span)))
