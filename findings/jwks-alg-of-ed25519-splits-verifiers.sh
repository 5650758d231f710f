#!/bin/sh
# One Ed25519 key, published with `"alg": "Ed25519"` (RFC 9864) or `"alg": "EdDSA"` (RFC 8037): who still verifies what.
#
# Expected: `alg` in a key set is a hint, and a verifier that knows Ed25519 signatures can use the key. Seen, with PyJWT 2.15.1 and
# joserfc 1.8.0, the same key and a valid signature:
#   - PyJWT drops the key that says Ed25519 and then suspects that `cryptography` is not installed, which it is;
#   - joserfc verifies both names, but binds the key: one that says EdDSA refuses a token that says Ed25519, and the other way around.
# So no key set that names an algorithm serves both during a change of name; one without `alg` does, for joserfc both ways, and for
# PyJWT with EdDSA tokens. For us: published and signed as EdDSA, checked with keys that name none (`waitingroom/tokens.py`).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check 'PyJWT[crypto]==2.15.1' joserfc==1.8.0 cryptography==50.0.2
cat > "$folder/names.py" <<'PY'
import warnings

import jwt as pyjwt
from joserfc import jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import KeySet, OKPKey

warnings.simplefilter("ignore", SecurityWarning)
secret = OKPKey.generate_key("Ed25519")
claims = {"sub": "7"}
names = ["EdDSA", "Ed25519"]
tokens = {name: jwt.encode({"alg": name}, claims, secret, algorithms=names) for name in names}


def tried(verify):
    try:
        return "verifies" if verify()["sub"] == "7" else "another claim"
    except Exception as problem:
        return f"{type(problem).__name__}: {problem}"


def by_pyjwt(published, token):
    key = pyjwt.PyJWKSet.from_dict({"keys": [published]}).keys[0]
    return pyjwt.decode(token, key, algorithms=[name for name in names if name in pyjwt.algorithms.get_default_algorithms()])


for said in (None, *names):
    published = secret.as_dict(private=False) | ({"alg": said} if said else {})
    for name in names:
        keys = KeySet.import_key_set({"keys": [published]})
        print(f"key {said}, token {name}, joserfc: {tried(lambda: jwt.decode(tokens[name], keys, algorithms=names).claims)}")
        print(f"key {said}, token {name}, PyJWT: {tried(lambda: by_pyjwt(published, tokens[name]))}")
PY
cd "$folder"
env/bin/python -c 'import jwt, importlib.metadata as m; print("PyJWT", jwt.__version__, "joserfc", m.version("joserfc"))'
env/bin/python names.py > seen
cat seen
want() { grep -q "^$1: $2" seen || { echo "changed: $1"; exit 1; }; }
want "key None, token EdDSA, joserfc" verifies
want "key None, token Ed25519, joserfc" verifies
want "key None, token EdDSA, PyJWT" verifies
want "key None, token Ed25519, PyJWT" "InvalidAlgorithmError"
want "key EdDSA, token EdDSA, joserfc" verifies
want "key EdDSA, token Ed25519, joserfc" "UnsupportedKeyAlgorithmError"
want "key Ed25519, token EdDSA, joserfc" "UnsupportedKeyAlgorithmError"
want "key Ed25519, token Ed25519, joserfc" verifies
want "key EdDSA, token EdDSA, PyJWT" verifies
want "key Ed25519, token EdDSA, PyJWT" "PyJWKSetError: The JWK Set did not contain any usable keys. Perhaps 'cryptography' is not installed"
