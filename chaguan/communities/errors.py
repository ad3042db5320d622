"""Refusals of this app."""

from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from chaguan.kernel.errors import ChaguanError


class CommunityClosed(ChaguanError):
    """Nothing moves any more in a closed community."""

    code = "community_closed"
    message = _("This community is closed.")


class NameTaken(ChaguanError):
    """Names of communities are unique, so that people can say which one they mean."""

    code = "name_taken"
    message = _("There is a community of this name already.")
    http_status: ClassVar[int] = 422


class NotReady(ChaguanError):
    """Something is missing before the community may move on; the message names it."""

    code = "not_ready"


class NotThatWay(ChaguanError):
    """The life of a community goes one way."""

    code = "not_that_way"
    message = _("The community cannot go from its present phase to that one.")


class NotAMember(ChaguanError):
    """Roles are held by members who are in."""

    code = "not_a_member"
    message = _("This person is not a member of the community.")
