from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "jiebang.people"
    label = "people"
