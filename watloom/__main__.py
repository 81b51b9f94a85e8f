"""`python -m watloom`: the command line."""

import sys

from watloom.cli import main

if __name__ == "__main__":
    sys.exit(main())
