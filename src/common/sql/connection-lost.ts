import {
  QueryFailedError,
  QueryRunnerAlreadyReleasedError,
  QueryRunnerProviderAlreadyReleasedError,
} from 'typeorm';

// Connection exceptions, too many connections, the server stops, crashed, starts, or ends what is idle; a statement that it
// cancelled because it took too long; and a server that does not know us (28…, 3D000): while ours is gone, another one may
// serve at its port.
const SQLSTATE = /^(08\w{3}|28\w{3}|3D000|53300|57P0[1-5]|25P03|57014)$/;
const ERRNO =
  /^(ECONN(REFUSED|RESET|ABORTED)|EPIPE|ETIMEDOUT|E(HOST|NET)(UNREACH|DOWN)|ENOTFOUND|EAI_AGAIN|ERR_STREAM_(DESTROYED|WRITE_AFTER_END))$/;
// What node-postgres finds out itself has no code.
const OF_THE_DRIVER =
  /^(Connection terminated|timeout (expired|exceeded)|Query read timeout|Client (has encountered|was closed)|Cannot use a pool)/;
const RELEASED = [QueryRunnerAlreadyReleasedError, QueryRunnerProviderAlreadyReleasedError];

/**
 * True when an error of node-postgres or TypeORM says that the database could not be reached, or did not answer in time;
 * not what it thought of the statement. What was under way may or may not have happened.
 */
export function isConnectionLost(error: unknown): boolean {
  if (error instanceof QueryFailedError) return isConnectionLost(error.driverError);
  // TypeORM gives a connection that breaks between two statements of a transaction back by itself.
  if (RELEASED.some((type) => error instanceof type)) return true;
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  if (typeof code !== 'string') return typeof message === 'string' && OF_THE_DRIVER.test(message);
  return SQLSTATE.test(code) || ERRNO.test(code);
}
