import { cpSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { buildSync, type BuildOptions, type Metafile } from "esbuild";
import { ErrorName, MillraceError } from "../engine/model/errors.ts";
import type { Entry } from "./entries.ts";

export interface BundleRequest {
  /** The directory of `functions/`, `catalogue/` and `node_modules/`. */
  readonly root: string;
  /** By function. */
  readonly entries: ReadonlyMap<string, Entry>;
  /** An empty directory; each function gets one in it. */
  readonly outdir: string;
}

/** One function's code, ready to be uploaded. */
export interface Bundle {
  /** Holds `index.mjs`, and native packages in `node_modules/`. */
  readonly directory: string;
  /** Of JavaScript. */
  readonly bytes: number;
  /** Packages that files of `functions/` use and Millrace itself does not. */
  readonly dependencies: readonly string[];
  readonly natives: readonly NativeFile[];
  /** Every source file in the bundle, relative to the root. */
  readonly inputs: readonly string[];
}

export interface NativeFile {
  /** Relative to the bundle's directory. */
  readonly file: string;
  readonly bytes: number;
}

const COMMON = {
  format: "esm",
  target: "node24",
  outExtension: { ".js": ".mjs" },
  legalComments: "none",
  logLevel: "silent",
} satisfies BuildOptions;

const BUNDLE = {
  ...COMMON,
  bundle: true,
  platform: "node",
  mainFields: ["module", "main"],
  alias: {
    "@aws-sdk/credential-provider-node": join(import.meta.dirname, "..", "engine", "aws", "lambda-credentials.ts"),
  },
  // Code that was CommonJS calls `require`.
  banner: {
    js: 'import{createRequire as bundleRequire}from"node:module";const require=bundleRequire(import.meta.url);',
  },
  keepNames: true,
} satisfies BuildOptions;

const MINIFY = { ...COMMON, minify: true, treeShaking: true, allowOverwrite: true } satisfies BuildOptions;

/** Bundles all functions in one go: function → its code. @throws esbuild's failure, with all of its messages */
export function bundleFunctions({ root, entries, outdir }: BundleRequest): ReadonlyMap<string, Bundle> {
  const sources = join(outdir, "entries");
  mkdirSync(sources, { recursive: true });
  for (const [name, { source }] of entries) writeFileSync(join(sources, `${name}.ts`), source);
  const { metafile, outputFiles } = buildSync({
    ...BUNDLE,
    absWorkingDir: root,
    entryPoints: [...entries.keys()].map((name) => ({ in: join(sources, `${name}.ts`), out: `${name}/index` })),
    outdir,
    write: false,
    metafile: true,
    external: [...entries.values()].flatMap(({ nativePackages }) => nativePackages),
  });
  for (const { path, text } of outputFiles) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, withLiteralKeys(text));
  }
  buildSync({ ...MINIFY, entryPoints: outputFiles.map(({ path }) => path), outdir, outbase: outdir });
  return new Map(
    Array.from(entries, ([name, { nativePackages }]) => {
      const directory = join(outdir, name);
      const file = join(directory, "index.mjs");
      const output = metafile.outputs[relative(root, file)];
      const inputs = Object.keys(output?.inputs ?? {});
      const natives = nativePackages.flatMap((one) => copyPackage(root, one, directory));
      const dependencies = [...new Set([...ownImports(inputs, metafile), ...nativePackages])].sort();
      return [name, { directory, bytes: statSync(file).size, dependencies, natives, inputs }];
    }),
  );
}

/**
 * `{ "http": … }` for `{ [_h]: … }` where `_h` is a constant text. A computed key counts as a side effect, so the schemas of
 * the SDK, which are full of them, would all stay in a bundle that needs few: a seventh of it.
 */
function withLiteralKeys(code: string): string {
  const constants = new Map(
    Array.from(code.matchAll(/^var (_\w*) = ("(?:[^"\\]|\\.)*");$/gm), ([, name, text]) => [name, text]),
  );
  return code.replaceAll(/(?<=[{,]\s*)\[(_\w*)\]: /g, (key, name: string) => {
    const text = constants.get(name);
    return text === undefined ? key : `${text}: `;
  });
}

/** Copies a package that is native code, as it is and without dependencies of its own. @returns its native files */
function copyPackage(root: string, name: string, directory: string): NativeFile[] {
  const from = join(root, "node_modules", name);
  if (!existsSync(from)) {
    throw new MillraceError(
      ErrorName.PLATFORM_UNAVAILABLE,
      `The package ${name}, which a function on AWS needs, is not installed here: it may be for another system than ` +
        `this one. Synthesize on Linux with x64, or install it with "npm install --no-save --force ${name}".`,
    );
  }
  const file = join("node_modules", name);
  cpSync(from, join(directory, file), { recursive: true, dereference: true });
  return readdirSync(join(directory, file), { recursive: true, encoding: "utf8" })
    .filter((inner) => inner.endsWith(".node"))
    .map((inner) => ({ file: join(file, inner), bytes: statSync(join(directory, file, inner)).size }));
}

/** Packages that files of `functions/` import and other files of ours do not. */
function ownImports(files: readonly string[], { inputs }: Metafile): ReadonlySet<string> {
  const imports = (wanted: (file: string) => boolean): Set<string> => {
    const paths = files.filter(wanted).flatMap((file) => inputs[file]?.imports ?? []);
    return new Set(paths.flatMap(({ path }) => packageOf(path) ?? []));
  };
  const ours = imports((file) => packageOf(file) === undefined && !file.startsWith("functions/"));
  return imports((file) => file.startsWith("functions/")).difference(ours);
}

/** `@aws-sdk/client-s3` of `node_modules/@aws-sdk/client-s3/dist-es/index.js`. */
export function packageOf(file: string): string | undefined {
  return /.*(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1];
}
