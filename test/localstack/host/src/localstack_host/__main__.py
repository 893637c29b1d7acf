"""`python -m localstack_host --port 4566 --state DIR`: defaults, self-test, then LocalStack until stdin is closed."""

import argparse
import contextlib
import os
import shutil
import signal
import sys
import threading
import time
from pathlib import Path

STOP_SECONDS = 5


def environment(port: int, state: Path) -> dict[str, str]:
    return {
        # else an in-container check decides, and then ignores FILESYSTEM_ROOT
        "OVERRIDE_IN_DOCKER": "0",
        "FILESYSTEM_ROOT": str(state),
        # plux keeps its entry-point index here; the shared default can be stale after an install
        "XDG_CACHE_HOME": str(state / "cache"),
        "GATEWAY_LISTEN": f"127.0.0.1:{port}",
        "DISABLE_EVENTS": "1",
        "SKIP_SSL_CERT_DOWNLOAD": "1",
        "DNS_ADDRESS": "0",
        "LAMBDA_RUNTIME_EXECUTOR": "process",
        # the Node SDK v3 needs no host name other than the loopback address
        "SQS_ENDPOINT_STRATEGY": "path",
        "PROVIDER_OVERRIDE_DYNAMODB": "v2",
    }


def stop_with_parent(state: Path) -> None:
    """The pipe on stdin closes when the runner ends, however it ends; then everything ends and the state is removed."""
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(STOP_SECONDS)  # LocalStack waits for the executions that it runs, however long they are

    import psutil

    try:
        for child in psutil.Process().children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):  # it has ended meanwhile
                child.kill()
    finally:
        shutil.rmtree(state, ignore_errors=True)
        os._exit(0)


def main() -> None:
    arguments = argparse.ArgumentParser(prog="localstack_host")
    arguments.add_argument("--port", type=int, required=True)
    arguments.add_argument("--state", type=Path, required=True)
    options = arguments.parse_args()
    os.environ.update(environment(options.port, options.state.resolve()))

    from localstack_host.selftest import problems

    found = problems()
    for problem in found:
        print(f"localstack-host: {problem}", file=sys.stderr)
    if found:
        sys.exit(78)
    threading.Thread(target=stop_with_parent, args=(options.state,), daemon=True).start()

    from localstack.runtime.main import main as run

    try:
        run()
    finally:
        shutil.rmtree(options.state, ignore_errors=True)


if __name__ == "__main__":
    main()
