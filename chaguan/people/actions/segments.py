"""Saving questions about members (分群)."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid, Missing
from chaguan.kernel.policy import require
from chaguan.people.models import Segment
from chaguan.people.policies import may_save_segments
from chaguan.people.segments import parse
from chaguan.people.selectors.segments import asking_of, segments_visible_to


@transaction.atomic
def save_segment(
    actor: Actor, name: str, tree: Any, *, now: datetime, segment_id: int | None = None
) -> Segment:
    """Keep a segment under a name, or change one the actor may see.

    Raises: Refused, Missing, Invalid for an empty name or a tree that says nothing sensible.
    """
    require(may_save_segments(actor))
    parse(tree, asking_of(actor, now))
    name = " ".join(name.split())[:80]
    if not name:
        raise Invalid(_("Give the segment a name."))
    if segment_id is None:
        return Segment.objects.create(name=name, tree=tree, owner_id=actor.user_id, created_at=now)
    segment = segments_visible_to(actor).filter(pk=segment_id).first()
    if segment is None:
        raise Missing
    segment.name, segment.tree = name, tree
    segment.save(update_fields=["name", "tree"])
    return segment


@transaction.atomic
def delete_segment(actor: Actor, segment_id: int) -> None:
    """Forget a saved segment; its members stay. Raises: Refused, Missing."""
    require(may_save_segments(actor))
    if not segments_visible_to(actor).filter(pk=segment_id).delete()[0]:
        raise Missing
