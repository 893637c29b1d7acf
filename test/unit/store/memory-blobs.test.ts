import { memoryBlobs } from "../../../engine/testing/memory-blobs.ts";
import { blobsContract } from "./contract.ts";

blobsContract("memory", async () => ({ blobs: memoryBlobs(), close: async () => {} }));
