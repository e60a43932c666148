"""The JavaScript the pages serve themselves: from npm into ``webmap/static/vendor``, checked by hash.

`package.json` pins the versions, `package-lock.json` what npm downloads, and ``vendor.sha256`` every
file that reaches a browser.  After changing a version: ``python -m script.vendor --record``.
"""

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import brotli
import zopfli.gzip

from script.settings import ROOT, VAR

VENDOR = ROOT / "webmap/static/vendor"
HASHES = ROOT / "script/vendor.sha256"
WORKSHOP = VAR / "npm"

# Suffix -> how a file is compressed for the browsers that take it (webmap/assets.py).
# More rounds of zopfli than five save 0.1 % more.
COMPRESSORS = {".gz": partial(zopfli.gzip.compress, numiterations=5), ".br": brotli.compress}

# Package -> its files, by glob.  They land in <package without scope>/<version>/, without "dist/".
FILES = {
    "@geoman-io/leaflet-geoman-free": ("dist/leaflet-geoman.min.js", "dist/leaflet-geoman.css", "LICENSE"),
    "leaflet": ("dist/leaflet.js", "dist/leaflet.css", "dist/images/*", "LICENSE"),
    # The build for pages with a strict Content-Security-Policy brings its worker as a file of its own.
    "maplibre-gl": (
        "dist/maplibre-gl-csp.js",
        "dist/maplibre-gl-csp-worker.js",
        "LICENSE.txt",
    ),
    "@maplibre/maplibre-gl-leaflet": ("leaflet-maplibre-gl.js", "LICENSE"),
    "uplot": ("dist/uPlot.iife.min.js", "dist/uPlot.min.css", "LICENSE"),
    "proj4": ("dist/proj4.js", "LICENSE.md"),
}


def hashes_of(folder: Path) -> dict[str, str]:
    """Return path -> SHA-256 of every file under `folder`, in order, but of those that `compress` made."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not (path.suffix in COMPRESSORS and path.with_suffix("").exists())
    }


def compress(folder: Path) -> None:
    """Lay beside every script and style what browsers are sent: once, and as small as it gets."""
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".js", ".css"):
            for suffix, compressed in COMPRESSORS.items():
                path.with_name(path.name + suffix).write_bytes(compressed(path.read_bytes()))


def uncompressed(folder: Path) -> bool:
    """Tell whether a script or style has not been compressed, as by an older set-up."""
    found = [path for path in folder.rglob("*") if path.suffix in (".js", ".css")]
    return not all(path.with_name(path.name + suffix).exists() for path in found for suffix in COMPRESSORS)


def recorded_hashes(path: Path = HASHES) -> dict[str, str]:
    """Return path -> SHA-256 as committed, in the format of sha256sum."""
    return {name: digest for digest, name in (line.split("  ", 1) for line in path.read_text().splitlines())}


def differences(wanted: dict[str, str], found: dict[str, str]) -> list[str]:
    """Name what is missing, altered or extra in `found`."""
    kinds = (
        ("missing", wanted.keys() - found.keys()),
        ("altered", {name for name in wanted.keys() & found.keys() if wanted[name] != found[name]}),
        ("not in the list", found.keys() - wanted.keys()),
    )
    return [f"{name}: {kind}" for kind, names in kinds for name in sorted(names)]


def fetch(target: Path) -> None:
    """Have npm download the pinned packages and copy what the pages use into `target`."""
    shutil.rmtree(WORKSHOP, ignore_errors=True)
    WORKSHOP.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(ROOT / name, WORKSHOP)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run(command, cwd=WORKSHOP, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
    versions = json.loads((ROOT / "package.json").read_text())["dependencies"]
    for package, patterns in FILES.items():
        source = WORKSHOP / "node_modules" / package
        folder = target / package.split("/")[-1] / versions[package]
        for pattern in patterns:
            for path in sorted(source.glob(pattern)):
                place = folder / path.relative_to(source).as_posix().removeprefix("dist/")
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, place)


def main() -> None:
    """Bring the vendored files up to date, or record their hashes after a deliberate change."""
    parser = argparse.ArgumentParser(description="Vendor the pages' JavaScript from npm.")
    parser.add_argument("--check", action="store_true", help="only say (by exit status) whether all is there")
    parser.add_argument("--record", action="store_true", help="write the hash list from what npm delivers")
    options = parser.parse_args()
    if not options.record and not differences(recorded_hashes(), hashes_of(VENDOR)) and not uncompressed(VENDOR):
        return
    if options.check:
        sys.exit(1)
    draft = WORKSHOP.with_name("vendor")
    shutil.rmtree(draft, ignore_errors=True)
    fetch(draft)
    found = hashes_of(draft)
    if options.record:
        HASHES.write_text("".join(f"{digest}  {name}\n" for name, digest in found.items()))
    elif wrong := differences(recorded_hashes(), found):
        sys.exit("The JavaScript from npm is not what script/vendor.sha256 expects:\n" + "\n".join(wrong))
    compress(draft)
    shutil.rmtree(VENDOR, ignore_errors=True)
    VENDOR.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(draft, VENDOR)
    shutil.rmtree(WORKSHOP)


if __name__ == "__main__":
    main()
