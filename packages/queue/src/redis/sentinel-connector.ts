import { type Redis, type SentinelConnectionOptions, SentinelConnector } from "ioredis";

/**
 * ioredis' way to a master through its Sentinels. Its connections that wait for the news of a
 * failover have no listener for errors, and ioredis prints those to the console, past every log.
 */
export class QuietSentinelConnector extends SentinelConnector {
  constructor(options: unknown) {
    super(options as SentinelConnectionOptions);
    // A private name, but no other one leads to these connections; chaos/src/redis-sentinel.test.ts
    // sees it when it is gone.
    const own = this as unknown as { connectToSentinel: (...asked: unknown[]) => Redis };
    const connect = own.connectToSentinel.bind(this);
    own.connectToSentinel = (...asked) => {
      const client = connect(...asked);
      // A Sentinel that is away is asked again after a while; that all are away is said by the
      // connection to the master.
      client.on("error", () => undefined);
      return client;
    };
  }
}
