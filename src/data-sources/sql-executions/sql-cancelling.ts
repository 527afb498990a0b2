import type { FastifyReply } from 'fastify';
import type { SqlCancellingDto } from '../dto/sql-result.dto.js';
import type { SqlCancelling } from './sql-stops.js';

/** `{}` with 200 once it is proven to be over; 202 that says what stands in the way while it is not. */
export function cancelAnswer(
  { confirmed, executionId, lastError }: SqlCancelling,
  reply: FastifyReply,
): object {
  if (confirmed) return {};
  void reply.status(202);
  const response: SqlCancellingDto = {
    status: 'stopping',
    execution_id: executionId,
    last_error: lastError,
  };
  return { response };
}
