"""What can stop us at a channel or with a file of history."""

from django.utils.translation import gettext_lazy as _

from chaguan.kernel.errors import ChaguanError, Invalid


class Unreadable(Invalid):
    """A file of history cannot be opened or read. The message says why, for the person who chose it."""

    code = "unreadable"
    message = _("The file cannot be read.")


class ImportNotReady(ChaguanError):
    """The import is not in the state that this step needs."""

    code = "import_not_ready"
    message = _("This import has moved on in the meantime.")


class UnknownZone(Invalid):
    """A time zone that the world does not have."""

    code = "unknown_zone"
    message = _("There is no such time zone; write it like Asia/Shanghai.")
