"""Lambda functions as warm `node` child processes instead of containers."""

import json
import os
import queue
import shutil
import signal
import subprocess
import threading
import time
from pathlib import Path

from plux import Plugin

NODE = Path(shutil.which(os.environ.get("LOCALSTACK_HOST_NODE", "node")) or "node").resolve()
BOOT = Path(__file__).with_name("boot.mjs")
# a safety net only: an infinite loop in module code would otherwise hold the invocation for ever
INIT_SECONDS = 30


class ProcessExecutorPlugin(Plugin):
    namespace = "localstack.lambda.runtime_executor"
    name = "process"

    def load(self, *args, **kwargs):
        return _executor_class()


def _executor_class():
    from localstack import config
    from localstack.services.lambda_.invocation.executor_endpoint import StatusErrorException
    from localstack.services.lambda_.invocation.lambda_models import InvocationResult
    from localstack.services.lambda_.invocation.runtime_executor import RuntimeExecutor

    class ProcessExecutor(RuntimeExecutor):
        process: subprocess.Popen | None = None

        def start(self, env_vars: dict[str, str]) -> None:
            self.env_vars = env_vars
            root = self.function_version.config.code.get_unzipped_code_location()
            child_in, to_child = os.pipe()
            from_child, child_out = os.pipe()
            environment = {name: str(value) for name, value in env_vars.items() if value is not None}
            environment |= {
                "PATH": str(NODE.parent),  # as in AWS, no program of the machine: no git
                "HOME": config.dirs.tmp,
                "TMPDIR": config.dirs.tmp,
                "TZ": "UTC",
                "LAMBDA_TASK_ROOT": str(root),
                "_LOCALSTACK_HOST_FDS": f"{child_in},{child_out}",
            }
            self.log: list[str] = []
            self.ended = threading.Event()
            self.replies: queue.Queue = queue.Queue()
            try:
                self.process = subprocess.Popen(
                    [str(NODE), str(BOOT)],
                    cwd=root, env=environment, pass_fds=(child_in, child_out), start_new_session=True,
                    stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                )
            finally:
                os.close(child_in)
                os.close(child_out)
            self.requests = os.fdopen(to_child, "w", encoding="utf-8")
            self.end_marker = f"--end-{self.id}-{self.process.pid}--"
            replies = os.fdopen(from_child, encoding="utf-8")
            threading.Thread(target=self._read_log, args=(self.process, self.log, self.ended), daemon=True).start()
            threading.Thread(target=self._read_replies, args=(replies, self.replies), daemon=True).start()
            try:
                first = self.replies.get(timeout=INIT_SECONDS)
            except queue.Empty:
                first = None
            if not first or "initError" in first:
                self.stop()
                error = (first or {}).get("initError") or {
                    "errorType": "Runtime.ExitError", "errorMessage": "Runtime exited or hung during initialisation"}
                raise StatusErrorException("initialisation failed", payload=json.dumps(error).encode())

        def _read_log(self, process, log, ended) -> None:
            for raw in process.stdout:
                line = raw.decode("utf-8", "replace")
                if line.rstrip("\n").endswith(self.end_marker):
                    # output without a final newline stands before the marker
                    if rest := line.rstrip("\n")[: -len(self.end_marker)]:
                        log.append(rest + "\n")
                    ended.set()
                else:
                    log.append(line)
            ended.set()

        @staticmethod
        def _read_replies(replies, into) -> None:
            with replies:
                for line in replies:
                    into.put(json.loads(line))
            into.put(None)

        def invoke(self, payload: dict[str, str]) -> InvocationResult:
            if self.process.poll() is not None:
                self.start(self.env_vars)  # the previous invocation timed out or crashed the child
            request_id, seconds = payload["invoke-id"], self.function_version.config.timeout
            first_line, began = len(self.log), time.time()
            self.ended.clear()
            reply = self._exchange(payload, request_id, began, seconds)
            self.ended.wait(timeout=1)
            milliseconds = (time.time() - began) * 1000
            logs = "".join([
                f"START RequestId: {request_id} Version: {self.function_version.id.qualifier}\n",
                *self.log[first_line:],
                f"END RequestId: {request_id}\n",
                f"REPORT RequestId: {request_id}\tDuration: {milliseconds:.2f} ms\n",
            ])
            failed = "err" in reply
            body = json.dumps(reply["err"] if failed else reply["ok"]).encode()
            return InvocationResult(request_id, body, failed, logs)

        def _exchange(self, payload, request_id, began, seconds) -> dict:
            request = {
                "id": request_id, "arn": payload["invoked-function-arn"], "end": self.end_marker,
                "event": json.loads(payload["payload"] or "{}"), "deadline": int((began + seconds) * 1000),
            }
            try:
                self.requests.write(json.dumps(request) + "\n")
                self.requests.flush()
                reply = self.replies.get(timeout=seconds)
            except queue.Empty:
                self.stop()
                text = f"RequestId: {request_id} Error: Task timed out after {seconds:.2f} seconds"
                return {"err": {"errorType": "Sandbox.Timedout", "errorMessage": text}}
            except BrokenPipeError:
                reply = None
            if reply is None:
                self.stop()
                text = f"RequestId: {request_id} Error: Runtime exited without providing a reason"
                return {"err": {"errorType": "Runtime.ExitError", "errorMessage": text}}
            return reply

        def stop(self) -> None:
            if self.process is None:
                return
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            self.process.wait()
            try:
                self.requests.close()
            except (AttributeError, OSError):
                pass

        def get_address(self) -> str:
            return "127.0.0.1"

        def get_endpoint_from_executor(self) -> str:
            return "127.0.0.1"

        def get_runtime_endpoint(self) -> str:
            return f"http://127.0.0.1:{config.GATEWAY_LISTEN[0].port}/_localstack_lambda/{self.id}"

        def get_logs(self) -> str:
            return "".join(self.log)

        @classmethod
        def prepare_version(cls, function_version) -> None:
            if function_version.config.code:
                function_version.config.code.prepare_for_execution()

        @classmethod
        def cleanup_version(cls, function_version) -> None:
            """Nothing: the versions of a function share one code directory, a new version still needs it."""

    return ProcessExecutor
