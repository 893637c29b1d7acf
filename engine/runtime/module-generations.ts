import { registerHooks } from "node:module";
import { join, sep } from "node:path";
import { pathToFileURL } from "node:url";

/**
 * Node keeps a module for good. So the modules of a changed project are imported under other URLs: one that is imported
 * with a generation hands it on to what it imports of its project. Earlier generations stay in memory.
 */
const QUERY = "?generation=";
const projects = new Set<string>();

/** URL of a project's file. Generation 0 is the plain one, which static imports name too. */
export function moduleUrl(root: string, file: string, generation: number): string {
  const { href } = pathToFileURL(join(root, file));
  if (generation === 0) return href;
  if (projects.size === 0)
    registerHooks({ resolve: (specifier, context, next) => handOn(context, next(specifier, context)) });
  projects.add(pathToFileURL(root + sep).href);
  return `${href}${QUERY}${generation}`;
}

function handOn<Resolved extends { readonly url: string }>(
  { parentURL = "" }: { readonly parentURL?: string | undefined },
  resolved: Resolved,
): Resolved {
  const at = parentURL.indexOf(QUERY);
  if (at < 0 || resolved.url.includes(QUERY) || !isOfProject(resolved.url)) return resolved;
  return { ...resolved, url: resolved.url + parentURL.slice(at) };
}

/** Of its catalogue and functions: what it installs, and Millrace itself, stays as it is. */
function isOfProject(url: string): boolean {
  return [...projects].some((root) => ["catalogue/", "functions/"].some((folder) => url.startsWith(root + folder)));
}
