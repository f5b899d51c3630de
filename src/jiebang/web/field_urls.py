"""Addresses of the app for the field. All lie under one path, which is the service worker's scope."""

from __future__ import annotations

from django.urls import URLPattern, path

from jiebang.web.views.field import photo, send, shell, today

urlpatterns: list[URLPattern] = [
    path("field/", shell.page, name="field"),
    path("field/shell", shell.shell, name="field-shell"),
    path("field/worker.js", shell.worker, name="field-worker"),
    path("field/app.webmanifest", shell.manifest, name="field-manifest"),
    path("field/icon-<int:size>.png", shell.icon, name="field-icon"),
    path("field/app/<str:version>/<str:name>.js", shell.module, name="field-module"),
    path("field/today", today.today, name="field-today"),
    path("field/photo", photo.photo, name="field-photo"),
    path("field/send", send.send, name="field-send"),
]
