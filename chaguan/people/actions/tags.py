"""Tags (标签): put by hand, by playbooks in bulk, or kept by a rule."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from chaguan.eventlog.actions import record_many
from chaguan.eventlog.contract import Event, Logged
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid
from chaguan.kernel.policy import require
from chaguan.people.contract.conditions import Asking
from chaguan.people.events import MemberTagged, MemberUntagged
from chaguan.people.models import Member, MemberTag, Tag
from chaguan.people.policies import may_edit_members, may_set_rules
from chaguan.people.segments import compile_tree

BY_RULE = "rule"


@transaction.atomic
def tag_members(
    actor: Actor,
    member_ids: Iterable[int],
    *,
    add: Sequence[str] = (),
    remove: Sequence[str] = (),
    now: datetime,
    causes: Mapping[int, Logged] | None = None,
) -> int:
    """Put tags on members and take tags off; returns how many were really put on or taken off.

    `causes` names the fact behind it for each member, where there is one.

    Emits: MemberTagged, MemberUntagged, for real changes only. Raises: Refused for any member out of
    reach, Invalid for an empty name or a tag that a rule keeps. Statements: 4 to 6 a tag.
    """
    ids = sorted(set(member_ids))
    require(may_edit_members(actor, ids))
    changes = 0
    for name in add:
        changes += _put_on(actor, _tag(name), ids, now, causes or {})
    for name in remove:
        changes += _take_off(actor, name.strip(), ids, now, causes or {})
    return changes


@transaction.atomic
def keep_tag_by_rule(actor: Actor, name: str, tree: Any, *, now: datetime) -> int:
    """Let a rule (a segment tree) say who carries the tag, from now on; {} gives it back to the hand.

    Returns how many tags changed. Raises: Refused, Invalid for a tree that says nothing sensible.
    """
    require(may_set_rules(actor))
    compile_tree(tree, Asking(now))
    tag = _tag(name, even_by_rule=True)
    Tag.objects.filter(pk=tag.pk).update(rule=tree or None)
    return refresh_tag(Actor.system("tag rules"), tag.pk, now=now) if tree else 0


@transaction.atomic
def refresh_tag(actor: Actor, tag_id: int, *, now: datetime) -> int:
    """Bring a rule's tag up to date: two set-based steps, one for those who newly match, one for the rest."""
    require(may_set_rules(actor))
    tag = Tag.objects.select_for_update().get(pk=tag_id)
    if tag.rule is None:
        return 0
    matching = Member.objects.filter(compile_tree(tag.rule, Asking(now)), merged_into__isnull=True)
    carriers = MemberTag.objects.filter(tag=tag)
    fresh = list(matching.exclude(pk__in=carriers.values("member_id")).values_list("pk", flat=True))
    stale = carriers.exclude(member_id__in=matching.values("pk"))
    gone = list(stale.values_list("member_id", flat=True))
    stale.delete()
    _insert(tag, fresh, BY_RULE, now)
    Tag.objects.filter(pk=tag.pk).update(refreshed_at=now)
    facts: list[tuple[Event, datetime]] = [(MemberTagged(pk, tag.name), now) for pk in fresh]
    facts += [(MemberUntagged(pk, tag.name), now) for pk in gone]
    record_many(facts, actor=actor)
    return len(facts)


def _put_on(
    actor: Actor, tag: Tag, ids: Sequence[int], now: datetime, causes: Mapping[int, Logged]
) -> int:
    carriers = MemberTag.objects.select_for_update().filter(tag=tag, member_id__in=ids)
    known = set(carriers.values_list("member_id", flat=True))
    fresh = [pk for pk in ids if pk not in known]
    _insert(tag, fresh, actor.reference, now)
    facts = [(MemberTagged(pk, tag.name), now) for pk in fresh]
    record_many(facts, actor=actor, causes=[causes.get(pk) for pk in fresh])
    return len(fresh)


def _take_off(
    actor: Actor, name: str, ids: Sequence[int], now: datetime, causes: Mapping[int, Logged]
) -> int:
    worn = MemberTag.objects.filter(tag__name=name, tag__rule__isnull=True, member_id__in=ids)
    gone = list(worn.select_for_update(of=("self",)).values_list("member_id", flat=True))
    MemberTag.objects.filter(tag__name=name, member_id__in=gone).delete()
    facts = [(MemberUntagged(pk, name), now) for pk in gone]
    record_many(facts, actor=actor, causes=[causes.get(pk) for pk in gone])
    return len(gone)


def _insert(tag: Tag, ids: Sequence[int], by: str, now: datetime) -> None:
    MemberTag.objects.bulk_create(
        [MemberTag(member_id=pk, tag=tag, at=now, by=by) for pk in ids],
        ignore_conflicts=True,
        batch_size=2000,
    )


def _tag(name: str, *, even_by_rule: bool = False) -> Tag:
    """The tag of that name, made when new. It stays locked, so two changes of one tag go in turn."""
    name = " ".join(name.replace("\x00", "").split())
    if not name or len(name) > 60:
        raise Invalid(_("The name of a tag has 1 to 60 characters."))
    Tag.objects.bulk_create([Tag(name=name)], ignore_conflicts=True)
    tag = Tag.objects.select_for_update().get(name=name)
    if tag.rule is not None and not even_by_rule:
        raise Invalid(
            _("The tag %(tag)s is kept by a rule; change the rule instead.") % {"tag": name}
        )
    return tag
