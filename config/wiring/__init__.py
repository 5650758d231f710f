"""How the parts of what becomes of a file are put together: a module a slice, each called once by `config/app.py`."""
