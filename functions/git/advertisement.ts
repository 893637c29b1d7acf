import { unescape } from "node:querystring";
import { locationError } from "./errors.ts";
import { withoutCredentials } from "./location.ts";
import type { RemoteHead } from "./git-port.ts";

/**
 * Asks a git server over HTTP for its refs, the first step of every fetch, and answers with its default branch.
 * @throws RepositoryError, or the signal's reason
 */
export async function inspectHttp(location: string, signal: AbortSignal): Promise<RemoteHead> {
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
  const found = remoteHead(refs);
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

/** `<commit> HEAD` comes first, with the server's capabilities, one of which names the branch. */
function remoteHead(refs: readonly string[]): RemoteHead | undefined {
  const head = refs.map((line) => /^([0-9a-f]+) HEAD\0(.*)/.exec(line)).find((match) => match !== null);
  const branch = /(?:^| )symref=HEAD:refs\/heads\/(\S+)/.exec(head?.[2] ?? "")?.[1];
  return head?.[1] === undefined || branch === undefined ? undefined : { branch, commit: head[1] };
}

function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? cause.message : message;
}
