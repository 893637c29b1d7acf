import { tellFailure } from "./failure.ts";
import { outputTo } from "./output.ts";
import { program } from "./program.ts";

const args = process.argv.slice(2);

for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error; // the reader, `head` for one, has enough; the command ends as it would
  });
}

try {
  const write = (text: string) => process.stdout.write(text);
  await program((json) => outputTo(write, json)).parseAsync(args, { from: "user" });
} catch (error) {
  process.exitCode = tellFailure(error, args.includes("--json"));
}

// A task that ignores its signal does not keep the process alive.
const written = (stream: NodeJS.WriteStream) => new Promise<unknown>((resolve) => stream.write("", resolve));
await Promise.all([written(process.stdout), written(process.stderr)]);
process.exit();
