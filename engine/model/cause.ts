import type { RunError } from "./errors.ts";
import { isJsonObject, type Json } from "./json.ts";
import { splitWhere } from "./wire.ts";

/**
 * The error of a failed execution from Step Functions' `error` and `cause`. A failed Lambda function leaves JSON text
 * `{ errorType, errorMessage, trace }` as its cause, a `throw` in a flow the text that `withWhere` makes, a timeout none.
 */
export function readCause(error: string | undefined, cause: string | undefined): RunError {
  const name = error ?? "Error";
  if (cause === undefined) return { name, message: name };
  const failure = parseFailure(cause);
  if (failure === undefined) return { name, ...splitWhere(cause) };
  const trace = [failure["trace"], failure["stackTrace"]].find(Array.isArray);
  const at = trace === undefined ? undefined : splitWhere(trace.join("\n")).at;
  const message = typeof failure["errorMessage"] === "string" ? failure["errorMessage"] : cause;
  return at === undefined ? { name, message } : { name, message, at };
}

function parseFailure(cause: string): { readonly [key: string]: Json } | undefined {
  if (!cause.startsWith("{")) return undefined;
  try {
    const value = JSON.parse(cause) as unknown;
    return isJsonObject(value) && "errorMessage" in value ? value : undefined;
  } catch {
    return undefined; // cut at 32 KiB by the service
  }
}
