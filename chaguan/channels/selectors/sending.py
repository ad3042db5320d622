"""What goes out: rows of the outbox as an actor may see them."""

from django.db.models import QuerySet

from chaguan.channels.models import Account, Rehearsal
from chaguan.communities.selectors import community_ids_with
from chaguan.communities.types import Right
from chaguan.kernel.actor import Actor
from chaguan.outbox.contract import OutboxRow
from chaguan.outbox.selectors import all_rows, rows_of_communities


def outbox_visible_to(actor: Actor, right: str = Right.VIEW_COMMUNITY) -> QuerySet[OutboxRow]:
    """Rows of the communities where the actor holds the right. Screens start from this."""
    ids = community_ids_with(actor, right)
    return all_rows() if ids is None else rows_of_communities(ids)


def accounts() -> QuerySet[Account]:
    """All configured accounts, by channel and name. Their settings hold no secrets."""
    return Account.objects.order_by("connector", "label")


def rehearsed(account_id: int) -> QuerySet[Rehearsal]:
    """What the sandbox was given through one account, newest first."""
    return Rehearsal.objects.filter(account_id=account_id).order_by("-at", "-id")
