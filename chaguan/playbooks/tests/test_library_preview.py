"""Every shipped playbook can be played through on paper, and every text of it finds its values."""

from datetime import timedelta
from pathlib import Path

import pytest

from chaguan.people.models import Member
from chaguan.playbooks.actions.preview import preview_run
from chaguan.playbooks.actions.runs import Start
from chaguan.playbooks.models import Run
from chaguan.playbooks.testing import MONDAY, SYSTEM
from chaguan.playbooks.tests.places import make_place
from chaguan.playbooks.tests.shipped import FILES, document_in, published, suit

LEAD = timedelta(days=15)  # most plans have begun to prepare by then


@pytest.mark.django_db
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_shipped_playbook_has_a_whole_timeline(file: Path) -> None:
    document = document_in(file)
    edition = published(file)
    kind = document.for_[0].value if document.for_ else ""
    delivers = document.content_kinds[0].value if document.content_kinds else ""
    place = make_place(members=3, type=kind, content_kind=delivers)
    suit(document, Member.objects.get(name="茶友0"))
    start = Start((MONDAY + LEAD).date(), event_at=MONDAY + LEAD)
    days = min(40, document.days + 6) if document.days else 10

    preview = preview_run(SYSTEM, edition.pk, place.pk, start, now=MONDAY, days=days)

    assert [p for p in preview.planned if p.state == "failed"] == []
    assert preview.lines
    assert all(p.text for p in preview.planned if p.kind in ("say", "touch"))
    assert not any(mark in p.text for p in preview.planned for mark in ("{{", "{%"))
    assert sorted(preview.missing_values) == sorted(
        name for name, variable in document.variables.items() if not variable.default
    )
    assert Run.objects.count() == 0
