"""Payment by card (PY-02): a port with one adapter, attempts (`charge`) and what the provider's news do (P15).

Read `asking.py: heard` first: the page that somebody comes back to and the webhook meet there.
"""
