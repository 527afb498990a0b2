import autocannon from 'autocannon';

export interface Throughput {
  readonly requestsPerSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** Answers with another status than expected, and errors. */
  readonly bad: number;
}

/** Closed-loop load from this process. */
export async function throughput(request: {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly cookie: string;
  readonly status: number;
  readonly seconds: number;
}): Promise<Throughput> {
  const { url, method, cookie, seconds, status } = request;
  const headers = { cookie, 'content-type': 'application/x-www-form-urlencoded' };
  const result = await autocannon({ url, method, headers, connections: 16, duration: seconds });
  const good = result.statusCodeStats?.[`${status}`]?.count ?? 0;
  return {
    requestsPerSecond: result.requests.average,
    p50: result.latency.p50,
    p99: result.latency.p99,
    bad: result.requests.total - good + result.errors,
  };
}
