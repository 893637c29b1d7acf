import { randomUUID } from "node:crypto";
import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import { functionError } from "./service-error.ts";

/** A request whose answer is lost is sent again by the client; the key sees to it that one run comes of it. */
export function keyed<T extends { readonly idempotencyKey?: string }>(request: T): T {
  return { ...request, idempotencyKey: request.idempotencyKey ?? randomUUID() };
}

/** What one of Millrace's own functions answers. @throws MillraceError under the name of the function's own error */
export async function invokeOwn<T>(client: LambdaClient, name: string, payload: object): Promise<T> {
  const answer = await client.send(new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(payload) }));
  const text = Buffer.from(answer.Payload ?? []).toString();
  if (answer.FunctionError !== undefined) throw functionError(name, text);
  return JSON.parse(text) as T;
}
