"""Who may see numbers and change definitions."""

from collections.abc import Collection

from django.utils.translation import gettext_lazy as _

from chaguan.communities.selectors import has_right
from chaguan.communities.types import Right
from chaguan.kernel.actor import Actor
from chaguan.kernel.policy import ALLOWED, Verdict


def may_see_reports(actor: Actor, community_ids: Collection[int]) -> Verdict:
    """Those who may view reports in every one of the communities."""
    if all(has_right(actor, Right.VIEW_REPORTS, pk) for pk in community_ids):
        return ALLOWED
    return Verdict("no_reports", _("Your role does not show you the numbers of this community."))


def may_change_definitions(actor: Actor) -> Verdict:
    """Definitions hold for the whole house: those who manage its settings."""
    if has_right(actor, Right.MANAGE_SETTINGS):
        return ALLOWED
    return Verdict("no_settings", _("Only those who manage the settings may change a definition."))


def may_update_health(actor: Actor) -> Verdict:
    """The product itself, and those who see the reports of the whole house."""
    if has_right(actor, Right.VIEW_REPORTS):
        return ALLOWED
    return Verdict("no_reports", _("Your role does not show you the numbers of all communities."))
