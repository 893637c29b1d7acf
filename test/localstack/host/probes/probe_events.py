import json
import time

from kit import client, function, machine, probe, same, sfn, start, unique, until

queues, events, functions = client("sqs"), client("events"), client("lambda")

SETTLE = """
const failedOnce = new Set();
export const handler = async ({ Records }) => {
  const batchItemFailures = [];
  for (const record of Records) {
    const event = JSON.parse(record.body);
    const { status, name, stateMachineArn, output, input, error, cause, startDate, stopDate } = event.detail;
    if (name.startsWith('flaky') && !failedOnce.has(name)) {
      failedOnce.add(name);
      batchItemFailures.push({ itemIdentifier: record.messageId });
      continue;
    }
    console.log('settled', JSON.stringify({ status, name, stateMachineArn, output, input, error, cause,
      startDate: typeof startDate, stopDate: typeof stopDate, type: event['detail-type'], resources: event.resources,
      received: record.attributes.ApproximateReceiveCount }));
  }
  return { batchItemFailures };
};
"""


def queue(**attributes):
    url = queues.create_queue(QueueName=unique("q"), Attributes=attributes)["QueueUrl"]
    return url, queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def settled_lines(name):
    try:
        found = client("logs").filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
    except Exception:
        return {}
    lines = [json.loads(e["message"][8:]) for e in found if e["message"].startswith("settled ")]
    return {line["name"]: line for line in lines}


@probe
def status_change_to_queue_to_lambda_with_partial_failures():
    name = unique("f")
    arn = function(name, code=SETTLE)
    url, queue_arn = queue(VisibilityTimeout="2")
    machines = [machine({"A": {"Type": "Choice", "Default": "Ok", "Choices": [
        {"Condition": "{% $exists($states.input.bad) %}", "Next": "Bad"}]},
        "Ok": {"Type": "Pass", "Output": {"r": "{% $states.input.i %}"}, "End": True},
        "Bad": {"Type": "Fail", "Error": "E", "Cause": "because"}}) for _ in range(2)]
    rule = unique("r")
    pattern = {"source": ["aws.states"], "detail-type": ["Step Functions Execution Status Change"], "detail": {
        "stateMachineArn": [{"prefix": machines[0]}], "status": ["SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"]}}
    events.put_rule(Name=rule, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=rule, Targets=[{"Id": "q", "Arn": queue_arn}])
    mapping = functions.create_event_source_mapping(
        EventSourceArn=queue_arn, FunctionName=arn, BatchSize=10, FunctionResponseTypes=["ReportBatchItemFailures"])["UUID"]
    try:
        until(lambda: functions.get_event_source_mapping(UUID=mapping)["State"] == "Enabled", 30)
        began = time.time()
        for index, execution in enumerate(("ok1", "ok2", "flaky1", "bad1", "flaky2")):
            given = {"i": index, **({"bad": 1} if execution == "bad1" else {})}
            sfn.start_execution(stateMachineArn=machines[0], name=execution, input=json.dumps(given))
        sfn.start_execution(stateMachineArn=machines[0], name="empty")
        start(machines[1])  # does not match
        lines = until(lambda: len(found := settled_lines(name)) >= 6 and found, 40, 0.3)
        took = time.time() - began
        same(sorted(lines), ["bad1", "empty", "flaky1", "flaky2", "ok1", "ok2"])
        same((lines["ok1"]["status"], json.loads(lines["ok1"]["output"]), json.loads(lines["ok1"]["input"])),
             ("SUCCEEDED", {"r": 0}, {"i": 0}))
        same((lines["bad1"]["status"], lines["bad1"]["error"], lines["bad1"]["cause"]), ("FAILED", "E", "because"))
        same(lines["ok1"]["stateMachineArn"], machines[0])
        same(lines["empty"]["input"], "{}")
        same(lines["flaky1"]["received"], "2")
        until(lambda: queues.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"][
            "ApproximateNumberOfMessagesNotVisible"] == "0", 10)
        kinds = (lines["ok1"]["startDate"], lines["ok1"]["stopDate"])
        return f"{took:.1f} s; startDate, stopDate are {kinds} (AWS: numbers)"
    finally:
        functions.delete_event_source_mapping(UUID=mapping)


@probe
def storage():
    s3, bucket = client("s3"), unique("b")
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="a/b.json", Body=b'[{"i":1},{"i":2}]', ContentType="application/json")
    same(s3.get_object(Bucket=bucket, Key="a/b.json")["Body"].read(), b'[{"i":1},{"i":2}]')
    try:
        s3.put_object(Bucket=bucket, Key="a/b.json", Body=b"x", IfNoneMatch="*")
        raise AssertionError("accepted")
    except s3.exceptions.ClientError as error:
        same(error.response["Error"]["Code"], "PreconditionFailed")
    same([o["Key"] for o in s3.list_objects_v2(Bucket=bucket, Prefix="a/")["Contents"]], ["a/b.json"])
