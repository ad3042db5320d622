"""Colleagues and their logins: invite, renew the link, close, open again."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from chaguan.communities.actions.staff import give_post
from chaguan.communities.selectors import has_right
from chaguan.communities.types import Right
from chaguan.console.events import LoginSwitched, StaffInvited
from chaguan.console.start import issue_start_link
from chaguan.eventlog.actions import record
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid, Missing
from chaguan.kernel.policy import ALLOWED, Verdict, require


@dataclass(frozen=True)
class Invitation:
    """Who is invited and for what. `community_id` None: the role holds in all communities."""

    login: str
    name: str
    role: str
    community_id: int | None = None


def may_look_after_staff(actor: Actor) -> Verdict:
    """Those who manage staff for the whole house."""
    if has_right(actor, Right.MANAGE_STAFF):
        return ALLOWED
    return Verdict("no_right", _("Only those who manage staff can do this. Ask the owner."))


@transaction.atomic
def invite_staff(actor: Actor, invitation: Invitation, *, now: datetime) -> str:
    """Make a login without a password, give it a role, and return the secret of its one-time link.

    Emits: StaffInvited. Raises: Refused; Invalid for a name that is taken or cannot be a login.
    """
    require(may_look_after_staff(actor))
    login = User(
        username=User.normalize_username(invitation.login.strip()),
        first_name=invitation.name.strip()[:150],
        is_staff=True,
    )
    login.set_unusable_password()
    try:
        User._meta.get_field("username").clean(login.username, login)
        with transaction.atomic():
            login.save()
    except ValidationError as error:
        raise Invalid(" ".join(error.messages)) from None
    except IntegrityError:
        raise Invalid(_("There is a login of this name already."), code="name_taken") from None
    give_post(actor, login.pk, invitation.role, community_id=invitation.community_id)
    fact = StaffInvited(login.pk, is_new=True, community_id=invitation.community_id)
    record(fact, actor=actor, at=now)
    return issue_start_link(actor, now=now, user=login)


@transaction.atomic
def renew_link(actor: Actor, login_id: int, *, now: datetime) -> str:
    """Give out a new one-time link for a login; older ones end. Emits: StaffInvited."""
    require(may_look_after_staff(actor))
    login = _login(login_id)
    secret = issue_start_link(actor, now=now, user=login)
    record(StaffInvited(login.pk, is_new=False), actor=actor, at=now)
    return secret


@transaction.atomic
def switch_login(actor: Actor, login_id: int, *, is_open: bool, now: datetime) -> None:
    """Close a login (its sessions end with it) or open it again. Emits: LoginSwitched.

    Raises: Refused; Missing; Invalid when somebody would close her own door or an owner's.
    """
    require(may_look_after_staff(actor))
    login = _login(login_id)
    if login.pk == actor.user_id:
        raise Invalid(_("You cannot close your own login."), code="own_login")
    if login.is_superuser and not _is_owner(actor):
        raise Invalid(_("Only an owner of the house can close an owner's login."), code="owner")
    login.is_active = is_open
    login.save(update_fields=["is_active"])
    record(LoginSwitched(login.pk, is_open=is_open), actor=actor, at=now)


def _login(login_id: int) -> User:
    login = User.objects.select_for_update().filter(pk=login_id).first()
    if login is None:
        raise Missing
    return login


def _is_owner(actor: Actor) -> bool:
    owners = User.objects.filter(is_superuser=True, is_active=True)
    return actor.user_id is not None and owners.filter(pk=actor.user_id).exists()
