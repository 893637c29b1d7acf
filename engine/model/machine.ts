import type { Json } from "./json.ts";

/**
 * The Amazon States Language in JSONata mode, as far as Millrace writes and walks it. A string that starts with `{%`
 * and ends with `%}` is an expression.
 */
export interface StateMachine {
  readonly Comment?: string;
  readonly QueryLanguage: "JSONata";
  readonly StartAt: string;
  readonly TimeoutSeconds?: number;
  readonly States: States;
}

export type States = { readonly [name: string]: State };
/** Any JSON structure with expressions in its strings. */
export type Template = Json;
export type Assign = { readonly [variable: string]: Template };

interface Common {
  readonly Comment?: string;
  /** Where it is left out, the machine's. */
  readonly QueryLanguage?: "JSONata";
}
interface Exits extends Common {
  readonly Next?: string;
  readonly End?: true;
}
interface Results {
  readonly Assign?: Assign;
  readonly Output?: Template;
}

export interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds?: number;
  /** 0 = never; 3 where it is left out. */
  readonly MaxAttempts?: number;
  readonly BackoffRate?: number;
  readonly MaxDelaySeconds?: number;
  readonly JitterStrategy?: "FULL" | "NONE";
}

export interface Catcher extends Results {
  readonly ErrorEquals: readonly string[];
  readonly Next: string;
}

interface Handlers {
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly Catcher[];
}

export interface TaskState extends Exits, Results, Handlers {
  readonly Type: "Task";
  readonly Resource: string;
  readonly Arguments?: Template;
  readonly Credentials?: Template;
  readonly TimeoutSeconds?: number | string;
  readonly HeartbeatSeconds?: number | string;
}
export interface PassState extends Exits, Results {
  readonly Type: "Pass";
}
export interface WaitState extends Exits, Results {
  readonly Type: "Wait";
  readonly Seconds?: number | string;
  readonly Timestamp?: string;
}
export interface ChoiceRule extends Results {
  readonly Comment?: string;
  readonly Condition: string;
  readonly Next: string;
}
export interface ChoiceState extends Common, Results {
  readonly Type: "Choice";
  readonly Choices: readonly ChoiceRule[];
  readonly Default?: string;
}
export interface SucceedState extends Common {
  readonly Type: "Succeed";
  readonly Output?: Template;
}
export interface FailState extends Common {
  readonly Type: "Fail";
  readonly Error?: string;
  readonly Cause?: string;
}
export interface ParallelState extends Exits, Results, Handlers {
  readonly Type: "Parallel";
  readonly Arguments?: Template;
  readonly Branches: readonly Branch[];
}
export interface MapState extends Exits, Results, Handlers {
  readonly Type: "Map";
  readonly Items?: Template;
  readonly ItemSelector?: Template;
  readonly MaxConcurrency?: number | string;
  readonly ItemProcessor: Branch & { readonly ProcessorConfig?: ProcessorConfig };
  /** Of a distributed Map alone, as what follows. */
  readonly Label?: string;
  readonly ItemBatcher?: ItemBatcher;
  readonly ToleratedFailureCount?: number | string;
  readonly ToleratedFailurePercentage?: number | string;
}
/** Each item of a distributed Map is an execution of its own. */
export type ProcessorConfig =
  { readonly Mode: "INLINE" } | { readonly Mode: "DISTRIBUTED"; readonly ExecutionType: "STANDARD" | "EXPRESS" };
export interface ItemBatcher {
  readonly MaxItemsPerBatch?: number | string;
  readonly MaxInputBytesPerBatch?: number | string;
  readonly BatchInput?: Template;
}
export interface Branch {
  readonly Comment?: string;
  readonly StartAt: string;
  readonly States: States;
}

export type State =
  TaskState | PassState | WaitState | ChoiceState | SucceedState | FailState | ParallelState | MapState;
