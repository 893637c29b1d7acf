/**
 * Does the work once for every combination of what it chooses: each choice is an index below what it is given, and what
 * comes later may depend on what was chosen before.
 */
export async function everyPath(work: (choose: (of: number) => number) => Promise<void>): Promise<void> {
  const chosen: { at: number; readonly of: number }[] = [];
  do {
    let depth = 0;
    await work((of) => (chosen[depth++] ??= { at: 0, of }).at);
    while (chosen.length > 0 && isLast(chosen)) chosen.pop();
    const last = chosen.at(-1);
    if (last !== undefined) last.at++;
  } while (chosen.length > 0);
}

function isLast(chosen: readonly { readonly at: number; readonly of: number }[]): boolean {
  const last = chosen.at(-1);
  return last !== undefined && last.at >= last.of - 1;
}
