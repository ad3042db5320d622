"""One row of the matrix of relation stages, as typed."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chaguan.communities.words import TYPE_LABELS
from chaguan.kernel.actor import Actor
from chaguan.playbooks.selectors.library import playbooks_visible_to
from chaguan.playbooks.selectors.stage_plans import WORDS, StageRow
from chaguan.ui.forms import dress

WORD_LABELS = {
    "evidence": _("How we know"),
    "channel": _("Where we meet them"),
    "actions": _("What we do"),
    "avoid": _("What we do not do"),
    "goal": _("Where it should lead"),
}


class StagePlanForm(forms.Form):
    """The words, the types and the plan of one stage."""

    playbook = forms.ChoiceField(
        label=_("Plan that starts when somebody comes to this stage"), required=False
    )
    starts_runs = forms.BooleanField(
        label=_("Start the playbook where it does not run yet"),
        required=False,
        help_text=_(
            "Off: people come onto a run that is under way in their community; others wait here."
        ),
    )
    types = forms.MultipleChoiceField(
        label=_("Suitable communities"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[(kind.value, label) for kind, label in TYPE_LABELS.items()],
    )

    def __init__(self, post: Any = None, *, row: StageRow, actor: Actor) -> None:
        initial = {
            **row.words,
            "types": row.types,
            "playbook": row.playbook.key if row.playbook else "",
            "starts_runs": row.starts_runs,
        }
        super().__init__(post, initial=initial)
        for key in WORDS:
            self.fields[key] = forms.CharField(
                label=WORD_LABELS[key], max_length=200, required=False
            )
        self.order_fields([*WORDS, "types", "playbook", "starts_runs"])
        playbook = self.fields["playbook"]
        assert isinstance(playbook, forms.ChoiceField)
        known = playbooks_visible_to(actor).order_by("title").values_list("key", "title")
        playbook.choices = [("", _("None: nothing starts by itself")), *known]
        dress(self)
