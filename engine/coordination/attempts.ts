/**
 * Does all of these, one after the other, also where one fails, so that nothing waits for what fails again and again.
 * @throws the first error, when all were tried
 */
export async function attemptAll(works: readonly (() => Promise<unknown>)[]): Promise<void> {
  const errors: unknown[] = [];
  for (const work of works) {
    try {
      await work();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}

/** Does the same with each of a list, so many at once. @throws the first error, when all were tried */
export async function attemptEach<T>(
  list: AsyncIterable<T> | Iterable<T>,
  atOnce: number,
  work: (one: T) => Promise<unknown>,
): Promise<void> {
  const errors: unknown[] = [];
  const going = new Set<Promise<unknown>>();
  for await (const one of list) {
    const done: Promise<unknown> = work(one)
      .catch((error: unknown) => errors.push(error))
      .finally(() => going.delete(done));
    going.add(done);
    if (going.size >= atOnce) await Promise.race(going);
  }
  await Promise.all(going);
  if (errors.length > 0) throw errors[0];
}
