"""EventBridge Scheduler's own checks of a schedule that somebody makes by its API.

moto takes any expression and any role, and fails at a group that is not there.
"""

from __future__ import annotations

from typing import Any

from moto.scheduler import models, urls
from moto.scheduler.exceptions import ScheduleGroupNotFound, ValidationException

from deploy.local.scheduler.expressions import interval, moment
from deploy.local.scheduler.trust import NOT_TRUSTED, trusts_schedules


class SchedulerBackend(models.EventBridgeSchedulerBackend):
    """moto's schedules, made only where EventBridge Scheduler would make them."""

    @property
    def _url_module(self) -> Any:
        return urls

    def create_schedule(self, **given: Any) -> models.Schedule:
        group = given["group_name"] or "default"
        if group not in self.schedule_groups:
            raise ScheduleGroupNotFound(group)
        self._check(given, group)
        return super().create_schedule(**given)

    def update_schedule(self, **given: Any) -> models.Schedule:
        self._check(given, given["group_name"] or "default")
        return super().update_schedule(**given)

    def _check(self, given: dict[str, Any], group: str) -> None:
        expression = given["schedule_expression"]
        zone = given["schedule_expression_timezone"] or "UTC"
        if interval(expression) is None and moment(expression, zone) is None:
            raise ValidationException(f"Invalid Schedule Expression {expression}.")
        if not trusts_schedules(given["target"]["RoleArn"], self.region_name, group):
            raise ValidationException(NOT_TRUSTED)
