"""Kind words for members about what the house calls by shorter names."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class StageWords:
    """How we tell a member where she stands with us."""

    title: str | Promise
    sentence: str | Promise


STAGE_WORDS: dict[str, StageWords] = {
    "unaware": StageWords(_("New here"), _("Welcome. Take your time and look around.")),
    "curious": StageWords(
        _("Looking around"), _("Good that you are curious. Ask whatever you like.")
    ),
    "acquainted": StageWords(_("We have met"), _("We know your name, and you know ours.")),
    "informed": StageWords(_("You know us"), _("You know what we do here and how.")),
    "familiar": StageWords(_("An old friend"), _("You are one of those who make this place.")),
    "bought": StageWords(_("Our guest"), _("Thank you for your trust.")),
    "bought_again": StageWords(_("A regular"), _("Thank you for coming back.")),
}
