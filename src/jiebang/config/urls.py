"""Every address of the site: the pages, and signing in."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("accounts/", include("jiebang.web.account_urls")),
    path("", include("jiebang.api.urls")),
    path("", include("jiebang.web.urls")),
]

handler400 = "jiebang.web.views.errors.bad_request"
handler403 = "jiebang.web.views.errors.forbidden"
handler404 = "jiebang.web.views.errors.not_found"
handler500 = "jiebang.web.views.errors.server_error"
