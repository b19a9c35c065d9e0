"""``python -m momentum_gui``."""

import sys

from momentum_gui.cli import main

if __name__ == "__main__":
    sys.exit(main())
