"""Refusals of this app."""

from django.utils.translation import gettext_lazy as _

from chaguan.kernel.errors import ChaguanError, Invalid


class UnknownWindow(Invalid):
    """The definition has no window of that name."""

    code = "unknown_window"
    message = _("This definition has no such window.")


class WindowOutOfRange(Invalid):
    """A window must be a whole number within reason."""

    code = "window_out_of_range"
    message = _("A window is a whole number from 1 to 3650.")


class NothingChanged(ChaguanError):
    """The windows are those in force already."""

    code = "nothing_changed"
    message = _("These windows are in force already.")


class RangeBackwards(Invalid):
    """The range ends before it begins."""

    code = "range_backwards"
    message = _("The range ends before it begins.")


class RangeTooLong(Invalid):
    """More periods than anyone can read."""

    code = "range_too_long"
    message = _("The range has more than 4,000 periods. Choose a shorter range or longer periods.")


class UnknownZone(Invalid):
    """No IANA time zone has this name."""

    code = "unknown_zone"
    message = _("There is no time zone of that name. Write it like Asia/Shanghai.")
