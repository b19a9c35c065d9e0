"""How long the program takes to its first painted window: ``python tests/benchmarks/bench_start.py [PROGRAM]``.

Starts the source tree and, if given, the packaged program by turns, offscreen, and prints medians in milliseconds from
the start of the process: until the window is painted, and until its first lab is there. Trust the ratio: both were
measured in the same run.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

STARTS = 9
LIMIT = 1.3
"""What the packaged program's median over the source tree's should be at most."""


def start(command: list[str]) -> dict[str, float]:
    """Milliseconds until the window logs that it is painted, and furnished."""
    with tempfile.TemporaryDirectory() as state:
        folders = dict.fromkeys(("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"), state)
        environment = os.environ | folders | {"QT_QPA_PLATFORM": "offscreen"}
        log = Path(state, "momentum-gui", "momentum-gui", "momentum-gui.log")
        times: dict[str, float] = {}
        began = time.perf_counter()
        process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
        try:
            while len(times) < 2:
                text = log.read_text(encoding="utf-8") if log.exists() else ""
                for word in ("painted", "furnished"):
                    if word not in times and f"INFO {word}" in text:
                        times[word] = 1e3 * (time.perf_counter() - began)
                if process.poll() is not None or time.perf_counter() - began > 60:
                    raise SystemExit(f"{command}: no window")
                time.sleep(0.002)
        finally:
            process.terminate()
            process.wait()
    return times


def main() -> int:
    commands = {"source tree": [sys.executable, "-m", "momentum_gui"]}
    if len(sys.argv) > 1:
        commands["packaged"] = [sys.argv[1]]
    for command in commands.values():
        start(command)  # so that the disk has been read
    taken = {name: [] for name in commands}
    for _ in range(STARTS):
        for name, command in commands.items():
            taken[name].append(start(command))
    medians = {}
    for name, all_times in taken.items():
        medians[name] = {word: statistics.median(times[word] for times in all_times) for word in all_times[0]}
        print(f"{name:12}", *(f"  {word} {median:7.0f} ms" for word, median in medians[name].items()))
    if "packaged" in medians:
        ratio = medians["packaged"]["painted"] / medians["source tree"]["painted"]
        print(f"{'ratio':12}   painted {ratio:7.2f}, wanted: at most {LIMIT}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
