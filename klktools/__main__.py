"""``python -m klktools`` is the command `klktools`."""

import sys

from klktools.cli import main

sys.exit(main())
