"""The one family of errors that people see: we understood, and we decline."""

from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class ChaguanError(Exception):
    """We understood what was asked and decline it. Screens show `message`, programs read `code`."""

    code: str = "refused"
    message: str | Promise = _("This cannot be done.")
    http_status: ClassVar[int] = 409

    def __init__(self, message: str | Promise = "", *, code: str = "") -> None:
        self.code = code or self.code
        self.message = message or self.message
        super().__init__(self.code)

    def __str__(self) -> str:
        return str(self.message)


class Refused(ChaguanError):
    """A policy said no. Raised by `require`."""

    http_status = 403


class Missing(ChaguanError):
    """What was named does not exist, or not for this actor; the two look the same on purpose."""

    code = "missing"
    message = _("We cannot find that.")
    http_status = 404


class Invalid(ChaguanError):
    """The input is understood and wrong."""

    code = "invalid"
    message = _("Something in the input is not right.")
    http_status = 422


class DuplicateCode(Exception):
    """Two extensions claim one code: a bug, found when the program starts."""


class UnknownCode(ChaguanError):
    """No extension has this code."""

    code = "unknown_code"
    http_status = 422
