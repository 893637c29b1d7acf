import { expect } from "vitest";

/** Asks a service that the product itself has no client of: `ask("sqs", "AmazonSQS.GetQueueUrl", { … })`. */
export async function ask(
  service: "events" | "sqs",
  target: string,
  request: object,
): Promise<{ readonly [key: string]: unknown }> {
  const scope = `20260101/us-east-1/${service}/aws4_request`;
  const answer = await fetch(process.env["AWS_ENDPOINT_URL"] ?? "", {
    method: "POST",
    headers: {
      "content-type": service === "sqs" ? "application/x-amz-json-1.0" : "application/x-amz-json-1.1",
      "x-amz-target": target,
      authorization: `AWS4-HMAC-SHA256 Credential=test/${scope}, SignedHeaders=host, Signature=0`,
    },
    body: JSON.stringify(request),
  });
  const text = await answer.text();
  expect(answer.status, text).toBe(200);
  return JSON.parse(text === "" ? "{}" : text) as { readonly [key: string]: unknown };
}
