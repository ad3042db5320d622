"""Gives plain Django form fields the look of the house."""

from django import forms

CLASSES: dict[type[forms.Widget], str] = {
    forms.CheckboxInput: "form-check-input",
    forms.CheckboxSelectMultiple: "form-check-input",
    forms.RadioSelect: "form-check-input",
    forms.Select: "form-select",
    forms.SelectMultiple: "form-select",
    forms.HiddenInput: "",
}


def dress(form: forms.BaseForm) -> None:
    """Set the CSS class of every widget. Called at the end of a form's `__init__`."""
    form.label_suffix = ""
    for field in form.fields.values():
        widget = field.widget
        wanted = next(
            (c for kind, c in CLASSES.items() if isinstance(widget, kind)), "form-control"
        )
        if wanted:
            widget.attrs.setdefault("class", wanted)
