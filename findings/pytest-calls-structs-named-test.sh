#!/bin/sh
# pytest 9.2.0 with msgspec 0.22.0: an imported struct whose name begins with "Test" fails the whole file.
#
# Expected: what pytest documents for a class with a constructor, a warning that it is not collected. Seen: a msgspec.Struct has
# its constructor in C and no `__init__` in Python, so pytest takes it for a test class and calls it without arguments; a
# required field makes that a TypeError at collection, and no test of the file runs. A dataclass of the same name only warns.
# For us: a record of what people testified was called `Testimony`; no class of ours begins with "Test" any more.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check pytest==9.2.0 msgspec==0.22.0
cat > "$folder/records.py" <<'PY'
from dataclasses import dataclass

import msgspec


class Testimony(msgspec.Struct):
    person: str


@dataclass
class Testament:
    person: str
PY
for name in Testimony Testament; do
  printf 'from records import %s\n\n\ndef test_it() -> None:\n    assert %s(person="a").person == "a"\n' "$name" "$name" \
    > "$folder/test_$name.py"
done
cd "$folder"
env/bin/python -c 'import pytest, msgspec; print("pytest", pytest.__version__, "msgspec", msgspec.__version__)'
struct=$(env/bin/pytest -q test_Testimony.py 2>&1) && { echo "the struct is not called any more: $struct"; exit 1; }
echo "$struct" | grep -q "TypeError: Missing required argument 'person'" || { echo "another error: $struct"; exit 1; }
echo "a struct named Testimony: TypeError at collection, no test of its file runs"
data=$(env/bin/pytest -q test_Testament.py 2>&1) || { echo "the dataclass fails too: $data"; exit 1; }
echo "$data" | grep -q "cannot collect test class 'Testament' because it has a __init__ constructor"
echo "a dataclass named Testament: a warning, and its test passes"
