export const handler = async (event) => {
  if (event.Records) {
    for (const { body } of event.Records) {
      const { name, status } = JSON.parse(body).detail;
      console.log("settled", name, status);
    }
    return { batchItemFailures: [] };
  }
  return { n: event.n + 1, stage: process.env.STAGE };
};
