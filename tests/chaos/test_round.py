"""A short round of `make chaos`, as anybody may run it: no root, three brokers, real load, and the oracle's verdict."""

import json
import os
import subprocess
import sys
from pathlib import Path

from superwizja import folders

SEED = 20
SECONDS = 90
FAULTS = (
    "kill_api,kill_worker,kill_broker,kill_database,crash_between_publish_and_mark,crash_between_effect_and_commit,"
    "silent_database,doubled,poison"
)
STARTS_AND_JUDGES = 900


def test_ninety_seconds_of_faults_break_no_promise(tmp_path: Path) -> None:
    home, cache = tmp_path / "superwizja", folders.cache()
    home.mkdir()
    (home / "cache").symlink_to(cache)
    superwizja = Path(sys.executable).with_name("superwizja")
    switches = [f"--minutes={SECONDS / 60}", f"--seed={SEED}", f"--faults={FAULTS}", "--lang=en"]
    done = subprocess.run(
        [superwizja, "chaos", *switches],
        check=False,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=os.environ | {"SUPERWIZJA_HOME": str(home), "COLUMNS": "160"},
        timeout=SECONDS + STARTS_AND_JUDGES,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    told = json.loads((tmp_path / "build/chaos.json").read_text())
    assert told["held"]
    assert told["figures"]["kills"] >= 3
    assert told["load"]["acknowledged"] > 100
    assert all(finding["holds"] for finding in told["findings"])
