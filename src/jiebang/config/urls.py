"""Every address of the site: the pages, and signing in."""

from __future__ import annotations

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = []
if find_spec("jiebang.web") and find_spec("jiebang.web.urls"):
    urlpatterns.append(path("accounts/", include("jiebang.web.account_urls")))
    urlpatterns.append(path("", include("jiebang.web.urls")))

handler400 = "jiebang.web.views.errors.bad_request"
handler403 = "jiebang.web.views.errors.forbidden"
handler404 = "jiebang.web.views.errors.not_found"
handler500 = "jiebang.web.views.errors.server_error"
