"""Keeps the console's message catalogues in step with its texts: `python -m api.console.catalogue`.

Collects every text of the templates and of the modules beside them, merges new ones into `locale/*/waspada.po` and
compiles the `.mo` files that ship. A test fails while a text lacks its translation.
"""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from api.console.i18n import DOMAIN, FIRST_LANGUAGE, LOCALE_DIR

_HERE = Path(__file__).parent
_METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
_OPTIONS = {"templates/**.html": {"trimmed": "true", "silent": "false"}}


def template() -> Catalog:
    """Every text of the console, untranslated."""
    catalogue = Catalog(project="Waspada", charset="utf-8")
    found = extract_from_dir(_HERE, _METHODS, _OPTIONS, comment_tags=("NOTE:",))
    for name, _line, message, comments, context in sorted(found, key=lambda line: (line[0], line[1])):
        catalogue.add(message, None, [(name, 1)], auto_comments=comments, context=context)
    return catalogue


def po_path(language: str = FIRST_LANGUAGE) -> Path:
    return LOCALE_DIR / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def read(language: str = FIRST_LANGUAGE) -> Catalog:
    """The catalogue as it is on disk; an empty one where there is none yet."""
    path = po_path(language)
    if not path.exists():
        return Catalog(locale=language, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def missing(catalogue: Catalog) -> list[str]:
    """The texts of `template()` that have no translation (or an uncertain one) in a catalogue."""
    without = []
    for message in template():
        if not message.id:
            continue
        known = catalogue.get(message.id, message.context)
        if known is None or known.fuzzy or not _is_translated(known.string):
            without.append(str(message.id))
    return without


def compiled(catalogue: Catalog) -> bytes:
    """The `.mo` file of a catalogue."""
    out = BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def update(language: str = FIRST_LANGUAGE) -> list[str]:
    """Writes the `.po` and `.mo` of a language; returns the texts that still have no translation."""
    catalogue = read(language)
    catalogue.update(template(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    path = po_path(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalogue, width=120, sort_output=True, omit_header=False, include_lineno=False)
    path.with_suffix(".mo").write_bytes(compiled(catalogue))
    return missing(catalogue)


def _is_translated(string: str | tuple[str, ...] | list[str] | None) -> bool:
    return bool(string) if string is None or isinstance(string, str) else all(string)


def main() -> int:
    without = update()
    for text in without:
        sys.stderr.write(f"no translation: {text}\n")
    return 1 if without else 0


if __name__ == "__main__":
    raise SystemExit(main())
