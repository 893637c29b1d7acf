/** A promise that knows whether anybody awaits it: directly, or in `Promise.all`. */
export class Watched<T> extends Promise<T> {
  /** What is chained to it is a plain promise. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  static of<T>(work: Promise<T>): Watched<T> {
    const watched = new Watched<T>((resolve, reject) => void work.then(resolve, reject));
    void Promise.prototype.then.call(watched, undefined, () => undefined); // whoever awaits it hears of its failure
    return watched;
  }

  isAwaited = false;

  override then<A = T, B = never>(
    fulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.isAwaited = true;
    return super.then(fulfilled, rejected);
  }
}

/** The calls of one flow. */
export class Watch {
  readonly #calls: { readonly what: string; readonly call: Watched<unknown> }[] = [];

  add<T>(what: string, work: Promise<T>): Promise<T> {
    const call = Watched.of(work);
    this.#calls.push({ what, call });
    return call;
  }

  /** Those that nobody awaits. */
  get forgotten(): string[] {
    return this.#calls.filter(({ call }) => !call.isAwaited).map(({ what }) => what);
  }
}
