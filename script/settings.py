"""The file of settings the scripts write for the application: ``var/local.env``."""

import os
import secrets
from pathlib import Path

from dotenv import dotenv_values

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"
LOCAL_ENV = VAR / "local.env"


def write_private(path: Path, text: str) -> None:
    """Replace the file at `path` whole, readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "w") as out:
        out.write(text)
    draft.replace(path)


def read_settings(path: Path = LOCAL_ENV) -> dict[str, str]:
    """Return the settings in the file at `path`, none when there is no file."""
    return {key: value or "" for key, value in dotenv_values(path).items()}


def update_settings(changes: dict[str, str], path: Path = LOCAL_ENV) -> None:
    """Set `changes` in the file at `path`; every other line of it stays as it is."""
    lines = path.read_text().splitlines() if path.exists() else []
    kept = [line for line in lines if line.split("=", 1)[0].strip() not in changes]
    text = "".join(f"{line}\n" for line in [*kept, *(f"{k}={v}" for k, v in changes.items())])
    if not path.exists() or text != path.read_text():
        write_private(path, text)


def secret_key() -> str:
    """Return the key that signs sessions: the one made on the first run here."""
    return read_settings().get("GPMB_SECRET_KEY") or secrets.token_hex(32)
