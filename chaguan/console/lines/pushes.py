"""Recurrent promotions that rest, in a sentence people can act on."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

if TYPE_CHECKING:
    from chaguan.playbooks.models import PushRest


def rest_sentence(rest: PushRest) -> str:
    """Why a community's promotions rest, and until when, in its own time."""
    until = rest.until.astimezone(ZoneInfo(rest.community.timezone))
    if rest.why == "leaves":
        text = ngettext(
            "In %(community)s %(n)d person left or asked for quiet within two hours of a promotion.",
            "In %(community)s %(n)d people left or asked for quiet within two hours of a promotion.",
            rest.now_count,
        )
    else:
        text = _(
            "In %(community)s %(was)d people said something after promotions, now it is %(n)d."
        )
    said = text % {
        "community": rest.community.name,
        "n": rest.now_count,
        "was": rest.was_count,
    }
    whole = _("%(said)s Recurrent promotions rest until %(until)s.")
    return whole % {"said": said, "until": date_format(until, "n/j H:i")}
