"""The demo's card provider: a real HTTP server on loopback that speaks the part of Stripe's API which the adapter uses,
signs its webhooks as Stripe does, and shows a page to pay on that asks for no card.

It stands in `guichet demo` as a process of its own, and in tests in theirs. It can be told to be slow or away, to send
its webhooks late, twice or out of order, to give money back and to let a bank dispute a payment (`behaviour.py`).
"""
