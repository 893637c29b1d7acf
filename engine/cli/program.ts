import { Command, Option } from "commander";
import { RunState } from "../model/run.ts";
import type { PlanOptions } from "./commands/plan.ts";
import { ASL, type AslOptions } from "./asl/options.ts";
import type { RunOptions, SubmitCommandOptions } from "./commands/run.ts";
import type { RunsOptions } from "./commands/runs.ts";
import type { StartOptions } from "./commands/start.ts";
import type { TestCommandOptions } from "./commands/test.ts";
import { addingTo, collect, onPlatform, positive, whole, type Body } from "./grammar.ts";
import { addOperatorCommands } from "./operators.ts";
import type { Output } from "./output.ts";
import type { PlatformOptions } from "./session.ts";

/** The command line's grammar. What a command does is loaded when it is called: `runs` never loads the compiler. */
export function program(outputOf: (json: boolean) => Output): Command {
  const millrace = new Command("millrace")
    .description("Serverless workflows, on this machine or on a deployed stack.")
    .addHelpText("after", EXIT_CODES)
    .exitOverride()
    .enablePositionalOptions()
    .configureOutput({ outputError: () => undefined });

  const add = addingTo(outputOf);
  const command = <O = object>(usage: string, description: string, body: Body<O>): Command =>
    add(millrace, usage, description, body);

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
    async (output, options, name = "") => (await import("./commands/run.ts")).run(output, name, options),
  );
  withParameters(onPlatform(run)).option(
    "--timeout <seconds>",
    "stop waiting after this long; the run goes on",
    positive,
  );

  const submit = command<SubmitCommandOptions>(
    "submit <workflow>",
    "start a run and print its id",
    async (output, options, name = "") => (await import("./commands/run.ts")).submit(output, name, options),
  );
  withParameters(onPlatform(submit));

  const runs = command<RunsOptions>("runs", "list runs, newest first", async (output, options) =>
    (await import("./commands/runs.ts")).runs(output, options),
  );
  onPlatform(runs)
    .option("--tag <tag>", "runs that have this tag; may be repeated", collect)
    .option("--branch <branch>", "runs tagged with this branch")
    .option("--node <id>", "runs tagged as related to this node")
    .addOption(
      new Option("--state <state>", "runs in this state; open: scheduled, queued or running").choices([
        ...Object.values(RunState),
        "open",
      ]),
    )
    .option("--workflow <name>", "runs of this workflow")
    .option("--parent <id>", "runs that this run submitted")
    .option("--name <text>", "runs with this text in their name")
    .option("--since <time>", "runs created since then: 30min, 2h, 7d, or an ISO time")
    .option("--until <time>", "runs created until then")
    .option("--all", "also runs of a cron that changed nothing")
    .option("--count", "print how many there are, exact to 1,000")
    .option("--limit <count>", "runs in a page, 1 to 200; 50 where it is left out", whole)
    .option("--cursor <cursor>", "the next page, as the page before names it");

  const show = command<PlatformOptions>(
    "show <id>",
    "show the record and the steps of a run",
    async (output, options, id = "") => (await import("./commands/show.ts")).show(output, id, options),
  );
  onPlatform(show);

  const logs = command<PlatformOptions>("logs <id>", "show the log lines of a run", async (output, options, id = "") =>
    (await import("./commands/show.ts")).logs(output, id, options),
  );
  onPlatform(logs);
  const test = command<TestCommandOptions>(
    "test <id>",
    "turn a run that has ended into a test of its flow",
    async (output, options, id = "") => (await import("./commands/test.ts")).test(output, id, options),
  );
  onPlatform(test).option("--out <file>", "the file to write; printed where it is left out");
  addOperatorCommands(millrace, add);

  command("catalogue", "list the workflows", async (output) =>
    (await import("./commands/catalogue.ts")).catalogue(output),
  );
  command("compile <file>#<function>", "print the state machine of a flow", async (output, _, flow = "") =>
    (await import("./commands/compile.ts")).compile(output, flow),
  );
  command<PlanOptions>(
    "plan [workflow]",
    "say what runs count and cost, and which limits they come near",
    async (output, options, workflow) => (await import("./commands/plan.ts")).plan(output, workflow, options),
  )
    .option("--rate <number/unit>", "of the workflows without a cron, such as 1000/day")
    .option("--markdown", "for a pull request")
    .option("--against <file>", "say what has changed since a plan that --json printed");
  command<AslOptions>(
    "asl <definition>",
    "run any state machine in JSONata on its own, in virtual time",
    async (output, options, file = "") => (await import("./commands/asl.ts")).asl(output, file, options),
  )
    .requiredOption("--input <file>", "file with the execution's input as JSON; - is standard input")
    .option("--tasks <file>", "file with what the calls of each state return or fail with")
    .addHelpText("after", ASL);
  command("check", "compile the whole catalogue and say what is wrong with it", async (output) =>
    (await import("./commands/compile.ts")).check(output),
  );
  return millrace;
}

const EXIT_CODES = `
Exit codes: 0 ok, 1 run failed, 2 usage, 3 not found, 4 cancelled, 5 timed out waiting, 6 limit reached,
            7 invalid input, 8 denied or not available, 9 conflict`;

function withParameters(command: Command): Command {
  return command
    .option("--param <name=value>", "one parameter; may be repeated", collect)
    .option("--parameters <json>", "parameters as a JSON object")
    .option("--params-file <file>", "file with the parameters as a JSON object; - is standard input")
    .option("--tag <tag>", "a tag of the run; may be repeated", collect)
    .option("--idempotency-key <key>", "the same key answers with the same run")
    .addOption(new Option("--priority <priority>", "place in the line of a limit").choices(["high", "medium", "low"]))
    .option("--at <time>", "start then: 30min, 2h, 7d from now, or an ISO time");
}
