"""`python -m jiebang.desk` is the command `jiebang`."""

from __future__ import annotations

import sys

from jiebang.desk.cli import main

sys.exit(main())
