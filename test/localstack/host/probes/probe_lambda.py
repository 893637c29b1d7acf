import json
import time

from kit import ENDPOINT, HANDLER, client, function, invoke, output, probe, run, same, task, unique, until, zipped

functions = client("lambda")


@probe
def cold_and_warm_invocations():
    name = unique("f")
    function(name, Environment={"Variables": {"MARK": "yes"}})
    began = time.time()
    _, first, _ = invoke(name, {"a": 1})
    cold = time.time() - began
    began = time.time()
    for _ in range(20):
        _, last, _ = invoke(name, {"a": 2})
    warm = (time.time() - began) / 20
    same((first["calls"], last["calls"], last["pid"] == first["pid"], last["mark"]), (1, 21, True, "yes"))
    same((last["endpoint"], last["node"]), (ENDPOINT, "v24"))
    assert "/usr/bin" not in last["path"], "a function must not find the programs of the machine"
    return f"cold {cold * 1000:.0f} ms, warm {warm * 1000:.0f} ms"


@probe
def errors_timeout_crash_and_recovery():
    name = unique("f")
    function(name, timeout=1)
    kind, payload, _ = invoke(name, {"fail": "MyErr"})
    same((kind, payload["errorType"], payload["errorMessage"]), ("Unhandled", "MyErr", "boom"))
    kind, payload, _ = invoke(name, {"sleep": 4000})
    same((kind, payload["errorType"]), ("Unhandled", "Sandbox.Timedout"))
    kind, payload, _ = invoke(name, {"exit": 1})
    same((kind, payload["errorType"]), ("Unhandled", "Runtime.ExitError"))
    same(invoke(name, {})[1]["calls"], 1)
    broken = unique("f")
    function(broken, code="throw new Error('at load')")
    kind, payload, _ = invoke(broken, {})
    same((kind, payload["errorMessage"]), ("Unhandled", "at load"))


@probe
def large_payloads_and_unicode():
    name = unique("f")
    function(name)
    text = "\u00e9\U0001f600\u2028" + "x" * 3_000_000
    same(invoke(name, {"t": text})[1]["event"]["t"], text)


@probe
def custom_error_name_for_retry_and_catch():
    name = unique("f")
    arn = function(name)
    states = {
        "A": task(arn, {"fail": "Quota.Exceeded", "message": "{% $states.input.m %}"},
                  Retry=[{"ErrorEquals": ["Quota.Exceeded"], "IntervalSeconds": 1, "MaxAttempts": 1}],
                  Catch=[{"ErrorEquals": ["Quota.Exceeded"], "Output": "{% $states.errorOutput %}", "Next": "C"}], End=True),
        "C": {"Type": "Pass", "End": True}}
    found = output(states, {"m": "no \"more\""})
    same((found["Error"], json.loads(found["Cause"])["errorMessage"]), ("Quota.Exceeded", 'no "more"'))
    same(run({"A": task(arn, {"fail": "X"}, End=True)})["error"], "X")
    slow = function(unique("f"), timeout=1)
    same(run({"A": task(slow, {"sleep": 3000}, End=True)})["error"], "Sandbox.Timedout")


@probe
def versions_and_aliases():
    name = unique("f")
    arn = function(name, code=HANDLER.replace("calls += 1", "calls += 1; event.code = 'one'"))
    one = functions.publish_version(FunctionName=name)
    functions.get_waiter("published_version_active").wait(FunctionName=name, Qualifier=one["Version"])
    alias = functions.create_alias(FunctionName=name, Name="live", FunctionVersion=one["Version"])["AliasArn"]
    functions.update_function_code(FunctionName=name, ZipFile=zipped(
        {"index.mjs": HANDLER.replace("calls += 1", "calls += 1; event.code = 'two'")}))
    functions.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
    functions.update_function_configuration(FunctionName=name, MemorySize=256)
    functions.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
    two = functions.publish_version(FunctionName=name)
    functions.get_waiter("published_version_active").wait(FunctionName=name, Qualifier=two["Version"])
    same([invoke(x, {})[1]["event"]["code"] for x in (arn, one["FunctionArn"], alias, two["FunctionArn"])],
         ["two", "one", "one", "two"])
    same(invoke(alias, {})[1]["version"], one["Version"])
    functions.update_alias(FunctionName=name, Name="live", FunctionVersion=two["Version"])
    same(invoke(alias, {})[1]["event"]["code"], "two")
    same(output({"A": task(one["FunctionArn"], {}, Output="{% $states.result.Payload.event.code %}", End=True)}), "one")


@probe
def logs_are_readable():
    name = unique("f")
    function(name, code="export const handler = async (e) => { console.log('one', e.n); process.stderr.write('two'); }")
    _, _, answer = invoke(name, {"n": 5}, LogType="Tail")
    assert "LogResult" in answer
    logs = client("logs")

    def lines():
        try:
            return [e["message"] for e in logs.filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]]
        except logs.exceptions.ResourceNotFoundException:
            return []

    found = until(lambda: len(lines()) >= 4 and lines(), 20)
    same([line.split(" RequestId")[0].strip() for line in found], ["START", "one 5", "two", "END", "REPORT"])
