import type { Json } from "../../../engine/model/json.ts";
import type { Counted } from "../../unit/compiler/counted.ts";
import type { Input } from "./functions/expert/models.ts";

/** What a call comes to: a value, an error, or nothing before its time is over. */
export type Reply = { readonly value: Json } | "fails" | "nothing";

/** A flow and the expert's machine for the same behaviour. */
export interface Pair {
  /** The function in functions/expert/flows.ts. */
  readonly flow: string;
  /** The expert's machine, without `.asl.json`. */
  readonly file: string;
  readonly inputs: readonly Input[];
  /** All that a task, a workflow or an event may come to, by its name. */
  readonly replies: { readonly [name: string]: readonly Reply[] };
  /** What the expert's comment counts, for a run as it went. */
  readonly count: (run: Ran) => number;
}

export interface Ran extends Pick<Counted, "succeeded" | "calls"> {
  readonly input: Input;
  /** What each of its calls came to. */
  readonly came: readonly Reply[];
}

const INPUT: Input = {
  sku: "s",
  amount: 5,
  vip: false,
  hosts: ["a", "b", "c"],
  proposedChange: "p",
  definition: "d",
  group: "g",
};
const amounts = [5, 50, 500].flatMap((amount) => [false, true].map((vip) => ({ ...INPUT, amount, vip })));
const hosts = [[], ["a"], ["a", "b", "c"]].map((list) => ({ ...INPUT, hosts: list }));

const may = (value: Json): readonly Reply[] => [{ value }, "fails"];

/** A Fail state, which comes behind a last call that went well. */
const failState = ({ succeeded, came }: Ran): number => (!succeeded && came.at(-1) !== "fails" ? 1 : 0);
const failures = (came: readonly Reply[]): number => came.filter((reply) => reply === "fails").length;

export const PAIRS: readonly Pair[] = [
  {
    flow: "sequence",
    file: "sequence",
    inputs: [INPUT],
    replies: { quote: may(3), reserve: may("r"), charge: may("c") },
    count: ({ calls }) => calls.length,
  },
  {
    flow: "branch",
    file: "branch",
    inputs: amounts,
    replies: { review: may("reviewed"), notify: may(null) },
    count: () => 2,
  },
  {
    flow: "search",
    file: "search",
    inputs: hosts,
    replies: { ping: [{ value: false }, { value: true }, "fails"] },
    count: ({ calls, succeeded }) => 2 * calls.length + (succeeded ? 2 : 0),
  },
  {
    flow: "fanOut",
    file: "fan-out",
    inputs: hosts,
    replies: { quote: may(3), reserve: may("r"), ping: may(true) },
    count: ({ calls, came }) => calls.length + (failures(came.slice(0, 2)) === 0 ? 2 : 1),
  },
  {
    flow: "collected",
    file: "batch",
    inputs: hosts,
    replies: { ping: may(true) },
    count: ({ input, came }) => 1 + input.hosts.length + failures(came),
  },
  {
    flow: "withFinally",
    file: "finally",
    inputs: [INPUT],
    replies: { reserve: may("r"), charge: may("c"), notify: may(null), release: may(null) },
    count: (ran) => ran.calls.length + failState(ran),
  },
  {
    flow: "children",
    file: "children",
    inputs: [INPUT],
    replies: { "import-objects": may(4), "check-objects": may(1), announce: may({ id: "run-2" }) },
    count: ({ calls }) => calls.length,
  },
  {
    flow: "approval",
    file: "approval",
    inputs: [INPUT],
    replies: {
      notify: may(null),
      approval: [{ value: { approved: true } }, { value: { approved: false } }, "fails", "nothing"],
      release: may(null),
    },
    count: (ran) => ran.calls.length + (ran.calls.length === 3 ? 1 : ran.succeeded ? 2 : failState(ran)),
  },
  {
    flow: "retries",
    file: "retries",
    inputs: [INPUT],
    replies: { charge: may("c"), notify: may(null) },
    count: ({ calls }) => calls.length,
  },
  {
    flow: "saga",
    file: "saga",
    inputs: [INPUT],
    replies: { book: may(null), cancel: may(null) },
    count: (ran) => ran.calls.length + failState(ran),
  },
  {
    flow: "pipeline",
    file: "pipeline",
    inputs: [INPUT],
    replies: {
      diff: [
        ...[false, true].flatMap((data) =>
          [false, true].flatMap((schema) => [0, 2].map((files) => ({ value: { data, schema, files } }))),
        ),
        "fails",
      ],
      "request-proposed-change-data-integrity": may({ id: "run-2" }),
      "request-proposed-change-schema-integrity": may({ id: "run-3" }),
      "request-proposed-change-repository-checks": may({ id: "run-4" }),
      "request-proposed-change-refresh-artifacts": may({ id: "run-5" }),
    },
    count: pipelineCount,
  },
  {
    flow: "artifacts",
    file: "artifacts",
    inputs: [INPUT],
    replies: {
      members: [...[[], ["a"], ["a", "b", "c"]].map((value) => ({ value })), "fails"],
      "request-artifact-generate": [{ value: "" }, { value: "x" }, "fails"],
      summary: may("2 changed"),
    },
    count: ({ calls, came }) => calls.length + (came[0] === "fails" ? 0 : 1),
  },
];

/** The diff, each check with the choice before it, and where the last one is none a choice and the end. */
function pipelineCount({ calls, succeeded }: Ran): number {
  const checks = calls.slice(1);
  const isLast = checks.at(-1)?.[0] === "request-proposed-change-refresh-artifacts";
  return 1 + 2 * checks.length + (succeeded && !isLast ? 2 : 0);
}
