#!/usr/bin/env python3
"""The interface's texts: merge, compile and check the translations. No gettext programs are needed.

python tools/messages.py                     merge locale/zh_Hans/*.po, compile django.mo
python tools/messages.py --check             also fail on missing, empty, fuzzy, conflicting entries
python tools/messages.py --missing chaguan/console   print what is missing there, ready to fill in
"""

import argparse
import os
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import polib

sys.path.insert(0, str(Path(__file__).parent))
from message_sources import Found, Key, messages_in_code

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "locale" / "zh_Hans"
COMPILED = FOLDER / "LC_MESSAGES" / "django.mo"
METADATA = {
    "Project-Id-Version": "chaguan",
    "Language": "zh_Hans",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=1; plural=0;",
}
PLACEHOLDER = re.compile(r"%\((\w+)\)[a-z]|(?<!%)(?:%%)*%([sd])|\{(\w*)\}")
CHINESE = re.compile(r"^[^A-Za-z]*[\u4e00-\u9fff]")  # begins in Chinese


def fragments() -> list[Path]:
    """The files that people edit, one per area."""
    return sorted(FOLDER.glob("*.po"))


def key_of(entry: polib.POEntry) -> Key:
    return Key(entry.msgctxt or "", entry.msgid, entry.msgid_plural or "")


def translations(entry: polib.POEntry) -> list[str]:
    """The Chinese text or texts of one entry."""
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def entries() -> Iterator[tuple[Path, polib.POEntry]]:
    """Every live entry of every fragment with the file it stands in."""
    for file in fragments():
        for entry in polib.pofile(str(file), encoding="utf-8"):
            if not entry.obsolete:
                yield file, entry


def is_stale() -> bool:
    """Whether a fragment is newer than the compiled file."""
    if not COMPILED.exists():
        return bool(fragments())
    compiled_at = COMPILED.stat().st_mtime
    return any(file.stat().st_mtime > compiled_at for file in [FOLDER, *fragments()])


def compile_all() -> int:
    """Write django.mo in one step, so that a running server never reads half a file."""
    merged = polib.POFile()
    merged.metadata = METADATA
    seen: set[tuple[str, str]] = set()
    for _file, entry in entries():
        key = (entry.msgctxt or "", entry.msgid)
        if key not in seen and all(translations(entry)) and "fuzzy" not in entry.flags:
            seen.add(key)
            merged.append(entry)
    COMPILED.parent.mkdir(parents=True, exist_ok=True)
    beside = COMPILED.with_name(f"django.{os.getpid()}.new")
    merged.save_as_mofile(str(beside))
    beside.replace(COMPILED)
    return len(seen)


def placeholders(text: str) -> set[str]:
    return {"".join(names) or "{}" for names in PLACEHOLDER.findall(text)}


def fragment_problems() -> Iterator[str]:
    """What is wrong inside the fragments, whatever the code says."""
    by_id: dict[tuple[str, str], list[tuple[Path, polib.POEntry]]] = defaultdict(list)
    for file, entry in entries():
        by_id[entry.msgctxt or "", entry.msgid].append((file, entry))
        where = f"{file.name}: {entry.msgid!r}"
        if not all(translations(entry)) or not translations(entry):
            yield f"{where} has no Chinese text."
            continue
        if "fuzzy" in entry.flags:
            yield f"{where} is marked fuzzy."
        wanted = placeholders(entry.msgid_plural or entry.msgid)
        for text in translations(entry):
            if placeholders(text) != wanted:
                yield (
                    f"{where} has the placeholders {sorted(wanted)}, "
                    f"its Chinese text has {sorted(placeholders(text))}."
                )
    for (_context, msgid), places in by_id.items():
        if len({tuple(translations(entry)) for _file, entry in places}) > 1:
            files = ", ".join(sorted({file.name for file, _entry in places}))
            yield f"{msgid!r} is translated in two ways ({files}): agree, or use pgettext."


def missing(found: Iterable[Found]) -> list[Found]:
    """Texts of the code that no fragment translates, once each."""
    have = {key_of(entry)[:2] for _file, entry in entries()}
    plural = {key_of(entry)[:2] for _file, entry in entries() if entry.msgid_plural}
    result: dict[Key, Found] = {}
    for text in found:
        known = plural if text.key.plural else have
        if text.key[:2] not in known:
            result.setdefault(text.key, text)
    return list(result.values())


def problems() -> list[str]:
    """Every reason why the translations are not complete, as sentences."""
    found, refusals = messages_in_code(ROOT)
    told = [*refusals, *fragment_problems()]
    told += [f"{text.where}: {text.key.msgid!r} is not translated." for text in missing(found)]
    told += [
        f"{text.where}: {text.key.msgid!r} is Chinese; write the text in English and translate it."
        for text in found
        if CHINESE.search(text.key.msgid)
    ]
    return told


def print_missing(under: str) -> None:
    """Print entries to fill in for the texts of one folder."""
    found, _refusals = messages_in_code(ROOT)
    for text in missing(found):
        if text.where.startswith(under):
            entry = polib.POEntry(
                msgid=text.key.msgid,
                msgctxt=text.key.context or None,
                msgid_plural=text.key.plural,
                msgstr_plural={0: ""} if text.key.plural else {},
                comment=text.where,
            )
            print(entry)


def main() -> int:
    parser = argparse.ArgumentParser(description="Merge, compile and check the translations.")
    parser.add_argument("--check", action="store_true", help="fail when a text is not translated")
    parser.add_argument("--missing", metavar="FOLDER", help="print what is missing there")
    chosen = parser.parse_args()
    if chosen.missing is not None:
        print_missing(chosen.missing)
        return 0
    count = compile_all()
    print(f"{count} texts in {len(fragments())} files compiled.")
    told = problems() if chosen.check else []
    for sentence in told:
        print(sentence, file=sys.stderr)
    if told:
        print(f"{len(told)} problems with translations.", file=sys.stderr)
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main())
