"""A community on the sandbox channel, for the tests of this app."""

from typing import Any

from chaguan.channels.models import Account
from chaguan.channels.testing import make_account
from chaguan.communities.testing import make_community, make_member, make_room


def make_place(members: int = 3, **over: Any) -> Any:
    """A community with one room on the sandbox and some members in it."""
    account = Account.objects.filter(connector="echo").first() or make_account("echo")
    community = make_community(**over)
    make_room(community, connector="echo", account_id=account.pk)
    for number in range(members):
        make_member(community, name=f"茶友{number}")
    return community
