"""Refusals of this app."""

from django.utils.translation import gettext_lazy as _

from chaguan.kernel.errors import ChaguanError


class AlreadySignedIn(ChaguanError):
    """A second sign-in on one day gives nothing."""

    code = "already_signed_in"
    message = _("You have signed in today already.")


class NoMakeUpCard(ChaguanError):
    """Every card is spent."""

    code = "no_make_up_card"
    message = _("You have no make-up card. Seven days in a row earn you one.")


class NotRepairable(ChaguanError):
    """The day is not a missed day of the last week."""

    code = "not_repairable"
    message = _("Only a missed day of the last seven can be made up.")


class AlreadyCheckedIn(ChaguanError):
    """One answer per prompt."""

    code = "already_checked_in"
    message = _("You have checked in on this already.")


class CheckInClosed(ChaguanError):
    """The prompt is not open at this moment."""

    code = "check_in_closed"
    message = _("This check-in is not open now.")
