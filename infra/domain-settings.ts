import { Architecture } from "aws-cdk-lib/aws-lambda";
import type { Domains } from "./domains.ts";

/** libgit2, which reads repositories where no git program is; it exists for x86_64 only. */
const GIT = { architecture: Architecture.X86_64, nativePackages: ["es-git-linux-x64-gnu"] };

/** The functions of this catalogue that differ from the defaults. */
export const DOMAIN_SETTINGS: Domains = {
  git: { ...GIT, memorySize: 1024, ephemeralStorageMiB: 2048 },
  telemetry: { environment: { MILLRACE_TELEMETRY_URL: process.env["MILLRACE_TELEMETRY_URL"] ?? "" } },
  validation: GIT,
};
