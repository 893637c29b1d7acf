"""Every private name that a patch relies on, checked before anything starts."""

import importlib
import inspect

_SFN = "localstack.services.stepfunctions"
_MAP = f"{_SFN}.asl.component.state.state_execution.state_map.iteration.itemprocessor"

# module:attribute.path, and the parameters that the patch passes or receives
NAMES: list[tuple[str, tuple[str, ...] | None]] = [
    (f"{_SFN}.asl.jsonata.jsonata:_eval_jsonata", None),
    (f"{_SFN}.asl.jsonata.jsonata:JSONataException.__init__", ("self", "error", "details")),
    (f"{_SFN}.asl.jsonata.jsonata:encode_jsonata_variable_declarations", ("bindings",)),
    (f"{_SFN}.asl.eval.states:encode_jsonata_variable_declarations", ("bindings",)),
    (f"{_SFN}.asl.eval.variable_store:encode_jsonata_variable_declarations", ("bindings",)),
    (f"{_SFN}.asl.component.common.string.string_expression:StringJSONata._eval_body", ("self", "env")),
    (f"{_SFN}.asl.eval.callback.callback:CallbackEndpoint.interrupt_all", ("self",)),
    (f"{_SFN}.backend.execution:Execution.stop", ("self", "stop_date", "error", "cause")),
    (f"{_SFN}.backend.execution:Execution.publish_execution_status_change_event", ("self",)),
    (f"{_SFN}.backend.execution:BaseExecutionWorkerCommunication.terminated", ("self",)),
    (f"{_SFN}.asl.eval.event.event_manager:EventManager.add_event",
     ("self", "context", "event_type", "event_details", "timestamp", "update_source_event_id")),
    (f"{_MAP}.distributed_item_processor_worker:DistributedItemProcessorWorker._eval_input", ("self", "env_frame")),
    (f"{_MAP}.map_run_record:MapRunRecord.__init__",
     ("self", "state_machine_arn", "execution_arn", "max_concurrency", "tolerated_failure_count",
      "tolerated_failure_percentage", "label")),
    (f"{_SFN}.asl.eval.variable_store:VariableStore.__init__", ("self", "variables")),
    (f"{_SFN}.asl.eval.event.event_manager:EventHistoryContext.of_program_start", ()),
    (f"{_SFN}.provider:StepFunctionsProvider.list_executions",
     ("self", "context", "state_machine_arn", "status_filter", "max_results", "next_token", "map_run_arn",
      "redrive_filter", "kwargs")),
    (f"{_SFN}.provider:StepFunctionsProvider.get_execution_history",
     ("self", "context", "execution_arn", "max_results", "reverse_order", "next_token",
      "include_execution_data", "kwargs")),
    ("localstack.services.dynamodb.server:DynamodbServer.do_start_thread", ("self",)),
    ("localstack.services.dynamodb.server:TMP_THREADS", None),
    ("localstack.services.scheduler.resource_providers.aws_scheduler_schedule:SchedulerScheduleProvider.update",
     ("self", "request")),
    ("moto.scheduler.models:scheduler_backends", None),
    ("moto.scheduler.models:Schedule.update", None),
    ("localstack.services.lambda_.invocation.runtime_executor:RuntimeExecutor", None),
    ("localstack.services.lambda_.invocation.executor_endpoint:StatusErrorException", None),
    ("localstack.services.internal:get_internal_apis", ()),
    ("jsonata:Jsonata.evaluate", None),
]


def _problem(name: str, expected: tuple[str, ...] | None) -> str | None:
    module, _, path = name.partition(":")
    try:
        found = importlib.import_module(module)
        for part in path.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError) as error:
        return f"{name} is gone: {error}"
    if expected is not None and tuple(inspect.signature(found).parameters) != expected:
        return f"{name} takes {tuple(inspect.signature(found).parameters)}, not {expected}"
    return None


def problems() -> list[str]:
    found = [text for name, expected in NAMES if (text := _problem(name, expected))]
    from localstack.runtime import hooks
    from localstack.services.lambda_.invocation.runtime_executor import EXECUTOR_PLUGIN_MANAGER

    if not EXECUTOR_PLUGIN_MANAGER.exists("process"):
        found.append("the entry point of the process executor is not installed")
    if not hooks.on_infra_start.manager.exists("localstack_host"):
        found.append("the entry point of the start hook is not installed")
    return found
