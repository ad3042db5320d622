"""Questions about what people chose."""

from chaguan.kernel.actor import Actor
from chaguan.ui.models import Preference


def choices_of(actor: Actor) -> dict[str, str]:
    """The acting login's kept choices; those never made are left out."""
    kept = Preference.objects.filter(user_id=actor.user_id).values("theme", "density", "language")
    row = kept.first() if actor.user_id is not None else None
    return {name: value for name, value in (row or {}).items() if value}
