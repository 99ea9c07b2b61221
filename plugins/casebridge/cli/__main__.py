"""`python -m casebridge.cli`."""

from casebridge.cli.app import main

main()
