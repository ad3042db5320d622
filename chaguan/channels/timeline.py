"""On a member's timeline single messages would drown the rest; communities tell the first words instead.

What we wrote to a member stands there with its beginning.
"""

from collections.abc import Sequence

from django.utils.text import Truncator

from chaguan.channels.events import MessagePosted, MessageSent
from chaguan.eventlog.contract import Logged
from chaguan.outbox.selectors import all_rows
from chaguan.people.contract.timeline import routine, wordings

SHOWN = 40
routine.add(MessagePosted.name)


@wordings.add(MessageSent.name)
def sent(facts: Sequence[Logged]) -> dict[int, str]:
    """How what we wrote begins. One statement."""
    rows = all_rows().filter(pk__in={fact.data["outbox_id"] for fact in facts})
    texts = dict(rows.values_list("pk", "text"))
    return {
        fact.id: Truncator(" ".join(texts.get(fact.data["outbox_id"], "").split())).chars(SHOWN)
        for fact in facts
    }
