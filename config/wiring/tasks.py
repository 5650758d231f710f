"""The operators' view of tasks, with every kind that a worker of this release knows."""

from collections.abc import Mapping

from starlette.routing import BaseRoute

from config.effects import effects, outside_effects
from config.settings import Settings
from config.stores import open_queue
from console.staff.desk import StaffDesk
from console.tasks.api import TaskApi
from console.tasks.desk import TaskDesk
from console.tasks.pages import TaskPages
from console.tasks.queue import ANSWER_SECONDS, QueueProbe
from quota.programmes import Programme
from server.rendering.forms import Tell
from server.rendering.templating import Render
from submission.forms.files import Forms


def known_kinds(settings: Settings, programmes: Mapping[str, Programme], forms: Forms) -> frozenset[str]:
    """The kinds of tasks that a worker of this release has an effect for."""
    inside = effects(programmes, forms, settings.secret_keys, settings.public_url)
    return frozenset(map(str, inside)) | frozenset(map(str, outside_effects(settings)))


def task_routes(
    staff: StaffDesk,
    render: Render,
    tell: Tell,
    settings: Settings,
    programmes: Mapping[str, Programme],
    forms: Forms,
) -> list[BaseRoute]:
    """Its page and its calls."""
    queue = QueueProbe(lambda: open_queue(settings.queue_redis_url, ANSWER_SECONDS))
    desk = TaskDesk(staff, known_kinds(settings, programmes, forms), queue)
    return [*TaskApi(desk).routes(), *TaskPages(desk, render, tell).routes()]
