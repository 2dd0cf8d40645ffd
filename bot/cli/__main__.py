"""`python -m bot.cli` is `sapa`."""

from bot.cli import main

main()
