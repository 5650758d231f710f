"""Giving up an amendment that waits for its fee, as its candidate does it; what it does is decided where fees are
(`casework/payments/supplements/giving_up.py`)."""
