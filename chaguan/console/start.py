"""One-time links: the first account of the house, and new passwords for logins that exist.

There is no default password anywhere: who holds the link chooses one.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chaguan.communities.actions.staff import ensure_defaults
from chaguan.communities.selectors import has_right
from chaguan.communities.types import Right
from chaguan.console.models import StartLink
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import ChaguanError, Invalid
from chaguan.kernel.policy import ALLOWED, Verdict, require

VALID_FOR = timedelta(hours=24)


class LinkSpent(ChaguanError):
    """The link was used, replaced or is too old."""

    code = "link_spent"
    message = gettext_lazy(
        "This link has been used or is too old. Run `chaguan serve` again, or ask for a new one."
    )
    http_status = 410


def has_account() -> bool:
    """Whether anybody can log in yet: a login without a usable password, as in the demo, cannot."""
    usable = User.objects.exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    return usable.filter(is_active=True).exists()


def may_issue(actor: Actor, user: User | None) -> Verdict:
    """The product itself; for logins that exist, who manages staff, and for owners only owners."""
    if actor.is_system:
        return ALLOWED
    if user is not None and has_right(actor, Right.MANAGE_STAFF):
        owners = User.objects.filter(is_superuser=True, is_active=True)
        if not user.is_superuser or actor.user_id in owners.values_list("pk", flat=True):
            return ALLOWED
    return Verdict("not_allowed", _("Only those who manage staff may give out one-time links."))


@transaction.atomic
def issue_start_link(actor: Actor, *, now: datetime, user: User | None = None) -> str:
    """Make a one-time link and return its secret, which is kept nowhere. Older links for it end.

    Raises: Refused, by may_issue; LinkSpent, when a first account is asked for and one exists.
    """
    require(may_issue(actor, user))
    if user is None and has_account():
        raise LinkSpent
    StartLink.objects.filter(user=user, used_at=None).delete()
    secret = secrets.token_urlsafe(24)
    StartLink.objects.create(
        secret_hash=_hashed(secret),
        user=user,
        issued_by=actor.reference,
        issued_at=now,
        expires_at=now + VALID_FOR,
    )
    return secret


def link_for(secret: str, *, now: datetime) -> StartLink:
    """The open link of this secret. Raises LinkSpent, whatever the reason, so nothing can be probed."""
    link = StartLink.objects.filter(secret_hash=_hashed(secret), used_at=None).first()
    if link is None or link.expires_at <= now or (link.user_id is None and has_account()):
        raise LinkSpent
    return link


@transaction.atomic
def redeem_start_link(
    actor: Actor, secret: str, *, name: str, password: str, now: datetime
) -> User:
    """Spend the link: make the first account (owner of the house), or set its login's password.

    `name` is the login's name; it is ignored where the link is for a login that exists. Whoever holds
    the link may use it, so `actor` is only who is recorded.

    Raises: LinkSpent; Invalid, with the sentence of what is wrong with name or password.
    Races: the update that marks the link as used settles two tries at once.
    """
    link = link_for(secret, now=now)
    user = link.user or User(username=name.strip(), is_staff=True, is_superuser=True)
    _refuse_bad(user, password)
    if not StartLink.objects.filter(pk=link.pk, used_at=None).update(used_at=now):
        raise LinkSpent
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:
        raise Invalid(_("This name is taken."), code="name_taken") from None
    ensure_defaults(Actor.system("start link"))
    return user


def _refuse_bad(user: User, password: str) -> None:
    """Raise Invalid with one sentence when the name or the password will not do."""
    try:
        user.username = User.normalize_username(user.username)
        User._meta.get_field("username").clean(user.username, user)
        validate_password(password, user)
    except ValidationError as error:
        raise Invalid(" ".join(error.messages)) from None


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
