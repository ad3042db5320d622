"""What changes here: a person's choices about the interface."""

from collections.abc import Mapping

from chaguan.kernel.actor import Actor
from chaguan.ui.models import Preference
from chaguan.ui.preferences import CHOICES


def keep_choices(actor: Actor, choices: Mapping[str, str]) -> None:
    """Keep the acting login's own choices (`theme`, `density`, `language`). Others have no row.

    Values outside CHOICES are ignored. No fact: looks concern nobody else.
    """
    known = {n: v for n, v in choices.items() if v in CHOICES.get(n, ())}
    if actor.user_id is not None and known:
        Preference.objects.update_or_create(user_id=actor.user_id, defaults=known)
