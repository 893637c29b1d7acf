/** A flow with constructs that cannot become a state machine. */
export async function countWords({ texts }: { readonly texts: Readonly<Record<string, string>> }): Promise<number> {
  let words = 0;
  for (const name in texts) {
    words += (texts[name] ?? "").split(/\s+/).length;
  }
  return Promise.resolve(words);
}
