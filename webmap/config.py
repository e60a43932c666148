"""Every setting of the application: one row each, checked at start.

Without `DATABASE_URL` in the environment the settings come from `var/local.env`, which `script/server` writes for
its private database.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values

from gis.access import OPEN_ACCESS, ROLES
from webmap import basemap

ROOT = Path(__file__).parent.parent
LOCAL_SETTINGS = ROOT / "var" / "local.env"
MINIMUM_SECRET_LENGTH = 32


class SettingError(SystemExit):
    """A setting is missing or wrong: the application does not start."""


@dataclass(frozen=True)
class Setting:
    """Name, default (None: it must be given), how to check it, and what it is for."""

    name: str
    default: str | None
    check: str
    help: str
    choices: tuple[str, ...] = ()


SETTINGS = (
    Setting("DATABASE_URL", None, "database", "PostgreSQL address of the owner: migrations, loading, commands."),
    Setting(
        "GPMB_WEB_DATABASE_URL", "", "database",
        "PostgreSQL address of a login in role gpmb_web, for serving. Empty: DATABASE_URL, taking that role.",
    ),
    Setting(
        "GPMB_SECRET_KEY", None, "secret",
        "Signs the cookie that says who is signed in, and encrypts second factors. At least 32 characters.",
    ),
    Setting(
        "GPMB_OPEN_ACCESS", "none", "choice",
        "What whoever reaches the address may see: nothing, aggregates (public), single parcels too (office).",
        tuple(OPEN_ACCESS),
    ),
    Setting(
        "GPMB_PUBLIC_ADDRESS", "", "address",
        "Where readers reach the site, such as https://gpmb.example.vn: links that leave it are made of this alone. "
        "Empty: only from this machine itself can such links be made.",
    ),
    Setting(
        "GPMB_HTTPS", "no", "choice", "Whether readers reach the site by https: cookies then travel by it alone.",
        ("no", "yes"),
    ),
    Setting(
        "GPMB_BEHIND_PROXY", "no", "choice",
        "Whether one proxy stands before the server and says in X-Forwarded-For, -Proto and -Host who asks for what.",
        ("no", "yes"),
    ),
    Setting(
        "GPMB_SECOND_FACTOR_ROLES", "", "roles",
        "Roles, with commas, that must set up a second factor when they sign in, before anything else opens.",
    ),
    Setting(
        "GPMB_OIDC_ISSUER", "", "issuer",
        "Address of an OpenID Connect provider whose accounts may sign in where an account has the same e-mail "
        "address. Empty: none.",
    ),
    Setting("GPMB_OIDC_CLIENT_ID", "", "text", "What that provider knows this site as."),
    Setting("GPMB_OIDC_CLIENT_SECRET", "", "text", "What this site proves to that provider that it is itself with."),
    Setting("GPMB_SESSION_IDLE_MINUTES", "60", "number", "Who does nothing for so many minutes is signed out."),
    Setting("GPMB_SESSION_HOURS", "12", "number", "After so many hours one has to sign in again."),
    Setting(
        "GPMB_RETENTION_YEARS", "", "years",
        "For so many years after a project's last event personal data is kept. Empty: the office has not decided it, "
        "and data is erased only by order.",
    ),
    Setting(
        "GPMB_LEAST_REMAINDER_M2", "30", "number",
        "A part of a parcel that remains and is smaller is flagged, in m²: what the province has set (Land Law 2024, "
        "art. 91 and 220).",
    ),
    Setting("GPMB_LANGUAGE", "vi", "choice", "Language of a first visit.", ("vi", "en")),
    Setting("GPMB_STATEMENT_SECONDS", "30", "number", "After this many seconds a query is given up."),
    Setting(
        "GPMB_FILES", "var/files", "text",
        "Folder of the files of documents, within the application's if relative. Back it up with the database.",
    ),
    Setting("GPMB_ATTACHMENT_MIB", "20", "number", "Largest file of a document, in MiB."),
    Setting("GPMB_TILE_CACHE_MIB", "64", "number", "Memory of each worker for finished tiles, in MiB."),
    Setting(
        "GPMB_BASE_MAP", "", "base map",
        "What lies under the layers: nothing, a .mbtiles or .pmtiles file, or https://host/{z}/{x}/{y}.png.",
    ),
    Setting("GPMB_BASE_MAP_MAX_ZOOM", "19", "number", "Closest zoom that the server of the base map has images of."),
    Setting("GPMB_BASE_MAP_ATTRIBUTION", "", "text", "Whose base map it is. Empty: what the file says."),
)  # fmt: skip


def load(given: dict[str, str] | None = None) -> dict[str, str | int]:
    """Read and check the settings.

    Parameters
    ----------
    given : dict, optional
        Instead of the environment, for tests.

    Raises
    ------
    SettingError
        Naming every setting that is wrong, so that one start shows them all.
    """
    source = dict(os.environ) if given is None else given
    if given is None and not source.get("DATABASE_URL"):
        source = {**{k: v for k, v in dotenv_values(LOCAL_SETTINGS).items() if v is not None},
                  **{k: v for k, v in source.items() if v}}  # fmt: skip
    values, faults = {}, []
    for setting in SETTINGS:
        value = source.get(setting.name) or setting.default
        if value is None:
            faults.append(f"{setting.name} is not set: {setting.help}")
            continue
        fault = _fault(setting, value)
        if fault:
            faults.append(f"{setting.name}: {fault} ({setting.help})")
        values[setting.name] = int(value) if setting.check == "number" and not fault else value
    if values.get("GPMB_OIDC_ISSUER") and not (values["GPMB_OIDC_CLIENT_ID"] and values["GPMB_OIDC_CLIENT_SECRET"]):
        faults.append("GPMB_OIDC_ISSUER needs GPMB_OIDC_CLIENT_ID and GPMB_OIDC_CLIENT_SECRET")
    unknown = sorted(k for k in source if k.startswith("GPMB_") and not k.startswith("GPMB_TEST_")
                     and k not in {s.name for s in SETTINGS})  # fmt: skip
    faults += [f"{name} is not a setting of this application" for name in unknown]
    if faults:
        raise SettingError("The settings are wrong:\n  " + "\n  ".join(faults))
    return values


def listed(value: str) -> list[str]:
    """Read a setting that holds several names, with commas."""
    return [name.strip() for name in value.split(",") if name.strip()]


def _fault(setting: Setting, value: str) -> str | None:
    if setting.check == "choice" and value not in setting.choices:
        return f"“{value}” is none of {', '.join(setting.choices)}"
    if setting.check == "number" and not (value.isdecimal() and int(value) > 0):
        return f"“{value}” is not a whole number above 0"
    if setting.check == "secret" and len(value) < MINIMUM_SECRET_LENGTH:
        return f"shorter than {MINIMUM_SECRET_LENGTH} characters"
    if setting.check == "years" and value and not (value.isdecimal() and 0 < int(value) <= 200):
        return f"“{value}” is not a whole number of years"
    if setting.check == "roles" and (unknown := set(listed(value)) - set(ROLES)):
        return f"{', '.join(sorted(unknown))}: none of {', '.join(ROLES)}"
    if setting.check == "issuer" and value:
        address = urlsplit(value)
        if address.scheme != "https" and address.hostname not in ("localhost", "127.0.0.1"):
            return "not an https:// address"
    if setting.check == "address" and value:
        address = urlsplit(value)
        if address.scheme not in ("http", "https") or not address.hostname or address.path not in ("", "/"):
            return "not an address such as https://gpmb.example.vn"
    if setting.check == "base map":
        return basemap.fault(value)
    if setting.check == "database" and value and not urlsplit(value).scheme.startswith("postgres"):
        return "not a postgresql:// address"
    return None
