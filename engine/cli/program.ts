import { Command, InvalidArgumentError, Option } from "commander";
import { RunState } from "../model/run.ts";
import type { RunOptions, SubmitCommandOptions } from "./commands/run.ts";
import type { RunsOptions } from "./commands/runs.ts";
import type { ShowOptions } from "./commands/show.ts";
import type { StartOptions } from "./commands/start.ts";
import type { Output } from "./output.ts";

type Body<O> = (output: Output, options: O, argument: string) => Promise<void>;

/** The command line's grammar. What a command does is loaded when it is called: `runs` never loads the compiler. */
export function program(outputOf: (json: boolean) => Output): Command {
  const millrace = new Command("millrace")
    .description("Serverless workflows, on this machine or on a deployed stack.")
    .addHelpText("after", EXIT_CODES)
    .exitOverride()
    .configureOutput({ outputError: () => undefined });

  function command<O = object>(usage: string, description: string, body: Body<O>): Command {
    const made = millrace.command(usage).description(description).option("--json", "print one JSON document a line");
    return made.action(() => body(outputOf("json" in made.opts()), made.opts<O & object>(), made.args[0] ?? ""));
  }

  command<StartOptions>(
    "start",
    "start the local platform and show a run of git-repository-add-read-write",
    async (output, options) => (await import("./commands/start.ts")).start(output, options),
  )
    .option("--location <path or URL>", "the git repository to add; a small sample where it is left out")
    .option("--once", "exit after that run");

  const run = command<RunOptions>(
    "run <workflow>",
    "start a run, show its steps and wait for its result",
    async (output, options, name) => (await import("./commands/run.ts")).run(output, name, options),
  );
  withParameters(onPlatform(run)).option(
    "--timeout <seconds>",
    "stop waiting after this long; the run goes on",
    positive,
  );

  const submit = command<SubmitCommandOptions>(
    "submit <workflow>",
    "start a run and print its id",
    async (output, options, name) => (await import("./commands/run.ts")).submit(output, name, options),
  );
  withParameters(onPlatform(submit));

  const runs = command<RunsOptions>("runs", "list runs, newest first", async (output, options) =>
    (await import("./commands/runs.ts")).runs(output, options),
  );
  onPlatform(runs)
    .option("--tag <tag>", "runs that have this tag; may be repeated", collect)
    .addOption(new Option("--state <state>", "runs in this state").choices(Object.values(RunState)))
    .option("--workflow <name>", "runs of this workflow")
    .option("--since <time>", "runs created since then: 30min, 2h, 7d, or an ISO time")
    .option("--limit <count>", "runs in a page, 1 to 200; 50 where it is left out", positive)
    .option("--cursor <cursor>", "the next page, as the page before names it");

  const show = command<ShowOptions>(
    "show <id>",
    "show the record and the steps of a run",
    async (output, options, id) => (await import("./commands/show.ts")).show(output, id, options),
  );
  onPlatform(show);

  const logs = command<ShowOptions>("logs <id>", "show the log lines of a run", async (output, options, id) =>
    (await import("./commands/show.ts")).logs(output, id, options),
  );
  onPlatform(logs);

  command("catalogue", "list the workflows", async (output) =>
    (await import("./commands/catalogue.ts")).catalogue(output),
  );
  command("compile <file>#<function>", "print the state machine of a flow", async (output, _, flow) =>
    (await import("./commands/compile.ts")).compile(output, flow),
  );
  command("check", "compile the whole catalogue and say what is wrong with it", async (output) =>
    (await import("./commands/compile.ts")).check(output),
  );
  return millrace;
}

const EXIT_CODES = `
Exit codes: 0 ok, 1 run failed, 2 usage, 3 not found, 4 cancelled, 5 timed out waiting, 6 limit reached,
            7 invalid input, 8 denied or not available, 9 conflict`;

function onPlatform(command: Command): Command {
  return command.addOption(
    new Option("--stack <name>", "a deployed stack; the local platform where it is left out").env("MILLRACE_STACK"),
  );
}

function withParameters(command: Command): Command {
  return command
    .option("--param <name=value>", "one parameter; may be repeated", collect)
    .option("--parameters <json>", "parameters as a JSON object")
    .option("--params-file <file>", "file with the parameters as a JSON object; - is standard input")
    .option("--tag <tag>", "a tag of the run; may be repeated", collect)
    .option("--idempotency-key <key>", "the same key answers with the same run");
}

function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

function positive(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError("Give a number above 0.");
}
