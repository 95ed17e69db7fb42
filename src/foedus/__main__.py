"""`python -m foedus` is the same as `foedus`."""

from foedus.cli.main import main

main()
