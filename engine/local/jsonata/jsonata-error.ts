/** What a function or an operator throws that Step Functions computes otherwise than `jsonata`, which writes its message from the code and the rest. */
export class JsonataError extends Error {
  readonly code: string;

  constructor(
    code: string,
    { message = "", ...rest }: { readonly message?: string; readonly [part: string]: unknown },
  ) {
    super(message);
    this.code = code;
    Object.assign(this, rest);
  }
}

/** @throws JsonataError where there is an argument too many, or one is neither left out nor of its type */
export function expectArguments(name: string, given: readonly unknown[], types: readonly string[]): void {
  given.forEach((value, index) => {
    if (value === undefined && index < types.length) return;
    if (value === null || typeof value !== types[index]) throw mismatch(name, index + 1);
  });
}

export function mismatch(name: string, position: number): JsonataError {
  return new JsonataError("T0410", { index: position, token: name });
}

/** An error that JSONata's own functions throw with a message. */
export function failed(message: string): JsonataError {
  return new JsonataError("D3137", { message });
}

/** Says that a limit was passed which is no error of JSONata. */
export class LimitPassed extends Error {}

export function memoryPassed(): LimitPassed {
  return new LimitPassed("Expression evaluation memory limit exceeded: Check for excessive memory usage");
}
