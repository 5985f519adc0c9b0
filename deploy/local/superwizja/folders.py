"""Where the local platform keeps its files: all below the checkout, nothing below HOME."""

import os
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]


def home() -> Path:
    """The folder of all profiles and of the cache: SUPERWIZJA_HOME, or `.superwizja` in the checkout."""
    return Path(os.environ.get("SUPERWIZJA_HOME") or PROJECT / ".superwizja").absolute()


def cache() -> Path:
    """What was downloaded, shared by every profile and by the tests: SUPERWIZJA_CACHE, or a folder in `home()`.

    `superwizja reset` keeps it.
    """
    return Path(os.environ.get("SUPERWIZJA_CACHE") or home() / "cache").absolute()


def profile(name: str) -> Path:
    """One platform's data, logs and runtime.json."""
    return home() / name
