import { stat } from "node:fs/promises";
import { unescape } from "node:querystring";
import { locationError } from "./errors.ts";

/** The location as it may be shown and kept: a URL without password, and without user name where that is a credential. */
export function withoutCredentials(location: string): string {
  const url = parseUrl(location);
  if (url === undefined || url.username + url.password === "") return location;
  url.password = "";
  if (url.protocol !== "ssh:") url.username = "";
  return url.href;
}

/** A text of git's own, in which a location with credentials may stand anywhere. */
export function redact(text: string, location: string): string {
  return text.replaceAll(location, withoutCredentials(location)).replace(/(\w:\/\/)[^\s/@]*@/g, "$1");
}

/** The path of a location on this machine, or nothing where it is elsewhere. */
export function localPath(location: string): string | undefined {
  if (location.startsWith("/")) return location;
  const url = parseUrl(location);
  return url?.protocol === "file:" ? unescape(url.pathname) : undefined;
}

/** @throws RepositoryError `RepositoryNotFound` where a location on this machine does not exist */
export async function checkLocalPath(location: string): Promise<void> {
  const path = localPath(location);
  if (path === undefined) return;
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw locationError("RepositoryNotFound", location);
  if (!found.isDirectory()) throw locationError("NotARepository", location);
}

function parseUrl(location: string): URL | undefined {
  return URL.canParse(location) ? new URL(location) : undefined;
}
