"""Creating communities from their type's preset, and changing what they say of themselves."""

import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from chaguan.communities.errors import NameTaken
from chaguan.communities.events import CommunityChanged
from chaguan.communities.kinds import in_my_language, preset_of
from chaguan.communities.models import Community
from chaguan.communities.policies import may
from chaguan.communities.types import CommunityType, ContentKind, Phase, Right
from chaguan.eventlog.actions import record
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid, Missing
from chaguan.kernel.ids import new_public_id
from chaguan.kernel.policy import require
from chaguan.people.types import RelationStage

TEXTS = {"purpose": 4000, "audience": 4000, "expected_effect": 4000, "host_name": 80, "colour": 7}
EDITABLE = frozenset(
    {
        *TEXTS,
        *("name", "type", "content_kind", "timezone", "target_stages", "is_screened"),
        *("closes_at", "settings"),
    }
)


def prefilled(kind: str) -> dict[str, Any]:
    """What a new community of this type starts with, in the reader's language; settings hold the rest."""
    preset = preset_of(kind)
    lifetime = preset.lifetime
    return {
        "purpose": in_my_language(preset.purpose),
        "audience": in_my_language(preset.audience),
        "expected_effect": in_my_language(preset.expected_effect),
        "target_stages": list(preset.target_stages),
        "is_screened": preset.is_screened,
        "settings": {
            "lifetime_hours": int(lifetime.total_seconds() // 3600) if lifetime else None,
            "intensity": preset.intensity,
            "allowed": list(preset.allowed),
            "metrics": list(preset.metrics),
            "playbooks": list(preset.playbooks),
        },
    }


@transaction.atomic
def create_community(
    actor: Actor, name: str, *, kind: str = "", timezone: str = "", now: datetime
) -> Community:
    """Start a community as a draft, filled in from its type's preset; everything can be changed.

    Emits: CommunityChanged. Raises: Refused, Invalid, NameTaken.
    """
    require(may(actor, Right.EDIT_COMMUNITY))
    fields = _checked({"name": name, "type": kind, "timezone": timezone or settings.TIME_ZONE})
    community = Community(
        public_id=new_public_id(),
        created_at=now,
        phase=Phase.DRAFT.value,
        **{**(prefilled(kind) if kind else {}), **fields},
    )
    community.slug = _slug(community.name, community.public_id)
    _save(community)
    record(CommunityChanged(community.pk, "created"), actor=actor, at=now)
    return community


@transaction.atomic
def edit_community(
    actor: Actor, community_id: int, changes: dict[str, Any], *, now: datetime
) -> Community:
    """Change fields named in EDITABLE. A new type brings its settings with it unless they come along.

    Emits: CommunityChanged, when something changed. Raises: Refused, Missing, Invalid, NameTaken.
    """
    require(may(actor, Right.EDIT_COMMUNITY, community_id))
    community = Community.objects.select_for_update().filter(pk=community_id).first()
    if community is None:
        raise Missing
    wanted = _checked(changes)
    if wanted.get("type") and wanted["type"] != community.type and "settings" not in wanted:
        wanted["settings"] = community.settings | prefilled(wanted["type"])["settings"]
    changed = sorted(key for key, value in wanted.items() if getattr(community, key) != value)
    for key in changed:
        setattr(community, key, wanted[key])
    if changed:
        _save(community)
        record(CommunityChanged(community_id, ", ".join(changed)), actor=actor, at=now)
    return community


def _checked(changes: dict[str, Any]) -> dict[str, Any]:
    """The values as kept. Raises Invalid with one sentence for the first that does not fit."""
    if unknown := sorted(set(changes) - EDITABLE):
        raise Invalid(_("A community has no field %(field)s.") % {"field": unknown[0]})
    found = dict(changes)
    for key, length in TEXTS.items():
        if key in found:
            found[key] = str(found[key]).replace("\x00", "").strip()[:length]
    if "name" in found:
        found["name"] = " ".join(str(found["name"]).replace("\x00", "").split())
        if not 1 <= len(found["name"]) <= 80:
            raise Invalid(_("The name of a community has 1 to 80 characters."))
    if found.get("type") and found["type"] not in set(CommunityType):
        raise Invalid(_("Choose one of the six types."))
    if found.get("content_kind") and found["content_kind"] not in set(ContentKind):
        raise Invalid(_("Choose what the community delivers from the list."))
    if "target_stages" in found and not set(found["target_stages"]) <= set(RelationStage):
        raise Invalid(_("Choose the target stages from the list."))
    if "timezone" in found:
        try:
            ZoneInfo(found["timezone"])
        except (ZoneInfoNotFoundError, ValueError) as wrong:
            text = _("There is no time zone %(zone)s.")
            raise Invalid(text % {"zone": str(found["timezone"])[:60]}) from wrong
    return found


def _slug(name: str, public_id: str) -> str:
    slug = re.sub(r"^-+|-+$", "", slugify(name, allow_unicode=True))[:70]
    return f"{slug or 'community'}-{public_id[-8:].lower()}"


def _save(community: Community) -> None:
    try:
        with transaction.atomic():
            community.save()
    except IntegrityError as taken:
        raise NameTaken from taken
