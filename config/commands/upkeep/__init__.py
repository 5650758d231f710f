"""Commands for whoever keeps the service going."""
