"""Facts about logins: who was invited, whose door was closed."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from chaguan.eventlog.contract import Event


@dataclass(frozen=True)
class StaffInvited(Event):
    """A login was made for a colleague, or an existing one got a new one-time link."""

    name: ClassVar[str] = "console.staff_invited"
    title: ClassVar = _("Colleague invited")

    login_id: int
    is_new: bool
    community_id: int | None = None


@dataclass(frozen=True)
class LoginSwitched(Event):
    """A login was closed or opened again."""

    name: ClassVar[str] = "console.login_switched"
    title: ClassVar = _("Login closed or opened")

    login_id: int
    is_open: bool
