"""Calls of the contract by feature, as `config/openapi.py` puts them together."""
