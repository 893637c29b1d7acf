"""EventBridge Scheduler that fires its Lambda targets when a test moves its clock. Upstream stores schedules only (moto).

Left out: time that passes by itself, other targets, FlexibleTimeWindow, RetryPolicy, dead-letter queues.
"""

import uuid
from datetime import datetime, timezone

from localstack_host.cron import last_due


def add_scheduler_tick() -> None:
    """Schedules never fire, in every edition: `POST /_localstack/scheduler/tick` fires what is due in a span."""
    from localstack.services.internal import get_internal_apis

    get_internal_apis().add("/_localstack/scheduler/tick", on_tick, methods=["POST"])


def on_tick(request, **_):
    """{"from": ISO, "until": ISO, "group": NAME}: what is due in (from, until], once each; answers the names."""
    from localstack.http import Response
    from moto.scheduler.models import scheduler_backends

    body = request.get_json(force=True)
    after, until = (datetime.fromisoformat(body[key]).timestamp() for key in ("from", "until"))
    fired = []
    for account, regions in list(scheduler_backends.items()):
        for region, backend in list(regions.items()):
            for schedule in list(backend.schedule_groups[body["group"]].schedules.values()):
                due = last_due(schedule.schedule_expression, schedule.schedule_expression_timezone, after, until)
                if due is not None and schedule.state != "DISABLED":
                    _fire(account, region, schedule, due)
                    fired.append(schedule.name)
                    if schedule.schedule_expression.startswith("at(") and schedule.action_after_completion == "DELETE":
                        backend.delete_schedule(schedule.group_name, schedule.name)
    return Response.for_json({"fired": fired})


def _fire(account: str, region: str, schedule, due: float) -> None:
    from localstack.aws.connect import connect_to

    text = schedule.target.get("Input") or "{}"
    scheduled = datetime.fromtimestamp(due, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    for name, value in (("schedule-arn", schedule.arn), ("scheduled-time", scheduled),
                        ("execution-id", str(uuid.uuid4())), ("attempt-number", "1")):
        text = text.replace(f"<aws.scheduler.{name}>", value)
    functions = connect_to(aws_access_key_id=account, region_name=region).lambda_
    functions.invoke(FunctionName=schedule.target["Arn"], InvocationType="Event", Payload=text)
