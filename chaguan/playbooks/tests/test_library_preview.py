"""Every shipped playbook can be played through on paper, and every text of it finds its values."""

from datetime import timedelta
from pathlib import Path

import pytest

from chaguan.playbooks.actions.library import LIBRARY, load_library
from chaguan.playbooks.actions.preview import preview_run
from chaguan.playbooks.actions.runs import Start
from chaguan.playbooks.engine.catalogue import document_of, forget
from chaguan.playbooks.models import Playbook, Run
from chaguan.playbooks.testing import MONDAY, SYSTEM
from chaguan.playbooks.tests.places import make_place

FILES = sorted((LIBRARY / "playbooks").glob("*.yaml"))


@pytest.mark.django_db
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_shipped_playbook_has_a_whole_timeline(file: Path) -> None:
    forget()
    load_library(SYSTEM, now=MONDAY)
    edition = Playbook.objects.get(key=file.stem).current
    assert edition is not None
    document = document_of(edition.pk)
    place = make_place(members=3, type=document.for_[0].value if document.for_ else "newcomer")
    begin = (MONDAY + timedelta(days=15)).date()
    event_at = MONDAY + timedelta(days=15)

    preview = preview_run(
        SYSTEM, edition.pk, place.pk, Start(begin, event_at=event_at), now=MONDAY, days=12
    )

    assert [p for p in preview.planned if p.state == "failed"] == []
    assert len(preview.lines) >= 5
    assert all(p.text for p in preview.planned if p.kind in ("say", "touch"))
    assert preview.missing_values == [
        name for name, variable in document.variables.items() if not variable.default
    ]
    assert Run.objects.count() == 0
