import { addTags, batch, executeWorkflow, log, mapAll, submitWorkflow, type ItemOutcome } from "millrace";
import { CHILD } from "../../catalogue/children.ts";
import type { Guests, Joined } from "./models.ts";
import { greet, NotWelcome } from "./tasks.ts";

/** Children, tasks, tags and lines in every kind of join whose turns are no executions of their own. */
export async function joined({ gate, names }: Guests): Promise<Joined> {
  log.info(`greets ${names.length}`);
  const welcome = names.filter((name) => name !== "nobody");
  const [own, child, greetings] = await Promise.all([
    greet({ name: "Ada" }),
    executeWorkflow(CHILD, { parameters: { gate, name: "Ada" } }),
    mapAll(welcome, (name) => greet({ name }), { concurrency: 2 }),
  ]);
  const settled = await Promise.allSettled(names.map((name) => executeWorkflow(CHILD, { parameters: { gate, name } })));
  const results = await batch(
    names,
    async (name, index) => {
      await addTags({ others: [`guest-${index}`] });
      try {
        const greeting = await greet({ name });
        const twice = await executeWorkflow(CHILD, { parameters: { gate, name: greeting } });
        return `${child}, ${twice}`;
      } finally {
        await submitWorkflow(CHILD, { parameters: { gate, name: `${index}` } });
      }
    },
    { maxConcurrency: 2 },
  );
  return {
    greetings: [own, ...greetings],
    settled: settled.map((one) =>
      one.status === "fulfilled" ? one.value : `${(one.reason as Error).name}: ${(one.reason as Error).message}`,
    ),
    results: results.map((one) => (one.status === "ok" ? one.value : `${one.error.name}: ${one.error.message}`)),
  };
}

/** The same where each item is an execution of its own, which reads what stands around it. */
export async function distributed({ gate, names }: Guests): Promise<string[]> {
  const greeting = await greet({ name: "Ada" });
  const results: ItemOutcome<string>[] = await batch(
    names,
    async (name, index) => {
      await addTags({ others: [`guest-${index}`] });
      log.info(`greets ${name} at ${gate}`);
      if (name === "") throw new NotWelcome(`${greeting}, but not ${index}`);
      const own = await greet({ name });
      const [child] = await Promise.all([
        executeWorkflow(CHILD, { parameters: { gate, name } }),
        submitWorkflow(CHILD, { parameters: { gate, name: own } }),
      ]);
      return `${greeting}, ${own}, ${child}`;
    },
    { maxConcurrency: 41 },
  );
  const texts = results.map((one) => (one.status === "ok" ? one.value : `${one.error.name}: ${one.error.message}`));
  try {
    return await batch(names, (name) => greet({ name }), { maxConcurrency: 41, onError: "fail" });
  } catch (error) {
    return [...texts, `${(error as Error).name}: ${(error as Error).message}`];
  }
}
