"""演练 The sandbox's record: everything one sandbox account was given, as it would have been sent."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render

from chaguan.channels.selectors.sending import accounts, rehearsed
from chaguan.communities.selectors import has_right
from chaguan.communities.selectors.addresses import addresses_of_rooms
from chaguan.communities.types import Right
from chaguan.console.auth import StaffRequest, staff_required
from chaguan.console.lines.outbox_words import KINDS
from chaguan.people.selectors.names import names_of
from chaguan.ui.paging import keyset_page_of


@staff_required
def sandbox(request: StaffRequest, account_id: int) -> HttpResponse:
    """Newest first. Accounts belong to the house, so only those who manage its settings look in."""
    if not has_right(request.actor, Right.MANAGE_SETTINGS):
        raise Http404
    account = get_object_or_404(accounts(), pk=account_id, connector="echo")
    paged = keyset_page_of(request, rehearsed(account.pk), ("-at", "-id"))
    rooms = addresses_of_rooms({row.room_id for row in paged.rows if row.room_id is not None})
    people = names_of({row.member_id for row in paged.rows if row.member_id is not None})
    entries = []
    for row in paged.rows:
        room = rooms.get(row.room_id) if row.room_id is not None else None
        target = room.name if room else people.get(row.member_id or 0, "")
        entries.append((row, KINDS.get(row.kind, row.kind), target))
    context = {"place": "settings", "tab": "channels", "account": account}
    return render(
        request, "console/settings/sandbox.html", {**context, "entries": entries, "paged": paged}
    )
