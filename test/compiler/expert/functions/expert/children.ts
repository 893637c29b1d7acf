/** Children, of which the flows here know only what they take and give. */
export async function counts(parameters: { readonly [name: string]: string | number }): Promise<number> {
  return Object.keys(parameters).length;
}

export async function names({ target }: { readonly definition: string; readonly target: string }): Promise<string> {
  return target;
}
