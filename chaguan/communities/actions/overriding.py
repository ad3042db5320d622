"""An owner's exception from what the type of a community forbids."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from chaguan.communities.events import GuardOverridden
from chaguan.communities.guards import HELD
from chaguan.communities.models import GuardOverride
from chaguan.communities.policies import may_override_guards
from chaguan.eventlog.actions import record
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid
from chaguan.kernel.policy import require


@transaction.atomic
def override_guard(
    actor: Actor, community_id: int, key: str, *, reason: str, now: datetime
) -> None:
    """Let the outbox row with this key pass the type's guard. Operators cannot; owners give a reason.

    A row that is held already has to be released as well (outbox `release`). Twice is once.
    Emits: GuardOverridden. Raises: Refused, Invalid without a reason.
    """
    require(may_override_guards(actor, community_id))
    reason = reason.strip()[:200]
    if not reason or not key:
        raise Invalid(_("Give the reason for this exception; it stays in the log."))
    _override, is_new = GuardOverride.objects.get_or_create(
        key=key,
        defaults={"community_id": community_id, "reason": reason, "by": actor.reference, "at": now},
    )
    if is_new:
        record(GuardOverridden(community_id, HELD, reason), actor=actor, at=now)
