"""Tables of the room `people`.

A person is a key: 32 random bytes from which the salts and pseudonyms of all that person does are derived.
Deleting the bytes makes what was committed about the person unopenable for ever, so the key stands in a small
table of its own, and the row stays (without its bytes) because entries name it.
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jiebang.engine.model import Actor


class PersonKey(models.Model):
    key = models.BinaryField(max_length=32, null=True)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            # Either there is a key of exactly 32 bytes, or somebody erased it and we know when.
            models.CheckConstraint(
                name="people_personkey_erased_or_whole",
                condition=Q(key__isnull=True, erased_at__isnull=False) | Q(key__isnull=False, erased_at__isnull=True),
            ),
        ]


class UserManager(BaseUserManager["User"]):
    """Only what sign-in needs. Accounts are made by `people.services.create_user`."""


class User(AbstractBaseUser):
    """An account. No e-mail address: staff are given a name and a password, residents need no account at all."""

    username = models.CharField(
        _("user name"),
        max_length=64,
        unique=True,
        validators=[
            RegexValidator(
                r"^[a-z0-9][a-z0-9.\-]*\Z",
                _("Use small letters, digits, dots and hyphens, beginning with a letter or a digit."),
            )
        ],
    )
    display_name = models.CharField(_("name shown to colleagues"), max_length=100)
    is_active = models.BooleanField(default=True)
    key = models.OneToOneField(PersonKey, on_delete=models.PROTECT, related_name="user")

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[UserManager] = UserManager()

    actor: Actor | None = None  # as read with the account at the start of a request

    def __str__(self) -> str:
        return self.display_name or self.username


class Session(AbstractBaseSession):
    """A browser's session. `account` is who is signed in there, so that one statement reads both."""

    account = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+")

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        from jiebang.people.sessions import SessionStore

        return SessionStore


class Area(models.Model):
    """A place of the city's tree. `path` lists the codes from the city down to this area itself."""

    code = models.TextField(primary_key=True)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    level = models.TextField()
    kind = models.TextField()
    name_zh = models.TextField(blank=True)
    name_en = models.TextField()
    # Its middle or its seat, WGS84, in degrees; null where the pack has none.
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    path = ArrayField(models.TextField())

    class Meta:
        indexes: ClassVar = [models.Index(fields=["level", "code"], name="people_area_level")]
        constraints: ClassVar = [
            # A city has one root: all rows without a parent share the same value here.
            models.UniqueConstraint(
                models.ExpressionWrapper(Q(parent__isnull=True), output_field=models.BooleanField()),
                condition=Q(parent__isnull=True),
                name="people_area_one_root",
            ),
            models.CheckConstraint(
                name="people_area_on_earth",
                condition=Q(lon__isnull=True, lat__isnull=True)
                | Q(lon__isnull=False, lat__isnull=False, lon__gte=-180, lon__lte=180, lat__gte=-90, lat__lte=90),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name_en} ({self.code})"


class Unit(models.Model):
    """A body that handles entries (kind `unit`), or an office that posts, gives out or watches over them."""

    slug = models.SlugField(max_length=64, unique=True)
    name_zh = models.TextField(blank=True)
    name_en = models.TextField()
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="units")
    kind = models.TextField()

    def __str__(self) -> str:
        return f"{self.name_en} ({self.slug})"


class Appointment(models.Model):
    """Somebody holds an office of a unit at an area, from `since` until (not including) `until`."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="appointments")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="appointments")
    office = models.TextField()
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="appointments")
    level = models.TextField()
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="people_appointment_ends_after_start",
                condition=Q(until__isnull=True) | Q(until__gt=models.F("since")),
            ),
            models.UniqueConstraint(
                fields=["user", "unit", "office", "area"],
                condition=Q(until__isnull=True),
                name="people_appointment_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.office} at {self.area_id}"
