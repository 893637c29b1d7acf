/** A file of an archive; a name that ends with "/" is a directory. */
export interface ArchiveEntry {
  /** At most 100 bytes. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A tar of POSIX's ustar form: the same entries give the same bytes. */
export function tar(entries: readonly ArchiveEntry[]): Uint8Array {
  const end = new Uint8Array(2 * BLOCK);
  return Buffer.concat([
    ...entries.flatMap(({ name, bytes }) => [header(name, bytes.length), bytes, padding(bytes)]),
    end,
  ]);
}

const BLOCK = 512;

function header(name: string, size: number): Uint8Array {
  const block = Buffer.alloc(BLOCK);
  const directory = name.endsWith("/");
  if (Buffer.byteLength(name) > 100)
    throw new RangeError(`The name "${name}" is too long for a tar: 100 bytes at most.`);
  block.write(name, 0);
  block.write(directory ? "0000755\0" : "0000644\0", 100);
  block.write("0000000\0", 108);
  block.write("0000000\0", 116);
  block.write(`${size.toString(8).padStart(11, "0")}\0`, 124);
  block.write("00000000000\0", 136);
  // The checksum is taken with spaces in its own place.
  block.write("        ", 148);
  block.write(directory ? "5" : "0", 156);
  block.write("ustar\x0000", 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}

function padding(bytes: Uint8Array): Uint8Array {
  return new Uint8Array((BLOCK - (bytes.length % BLOCK)) % BLOCK);
}
