import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { runGit } from "./run-git.ts";

export interface SampleRepository {
  /** A file URL. */
  readonly location: string;
  readonly repositoryName: string;
}

/**
 * Writes a small repository of network automation with a few commits to a directory, the same bytes every time. One that
 * is there already stays as it is, so the owner of the directory may commit to it.
 */
export async function createSampleRepository(directory: string): Promise<SampleRepository> {
  const target = resolve(directory);
  if (!existsSync(target)) await write(target);
  return { location: pathToFileURL(target).href, repositoryName: "sample-network" };
}

/** Made beside its place and moved there whole. */
async function write(target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const draft = await mkdtemp(`${target}-`);
  try {
    const git = (args: readonly string[], input = "") => runGit(["-C", draft, ...args], { input });
    await git(["init", "--quiet", "--template=", "--initial-branch=main"]);
    await git(["fast-import", "--quiet"], COMMITS.map(stream).join(""));
    await git(["reset", "--quiet", "--hard"]);
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
}

interface SampleCommit {
  readonly subject: string;
  /** ISO 8601. */
  readonly at: string;
  readonly files: { readonly [path: string]: string };
}

/** The commit in the language of `git fast-import`. */
function stream({ subject, at, files }: SampleCommit): string {
  const who = `Noor Haddad <noor@network.example> ${Date.parse(at) / 1000} +0000`;
  const changes = Object.entries(files).map(([path, text]) => `M 644 inline ${path}\n${data(text)}\n`);
  return `commit refs/heads/main\nauthor ${who}\ncommitter ${who}\n${data(`${subject}\n`)}${changes.join("")}\n`;
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}`;
}

const COMMITS: readonly SampleCommit[] = [
  {
    subject: "Describe devices and interfaces",
    at: "2026-02-02T09:15:00Z",
    files: {
      "README.md": "# Sample network\n\nDevices, templates and checks of two sites.\n",
      ".infrahub.yml": "schemas:\n  - schemas/device.yml\n",
      "schemas/device.yml": `---
version: "1.0"
nodes:
  - name: Device
    namespace: Infra
    attributes:
      - { name: name, kind: Text, unique: true }
      - { name: role, kind: Text }
    relationships:
      - { name: interfaces, peer: InfraInterface, cardinality: many }
  - name: Interface
    namespace: Infra
    attributes:
      - { name: name, kind: Text }
      - { name: mtu, kind: Number, default_value: 9214 }
`,
      "inventory/ams1.yml": `---
site: ams1
devices:
  - { name: ams1-spine1, role: spine, loopback: 10.0.0.1/32 }
  - { name: ams1-leaf1, role: leaf, loopback: 10.0.0.11/32 }
  - { name: ams1-leaf2, role: leaf, loopback: 10.0.0.12/32 }
`,
    },
  },
  {
    subject: "Render start-up configurations of leaves",
    at: "2026-02-09T14:40:00Z",
    files: {
      ".infrahub.yml": `schemas:
  - schemas/device.yml
jinja2_transforms:
  - name: leaf_startup
    query: device_interfaces
    template_path: templates/leaf.j2
queries:
  - name: device_interfaces
    file_path: queries/device_interfaces.gql
`,
      "queries/device_interfaces.gql": `query DeviceInterfaces($device: String!) {
  InfraDevice(name__value: $device) {
    edges { node { name { value } interfaces { edges { node { name { value } mtu { value } } } } } }
  }
}
`,
      "templates/leaf.j2": `hostname {{ device.name }}
{% for interface in device.interfaces %}
interface {{ interface.name }}
  mtu {{ interface.mtu }}
  no shutdown
{% endfor %}
`,
    },
  },
  {
    subject: "Add the second site and check its loopbacks",
    at: "2026-02-23T08:05:00Z",
    files: {
      "inventory/fra1.yml": `---
site: fra1
devices:
  - { name: fra1-spine1, role: spine, loopback: 10.0.1.1/32 }
  - { name: fra1-leaf1, role: leaf, loopback: 10.0.1.11/32 }
`,
      "checks/unique_loopbacks.py": `def check(devices):
    """Every loopback is used once."""
    seen = {}
    for device in devices:
        other = seen.setdefault(device["loopback"], device["name"])
        if other != device["name"]:
            yield f"{device['name']} and {other} share {device['loopback']}"
`,
    },
  },
];
