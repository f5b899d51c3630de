"""Signing in and out, and changing one's password: the part of allauth we offer. Accounts are made by the office."""

from __future__ import annotations

from allauth.account import views
from django.urls import path

from jiebang.web.views.account import password

urlpatterns = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("password/", password, name="account_change_password"),
]
