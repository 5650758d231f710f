"""Losing things with a crowd inside: the whole service, thousands of people, one loss, and the recount.

`table.py` names the losses, `scenes.py` and `failovers.py` play them, `stage.py` is what they are played on.
`recount.py` runs one: people join, hold their feeds and are called; something is lost and comes back; the line goes on
to the cap; then everything is recounted from what people were told and from the books.

    python -m tests.losses [--people 5000] [--into docs] [NAME ...]

runs them one after the other and writes what each took to `losses.json`, from which the page and the picture are made.
"""
