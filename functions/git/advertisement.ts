import { unescape } from "node:querystring";
import { locationError } from "./errors.ts";
import { withoutCredentials } from "./location.ts";
import type { RemoteHeads } from "./git-port.ts";

/**
 * Asks a git server over HTTP for its refs, the first step of every fetch, and answers with its branches.
 * @throws RepositoryError, or the signal's reason
 */
export async function inspectHttp(location: string, signal: AbortSignal): Promise<RemoteHeads> {
  const shown = withoutCredentials(location);
  const response = await advertise(location, signal).catch((error: unknown) => {
    signal.throwIfAborted();
    throw locationError("RepositoryUnreachable", shown, reasonOf(error));
  });
  const body = Buffer.from(await response.arrayBuffer());
  if (response.status === 401 || response.status === 403) throw locationError("CredentialsRefused", shown);
  if (response.status === 404) throw locationError("RepositoryNotFound", shown);
  if (!response.ok) throw locationError("RepositoryUnreachable", shown, `HTTP status ${response.status}`);
  if (response.headers.get("content-type") !== ADVERTISEMENT) throw locationError("NotARepository", shown);

  const refs = packetLines(body);
  const found = remoteHeads(refs);
  if (found !== undefined) return found;
  const empty = !refs.some((line) => line.includes(" refs/heads/"));
  throw locationError(empty ? "EmptyRepository" : "DefaultBranchMissing", shown);
}

const ADVERTISEMENT = "application/x-git-upload-pack-advertisement";

/** `fetch` takes no URL with credentials in it; they go into the header. */
function advertise(location: string, signal: AbortSignal): Promise<Response> {
  const url = new URL(`${location.replace(/\/$/, "")}/info/refs?service=git-upload-pack`);
  const credentials = `${unescape(url.username)}:${unescape(url.password)}`;
  url.username = "";
  url.password = "";
  const headers = credentials === ":" ? {} : { authorization: `Basic ${Buffer.from(credentials).toString("base64")}` };
  return fetch(url, { headers, signal });
}

/** Each packet begins with its length in four hex digits; `0000` separates sections. */
function packetLines(body: Buffer): string[] {
  const lines: string[] = [];
  for (let at = 0; at + 4 <= body.length;) {
    const length = Number.parseInt(body.toString("latin1", at, at + 4), 16);
    if (Number.isNaN(length)) break;
    if (length > 4) lines.push(body.toString("utf8", at + 4, at + length));
    at += Math.max(4, length);
  }
  return lines;
}

/** `<commit> <ref>`; the first has the server's capabilities too, one of which names the branch of HEAD. */
function remoteHeads(refs: readonly string[]): RemoteHeads | undefined {
  const capabilities = refs.map((line) => /^[0-9a-f]+ HEAD\0(.*)/.exec(line)?.[1]).find((found) => found !== undefined);
  const defaultBranch = /(?:^| )symref=HEAD:refs\/heads\/(\S+)/.exec(capabilities ?? "")?.[1];
  const branches = refs.map((line) => /^([0-9a-f]+) refs\/heads\/([^\0\n]+)/.exec(line));
  const heads = new Map(branches.flatMap((match) => (match === null ? [] : [[match[2] ?? "", match[1] ?? ""]])));
  return defaultBranch === undefined || !heads.has(defaultBranch) ? undefined : { defaultBranch, heads };
}

function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? cause.message : message;
}
