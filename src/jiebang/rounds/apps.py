"""The room `rounds` for Django."""

from django.apps import AppConfig


class RoundsConfig(AppConfig):
    name = "jiebang.rounds"
    label = "rounds"
    default_auto_field = "django.db.models.BigAutoField"
