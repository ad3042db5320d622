"""Questions about what people chose."""

from chaguan.kernel.actor import Actor
from chaguan.ui.models import Preference


def choices_of(actor: Actor) -> dict[str, str]:
    """The acting login's kept choices; those never made are left out."""
    if actor.user_id is None:
        return {}
    kept = Preference.objects.filter(user_id=actor.user_id).first()
    if kept is None:
        return {}
    made = {"theme": kept.theme, "density": kept.density, "language": kept.language}
    return {name: value for name, value in made.items() if value}
