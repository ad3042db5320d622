"""What this app does when something happens elsewhere."""

from collections.abc import Sequence

from chaguan.channels.events import MessagePosted
from chaguan.engagement.actions.from_rooms import opt_out_by_word, sign_in_from_rooms
from chaguan.eventlog.contract import Logged, subscribe
from chaguan.kernel.actor import Actor


@subscribe("engagement.sign_in_by_word", MessagePosted)
def on_message_posted(batch: Sequence[Logged]) -> None:
    """Sign in those who said the word in a room."""
    sign_in_from_rooms(Actor.system("engagement"), batch)


@subscribe("engagement.opt_out_by_word", MessagePosted)
def on_opt_out_word(batch: Sequence[Logged]) -> None:
    """Stop private messages to those who answered with the word we told them."""
    opt_out_by_word(Actor.system("engagement"), batch)
