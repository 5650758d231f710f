"""Runs the table, or the losses named; see the package."""

import argparse
import functools
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec

from tests.losses.recount import LossProof, prove, run
from tests.losses.stage import LARGE, SMALL
from tests.losses.table import LOSSES

PICTURED = "flushall"
"""The loss whose looks are kept, for the picture."""


def keep(folder: Path, proof: LossProof) -> None:
    """Write what one loss took into `losses.json`, in the place of what it took before."""
    path = folder / "losses.json"
    kept: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    looks = proof.looks if proof.loss == PICTURED else {}
    kept[proof.loss] = msgspec.to_builtins(msgspec.structs.replace(proof, looks=looks), str_keys=True)
    ordered = {loss.name: kept[loss.name] for loss in LOSSES if loss.name in kept}
    path.write_text(
        json.dumps(ordered, ensure_ascii=False, separators=(",", ":")).replace("},", "},\n") + "\n"
    )


def main() -> int:
    """Run the table, or the losses named, and write what each took."""
    parser = argparse.ArgumentParser(prog="python -m tests.losses", description=main.__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *(loss.name for loss in LOSSES)])
    parser.add_argument("--people", type=int, default=LARGE.people)
    parser.add_argument("--into", type=Path, help="the folder of losses.json, losses.md and the picture")
    options = parser.parse_args()
    size = SMALL if options.people <= SMALL.people else msgspec.structs.replace(LARGE, people=options.people)
    broken = 0
    for loss in LOSSES:
        if options.names and loss.name not in options.names:
            continue
        proof = run(functools.partial(prove, loss, size))
        broken += bool(proof.findings)
        said = {
            name: value
            for name, value in msgspec.to_builtins(proof, str_keys=True).items()
            if name != "looks"
        }
        sys.stdout.write(json.dumps(said, ensure_ascii=False) + "\n")
        sys.stdout.flush()
        if options.into and not proof.findings:
            keep(options.into, proof)
    if options.into:
        drawing = Path(__file__).parents[2] / "docs" / "tools" / "losses.py"
        subprocess.run([sys.executable, str(drawing), str(options.into)], check=True)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
