"""Addresses for programs."""

from __future__ import annotations

from django.urls import path

from jiebang.api import downloads, eventlogs

urlpatterns = [
    path("data/<slug:mechanism>.csv", downloads.as_csv, name="data-csv"),
    path("data/<slug:mechanism>.json", downloads.as_json, name="data-json"),
    path("data/<slug:mechanism>.ocel.json", eventlogs.as_ocel, name="data-ocel"),
    path("data/<slug:mechanism>.xes", eventlogs.as_xes, name="data-xes"),
]
