"""Addresses for programs."""

from __future__ import annotations

from django.urls import path

from jiebang.api import downloads

urlpatterns = [
    path("data/<slug:mechanism>.csv", downloads.as_csv, name="data-csv"),
    path("data/<slug:mechanism>.json", downloads.as_json, name="data-json"),
]
