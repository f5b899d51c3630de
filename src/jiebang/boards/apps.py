"""The room `boards` for Django."""

from django.apps import AppConfig


class BoardsConfig(AppConfig):
    name = "jiebang.boards"
    label = "boards"
    default_auto_field = "django.db.models.BigAutoField"
