"""Repairs of LocalStack at run time. One function per defect; `ALL` is applied once at start.

Imports stay inside the functions: what a patch is not asked to repair is not loaded.
"""

import json


def evaluate_jsonata_in_python() -> None:
    """The stock evaluator starts a JVM and downloads jars; jsonata-python needs neither."""
    from jsonata import Jsonata
    from localstack.services.stepfunctions.asl.jsonata import jsonata

    def evaluate(expression: str):
        try:
            return Jsonata(expression).evaluate(None)
        except RecursionError as error:
            raise jsonata.JSONataException("States.QueryEvaluationError", "expression nested too deeply") from error
        except Exception as error:
            raise jsonata.JSONataException("States.QueryEvaluationError", str(error)) from error

    jsonata._eval_jsonata = evaluate


def escape_string_variables() -> None:
    """Upstream pastes string variables between quotes unescaped: a quote, backslash or newline breaks the state."""
    from localstack.services.stepfunctions.asl.eval import states, variable_store
    from localstack.services.stepfunctions.asl.jsonata import jsonata

    def encode(bindings: dict) -> str:
        # ensure_ascii would split characters beyond the BMP into two halves
        return "".join(
            f"{name}:={json.dumps(value, separators=(',', ':'), default=_text, ensure_ascii=False)};"
            for name, value in bindings.items()
        )

    for module in (jsonata, states, variable_store):
        module.encode_jsonata_variable_declarations = encode


def _text(value) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def name_evaluation_errors() -> None:
    """Run-time errors of an expression must be States.QueryEvaluationError, catchable; upstream: States.Runtime."""
    from localstack.aws.api.stepfunctions import EvaluationFailedEventDetails, HistoryEventType
    from localstack.services.stepfunctions.asl.component.common.error_name import (
        failure_event,
        states_error_name,
        states_error_name_type,
    )
    from localstack.services.stepfunctions.asl.component.common.string.string_expression import StringJSONata
    from localstack.services.stepfunctions.asl.eval.event.event_detail import EventDetails
    from localstack.services.stepfunctions.asl.jsonata.jsonata import JSONataException

    original = StringJSONata._eval_body

    def _eval_body(self, env):
        try:
            original(self, env)
        except JSONataException as error:
            name = states_error_name.StatesErrorName(
                typ=states_error_name_type.StatesErrorNameType.StatesQueryEvaluationError)
            cause = f"The JSONata expression '{self.expression}' failed: {error.details}"
            details = EventDetails(evaluationFailedEventDetails=EvaluationFailedEventDetails(
                error=name.error_name, cause=cause))
            raise failure_event.FailureEventException(failure_event.FailureEvent(
                env=env, error_name=name, event_type=HistoryEventType.EvaluationFailed, event_details=details)) from error

    StringJSONata._eval_body = _eval_body


def stop_executions() -> None:
    """StopExecution leaves task tokens and retry pauses RUNNING, fails inline Maps, loses error and cause."""
    from localstack.aws.api.stepfunctions import ExecutionStatus
    from localstack.services.stepfunctions.backend import execution

    original_stop = execution.Execution.stop
    original_terminated = execution.BaseExecutionWorkerCommunication.terminated

    def stop(self, stop_date, error, cause):
        if self.exec_status != ExecutionStatus.RUNNING:
            return
        env = self.exec_worker.env
        self.stopped_by_call = True
        self.exec_status, self.stop_date, self.error, self.cause = ExecutionStatus.ABORTED, stop_date, error, cause
        if env is not None:
            _close_history(env, error, cause)
            original_stop(self, stop_date, error, cause)
            for endpoint in list(env.callback_pool_manager._pool.values()):
                endpoint.interrupt_all()
        self.publish_execution_status_change_event()

    def terminated(self):
        # the worker ends after the stop; its late status and second event must not win
        if not getattr(self.execution, "stopped_by_call", False):
            original_terminated(self)

    execution.Execution.stop = stop
    execution.BaseExecutionWorkerCommunication.terminated = terminated


def _close_history(env, error, cause) -> None:
    """ExecutionAborted is the last event; what the interrupted threads still report is dropped."""
    from localstack.aws.api.stepfunctions import ExecutionAbortedEventDetails, HistoryEventType
    from localstack.services.stepfunctions.asl.eval.event.event_detail import EventDetails

    manager, context = env.event_manager, env.event_history_context
    last = manager.add_event(context=context, event_type=HistoryEventType.ExecutionAborted, event_details=EventDetails(
        executionAbortedEventDetails=ExecutionAbortedEventDetails(error=error, cause=cause)))
    manager.add_event = lambda *args, **kwargs: last


def write_empty_inputs_as_text() -> None:
    """The status event of a run without parameters has an object as its input; AWS has text, as for any other run."""
    from localstack.services.stepfunctions.backend.execution import Execution

    original = Execution.publish_execution_status_change_event

    class Input(dict):
        def __bool__(self):
            return True  # upstream asks whether there is any input

    def publish_execution_status_change_event(self):
        self.input_data = self.input_data or Input()
        original(self)

    Execution.publish_execution_status_change_event = publish_execution_status_change_event


def update_schedules_in_stacks() -> None:
    """No update for AWS::Scheduler::Schedule: upstream reports success and leaves the old schedule."""
    import localstack.services.cloudformation.provider_utils as util
    from localstack.services.cloudformation.resource_provider import OperationStatus, ProgressEvent
    from localstack.services.scheduler.resource_providers.aws_scheduler_schedule import SchedulerScheduleProvider

    members = ["Description", "EndDate", "FlexibleTimeWindow", "GroupName", "KmsKeyArn", "Name", "ScheduleExpression",
               "ScheduleExpressionTimezone", "StartDate", "State", "Target"]

    def update(self, request):
        before, model = request.previous_state or {}, request.desired_state
        for name in ("Name", "GroupName"):
            if not model.get(name) and before.get(name):
                model[name] = before[name]
        client = request.aws_client_factory.scheduler
        parameters = util.select_attributes(model, members)
        moved = any(before.get(name, model.get(name)) != model.get(name) for name in ("Name", "GroupName"))
        if moved:  # a replacement in AWS
            answer = client.create_schedule(**parameters)
            client.delete_schedule(**util.select_attributes(before, ["Name", "GroupName"]))
        else:
            answer = client.update_schedule(**parameters)
        model["Arn"] = answer["ScheduleArn"]
        return ProgressEvent(status=OperationStatus.SUCCESS, resource_model=model)

    SchedulerScheduleProvider.update = update


def keep_schedules_enabled_on_update() -> None:
    """UpdateSchedule without State means ENABLED; moto stores None, and GetSchedule then has no State."""
    from moto.scheduler.models import Schedule

    original = Schedule.update

    def update(self, *args, **kwargs):
        original(self, *args, **kwargs)
        self.state = self.state or "ENABLED"

    Schedule.update = update


ALL = (
    evaluate_jsonata_in_python,
    escape_string_variables,
    name_evaluation_errors,
    stop_executions,
    write_empty_inputs_as_text,
    update_schedules_in_stacks,
    keep_schedules_enabled_on_update,
)
