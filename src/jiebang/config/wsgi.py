"""The WSGI application, for a server that brings its own environment. `jiebang serve` uses `jiebang.desk.wsgi`."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jiebang.config.settings")
application = get_wsgi_application()
