"""Staff roles and posts: who works here, where, with which rights."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.db.models import F, Q
from django.utils.translation import gettext as _

from chaguan.communities.models import StaffPost, StaffRole
from chaguan.communities.roles import STAFF_ROLES


@dataclass(frozen=True)
class RoleSheet:
    """A staff role with its rights as they are now and as it was shipped."""

    code: str
    name: str
    work: str
    rights: frozenset[str]
    shipped: frozenset[str]


@dataclass(frozen=True)
class Post:
    """One login holding one role in one community, or (empty) in all of them."""

    id: int
    user_id: int
    role_code: str
    role: str
    community: str
    hours_per_week: int


def role_sheets() -> list[RoleSheet]:
    """All staff roles, the shipped ones first. One statement."""
    order = list(STAFF_ROLES)
    rows = sorted(
        StaffRole.objects.all(),
        key=lambda role: (order.index(role.code) if role.code in order else len(order), role.name),
    )
    sheets = []
    for row in rows:
        shipped = STAFF_ROLES.get(row.code)
        sheets.append(
            RoleSheet(
                code=row.code,
                name=_(row.name),
                work=str(shipped.work) if shipped else "",
                rights=frozenset(row.rights),
                shipped=frozenset(str(right) for right in shipped.rights)
                if shipped
                else frozenset[str](),
            )
        )
    return sheets


def logins_with(right: str, community_ids: Collection[int]) -> list[tuple[int, str]]:
    """Open logins that hold a right in each of these communities, with their names. Two statements.

    The caller has checked who may look.
    """
    everywhere, here = set[int](), defaultdict[int, set[int]](set)
    posts = StaffPost.objects.filter(
        Q(community__in=list(community_ids)) | Q(community=None), user__is_active=True
    )
    for user_id, community_id, rights in posts.values_list(
        "user_id", "community_id", "role__rights"
    ):
        if right in rights and community_id is None:
            everywhere.add(user_id)
        elif right in rights:
            here[user_id].add(community_id)
    wanted = set(community_ids)
    holders = everywhere | {user_id for user_id, known in here.items() if known >= wanted}
    logins = get_user_model().objects.filter(Q(pk__in=holders) | Q(is_superuser=True))
    return sorted(
        (login.pk, login.get_full_name() or login.get_username())
        for login in logins.filter(is_active=True)
    )


def posts_by_login() -> dict[int, list[Post]]:
    """Every post, by login. One statement; the caller has checked who may look."""
    found: dict[int, list[Post]] = defaultdict(list)
    rows = StaffPost.objects.values_list(
        "pk", "user_id", "role__code", "role__name", "community__name", "hours_per_week"
    )
    for pk, user_id, code, name, community, hours in rows.order_by("role__name", "pk"):
        found[user_id].append(Post(pk, user_id, code, _(name), community or "", hours))
    return dict(found)


def posts_in(community_id: int) -> list[Post]:
    """Who works in one community: its own posts first, then those that hold in all. One statement."""
    rows = StaffPost.objects.filter(
        Q(community_id=community_id) | Q(community=None), user__is_active=True
    )
    return [
        Post(pk, user_id, code, _(name), community or "", hours)
        for pk, user_id, code, name, community, hours in rows.order_by(
            F("community_id").asc(nulls_last=True), "role__name", "pk"
        ).values_list(
            "pk", "user_id", "role__code", "role__name", "community__name", "hours_per_week"
        )
    ]
