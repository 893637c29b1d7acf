/** What a flow does when it is called directly, and no machine can do. */
export class FlowMistake extends Error {
  override readonly name: "NotAwaited" | "Mutated";

  constructor(name: "NotAwaited" | "Mutated", message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = name;
  }
}

export function notAwaited(calls: readonly string[]): FlowMistake {
  const [what, them] = calls.length === 1 ? ["a call", "it"] : ["calls", "them"];
  return new FlowMistake(
    "NotAwaited",
    `The flow has ended without awaiting ${what} that it made: ${calls.join(", ")}. Await ${them}, alone or in Promise.all([…]).`,
  );
}

/** What a flow threw: a `Mutated` where it tried to change what is frozen. */
export function explained(thrown: unknown): unknown {
  if (!(thrown instanceof TypeError) || !MUTATION.test(thrown.message)) return thrown;
  const [, place] = FRAME.exec(thrown.stack ?? "") ?? [];
  const at = place === undefined ? "" : ` at ${place}`;
  return new FlowMistake(
    "Mutated",
    `The flow changes parameters or a result, which do not change in a machine${at}: ${thrown.message}. Make a new value: [...list, item], { ...object, member: value }, list.toSorted().`,
    { cause: thrown },
  );
}

/** How V8 says that a frozen object was written to. */
const MUTATION = /^Cannot (?:add|delete|assign to read only|define|redefine) property\b/;
/** The innermost line of a stack that is in a file. */
const FRAME = /\n\s+at (?:[^\n]*\()?(?:file:\/\/)?(\/[^\n()]+:\d+):\d+\)?/;
