import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished, vi } from "vitest";
import type { JsonObject } from "../../../engine/model/json.ts";

/** What a service answers; `lost` is an answer that never arrives. */
export type Answer =
  | { readonly body: unknown; readonly functionError?: boolean }
  | { readonly error: string; readonly message?: string; readonly status?: number; readonly details?: object }
  | "lost";

export interface Request {
  /** `Invoke millrace_submit`, the name of the action, or method and path of a request to S3. */
  readonly action: string;
  readonly body: JsonObject;
}

/** AWS as one HTTP server that this process's SDK clients talk to until the test ends. @returns every request */
export async function fakeAws(answer: (action: string, body: JsonObject) => Answer): Promise<readonly Request[]> {
  const requests: Request[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const action = actionOf(request);
      const text = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>)).toString();
      const body = (text.startsWith("{") ? JSON.parse(text) : {}) as JsonObject;
      requests.push({ action, body });
      const answered = answer(action, body);
      if (answered === "lost") return void response.destroy();
      if ("error" in answered) {
        response.writeHead(answered.status ?? 400, { "x-amzn-errortype": answered.error });
        if (action.includes("/bucket/")) return void response.end();
        return void response.end(
          JSON.stringify({ __type: answered.error, message: answered.message ?? "", ...answered.details }),
        );
      }
      response.writeHead(200, answered.functionError === true ? { "x-amz-function-error": "Unhandled" } : {});
      response.end(JSON.stringify(answered.body));
    })();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  vi.stubEnv("AWS_ENDPOINT_URL", `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
  vi.stubEnv("AWS_REGION", "eu-west-1");
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });
  return requests;
}

function actionOf(request: IncomingMessage): string {
  const invoked = /functions\/([^/]+)\/invocations/.exec(request.url ?? "");
  if (invoked !== null) return `Invoke ${invoked[1] ?? ""}`;
  const target = request.headers["x-amz-target"];
  return typeof target === "string" ? (target.split(".")[1] ?? "") : `${request.method} ${request.url}`;
}
