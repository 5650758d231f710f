#!/bin/sh
# rcssmin 1.3.0: within `@layer`, `@container`, `@scope` and nested rules « inside of it, what has focus » becomes « it, with focus ».
#
# Expected: the blank before a colon is taken out of a declaration (`color : red`) and stays in a selector, where it is the descendant
# combinator (Selectors 4, 15.1); rcssmin keeps it at the top and within `@media`. Seen: a block that it does not know as one of rules is
# read as declarations, so `ul :focus-visible` comes out as `ul:focus-visible`, another selector, as valid, and as specific; nothing
# complains. After `&` and `*` the blank stays, so `ul *:focus-visible` says the same and is safe.
# For us: no style of ours has a bare pseudo-class after a blank in such a block, and a test holds the selectors of every style
# against what is served (`tests/unit/server/rendering/test_static_files.py`).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check rcssmin==1.3.0
cat > "$folder/styles.py" <<'PY'
import rcssmin

RULE = "ul :focus-visible { color: red }"
STYLES = {
    "top": RULE,
    "media": f"@media print {{ {RULE} }}",
    "layer": f"@layer page {{ {RULE} }}",
    "container": f"@container (width > 30em) {{ {RULE} }}",
    "scope": f"@scope (main) {{ {RULE} }}",
    "nested": f"main {{ {RULE} }}",
    "star": "@layer page { ul *:focus-visible { color: red } }",
    "and": "ul { & :focus-visible { color: red } }",
}
print("rcssmin", rcssmin.__version__)
for name, style in STYLES.items():
    print(f"{name}: {rcssmin.cssmin(style)}")
PY
"$folder/env/bin/python" "$folder/styles.py" > "$folder/seen"
cat "$folder/seen"
want() { grep -qxF "$1" "$folder/seen" || { echo "changed: $1"; exit 1; }; }
want 'top: ul :focus-visible{color:red}'
want 'media: @media print{ul :focus-visible{color:red}}'
want 'layer: @layer page{ul:focus-visible{color:red}}'
want 'container: @container (width>30em){ul:focus-visible{color:red}}'
want 'scope: @scope (main){ul:focus-visible{color:red}}'
want 'nested: main{ul:focus-visible{color:red}}'
want 'star: @layer page{ul *:focus-visible{color:red}}'
want 'and: ul{& :focus-visible{color:red}}'
