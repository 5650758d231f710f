"""Recompute a draw from what was published of it: python verify_draw.py FILE [ENTRY].

FILE is the period as JSON (from /api/v1/periods/{id}). Prints each entry and its number, or those of one entry. Needs
Python alone, and shares nothing with the service: it is the specification in docs/draw.md once more.
"""

import hashlib
import hmac
import json
import sys
from pathlib import Path

found = json.loads(Path(sys.argv[1]).read_bytes())

draw = found.get("draw", found)

if draw["spec"] != "guichet-draw-1" or draw["seed"] is None:
    sys.exit("not drawn yet, or by another computation")

seed = bytes.fromhex(draw["seed"])

if len(seed) != 32 or hashlib.sha256(seed).hexdigest() != draw["commitment"]:
    sys.exit("the seed does not match the commitment that was published before")


def mac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


key = mac(seed, "\n".join(["guichet-draw-1", draw["period"], str(draw["entries"]), draw["value"]]))

ranked = sorted((mac(key, str(entry)), entry) for entry in range(1, draw["entries"] + 1))

number = {entry: rank for rank, (_, entry) in enumerate(ranked, 1)}

for entry in [int(sys.argv[2])] if len(sys.argv) > 2 else sorted(number):
    print(f"entry {entry}: number {number[entry]}")
