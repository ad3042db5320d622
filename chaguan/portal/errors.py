"""Refusals at the doors of the member pages."""

from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from chaguan.kernel.errors import ChaguanError


class LinkNotValid(ChaguanError):
    """The link is damaged, too old, or was replaced by a newer one. Which of these is not told."""

    code = "link_not_valid"
    message = _("This personal link does not work any more.")
    http_status: ClassVar[int] = 401


class TooManyTries(ChaguanError):
    """One address or one member did the same thing too often in a short time."""

    code = "too_many_tries"
    message = _("That was a lot in a short time. Please try again in a few minutes.")
    http_status: ClassVar[int] = 429
