import json
import urllib.request

from kit import ENDPOINT, ROLE, client, function, probe, same, unique, until

schedules = client("scheduler")


def create(group, arn, expression, **more):
    name = unique("s")
    schedules.create_schedule(
        Name=name, GroupName=group, ScheduleExpression=expression, FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": arn, "RoleArn": ROLE, "Input": json.dumps({"at": "<aws.scheduler.scheduled-time>", "s": name})}, **more)
    return name


def tick(group, begin, end):
    body = json.dumps({"from": begin, "until": end, "group": group}).encode()
    return json.load(urllib.request.urlopen(f"{ENDPOINT}/_localstack/scheduler/tick", data=body))["fired"]


def lines(name):
    try:
        events = client("logs").filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
    except client("logs").exceptions.ClientError:
        return []
    return [json.loads(e["message"][5:]) for e in events if e["message"].startswith("fire ")]


@probe
def a_moved_clock_fires_lambda_targets():
    group, fn = unique("g"), unique("f")
    schedules.create_schedule_group(Name=group)
    arn = function(fn, code="export const handler = async (e) => console.log('fire', JSON.stringify(e))")
    berlin = {"ScheduleExpressionTimezone": "Europe/Berlin"}
    daily, monday = create(group, arn, "cron(30 2 * * ? *)", **berlin), create(group, arn, "cron(0/15 8-9 ? * MON-FRI *)", **berlin)
    off = create(group, arn, "cron(* * * * ? *)", State="DISABLED")
    same(tick(group, "2031-03-10T01:29:59+00:00", "2031-03-10T01:30:00+00:00"), [daily])
    same(until(lambda: lines(fn)), [{"at": "2031-03-10T01:30:00Z", "s": daily}])
    same(tick(group, "2031-03-10T07:10:00+00:00", "2031-03-10T07:16:00+00:00"), [monday])
    same(tick(group, "2031-03-09T07:10:00+00:00", "2031-03-09T07:16:00+00:00"), [])  # a Sunday
    same(tick(group, "2031-03-30T00:00:00+00:00", "2031-03-30T03:00:00+00:00"), [])  # 02:30 does not exist
    same(tick(group, "2031-10-26T00:00:00+00:00", "2031-10-26T00:45:00+00:00"), [daily])
    same(tick(group, "2031-10-26T01:00:00+00:00", "2031-10-26T01:45:00+00:00"), [])  # the repeated hour
    once = create(group, arn, "at(2031-03-10T05:00:30)", ActionAfterCompletion="DELETE")
    same(tick(group, "2031-03-10T04:59:00+00:00", "2031-03-10T05:00:29+00:00"), [])
    same(tick(group, "2031-03-10T05:00:29+00:00", "2031-03-10T05:00:30+00:00"), [once])
    same(tick(group, "2031-03-10T05:00:29+00:00", "2031-03-10T05:00:30+00:00"), [])  # it has deleted itself
    target = {"Arn": arn, "RoleArn": ROLE, "Input": "{}"}
    schedules.update_schedule(Name=daily, GroupName=group, ScheduleExpression="cron(0 4 ? * MON *)",
                              FlexibleTimeWindow={"Mode": "OFF"}, Target=target)
    same(schedules.get_schedule(Name=daily, GroupName=group)["State"], "ENABLED")
    same(tick(group, "2031-03-10T03:59:00+00:00", "2031-03-10T04:00:00+00:00"), [daily])
    for name in (daily, off):
        schedules.delete_schedule(Name=name, GroupName=group)
    same(tick(group, "2031-03-10T03:59:00+00:00", "2031-03-10T04:00:00+00:00"), [])
