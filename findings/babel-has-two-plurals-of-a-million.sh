#!/bin/sh
# Babel 2.18.0: of a million in French it says « many » in one place, and that there are two forms in another.
#
# Expected: the plural forms of a language are the same wherever one library tells them, and French has two: « une place, deux places ».
# Seen: `Locale("fr").plural_form` follows CLDR, where whole millions have a form of their own since version 38 (« un million DE
# places »); `messages.plurals.get_plural`, from which it makes catalogues, has two, as gettext always had. So texts in a dictionary by
# `plural_form`, filled with `one` and `other` for every number that was tried, are a KeyError at 1,000,000 and 2,000,000, and
# at no number between. Babel's own units take `other` there (« 1 000 000 jours »). Spanish, Italian and Portuguese have it too.
# For us: French counts in two forms by a function of our own (`server/rendering/counted.py`), tried at a million.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check babel==2.18.0
cat > "$folder/million.py" <<'PY'
import babel
from babel import Locale
from babel.messages.plurals import get_plural
from babel.units import format_unit

print("Babel", babel.__version__)
numbers = (1, 2, 999_999, 1_000_000, 1_000_001, 2_000_000)
for language in ("fr_CA", "fr", "es", "it", "pt"):
    forms = [Locale.parse(language).plural_form(number) for number in numbers]
    print(f"{language}: {' '.join(forms)}; in catalogues {get_plural(language).num_plurals}")
print(format_unit(1_000_000, "duration-day", locale="fr_CA").replace("\u00a0", " "))
PY
"$folder/env/bin/python" "$folder/million.py" > "$folder/seen"
cat "$folder/seen"
want() { grep -qxF "$1" "$folder/seen" || { echo "changed: $1"; exit 1; }; }
want 'fr_CA: one other other many other many; in catalogues 2'
want 'fr: one other other many other many; in catalogues 2'
want '1 000 000 jours'
