import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { tar, type ArchiveEntry } from "./archive.ts";

/**
 * A bare repository with one branch as a tar that git works on as soon as it is unpacked: its packs, and the few other
 * files written anew, so that neither the remote's URL nor anything of the machine goes along.
 */
export async function archiveRepository(directory: string, branch: string, commit: string): Promise<Uint8Array> {
  const folder = join(directory, "objects", "pack");
  const packs = (await readdir(folder)).filter((name) => /\.(?:pack|idx)$/.test(name)).sort();
  const files = await Promise.all(
    packs.map(async (name) => ({ name: `objects/pack/${name}`, bytes: await readFile(join(folder, name)) })),
  );
  return tar([
    written("HEAD", `ref: refs/heads/${branch}\n`),
    written("config", "[core]\n\trepositoryformatversion = 0\n\tbare = true\n"),
    written("packed-refs", `# pack-refs with: peeled fully-peeled sorted \n${commit} refs/heads/${branch}\n`),
    written("refs/", ""),
    ...files,
  ]);
}

function written(name: string, text: string): ArchiveEntry {
  return { name, bytes: Buffer.from(text) };
}
