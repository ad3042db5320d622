"""chaguan import, as a person types it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from chaguan.channels.models import ImportRun, Message
from chaguan.channels.tests.import_files import line, write_lines
from chaguan.communities.models import Community, Room
from chaguan.config import cli

pytestmark = pytest.mark.django_db
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def chaguan(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command with words; gives its exit code, what it said and what it complained."""

    def run(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["chaguan", "import", *map(str, words)])
        monkeypatch.setenv("CHAGUAN_LANGUAGE", "en")
        with pytest.raises(SystemExit) as end:
            cli.main()
        said = capsys.readouterr()
        return int(str(end.value.code or 0)), said.out, said.err

    return run


def test_files_go_into_one_community_and_the_result_is_told(chaguan: Run, tmp_path: Path) -> None:
    one = write_lines(tmp_path / "one.jsonl", [line(1), line(2, user="chen"), "{"])
    two = write_lines(tmp_path / "two.jsonl", [line(2, user="chen"), line(3, kind="join")])

    code, said, _complaint = chaguan(one, two, "--community", "茶友会", "--timezone", "UTC")

    assert code == 0
    assert said.splitlines() == [
        "one.jsonl: 2 messages, 2 people, 0 joins, 0 leaves",
        "  From 2026-03-01T08:01+00:00 to 2026-03-01T08:02+00:00.",
        "  1 lines need a look:",
        "    3: The line is not a JSON object. {",
        "two.jsonl: 0 messages, 2 people, 1 joins, 0 leaves",
        "  From 2026-03-01T08:02+00:00 to 2026-03-01T08:03+00:00.",
        "  1 records were known already.",
    ]
    assert Community.objects.get().name == "茶友会"
    assert Message.objects.count() == 2


@pytest.mark.parametrize(
    ("content", "words", "sentence"),
    [
        ("", (), "The file is empty."),
        ("tea", (), "We do not recognise the format of this file."),
        ("user,text\nlin,hi\n", ("--format", "csv"), "No column holds the time."),
        ("user,text\nlin,hi\n", ("--format", "fax"), "There is no import format 'fax'."),
        ("user,text\nlin,hi\n", ("--timezone", "Mars/Olympus"), "There is no such time zone"),
        ("user,text\nlin,hi\n", ("--option", "time"), "Write options as NAME=VALUE"),
        (
            "user,text\nlin,hi\n",
            ("--format", "csv", "--option", "x=y"),
            "The format csv has no setting x.",
        ),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_code_2(
    chaguan: Run, tmp_path: Path, content: str, words: tuple[str, ...], sentence: str
) -> None:
    file = tmp_path / "talk.csv"
    file.write_text(content)

    code, said, complaint = chaguan(file, "--community", "茶友会", *words)

    assert (code, said.splitlines()[1:]) == (2, [])
    assert sentence in complaint
    assert len(complaint.strip().splitlines()) == 1
    assert not Message.objects.exists()


def test_a_table_is_read_with_told_columns_and_a_start(chaguan: Run, tmp_path: Path) -> None:
    file = tmp_path / "talk.csv"
    file.write_text("user,text\nlin,hi\nchen,ho\n")

    code, _said, complaint = chaguan(
        file, "--community", "茶友会", "--option", "start=2026-03-01T08:00", "--timezone", "UTC",
        "--room", "后台",
    )  # fmt: skip

    assert (code, complaint.strip()) == (0, "")
    assert [
        f"{at:%H:%M}" for at in Message.objects.order_by("at").values_list("at", flat=True)
    ] == [
        "08:00",
        "08:01",
    ]
    assert Room.objects.get().name == "后台"
    assert ImportRun.objects.get().state == "done"
    assert file.exists()
