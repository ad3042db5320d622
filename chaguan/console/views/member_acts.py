"""What can be done from a member's profile, one function for each form on the page."""

from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from functools import partial

from django.utils.dateparse import parse_date
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chaguan.communities.actions.roles import end_role, give_role
from chaguan.communities.selectors.zones import zone_of
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Invalid
from chaguan.people.actions.notes import write_note
from chaguan.people.actions.orders import confirm_order, report_usage
from chaguan.people.actions.stages import override_stage
from chaguan.people.actions.tags import tag_members
from chaguan.playbooks.actions.takeover import hand_back, take_over
from chaguan.playbooks.types import Waited

Post = Mapping[str, str]
Act = Callable[[Actor, int, Post, datetime], None]


def _stage(actor: Actor, member_id: int, form: Post, now: datetime) -> None:
    reason = form.get("reason", "").strip()
    override_stage(actor, member_id, form.get("stage", ""), reason=reason, now=now)


def _note(actor: Actor, member_id: int, form: Post, now: datetime) -> None:
    visibility = "stewards" if form.get("stewards") else "staff"
    write_note(actor, member_id, form.get("text", ""), now=now, visibility=visibility)


def _tag(actor: Actor, member_id: int, form: Post, now: datetime) -> None:
    add = [form["add"].strip()] if form.get("add", "").strip() else []
    remove = [form["remove"]] if form.get("remove") else []
    tag_members(actor, [member_id], add=add, remove=remove, now=now)


def _role(actor: Actor, member_id: int, form: Post, now: datetime) -> None:
    """Give a role; `until` is its last day in the community, empty for one without a planned end."""
    community_id, ends_at = _number(form.get("community", "")), None
    if form.get("until"):
        day = parse_date(form["until"])
        if day is None:
            raise Invalid(_("Give the last day as a date."))
        ends_at = datetime.combine(day + timedelta(days=1), time.min, zone_of(community_id))
    is_new = give_role(
        actor, community_id, member_id, form.get("role", ""), now=now, ends_at=ends_at
    )
    if not is_new:
        raise Invalid(_("This member holds the role already."))


def _role_end(actor: Actor, member_id: int, form: Post, now: datetime) -> None:
    end_role(actor, _number(form.get("community", "")), member_id, form.get("role", ""), now=now)


def _order(actor: Actor, member_id: int, form: Post, now: datetime) -> None:
    """Note an order. An amount in yuan; its number counts once in the whole house."""
    try:
        yuan = Decimal(form.get("amount", "").strip() or "0")
        fen = int(yuan * 100)
        if yuan * 100 != fen or not 0 <= fen < 10**12:
            raise Invalid(_("The amount is in yuan, with at most two places: 99 or 99.50."))
    except (InvalidOperation, OverflowError, ValueError) as wrong:
        raise Invalid(_("The amount is in yuan, with at most two places: 99 or 99.50.")) from wrong
    if not confirm_order(actor, member_id, form.get("reference", ""), now=now, amount_fen=fen):
        raise Invalid(_("An order with this number is noted already."))


def _usage(actor: Actor, member_id: int, form: Post, now: datetime) -> None:
    what = form.get("what", "").replace("\x00", "").strip()
    if not what:
        raise Invalid(_("Say in a few words what was used."))
    report_usage(actor, member_id, what, now=now)


def _take_over(actor: Actor, member_id: int, form: Post, now: datetime) -> None:
    community = _number(form.get("community", ""))
    take_over(actor, member_id, community, now=now, reason=form.get("reason", ""))


def _hand_back(
    actor: Actor, member_id: int, form: Post, now: datetime, waited: Waited = Waited.KEEP
) -> None:
    reason = form.get("reason", "")
    community = _number(form.get("community", ""))
    hand_back(actor, member_id, community, now=now, waited=waited, reason=reason)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0


ACTS: dict[
    str, tuple[Act, str | Promise]
] = {  # the form's name -> what it does, the words afterwards
    "stage": (_stage, gettext_lazy("The stage is changed, with your reason beside it.")),
    "note": (_note, gettext_lazy("The note is kept.")),
    "tag": (_tag, gettext_lazy("The tags are changed.")),
    "role": (_role, gettext_lazy("The role is given.")),
    "role_end": (_role_end, gettext_lazy("The role is ended; it stays in the history.")),
    "order": (_order, gettext_lazy("The order is noted.")),
    "take_over": (_take_over, gettext_lazy("The talk is yours. The playbooks stay silent here.")),
    "hand_back": (_hand_back, gettext_lazy("The playbooks speak to this person again.")),
    "hand_back_send": (
        partial(_hand_back, waited=Waited.SEND),
        gettext_lazy("The playbooks speak to this person again; what waited goes out now."),
    ),
    "hand_back_drop": (
        partial(_hand_back, waited=Waited.DROP),
        gettext_lazy("The playbooks speak to this person again; what waited is dropped."),
    ),
    "usage": (_usage, gettext_lazy("The use of the product is noted.")),
}
