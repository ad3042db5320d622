"""Guards (禁忌): what a type of community forbids, for plans, broadcasts and every outgoing row."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from chaguan.communities.kinds import in_my_language, preset_of
from chaguan.communities.models import Community, GuardOverride
from chaguan.communities.selectors.contents import content_of
from chaguan.communities.types import Phase
from chaguan.kernel.policy import ALLOWED, Verdict
from chaguan.kernel.remembering import remembered
from chaguan.outbox.contract import Hold, OutboxRow, guards

INTENTS = ("promotion", "conversion", "content", "sharing", "headquarters")
PUSH_GUARD = "push_guard"  # code of a refusal, and reason of an outbox row; permanent
HELD = "type_guard"  # reason of an outbox row; permanent
NOTICE_KEY = "community:"  # how the keys of notices about closing begin
STAFF_STEPS = "staff_steps"  # among the counts of a plan: the most steps of staff on one day
PUSHES = "pushes"  # among the counts of a plan: the most recurrent promotions on one day
STAFF_STEPS_A_DAY = {
    "none": 2,
    "light": 3,
    "self_run": 3,
}  # by intensity; full service has no limit


def check(community_id: int, intents: Collection[str]) -> Verdict:
    """Whether something tagged with these intents fits the community's type. One statement.

    A community without a type forbids nothing yet. The refusal's code is `type_guard`.
    """
    kind = Community.objects.filter(pk=community_id).values_list("type", flat=True).first()
    return check_type(kind or "", intents)


def check_type(kind: str, intents: Collection[str]) -> Verdict:
    """As `check`, when the type is known already."""
    forbidden = preset_of(kind).forbidden if kind else {}
    for intent in INTENTS:
        if intent in intents and intent in forbidden:
            return Verdict(HELD, in_my_language(forbidden[intent]))
    return ALLOWED


def check_plan(kind: str, counts: Mapping[str, int]) -> list[Verdict]:
    """Everything that a plan with so many steps of each intent does wrong for the type.

    `type_guard` and `type_limit` must not be; `type_intensity` is a warning.
    """
    faults = [check_type(kind, [intent]) for intent, count in counts.items() if count]
    limits = preset_of(kind).limits if kind else {}
    faults += [
        Verdict("type_limit", in_my_language(limit.reason))
        for intent, limit in limits.items()
        if counts.get(intent, 0) > limit.most
    ]
    faults.append(_check_intensity(kind, counts.get(STAFF_STEPS, 0)))
    return [fault for fault in faults if not fault]


def _check_intensity(kind: str, steps: int) -> Verdict:
    """TYPE-04: how much work of staff a day a type is worth. A warning: its code is `type_intensity`."""
    most = STAFF_STEPS_A_DAY.get(preset_of(kind).intensity) if kind else None
    if most is None or steps <= most:
        return ALLOWED
    text = _("%(steps)d steps of staff on one day; this type is run with at most %(most)d.")
    return Verdict("type_intensity", text % {"steps": steps, "most": most})


def check_pushes(content_kind: str, counts: Mapping[str, int]) -> Verdict:
    """SOP-10: who promotes again and again through a day may do so in commerce communities only."""
    times = counts.get(PUSHES, 0)
    if times <= 1 or (content_kind and content_of(content_kind).takes_pushes):
        return ALLOWED
    text = _(
        "This plan promotes %(times)d times a day, which only commerce communities take: promote once"
        " a day at most, or say in the settings that this community delivers commerce."
    )
    return Verdict(PUSH_GUARD, text % {"times": times})


@guards.add("communities.type")
def hold_what_the_type_forbids(rows: Sequence[OutboxRow], now: datetime) -> list[Hold]:
    """Promotion stays out of communities whose type forbids it, urgent or not, unless an owner said so."""
    promotions = [row for row in rows if row.is_promotion and row.room_id and row.community_id]
    if not promotions:
        return []
    ids = {row.community_id for row in promotions if row.community_id is not None}
    kinds = dict(Community.objects.filter(pk__in=ids).values_list("pk", "type"))
    overridden = GuardOverride.objects.filter(key__in=[row.key for row in promotions])
    spared = set(overridden.values_list("key", flat=True))
    return [
        Hold(row.pk, HELD)
        for row in promotions
        if row.key not in spared
        and not check_type(kinds.get(row.community_id or 0, ""), ["promotion"])
    ]


@remembered
def _closed(ids: set[int]) -> set[int]:
    closed = Community.objects.filter(pk__in=ids, phase=Phase.CLOSED)
    return set(closed.values_list("pk", flat=True))


@guards.add("communities.closed")
def hold_what_comes_too_late(rows: Sequence[OutboxRow], now: datetime) -> list[Hold]:
    """Nothing goes into a closed community any more but the notice that it is closed."""
    ids = {row.community_id for row in rows if row.community_id is not None}
    over = _closed(ids) if ids else set()
    return [
        Hold(row.pk, "community_closed")
        for row in rows
        if row.community_id in over and row.room_id and not row.key.startswith(NOTICE_KEY)
    ]
