"""Questions about logins."""

from collections.abc import Collection

from django.contrib.auth.models import User
from django.db.models import QuerySet

from chaguan.communities.selectors import has_right
from chaguan.communities.types import Right
from chaguan.kernel.actor import Actor


def logins_visible_to(actor: Actor) -> QuerySet[User]:
    """All logins for those who manage staff; nobody else sees any. Open ones first, then by name."""
    if not has_right(actor, Right.MANAGE_STAFF):
        return User.objects.none()
    return User.objects.order_by("-is_active", "username")


def names_of_logins(login_ids: Collection[int]) -> dict[int, str]:
    """What colleagues are called. One statement; the caller has checked who may look."""
    found = User.objects.filter(pk__in=login_ids)
    return {login.pk: login.get_full_name() or login.username for login in found}
