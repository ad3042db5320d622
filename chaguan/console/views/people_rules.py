"""设置 Settings: what this house asks people, and the rules that move and tag them."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chaguan.console.auth import StaffRequest, staff_required
from chaguan.console.forms.people_rules import QuestionForm, RuleTagForm
from chaguan.console.forms.segment import builder_of_tree, in_words
from chaguan.kernel import clock
from chaguan.kernel.errors import ChaguanError
from chaguan.people.actions.profile import define_field
from chaguan.people.actions.stages import switch_stage_rule
from chaguan.people.actions.tags import keep_tag_by_rule
from chaguan.people.policies import may_set_rules
from chaguan.people.selectors.profile import questions
from chaguan.people.selectors.segments import asking_of
from chaguan.people.selectors.stages import stage_rule_states
from chaguan.people.selectors.tagged import rule_tags
from chaguan.people.types import FieldKind
from chaguan.people.words import FIELD_KIND_LABELS, STAGE_LABELS
from chaguan.ui.shortcuts import toast


@staff_required
def questions_page(request: StaffRequest) -> HttpResponse:
    """The profile template: read by all, changed by who may change the house. `?edit=` takes one up."""
    asked = questions()
    edited = next((q for q in asked if q.code == request.GET.get("edit")), None)
    initial = (
        {"label": edited.label, "code": edited.code, "kind": edited.kind}
        | {"choices": "\n".join(edited.choices)}
        if edited
        else None
    )
    form = QuestionForm(request.POST or None, initial=initial)
    status, refusal = 422 if form.is_bound else 200, ""
    if form.is_valid():
        given = form.cleaned_data
        try:
            define_field(
                request.actor,
                given["code"],
                given["label"],
                kind=given["kind"],
                choices=form.lines(),
            )
        except ChaguanError as error:
            status, refusal = error.http_status, str(error.message)
        else:
            toast(request, _("The question is in the template."))
            return redirect("console:questions")
    context = {
        "place": "settings",
        "tab": "questions",
        "questions": [(q, FIELD_KIND_LABELS[FieldKind(q.kind)]) for q in asked],
        "edited": edited,
        "form": form,
        "refusal": refusal,
        "may_edit": bool(may_set_rules(request.actor)),
    }
    return render(request, "console/settings/questions.html", context, status=status)


@staff_required
def people_rules(request: StaffRequest) -> HttpResponse:
    """Rules that move people between stages, and rules that keep tags."""
    return _rules_page(request, {}, 200)


@staff_required
@require_POST
def people_rule_step(request: StaffRequest) -> HttpResponse:
    """Switch a stage rule, let a segment keep a tag, or give a tag back to the hand."""
    step, now, post = request.POST.get("step", ""), clock.now(), request.POST
    form = RuleTagForm(post if step == "keep" else None, actor=request.actor)
    try:
        if step in ("on", "off"):
            switch_stage_rule(request.actor, post.get("rule", ""), is_on=step == "on", now=now)
        elif step == "keep" and form.is_valid():
            keep_tag_by_rule(request.actor, form.cleaned_data["name"], form.tree(), now=now)
        elif step == "free":
            keep_tag_by_rule(request.actor, post.get("tag", ""), {}, now=now)
        else:
            return _rules_page(request, {"form": form}, 422)
    except ChaguanError as error:
        context = {"refusal": str(error.message), "form": form}
        return _rules_page(request, context, error.http_status)
    toast(request, _("Saved."))
    return redirect("console:people-rules")


def _rules_page(request: StaffRequest, context: dict[str, Any], status: int) -> HttpResponse:
    asking = asking_of(request.actor, clock.now())
    tags = []
    for tag in rule_tags():
        builder = builder_of_tree(tag.rule or {}, asking)
        tags.append((tag, in_words(builder) if builder else _("a rule of several parts")))
    frame = {
        "place": "settings",
        "tab": "rules",
        "rules": [(rule, STAGE_LABELS[rule.stage]) for rule in stage_rule_states()],
        "tags": tags,
        "form": RuleTagForm(actor=request.actor),
        "may_edit": bool(may_set_rules(request.actor)),
    }
    return render(request, "console/settings/people_rules.html", frame | context, status=status)
