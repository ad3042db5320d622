"""Channel accounts: add, edit, switch off and on."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chaguan.channels.contract import connectors
from chaguan.channels.events import AccountChanged
from chaguan.channels.models import Account
from chaguan.channels.policies import may_manage_accounts
from chaguan.eventlog.actions import record
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid, Missing
from chaguan.kernel.policy import require


@transaction.atomic
def add_account(
    actor: Actor,
    connector: str,
    label: str,
    *,
    now: datetime,
    settings: Mapping[str, Any] | None = None,
) -> Account:
    """Configure a channel; the same connector and label again is the same account.

    Emits: AccountChanged when it is new. Raises: Refused; UnknownCode; Invalid.
    """
    require(may_manage_accounts(actor))
    connectors.get(connector)
    if not label.strip():
        raise Invalid(_("Give the account a name that your colleagues will recognise."))
    account, is_new = Account.objects.get_or_create(
        connector=connector,
        label=label.strip()[:80],
        defaults={"created_at": now, "settings": dict(settings or {})},
    )
    if is_new:
        _note(actor, account, "added", now)
    return account


@transaction.atomic
def limit_account(actor: Actor, account_id: int, *, per_minute: int, now: datetime) -> None:
    """Send at most so many messages a minute; the channel's own limit still holds."""
    require(may_manage_accounts(actor))
    if per_minute < 1:
        raise Invalid(_("The limit must be at least one message a minute."))
    account = _account(account_id)
    account.settings = {**account.settings, "per_minute": per_minute}
    account.save(update_fields=["settings"])
    _note(actor, account, "edited", now)


@transaction.atomic
def switch_account(actor: Actor, account_id: int, *, is_active: bool, now: datetime) -> None:
    """Stop or resume sending through an account. What is due waits, nothing is lost."""
    require(may_manage_accounts(actor))
    account = _account(account_id)
    account.is_active = is_active
    account.save(update_fields=["is_active"])
    _note(actor, account, "switched_on" if is_active else "switched_off", now)


def _account(account_id: int) -> Account:
    account = Account.objects.select_for_update().filter(pk=account_id).first()
    if account is None:
        raise Missing
    return account


def _note(actor: Actor, account: Account, change: str, now: datetime) -> None:
    record(AccountChanged(account.pk, account.connector, change), actor=actor, at=now)
