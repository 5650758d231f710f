"""`python -m config.demo.card_provider FD WEBHOOKS BOOKS`: the demo's provider, started by its supervisor."""

import sys

from config.demo.card_provider.process import main

main(sys.argv[1], sys.argv[2], sys.argv[3])
