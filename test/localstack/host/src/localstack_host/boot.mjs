// The Lambda child: JSON lines in and out on two inherited pipes; stdout and stderr are the log.
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import readline from "node:readline";
import { pathToFileURL } from "node:url";

const [input, output] = process.env._LOCALSTACK_HOST_FDS.split(",").map(Number);
delete process.env._LOCALSTACK_HOST_FDS;
const send = (message) => {
  const bytes = Buffer.from(JSON.stringify(message) + "\n");
  for (let sent = 0; sent < bytes.length;) sent += fs.writeSync(output, bytes, sent);
};
const failure = (error) => ({
  errorType: error?.name ?? "Error",
  errorMessage: error?.message ?? String(error),
  trace: String(error?.stack ?? "").split("\n"),
});

const load = async () => {
  const { LAMBDA_TASK_ROOT: root, _HANDLER: name } = process.env;
  const dot = name.indexOf(".", name.lastIndexOf("/") + 1);
  const base = path.join(root, name.slice(0, dot));
  const file = [".mjs", ".js", ".cjs"].map((end) => base + end).find((file) => fs.existsSync(file));
  if (!file) throw Object.assign(new Error(`Cannot find module '${base}'`), { name: "Runtime.ImportModuleError" });
  const module = await import(pathToFileURL(file).href);
  const pick = (from) =>
    name
      .slice(dot + 1)
      .split(".")
      .reduce((value, key) => value?.[key], from);
  const handler = pick(module) ?? pick(module.default);
  if (typeof handler !== "function")
    throw Object.assign(new Error(`${name} is undefined or not exported`), { name: "Runtime.HandlerNotFound" });
  return handler;
};

let handler;
try {
  handler = await load();
  send({ ready: true });
} catch (error) {
  send({ initError: failure(error) });
  process.exit(1);
}

const env = process.env;
for await (const line of readline.createInterface({ input: new net.Socket({ fd: input }) })) {
  const { id, arn, event, deadline, end } = JSON.parse(line);
  const context = {
    awsRequestId: id,
    invokedFunctionArn: arn,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
  let reply;
  try {
    const result =
      handler.length >= 3
        ? await new Promise((done, fail) => handler(event, context, (e, value) => (e ? fail(e) : done(value))))
        : await handler(event, context);
    reply = { id, ok: result === undefined ? null : result };
  } catch (error) {
    reply = { id, err: failure(error) };
  }
  // everything logged before this line belongs to this invocation (a direct write to fd 1 can raise EAGAIN)
  await new Promise((done) => process.stdout.write(end + "\n", done));
  send(reply);
}
process.exit(0); // the parent closed the pipe or died
