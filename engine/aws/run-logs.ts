import {
  paginateFilterLogEvents,
  ResourceNotFoundException,
  type CloudWatchLogsClient,
} from "@aws-sdk/client-cloudwatch-logs";
import { isJsonObject, type JsonObject } from "../model/json.ts";
import { eachLineOnce, type LogLevel, type LogLine, type Run } from "../model/run.ts";

/** Clocks of the functions may differ by so much. */
const CLOCK_SKEW_MS = 60_000;

/** The lines of a run in the log groups of these functions, in order of time. */
export async function runLogs(
  client: CloudWatchLogsClient,
  functions: readonly string[],
  run: Run,
): Promise<LogLine[]> {
  const lines = await Promise.all(functions.map((name) => functionLogs(client, name, run)));
  return eachLineOnce(lines.flat().sort((left, right) => left.time - right.time));
}

async function functionLogs(client: CloudWatchLogsClient, name: string, run: Run): Promise<LogLine[]> {
  const filter = {
    logGroupName: `/aws/lambda/${name}`,
    filterPattern: `"${run.id}"`,
    startTime: run.createdAt - CLOCK_SKEW_MS,
  };
  const lines: LogLine[] = [];
  try {
    for await (const page of paginateFilterLogEvents({ client }, filter)) {
      lines.push(...(page.events ?? []).flatMap((event) => readLine(event.message ?? "", run.id) ?? []));
    }
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error; // the function never logged
  }
  return lines;
}

/** A line as `serve` writes it; nothing for the lines of Lambda itself and of other runs. */
export function readLine(text: string, run: string): LogLine | undefined {
  const line = parseLine(text);
  if (line?.run !== run) return undefined;
  const { timestamp, level, message, step, fields, line: flowLine } = line;
  return {
    time: Date.parse(timestamp),
    level: level.toLowerCase() as LogLevel,
    message,
    step,
    ...(fields && { fields }),
    ...(flowLine && { line: flowLine }),
  };
}

/** What `serve` has Powertools write. */
interface WrittenLine {
  readonly run?: string;
  readonly timestamp: string;
  readonly level: string;
  readonly message: string;
  readonly step: string;
  readonly fields?: JsonObject;
  readonly line?: string;
}

function parseLine(text: string): WrittenLine | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? (value as unknown as WrittenLine) : undefined;
  } catch {
    return undefined;
  }
}
