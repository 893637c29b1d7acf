import * as z from "zod";
import { RepositoryMetrics } from "../git/models.ts";

/** A daily snapshot takes nothing: it is about the deployment as a whole. */
export const SendTelemetry = z.object({});

/** `skipped`: no address to send to is configured, so the snapshot stays where it is. */
export const SendStatus = z.enum(["skipped", "sent", "failed"]);
export type SendStatus = z.infer<typeof SendStatus>;

export const StoreSnapshot = z.object({ repositories: RepositoryMetrics });

/** Names a stored snapshot. */
export const SnapshotReference = z.object({ snapshot: z.string() });
