"""`python -m config` is `guichet`."""

from config.cli import main

if __name__ == "__main__":
    main(prog_name="guichet")
