"""Collect the texts of code and templates into the Vietnamese catalogue: python -m script.translations

English texts are their own keys, so English needs no catalogue. New texts arrive untranslated, texts that are gone
are taken out; a test fails until every text has its translation. Compiling is done by script/server and script/test.
"""

import re
import sys
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

from gis import errors

ROOT = Path(__file__).parent.parent
TRANSLATIONS = ROOT / "webmap/translations"
VIETNAMESE = TRANSLATIONS / "vi/LC_MESSAGES/messages.po"


def error_classes() -> list[str]:
    """Name the domain's errors: the first argument of each is a text for its reader."""
    return [name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, Exception)]


def collect() -> Catalog:
    """Gather every text that a reader may meet, with the places it comes from."""
    with (TRANSLATIONS / "babel.cfg").open() as config:
        methods, options = parse_mapping_cfg(config)
    keywords = {**DEFAULT_KEYWORDS, **dict.fromkeys(["lazy_gettext", *error_classes()])}
    catalog = Catalog(project="Mặt Bằng", charset="utf-8")
    folders = re.compile(r"^(gis|layers|webmap)$")
    found = extract_from_dir(
        ROOT, methods, options, keywords,
        directory_filter=lambda folder: bool(folders.match(Path(folder).relative_to(ROOT).parts[0])),
    )  # fmt: skip
    for path, _line, message, comments, context in sorted(found, key=lambda f: (f[0], f[1])):
        catalog.add(message, None, [(path, None)], auto_comments=comments, context=context)
    return catalog


def vietnamese() -> Catalog:
    """Read the Vietnamese catalogue."""
    with VIETNAMESE.open("rb") as file:
        return read_po(file, locale="vi")


def main() -> None:
    """Bring the Vietnamese catalogue in line with the code."""
    catalog = vietnamese()
    catalog.update(collect(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    catalog.project, catalog.version = "Mặt Bằng", "-"
    catalog.last_translator = catalog.language_team = "Mặt Bằng"
    catalog.msgid_bugs_address, catalog.revision_date = "-", catalog.creation_date
    with VIETNAMESE.open("wb") as file:
        write_po(file, catalog, width=110, omit_header=False, include_lineno=False)
    missing = [message.id for message in catalog if message.id and not message.string]
    sys.exit("Untranslated:\n  " + "\n  ".join(map(str, missing)) if missing else None)


if __name__ == "__main__":
    main()
