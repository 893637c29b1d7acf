import time

from kit import client, function, machine, probe, same, sfn, start, task, unique, until

WAIT = {"A": {"Type": "Wait", "Seconds": 60, "End": True}}


def body(states):
    return {"StartAt": "A", "States": states}


def token(queue):
    return {"A": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "End": True,
                  "Arguments": {"QueueUrl": queue, "MessageBody": {"t": "{% $states.context.Task.Token %}"}}}}


def stop_soon(states, inside="A"):
    execution = start(machine(states))
    until(lambda: inside in [e.get("stateEnteredEventDetails", {}).get("name")
                             for e in sfn.get_execution_history(executionArn=execution)["events"]] or None, 10)
    time.sleep(0.7)
    sfn.stop_execution(executionArn=execution, error="Stopped", cause="by hand")
    return execution


@probe
def stop_everywhere():
    queue = client("sqs").create_queue(QueueName=unique("q"))["QueueUrl"]
    slow = function(unique("f"))
    cases = {
        "wait": WAIT,
        "token": token(queue),
        "map of waits": {"M": {"Type": "Map", "Items": [1, 2], "ItemProcessor": body(WAIT), "End": True}},
        "map of tokens": {"M": {"Type": "Map", "Items": [1, 2], "ItemProcessor": body(token(queue)), "End": True}},
        "parallel wait": {"M": {"Type": "Parallel", "Branches": [body(WAIT)], "End": True}},
        "parallel token": {"M": {"Type": "Parallel", "Branches": [body(token(queue))], "End": True}},
        "lambda": {"A": task(slow, {"sleep": 8000}, End=True)},
        "retry pause": {"A": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:describeStateMachine", "End": True,
                              "Arguments": {"StateMachineArn": machine(WAIT) + "x"},
                              "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 20, "MaxAttempts": 3}]}},
    }
    wrong, last = [], {}
    executions = {}
    for name, states in cases.items():
        executions[name] = stop_soon(states, next(iter(states)))
    time.sleep(2)
    for name, execution in executions.items():
        answer = sfn.describe_execution(executionArn=execution)
        found = (answer["status"], answer.get("error"), answer.get("cause"))
        if found != ("ABORTED", "Stopped", "by hand"):
            wrong.append((name, found))
        last[name] = sfn.get_execution_history(executionArn=execution)["events"][-1]["type"]
    same(wrong, [])
    same({kind for kind in last.values()}, {"ExecutionAborted"})


@probe
def a_stopped_execution_publishes_one_event():
    queue = client("sqs").create_queue(QueueName=unique("q"))["QueueUrl"]
    arn = client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events, rule = client("events"), unique("r")
    execution_machine = machine(WAIT)
    events.put_rule(Name=rule, EventPattern='{"source":["aws.states"],"detail":{"stateMachineArn":["%s"],'
                                            '"status":["ABORTED","FAILED","SUCCEEDED"]}}' % execution_machine)
    events.put_targets(Rule=rule, Targets=[{"Id": "q", "Arn": arn}])
    execution = start(execution_machine)
    time.sleep(1)
    sfn.stop_execution(executionArn=execution)
    time.sleep(2)
    found = client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages", [])
    same(len(found), 1)


@probe
def names_are_idempotency_keys():
    arn = machine(WAIT)
    first = sfn.start_execution(stateMachineArn=arn, name="one", input='{"a":1}')["executionArn"]
    same(sfn.start_execution(stateMachineArn=arn, name="one", input='{"a":1}')["executionArn"], first)
    for given in ('{"a":2}',):
        try:
            sfn.start_execution(stateMachineArn=arn, name="one", input=given)
            raise AssertionError("accepted")
        except sfn.exceptions.ExecutionAlreadyExists:
            pass
    sfn.stop_execution(executionArn=first)
