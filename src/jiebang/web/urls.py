"""Every page: the public ones, the raiser's, the staff's."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("", include("jiebang.web.public_urls")),
    path("", include("jiebang.web.raise_urls")),
    path("", include("jiebang.web.desk_urls")),
    path("", include("jiebang.web.field_urls")),
    path("", include("jiebang.web.round_urls")),
]
