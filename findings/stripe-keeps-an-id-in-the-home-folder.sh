#!/bin/sh
# stripe 16.1.0: the first request writes a lasting identifier into the home folder, and every request of any program sends it along.
#
# Expected: a client library that speaks with the key it was given, and times of earlier requests as its documentation says of telemetry.
# Seen: `~/.config/stripe/telemetry_id` is made at the first request, and its content goes out in `X-Stripe-Client-User-Agent`; two
# programs with two keys that share a home folder are told to be the same machine. `stripe.enable_telemetry = False` leaves both out.
# For us: the adapter (casework/payments/card/stripe_provider.py) switches it off before the first client is made.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check stripe==16.1.0
cat > "$folder/ask.py" <<'PY'
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import stripe

told: list[str | None] = []


class Provider(BaseHTTPRequestHandler):
    """Answers as the provider does to a question about one page."""

    def do_GET(self) -> None:
        told.append(json.loads(self.headers["X-Stripe-Client-User-Agent"]).get("telemetry_id"))
        body = json.dumps({"id": "cs_test_1", "object": "checkout.session"}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


stripe.enable_telemetry = sys.argv[1] == "on"
server = HTTPServer(("127.0.0.1", 0), Provider)
threading.Thread(target=server.serve_forever, daemon=True).start()
for key in ("sk_test_one", "sk_test_two"):
    at = {"api": f"http://127.0.0.1:{server.server_port}"}
    stripe.StripeClient(key, base_addresses=at).v1.checkout.sessions.retrieve("cs_test_1")
server.shutdown()
kept = Path.home() / ".config" / "stripe" / "telemetry_id"
print("written:", kept.is_file(), "sent with both keys:", told[0] is not None and told[0] == told[1])
PY
"$folder/env/bin/python" -c 'from importlib.metadata import version; print("stripe", version("stripe"))'
for telemetry in on off; do
  mkdir "$folder/home-$telemetry"
  seen=$(env -u XDG_CONFIG_HOME HOME="$folder/home-$telemetry" "$folder/env/bin/python" "$folder/ask.py" "$telemetry")
  echo "telemetry $telemetry: $seen"
  case $telemetry in on) want="written: True sent with both keys: True" ;; *) want="written: False sent with both keys: False" ;; esac
  [ "$seen" = "$want" ] || { echo "this has changed"; exit 1; }
done
