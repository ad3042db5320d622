"""Refusals of this app."""

from django.utils.translation import gettext_lazy as _

from chaguan.kernel.errors import ChaguanError


class NotEnoughPoints(ChaguanError):
    """The balance never falls below zero."""

    code = "not_enough_points"
    message = _("There are not enough points for this yet.")


class AlreadyCorrected(ChaguanError):
    """One counter-entry per entry, and none for a counter-entry."""

    code = "already_corrected"
    message = _("This entry has been corrected already.")


class ReasonNeeded(ChaguanError):
    """A correction without a reason is not a correction."""

    code = "reason_needed"
    message = _("Please say why the points are corrected.")
    http_status = 422
