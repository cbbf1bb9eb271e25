"""`python -m reslab.command`, which is `reslab`."""

from reslab.command import main

main()
