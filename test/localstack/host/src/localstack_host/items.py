"""Items of a distributed Map: in AWS each is an execution of its own."""

import json
import uuid

_HISTORIES: dict = {}  # of the items, by their ARNs
_ITEMS: dict[str, list] = {}  # by the ARNs of the Map runs


def give_items_executions_of_their_own() -> None:
    """Upstream an item sees the run as its execution, reads the run's variables, and can be neither listed nor looked at."""
    from localstack.services.stepfunctions.asl.component.state.state_execution.state_map.iteration.itemprocessor import (
        distributed_item_processor_worker as worker,
    )
    from localstack.services.stepfunctions.asl.eval.variable_store import VariableStore

    original = worker.DistributedItemProcessorWorker._eval_input

    def _eval_input(self, env_frame):
        original(self, env_frame)
        machine, name = self._map_run_record.map_state_machine_arn, str(uuid.uuid4())
        arn = f"{machine.replace(':stateMachine:', ':execution:')}:{name}"
        given = env_frame.states.get_input()
        context = env_frame.states.context_object.context_object_data
        context["StateMachine"] = {"Id": machine, "Name": machine.split(":")[6]}
        context["Execution"] = {**context["Execution"], "Id": arn, "Name": name, "Input": given}
        env_frame.variable_store = VariableStore()
        _begin_history(env_frame, self._map_run_record, arn, given)

    worker.DistributedItemProcessorWorker._eval_input = _eval_input
    _serve_histories()


def _begin_history(env, map_run, arn: str, given) -> None:
    from localstack.aws.api.stepfunctions import ExecutionStartedEventDetails, HistoryEventType
    from localstack.services.stepfunctions.asl.eval.event.event_detail import EventDetails
    from localstack.services.stepfunctions.asl.eval.event.event_manager import EventHistoryContext, EventManager

    env.event_manager, env.event_history_context = EventManager(), EventHistoryContext.of_program_start()
    env.event_manager.add_event(
        context=env.event_history_context, event_type=HistoryEventType.ExecutionStarted, update_source_event_id=False,
        event_details=EventDetails(executionStartedEventDetails=ExecutionStartedEventDetails(input=json.dumps(given))))
    _HISTORIES[arn] = env.event_manager
    started = env.event_manager.get_event_history()[0]["timestamp"]
    _ITEMS.setdefault(map_run.map_run_arn, []).insert(0, {
        "executionArn": arn, "mapRunArn": map_run.map_run_arn, "name": arn.rpartition(":")[2],
        "stateMachineArn": map_run.map_state_machine_arn, "startDate": started, "status": "RUNNING"})


def _serve_histories() -> None:
    from localstack.services.stepfunctions.provider import StepFunctionsProvider

    listing, history = StepFunctionsProvider.list_executions, StepFunctionsProvider.get_execution_history

    def list_executions(self, context, map_run_arn=None, **request):
        if map_run_arn is None:
            return listing(self, context, **request)
        most = request.get("max_results") or 100
        first = int(request.get("next_token") or 0)
        items = _ITEMS.get(map_run_arn, [])
        more = {"nextToken": str(first + most)} if len(items) > first + most else {}
        return {"executions": items[first:first + most], **more}

    def get_execution_history(self, context, execution_arn, **request):
        if execution_arn not in _HISTORIES:
            return history(self, context, execution_arn, **request)
        return {"events": _HISTORIES[execution_arn].get_event_history()}

    StepFunctionsProvider.list_executions = list_executions
    StepFunctionsProvider.get_execution_history = get_execution_history
