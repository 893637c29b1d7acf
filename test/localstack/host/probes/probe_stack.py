"""Plain `cdk` with nothing but environment variables; aws-cdk and aws-cdk-lib are found as any module is, upwards."""

import json
import os
import subprocess
import tempfile
import time
from pathlib import Path

from kit import ENDPOINT, client, probe, same, settled, sfn, unique, until

APP = Path(__file__).parent / "cdk"
CDK = next(p / "node_modules/.bin/cdk" for p in APP.parents if (p / "node_modules/.bin/cdk").exists())


def cdk(*words, stage="1", stack):
    env = {
        **os.environ, "STAGE": stage, "STACK": stack,
        # an address, not a name: the SDK then keeps the bucket in the path, and no AWS_ENDPOINT_URL_S3 is needed
        "AWS_ENDPOINT_URL": ENDPOINT, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1", "CDK_DISABLE_CLI_TELEMETRY": "true", "CI": "true",
    }
    began = time.time()
    with tempfile.TemporaryDirectory() as output:
        done = subprocess.run([str(CDK), *words, "--output", output, "--no-notices"], cwd=APP, env=env,
                              capture_output=True, text=True, timeout=300)
    if done.returncode:
        lines = [x for x in (done.stdout + done.stderr).splitlines() if "rror" in x or "ailed" in x or "❌" in x]
        raise AssertionError("\n".join(lines)[-1500:])
    return time.time() - began


def logged(name, text):
    try:
        return any(e["message"].startswith(text) for e in client("logs").filter_log_events(
            logGroupName=f"/aws/lambda/{name}")["events"])
    except client("logs").exceptions.ResourceNotFoundException:
        return False


@probe
def bootstrap_deploy_update_destroy():
    stack = unique("Probe")[:16]
    deploy = ("deploy", stack, "--require-approval", "never", "--progress", "events")
    times = {"bootstrap": cdk("bootstrap", "aws://000000000000/us-east-1", stack=stack), "deploy": cdk(*deploy, stack=stack)}
    out = {o["OutputKey"].removesuffix("Out"): o["OutputValue"] for o in client("cloudformation").describe_stacks(
        StackName=stack)["Stacks"][0]["Outputs"]}

    def begin(wait=0):
        return sfn.start_execution(stateMachineArn=out["Machine"], input=json.dumps({"n": 1, "wait": wait}))["executionArn"]

    def ends_with(execution, stage):
        answer = settled(execution)
        assert answer["status"] == "SUCCEEDED", (answer.get("error"), answer.get("cause"))
        same(json.loads(answer["output"]), {"n": 2, "code": stage, "machine": stage})
        until(lambda: logged(out["Fn"], f"settled {answer['name']} SUCCEEDED"), 20, 0.3)

    def schedule():
        found = client("scheduler").get_schedule(Name="nightly", GroupName=stack)
        return found["ScheduleExpression"], found["ScheduleExpressionTimezone"], found["State"]

    ends_with(begin(), "1")
    same(schedule(), ("cron(0 3 * * ? *)", "Europe/Berlin", "ENABLED"))

    old = begin(wait=40)
    times["update"] = cdk(*deploy, stage="2", stack=stack)
    same(sfn.describe_execution(executionArn=old)["status"], "RUNNING")
    ends_with(begin(), "2")
    ends_with(old, "1")  # its version is retained
    same(schedule(), ("cron(30 4 * * ? *)", "Europe/Berlin", "ENABLED"))

    times["no change"] = cdk(*deploy, stage="2", stack=stack)
    times["destroy"] = cdk("destroy", stack, "--force", stage="2", stack=stack)
    same([t for t in client("dynamodb").list_tables()["TableNames"] if t == out["Table"]], [])
    return ", ".join(f"{name} {seconds:.1f} s" for name, seconds in times.items())
