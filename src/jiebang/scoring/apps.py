"""The room `scoring` for Django."""

from django.apps import AppConfig


class ScoringConfig(AppConfig):
    name = "jiebang.scoring"
    label = "scoring"
    default_auto_field = "django.db.models.BigAutoField"
