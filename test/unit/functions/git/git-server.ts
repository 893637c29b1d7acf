import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { runGit } from "../../../../functions/git/run-git.ts";

export interface GitServer {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly port: number;
}

/**
 * Git's own smart HTTP server over the repositories of a directory, until the test ends. Below `/private/` it asks for
 * a user and password, `/page` is no repository, `/broken/` fails.
 */
export async function gitServer(directory: string): Promise<GitServer> {
  const backend = `${(await runGit(["--exec-path"])).trim()}/git-http-backend`;
  const server = createServer((request, response) => {
    const path = request.url ?? "/";
    const authorization = `Basic ${Buffer.from("ada:p@ss word").toString("base64")}`;
    if (path.startsWith("/page")) response.end("<!doctype html>\n<p>Hello</p>\n");
    else if (path.startsWith("/broken/")) response.writeHead(500).end();
    else if (path.startsWith("/private/") && request.headers.authorization !== authorization) {
      response.writeHead(401, { "www-authenticate": "Basic" }).end();
    } else cgi(backend, directory, request, response);
  });
  const port = await listen(server);
  return { url: `http://127.0.0.1:${port}`, port };
}

/** A server that takes requests and answers none; its URL. */
export async function silentServer(asked: () => void): Promise<string> {
  return `http://127.0.0.1:${await listen(createServer(asked))}`;
}

async function listen(server: Server): Promise<number> {
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

function cgi(backend: string, directory: string, request: IncomingMessage, response: ServerResponse): void {
  const [path = "", query = ""] = (request.url ?? "").replace("/private/", "/").split("?");
  const child = spawn(backend, {
    env: {
      ...process.env,
      GIT_PROJECT_ROOT: directory,
      GIT_HTTP_EXPORT_ALL: "1",
      PATH_INFO: decodeURIComponent(path),
      QUERY_STRING: query,
      REQUEST_METHOD: request.method ?? "GET",
      CONTENT_TYPE: request.headers["content-type"] ?? "",
      HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
      GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
      REMOTE_USER: "ada",
      REMOTE_ADDR: "127.0.0.1",
    },
  });
  request.pipe(child.stdin.on("error", () => undefined));
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.on("close", () => {
    const output = Buffer.concat(chunks);
    const end = output.indexOf("\r\n\r\n");
    let status = 200;
    for (const line of output.toString("latin1", 0, end).split("\r\n")) {
      const [name = "", value = ""] = line.split(/: (.*)/s);
      if (name.toLowerCase() === "status") status = Number.parseInt(value, 10);
      else response.setHeader(name, value);
    }
    response.writeHead(status).end(output.subarray(end + 4));
  });
}
