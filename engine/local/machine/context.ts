import { createHash } from "node:crypto";
import type { JsonObject, Json } from "../../model/json.ts";
import type { MapState } from "../../model/machine.ts";

/** `$states.context` without the state. */
export interface ExecutionContext extends JsonObject {
  readonly Execution: JsonObject & { readonly Id: string };
  readonly StateMachine: JsonObject & { readonly Id: string; readonly Name: string };
}

/** That of the execution with this ARN, `arn:aws:states:<region>:<account>:execution:<machine>:<name>`. */
export function executionContext(arn: string, name: string, machine: string, input: Json, startedAt: number) {
  const [head, partition, service, region, account = "", , machineName = machine] = arn.split(":");
  return {
    Execution: {
      Id: arn,
      Input: input,
      Name: name,
      RoleArn: `arn:aws:iam::${account}:role/${machineName}`,
      StartTime: new Date(startedAt).toISOString(),
      RedriveCount: 0,
    },
    StateMachine: {
      Id: [head, partition, service, region, account, "stateMachine", machineName].join(":"),
      Name: machine,
    },
  } satisfies ExecutionContext;
}

/**
 * That of an item of a distributed Map, which is an execution of its own: `…:execution:<machine>/<label>:<uuid>`. The
 * uuid follows from the item's frame and attempt, so that it is the same after the death of the process.
 */
export function childContext(
  parent: ExecutionContext,
  { state, definition }: { readonly state: string; readonly definition: MapState },
  child: { readonly frame: string; readonly attempt: number; readonly input: Json; readonly startTime: () => string },
): ExecutionContext {
  const { Execution, StateMachine } = parent;
  const label = definition.Label ?? state.replace(NOT_IN_LABELS, "").slice(0, LONGEST_LABEL);
  const name = derivedId(Execution.Id, child.frame, String(child.attempt));
  const config = definition.ItemProcessor.ProcessorConfig;
  const isExpress = config?.Mode === "DISTRIBUTED" && config.ExecutionType === "EXPRESS";
  return {
    Execution: {
      ...(isExpress ? {} : { RedriveCount: 0 }),
      Id: `${Execution.Id.replace(/:[^:]*$/, "")}/${label}:${name}`,
      Input: child.input,
      Name: name,
      RoleArn: Execution["RoleArn"] ?? "",
      get StartTime() {
        return child.startTime();
      },
    },
    StateMachine: { Id: `${StateMachine.Id}/${label}`, Name: `${StateMachine.Name}/${label}` },
  };
}

const LONGEST_LABEL = 40;
const NOT_IN_LABELS = /[\s?*<>{}[\]:;,\\|^~$#%&`"]/g;

/** An id in the form of a UUID that is the same for the same parts. */
export function derivedId(...parts: readonly string[]): string {
  const hex = createHash("sha256").update(parts.join("\n")).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    "-",
  );
}
