"""Messages on their way out, as the page shows them: names instead of ids, sentences instead of codes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise

from chaguan.channels.actions.sending import FINAL_HOLDS
from chaguan.channels.selectors.sending import accounts
from chaguan.communities.policies import may_override_guards
from chaguan.communities.selectors import communities_visible_to, has_right
from chaguan.communities.selectors.addresses import addresses_of_rooms
from chaguan.communities.types import Right
from chaguan.console.lines.actors import actor_names
from chaguan.console.lines.outbox_words import KINDS, look_of, reason_of
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import ChaguanError
from chaguan.outbox.contract import OutboxRow, renderers
from chaguan.people.selectors.names import names_of

State = OutboxRow.State
TYPE_GUARD = "type_guard"  # the reason of a row that the type of its community forbids


@dataclass(frozen=True)
class OutboxLine:
    """One row for people. `acts` are the decisions this person may take now (names of forms)."""

    row: OutboxRow
    look: str
    reason: str | Promise
    kind: str | Promise
    target: str
    community: str
    community_slug: str
    account: str
    text: str
    acts: tuple[str, ...]
    decided_by: str = ""


def outbox_lines(rows: Sequence[OutboxRow], actor: Actor, now: datetime) -> list[OutboxLine]:
    """Give rows their names and texts. Queries: at most 6 and one per kind of renderer."""
    rooms = addresses_of_rooms({row.room_id for row in rows if row.room_id is not None})
    members = names_of({row.member_id for row in rows if row.member_id is not None})
    homes = {
        pk: (name, slug)
        for pk, name, slug in communities_visible_to(actor)
        .filter(pk__in={row.community_id for row in rows if row.community_id is not None})
        .values_list("pk", "name", "slug")
    }
    labels = dict(accounts().values_list("pk", "label")) if rows else {}
    texts = texts_of(rows)
    deciders = actor_names({row.decided_by for row in rows if row.decided_by})
    lines = []
    for row in rows:
        room = rooms.get(row.room_id) if row.room_id is not None else None
        target = room.name if room else ""
        if row.member_id is not None and row.kind != "say":
            target = members.get(row.member_id, "")
        home = homes.get(row.community_id or 0, ("", ""))
        lines.append(
            OutboxLine(
                row=row,
                look=look_of(row, now),
                reason=reason_of(row),
                kind=KINDS.get(row.kind, row.kind),
                target=target,
                community=home[0],
                community_slug=home[1],
                account=labels.get(row.account_id, row.connector),
                text=texts.get(row.pk, ""),
                acts=acts_on(row, actor, now),
                decided_by=deciders.get(row.decided_by, ""),
            )
        )
    return lines


def texts_of(rows: Sequence[OutboxRow]) -> dict[int, str]:
    """The text as sent; for those not rendered yet, as it would be now."""
    texts = {row.pk: row.text for row in rows if row.text}
    bare = [row for row in rows if not row.text]
    for code in {row.renderer for row in bare}:
        try:
            texts |= renderers.get(code)([row for row in bare if row.renderer == code])
        except ChaguanError:
            continue  # a script that cannot be rendered fails visibly at claim time
    return texts


def acts_on(row: OutboxRow, actor: Actor, now: datetime) -> tuple[str, ...]:
    """Which decisions make sense for the row's state and are this person's to take."""
    if not has_right(actor, Right.DECIDE_OUTBOX, row.community_id):
        return ()
    if row.state == State.UNKNOWN:
        return ("arrived", "not_arrived")
    if row.state == State.AWAITING_PERSON:
        is_over = row.expires_at is not None and row.expires_at <= now
        by_us = "send_anyway" if is_over else "approve"
        first = by_us if row.reason == "needs_approval" else "sent"
        return (first, "cancel")
    if row.state == State.FAILED:
        return ("retry",)
    if row.state == State.EXPIRED:
        return ("send_anyway",)
    if row.state == State.SUPPRESSED and row.reason == TYPE_GUARD:
        may = row.community_id and may_override_guards(actor, row.community_id)
        return ("override", "cancel") if may else ("cancel",)
    if row.state == State.SUPPRESSED or (row.state == State.PLANNED and row.reason):
        return ("cancel",) if row.reason in FINAL_HOLDS else ("release", "cancel")
    return ("cancel",) if row.state == State.PLANNED else ()
