from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "jiebang.web"
    label = "web"
