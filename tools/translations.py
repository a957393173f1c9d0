"""Keeps the translation catalogs in step with the texts in the code and the templates.

    python -m tools.translations          collect the texts, merge them into every catalog, compile these
    python -m tools.translations --check  change nothing; say what is out of step

A text is what `_`, `gettext`, `ngettext`, `pgettext`, `lazy_gettext` or `N_` marks in clinic/ and templates/ (see
babel.cfg). A new text comes without a translation (nothing is guessed), a text that is no longer used goes. Catalogs
name the file that uses a text, never its line, and are sorted: a diff shows what has changed and no more.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from clinic.i18n import DEFAULT_LANGUAGE, LANGUAGES

ROOT = Path(__file__).resolve().parent.parent
CATALOGS = ROOT / "clinic" / "translations"
FOLDERS = ("clinic", "templates")
KEYWORDS = {
    "_": None,
    "N_": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
    "npgettext": ((1, "c"), 2, 3),
    "pgettext": ((1, "c"), 2),
    "lazy_pgettext": ((1, "c"), 2),
}


def collect() -> Catalog:
    """All texts that the code and the templates mark."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as mapping_file:
        methods, options = parse_mapping_cfg(mapping_file)  # type: ignore[no-untyped-call]
    catalog = Catalog()
    found = extract_from_dir(ROOT, methods, options, KEYWORDS, strip_comment_tags=True, directory_filter=_has_texts)
    for filename, _line, message, comments, context in found:
        catalog.add(message, None, [(filename, 0)], auto_comments=comments, context=context)
    return catalog


def _has_texts(folder: str) -> bool:
    return Path(folder).absolute().relative_to(ROOT).parts[0] in FOLDERS


def catalogs() -> list[Path]:
    """The catalog of each language that the portal speaks besides English."""
    return [
        CATALOGS / language / "LC_MESSAGES" / "messages.po" for language in LANGUAGES if language != DEFAULT_LANGUAGE
    ]


def read(path: Path) -> Catalog:
    """One language's catalog; an empty one if there is none yet."""
    if not path.exists():
        return Catalog(locale=path.parts[-3])
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3])


def compiled(catalog: Catalog) -> bytes:
    """What the portal loads at run time."""
    buffer = io.BytesIO()
    write_mo(buffer, catalog)
    return buffer.getvalue()


def update(path: Path, template: Catalog) -> None:
    """Merges the texts into one catalog and compiles it."""
    catalog = read(path)
    catalog.update(template, no_fuzzy_matching=True, update_creation_date=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalog, width=120, sort_output=True, ignore_obsolete=True, include_lineno=False)
    path.with_suffix(".mo").write_bytes(compiled(read(path)))


def _key(context: str | None, text: str | tuple[str, ...] | list[str]) -> tuple[str | None, str]:
    return context, text if isinstance(text, str) else text[0]


def problems(path: Path, template: Catalog) -> list[str]:
    """What is out of step in one catalog, a sentence each."""
    catalog = read(path)
    name = path.relative_to(ROOT)
    wanted = {_key(message.context, message.id) for message in template if message.id}
    present = {_key(message.context, message.id): message for message in catalog if message.id}
    found = [f"{name} lacks {text!r}: run `make translations`." for _, text in sorted(wanted - present.keys(), key=str)]
    unused = sorted(present.keys() - wanted, key=str)
    found += [f"{name} has {text!r}, which nothing uses: run `make translations`." for _, text in unused]
    for message in present.values():
        texts = [message.string] if isinstance(message.string, str) else list(message.string or [""])
        if not all(texts):
            found.append(f"{name} doesn't translate {message.id!r}.")
        elif message.fuzzy:
            found.append(f"{name} marks {message.id!r} as fuzzy: check it and take the mark off.")
        found += [f"{name}, {message.id!r}: {error}" for error in message.check(catalog)]
    machine = path.with_suffix(".mo")
    if not machine.exists() or machine.read_bytes() != compiled(catalog):
        found.append(f"{machine.relative_to(ROOT)} is not what {name} compiles to: run `make translations`.")
    return found


def main() -> int:
    """The command line."""
    template = collect()
    if "--check" in sys.argv[1:]:
        found = [problem for path in catalogs() for problem in problems(path, template)]
        print("\n".join(found) or "The catalogs are in step with the texts.")
        return 1 if found else 0
    for path in catalogs():
        update(path, template)
        print(
            f"{path.relative_to(ROOT)}: {sum(1 for message in read(path) if message.id and not message.string)} to do"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
