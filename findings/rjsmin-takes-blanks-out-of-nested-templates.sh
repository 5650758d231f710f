#!/bin/sh
# rjsmin 1.3.0: a template literal inside of another one loses the blanks around what it computes.
#
# Expected: the text of a template literal is data, and stays as it is; rjsmin knows template literals, and a single one keeps all of its
# blanks. Seen: in one that stands within `${...}` of another the blank after a computed part is gone (« 3 personnesavant vous »). The
# script still parses and runs, so nothing says so but the page.
# For us: no script of ours nests them, and a test holds every text of every script against what is served
# (`tests/unit/server/rendering/test_static_files.py`).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check rjsmin==1.3.0
cat > "$folder/templates.py" <<'PY'
import rjsmin

print("rjsmin", rjsmin.__version__)
print("alone:", rjsmin.jsmin("say(`${people(n)} avant vous`);"))
print("nested:", rjsmin.jsmin("say(`Numéro 7. ${n ? `${people(n)} avant vous` : 0}`);"))
PY
"$folder/env/bin/python" "$folder/templates.py" > "$folder/seen"
cat "$folder/seen"
want() { grep -qF "$1" "$folder/seen" || { echo "changed: $1"; exit 1; }; }
want 'alone: say(`${people(n)} avant vous`);'
want '${people(n)}avant vous'
