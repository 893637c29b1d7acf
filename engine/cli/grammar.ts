import { InvalidArgumentError, Option, type Command, type CommandOptions } from "commander";
import type { Output } from "./output.ts";

/** What a command does, with its operands in order; one that may be left out is absent then. */
export type Body<O> = (output: Output, options: O, ...operands: string[]) => Promise<void>;

/** Adds a command below another one, with `--json`. */
export type AddCommand = <O = object>(
  below: Command,
  usage: string,
  description: string,
  body: Body<O>,
  options?: CommandOptions,
) => Command;

export function addingTo(outputOf: (json: boolean) => Output): AddCommand {
  return <O = object>(below: Command, usage: string, description: string, body: Body<O>, options?: CommandOptions) => {
    const made = below.command(usage, options).description(description);
    made.option("--json", "print one JSON document a line").enablePositionalOptions();
    return made.action(() => body(outputOf("json" in made.opts()), made.opts<O & object>(), ...made.args));
  };
}

export function onPlatform(command: Command): Command {
  return command.addOption(
    new Option("--stack <name>", "a deployed stack; the local platform where it is left out").env("MILLRACE_STACK"),
  );
}

export function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

export function whole(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new InvalidArgumentError("Give a whole number above 0.");
}

export function positive(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError("Give a number above 0.");
}
