/** A flow with constructs that cannot become a state machine. */
export async function countDown({ from }: { readonly from: number }): Promise<number> {
  let left = from;
  while (left > 0) left -= 1;
  return left;
}
