"""Who may do what with members. Actions enforce these; screens ask before drawing a button."""

from collections.abc import Collection

from django.utils.translation import gettext_lazy as _

from chaguan.kernel.actor import Actor
from chaguan.kernel.policy import ALLOWED, Verdict
from chaguan.people.contract import reach_of
from chaguan.people.models import Member
from chaguan.people.selectors.members import EDIT, VIEW, may_see_member

_NO = Verdict("no_right", _("Your role does not allow this. Ask the owner for the right."))


def may_bring_in_members(actor: Actor) -> Verdict:
    """The product itself (imports, inbound) and those who may edit members somewhere."""
    if actor.is_system:
        return ALLOWED
    reach = reach_of(actor, EDIT)
    return ALLOWED if reach.is_everyone or reach.community_ids else _NO


def may_edit_member(actor: Actor, member_id: int) -> Verdict:
    """Those whose right to edit members reaches this one."""
    return ALLOWED if may_see_member(actor, member_id, EDIT) else _NO


def may_opt_out(actor: Actor, member_id: int) -> Verdict:
    """Every member for themselves, and those who may edit the member."""
    return ALLOWED if actor.member_id == member_id else may_edit_member(actor, member_id)


def may_move_by_evidence(actor: Actor) -> Verdict:
    """The product alone: rules and playbooks. People override with a reason instead."""
    return ALLOWED if actor.is_system else _NO


def may_set_rules(actor: Actor) -> Verdict:
    """Those who may change the settings of the whole house."""
    return ALLOWED if reach_of(actor, "manage_settings").is_everyone else _NO


def may_edit_members(actor: Actor, member_ids: Collection[int]) -> Verdict:
    """As may_edit_member, for all of them at once. One statement."""
    reach = reach_of(actor, EDIT)
    if reach.is_everyone:
        return ALLOWED
    inside = Member.objects.filter(reach.q, pk__in=member_ids).count()
    return ALLOWED if inside == len(set(member_ids)) else _NO


def may_answer_for(actor: Actor, member_id: int) -> Verdict:
    """Members for themselves, and those who may edit the member."""
    return ALLOWED if actor.member_id == member_id else may_edit_member(actor, member_id)


def may_write_note(actor: Actor, member_id: int) -> Verdict:
    """Those who may see the member, other than the member: remarks are about, not to."""
    if actor.member_id is not None and actor.member_id == member_id:
        return _NO
    return ALLOWED if may_see_member(actor, member_id) else _NO


def may_save_segments(actor: Actor) -> Verdict:
    """People with a login who may see members somewhere."""
    reach = reach_of(actor, VIEW)
    if actor.member_id is None and (reach.is_everyone or reach.community_ids):
        return ALLOWED
    return _NO
