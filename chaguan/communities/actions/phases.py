"""The life cycle (生命周期): draft, recruiting, running, closing, closed."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from chaguan.communities.actions.roles import end_cohort_roles
from chaguan.communities.errors import NotReady, NotThatWay
from chaguan.communities.events import PhaseChanged
from chaguan.communities.guards import NOTICE_KEY
from chaguan.communities.models import ClosingCheck, Community, Room
from chaguan.communities.policies import may
from chaguan.communities.readiness import end_of_life, missing_to_close, missing_to_open
from chaguan.communities.types import ClosingItem, Phase, Right
from chaguan.eventlog.actions import record
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid, Missing
from chaguan.kernel.policy import require
from chaguan.outbox.actions import cancel, plan
from chaguan.outbox.contract import Intent

WAYS: dict[Phase, frozenset[Phase]] = {
    Phase.DRAFT: frozenset({Phase.RECRUITING, Phase.RUNNING}),
    Phase.RECRUITING: frozenset({Phase.RUNNING, Phase.CLOSING}),
    Phase.RUNNING: frozenset({Phase.CLOSING}),
    Phase.CLOSING: frozenset({Phase.RUNNING, Phase.CLOSED}),
    Phase.CLOSED: frozenset(),
}


@transaction.atomic
def move_phase(actor: Actor, community_id: int, to: str, *, now: datetime) -> Community:
    """Move a community on. Opening wants type, target stages and charter; closing runs the checklist.

    Into closing: members are told in every open room. Into closed: rooms close, whatever was to be sent
    later is cancelled. Subscribers of PhaseChanged stop what is theirs.
    Emits: PhaseChanged. Raises: Refused, Missing, NotThatWay, NotReady with what is missing.
    """
    require(may(actor, Right.EDIT_COMMUNITY, community_id))
    community = _locked(community_id)
    old = Phase(community.phase)
    if to not in WAYS[old]:
        raise NotThatWay
    if old == Phase.DRAFT and (missing := missing_to_open(community)):
        raise NotReady(missing[0][1], code=f"no_{missing[0][0]}")
    if to == Phase.CLOSED and not actor.is_system:
        done = set(community.closing.values_list("item", flat=True))
        if open_items := missing_to_close(done):
            text = _("Still open on the closing list: %(item)s.")
            raise NotReady(text % {"item": open_items[0][1]}, code="closing_list")
    _enter(community, Phase(to), actor, now)
    record(PhaseChanged(community_id, old.value, to), actor=actor, at=now)
    return community


@transaction.atomic
def tick_closing_item(
    actor: Actor, community_id: int, item: str, *, now: datetime, note: str = ""
) -> bool:
    """Tick one item of the closing checklist. Returns False when it was ticked. Raises Refused, Invalid."""
    require(may(actor, Right.EDIT_COMMUNITY, community_id))
    if item not in set(ClosingItem):
        raise Invalid(_("There is no such item on the closing list."))
    _check, is_new = ClosingCheck.objects.get_or_create(
        community_id=community_id,
        item=item,
        defaults={"note": note.strip()[:200], "at": now, "by": actor.reference},
    )
    return is_new


@transaction.atomic
def close_at_end_of_life(actor: Actor, community_id: int, *, now: datetime) -> bool:
    """Close a community whose type ends by itself, now that its time is over. Clocks call this.

    Both moves are made at once, so members are told and later rows are cancelled. Returns False when
    somebody closed it meanwhile or its time was put off.
    """
    require(may(actor, Right.EDIT_COMMUNITY, community_id))
    community = _locked(community_id)
    end = end_of_life(community.type, community.opened_at, community.closes_at)
    if community.phase in (Phase.DRAFT, Phase.CLOSED) or end is None or end > now:
        return False
    if community.phase != Phase.CLOSING:
        move_phase(actor, community_id, Phase.CLOSING, now=now)
    move_phase(actor, community_id, Phase.CLOSED, now=now)
    return True


def _locked(community_id: int) -> Community:
    community = Community.objects.select_for_update().filter(pk=community_id).first()
    if community is None:
        raise Missing
    return community


def _enter(community: Community, phase: Phase, actor: Actor, now: datetime) -> None:
    if phase in (Phase.RECRUITING, Phase.RUNNING) and community.opened_at is None:
        community.opened_at = now
        community.closes_at = end_of_life(community.type, now, community.closes_at)
    if phase == Phase.CLOSING:
        _tell_members(community, actor, now)
    if phase == Phase.CLOSED:
        community.closed_at = now
        cancel(actor, now=now, reason="community_closed", community_id=community.pk)
        community.rooms.update(is_open=False)
        end_cohort_roles(actor, [community.pk], now=now)
        _tell_members(community, actor, now)
    community.phase = phase.value
    community.save()


def _tell_members(community: Community, actor: Actor, now: datetime) -> None:
    """One notice to each main room on entering closing and one on entering closed; never two of a kind."""
    is_over = community.closed_at is not None
    with translation.override(settings.LANGUAGE_CODE):
        if is_over:
            text = _("%(community)s is closed now. Thank you for having been here.")
        else:
            text = _("%(community)s is closing soon. We will tell you here what comes next.")
        told = text % {"community": community.name}
        purpose = _("Tell members that the community closes")
    mark = f"{NOTICE_KEY}{community.pk}:{'closed' if is_over else 'closing'}:{now.isoformat()}"
    rooms = Room.objects.filter(community=community, purpose=Room.Purpose.MAIN)
    plan(
        [
            Intent(
                key=f"{mark}:room:{room.pk}",
                kind="say",
                connector=room.connector,
                account_id=room.account_id,
                due_at=now,
                community_id=community.pk,
                room_id=room.pk,
                payload={"text": told},
                purpose=purpose,
                is_urgent=True,
            )
            for room in rooms
        ],
        actor=actor,
        now=now,
    )
    ClosingCheck.objects.get_or_create(
        community=community,
        item=ClosingItem.NOTICE.value,
        defaults={"at": now, "by": actor.reference},
    )
