"""On a member's timeline single messages would drown the rest; communities tell the first words instead."""

from chaguan.channels.events import MessagePosted
from chaguan.people.contract.timeline import routine

routine.add(MessagePosted.name)
