import time

from kit import machine, output, probe, run, same, settled, start


def one(expression, given=None):
    return output({"A": {"Type": "Pass", "Output": expression, "End": True}}, given)


@probe
def paths_and_predicates():
    given = {"items": [{"n": 3, "t": "a"}, {"n": 9, "t": "b"}, {"n": 12, "t": "b"}], "x": {"a": [{"b": 1}, {"b": 2}]}}
    same(one("{% $states.input.items.n %}", given), [3, 9, 12])
    same(one("{% $sum($states.input.items.n) %}", given), 24)
    same(one("{% [$states.input.items[n>3].n] %}", given), [9, 12])
    same(one("{% $states.input.items[t='b'][0].n %}", given), 9)
    same(one("{% $states.input.x.a.b %}", given), [1, 2])
    same(one("{% $states.input.items{t: $count(n)} %}", given), {"a": 1, "b": 2})
    same(one("{% $map($states.input.items, function($v, $i) { $v.n * $i }) %}", given), [0, 9, 24])
    same(one("{% ($k := 2; $k * $states.input.items[0].n) %}", given), 6)
    same(one("{% $merge([$states.input.x, {'c': null}]) %}", given), {"a": [{"b": 1}, {"b": 2}], "c": None})
    same(one("{% $sort($states.input.items, function($l, $r) { $l.n < $r.n }).n %}", given), [12, 9, 3])


@probe
def functions_of_step_functions():
    same(one("{% $partition([1,2,3,4,5],2) %}"), [[1, 2], [3, 4], [5]])
    same(one("{% $range(0,10,5) %}"), [0, 5, 10])
    same(one("{% $parse('{\"a\":[1]}') %}"), {"a": [1]})
    same(one("{% $random() >= 0 and $random() < 1 %}"), True)
    same(one("{% $now() ~> $toMillis() > 1700000000000 %}"), True)


@probe
def string_variables_with_any_character():
    text = 'he said "hi"\nline2 \\ back \t {% x %} $y na\u00efve \U0001f600'
    states = {
        "A": {"Type": "Pass", "Assign": {"s": "{% $states.input.s %}", "o": {"k": "{% $states.input.s %}"}}, "Next": "B"},
        "B": {"Type": "Pass", "Output": {"s": "{% $s %}", "k": "{% $o.k & '!' %}", "n": "{% $length($s) %}"}, "End": True},
    }
    same(output(states, {"s": text}), {"s": text, "k": text + "!", "n": len(text)})


@probe
def evaluation_errors_are_caught():
    caught = {"Type": "Pass", "Output": "{% $e.Error %}", "End": True}
    catch = [{"ErrorEquals": ["States.QueryEvaluationError"], "Assign": {"e": "{% $states.errorOutput %}"}, "Next": "C"}]
    body = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
    for items in ("{% 1 + 'a' %}", "{% $toMillis('bad') %}", "{% $nope(1) %}", "{% $states.input.missing %}"):
        states = {"A": {"Type": "Map", "Items": items, "ItemProcessor": body, "Catch": catch, "End": True}, "C": caught}
        same(output(states), "States.QueryEvaluationError")
    answer = run({"A": {"Type": "Pass", "Output": "{% $states.input.missing %}", "End": True}})
    same((answer["status"], answer["error"]), ("FAILED", "States.QueryEvaluationError"))


@probe
def map_items_and_selector():
    states = {"A": {
        "Type": "Map", "Items": "{% $states.input.items[n>1] %}", "MaxConcurrency": 2,
        "ItemSelector": {"i": "{% $states.context.Map.Item.Index %}", "v": "{% $states.context.Map.Item.Value.n %}"},
        "ItemProcessor": {"StartAt": "P", "States": {
            "P": {"Type": "Pass", "Output": "{% $states.input.v * 10 + $states.input.i %}", "End": True}}},
        "Output": {"r": "{% $states.result %}"}, "End": True}}
    same(output(states, {"items": [{"n": 1}, {"n": 2}, {"n": 3}]}), {"r": [20, 31]})


@probe
def parallel_with_scopes_assign_and_catch():
    states = {
        "S": {"Type": "Pass", "Assign": {"g": 1}, "Next": "A"},
        "A": {"Type": "Parallel", "Branches": [
            {"StartAt": "P", "States": {"P": {"Type": "Pass", "Assign": {"a": "{% $g + 1 %}"}, "Next": "P2"},
                                        "P2": {"Type": "Pass", "Output": "{% $a %}", "End": True}}},
            {"StartAt": "Q", "States": {"Q": {"Type": "Pass", "Output": "{% $states.input.a %}", "End": True}}}],
            "Assign": {"both": "{% $states.result %}"}, "Next": "B"},
        "B": {"Type": "Parallel", "Branches": [{"StartAt": "F", "States": {
            "F": {"Type": "Fail", "Error": "{% 'Custom.' & 'Err' %}", "Cause": "{% 'c' & $string($g) %}"}}}],
            "Catch": [{"ErrorEquals": ["Custom.Err"], "Assign": {"e": "{% $states.errorOutput %}"}, "Next": "C"}],
            "End": True},
        "C": {"Type": "Pass", "Output": {"both": "{% $both %}", "e": "{% $e.Error %}", "c": "{% $e.Cause %}"}, "End": True},
    }
    same(output(states, {"a": 7}), {"both": [2, 7], "e": "Custom.Err", "c": "c1"})


@probe
def choice_wait_and_fail_expressions():
    states = {
        "A": {"Type": "Choice", "Choices": [{"Condition": "{% $states.input.n > 5 %}", "Assign": {"big": True},
                                             "Next": "W"}], "Default": "D"},
        "W": {"Type": "Wait", "Seconds": "{% $states.input.w %}", "Next": "U"},
        "U": {"Type": "Wait", "Timestamp": "{% $fromMillis($millis() + 1000) %}", "Next": "B"},
        "B": {"Type": "Pass", "Output": "{% $big %}", "End": True},
        "D": {"Type": "Fail", "Error": "{% $states.input.name & '.Err' %}", "Cause": "{% $string({'n': $states.input.n}) %}"},
    }
    began = time.time()
    same(output(states, {"n": 7, "w": 1}), True)
    assert time.time() - began > 1.0, "no waiting"
    answer = run(states, {"n": 1, "name": "Bad"})
    same((answer["status"], answer["error"], answer["cause"]), ("FAILED", "Bad.Err", '{"n":1}'))


@probe
def timeouts_and_large_input():
    same(run({"A": {"Type": "Wait", "Seconds": 30, "End": True}}, TimeoutSeconds=1)["status"], "TIMED_OUT")
    same(one("{% $length($states.input.s) %}", {"s": "x" * 200_000}), 200_000)


@probe
def context_and_names():
    execution = start(machine({"A": {"Type": "Pass", "Output": "{% $states.context %}", "End": True}}), {"z": 1})
    import json
    found = json.loads(settled(execution)["output"])
    same((found["Execution"]["Id"], found["Execution"]["Input"], found["State"]["Name"]), (execution, {"z": 1}, "A"))
