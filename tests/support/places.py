"""Where the project stands on this machine, for tests that read its files."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
