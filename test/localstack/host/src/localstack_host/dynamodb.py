"""DynamoDB without Java."""

import os


def use_dynoxide() -> None:
    """DynamoDBLocal needs a JRE and a download; dynoxide is one static binary with the same API."""
    binary = os.environ.get("DYNOXIDE_BIN")
    if not binary:
        return
    from localstack.services.dynamodb import server
    from localstack.utils.run import ShellCommandThread

    def do_start_thread(self):
        command = [binary, "serve", "--host", "127.0.0.1", "--port", str(self.port)]
        thread = ShellCommandThread(command, auto_restart=True, name="dynoxide")
        server.TMP_THREADS.append(thread)
        thread.start()
        return thread

    server.DynamodbServer.do_start_thread = do_start_thread
