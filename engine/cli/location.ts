import { basename, resolve } from "node:path";

/** A URL or `user@host:path` as it is, a path made absolute: another process reads it. */
export function absoluteLocation(location: string, directory: string): string {
  return /^(?:[a-z][a-z+]*:\/\/|[\w.-]+@[\w.-]+:)/i.test(location) ? location : resolve(directory, location);
}

/** The last part of a location, without `.git`: what people call the repository. */
export function repositoryName(location: string): string {
  const parts = location.split(/[/:]/).filter((part) => part !== "" && part !== ".git");
  return basename(parts.at(-1) ?? "repository", ".git");
}
