"""Addresses of this part; filled by its views."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
