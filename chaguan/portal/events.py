"""Facts about the doors of the member pages."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from chaguan.eventlog.contract import Event


@dataclass(frozen=True)
class LinkIssued(Event):
    """A personal link was handed out: to the member, or to staff who pass it on."""

    name: ClassVar[str] = "portal.link_issued"
    title: ClassVar = _("Personal link handed out")

    member_id: int


@dataclass(frozen=True)
class LinksRevoked(Event):
    """All personal links and open sessions of a member were ended."""

    name: ClassVar[str] = "portal.links_revoked"
    title: ClassVar = _("Personal links ended")

    member_id: int
