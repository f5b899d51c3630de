"""Addresses of the staff: my work, one entry's workbench, the window."""

from __future__ import annotations

from django.urls import URLPattern, path

from jiebang.web.views.desk import window, work, workbench

urlpatterns: list[URLPattern] = [
    path("desk/", work.work, name="desk"),
    path("desk/e/<str:number>", workbench.workbench, name="workbench"),
    path("desk/e/<str:number>/photo/<int:photo>", workbench.release, name="release"),
    path("desk/window/", window.window, name="window"),
    path("desk/window/paste", window.paste, name="paste"),
    path("desk/window/word/<str:number>", window.word, name="word"),
    path("desk/window/slip/<str:number>", window.slip, name="slip"),
]
