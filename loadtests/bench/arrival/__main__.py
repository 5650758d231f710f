"""The section alone, at the service of any checkout: `python -m loadtests.bench.arrival --service ../earlier`."""

import argparse
import signal
import sys
from pathlib import Path

from loadtests.bench.arrival import section
from loadtests.bench.figures import FigureSection, machine, table, versions

if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--service", type=Path, help="the checkout whose service is measured; this one's otherwise"
    )
    found = section.run(parser.parse_args().service)
    print(
        table(
            FigureSection(
                figures=found.figures, notes=dict(found.notes), machine=machine(), versions=versions()
            )
        )
    )
