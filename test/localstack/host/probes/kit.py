"""What every probe uses: clients, a registry, and one way to run a state machine."""

import io
import json
import os
import time
import zipfile

import boto3
from botocore.config import Config

ENDPOINT = os.environ["AWS_ENDPOINT_URL"]
ROLE = "arn:aws:iam::000000000000:role/probe"
PROBES = []


def probe(function):
    PROBES.append(function)
    return function


def client(service):
    return boto3.client(
        service, endpoint_url=ENDPOINT, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test",
        config=Config(inject_host_prefix=False, retries={"max_attempts": 0}, s3={"addressing_style": "path"},
                      read_timeout=120, max_pool_connections=40))


sfn = client("stepfunctions")


def unique(prefix):
    return f"{prefix}{time.time_ns()}"


def machine(states, start=None, **top):
    definition = {"QueryLanguage": "JSONata", "StartAt": start or next(iter(states)), "States": states, **top}
    return sfn.create_state_machine(name=unique("m"), definition=json.dumps(definition), roleArn=ROLE)["stateMachineArn"]


def start(arn, given=None):
    return sfn.start_execution(stateMachineArn=arn, input=json.dumps({} if given is None else given))["executionArn"]


def settled(execution, seconds=60):
    return until(lambda: (d := sfn.describe_execution(executionArn=execution))["status"] != "RUNNING" and d, seconds)


def run(states, given=None, seconds=60, **top):
    return settled(start(machine(states, **top), given), seconds)


def output(states, given=None, **top):
    answer = run(states, given, **top)
    assert answer["status"] == "SUCCEEDED", (answer["status"], answer.get("error"), answer.get("cause"))
    return json.loads(answer["output"])


def until(check, seconds=30, pause=0.05):
    end = time.time() + seconds
    while True:
        if found := check():
            return found
        if time.time() > end:
            raise AssertionError(f"not within {seconds} s")
        time.sleep(pause)


def same(found, wanted):
    assert found == wanted, f"{json.dumps(found, default=str)[:600]} is not {json.dumps(wanted, default=str)[:300]}"


def zipped(files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return buffer.getvalue()


HANDLER = """
let calls = 0;
export const handler = async (event, context) => {
  calls += 1;
  console.log('event', JSON.stringify(event));
  if (event.fail) throw Object.assign(new Error(event.message ?? 'boom'), { name: event.fail });
  if (event.sleep) await new Promise((done) => setTimeout(done, event.sleep));
  if (event.exit) process.exit(3);
  return { calls, pid: process.pid, event, arn: context.invokedFunctionArn, version: context.functionVersion,
    left: context.getRemainingTimeInMillis(), mark: process.env.MARK, endpoint: process.env.AWS_ENDPOINT_URL,
    node: process.version.split('.')[0], path: process.env.PATH };
};
"""


def function(name, code=HANDLER, timeout=10, **more):
    answer = client("lambda").create_function(
        FunctionName=name, Runtime="nodejs24.x", Handler="index.handler", Role=ROLE, Timeout=timeout,
        Code={"ZipFile": zipped({"index.mjs": code})}, **more)
    client("lambda").get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
    return answer["FunctionArn"]


def invoke(name, event, **more):
    answer = client("lambda").invoke(FunctionName=name, Payload=json.dumps(event), **more)
    return answer.get("FunctionError"), json.loads(answer["Payload"].read()), answer


def task(arn, payload, **more):
    return {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
            "Arguments": {"FunctionName": arn, "Payload": payload}, **more}
