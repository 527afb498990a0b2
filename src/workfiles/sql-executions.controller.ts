import { Body, Controller, Delete, HttpCode, Param, Post, Res } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CurrentUser } from '../access/current-user.js';
import { Rule } from '../access/rule.decorator.js';
import type { Viewer } from '../access/viewer.js';
import { ApiAttributes, ApiEnvelope, ApiErrors, ApiNothing } from '../common/http/api-docs.js';
import { Attributes } from '../common/http/attributes.js';
import { Bare } from '../common/http/bare.decorator.js';
import { clientGone } from '../common/http/client-gone.js';
import { attachment } from '../common/http/content-disposition.js';
import { RecordIdPipe } from '../common/http/record-id.pipe.js';
import { SqlCancellingDto, SqlResultDto } from '../data-sources/dto/sql-result.dto.js';
import { cancelAnswer } from '../data-sources/sql-executions/sql-cancelling.js';
import { SqlExecutionBody } from './dto/sql-execution.dto.js';
import { SqlExecutions } from './sql-executions.service.js';

@ApiTags('workfiles')
@ApiParam({ name: 'id', example: 1000011 })
@Controller('workfiles/:id/executions')
export class SqlExecutionsController {
  constructor(private readonly executions: SqlExecutions) {}

  @Post()
  @Rule('edit and account')
  @HttpCode(200)
  @Bare()
  @ApiAttributes(SqlExecutionBody, null)
  @ApiOperation({
    operationId: 'executeSql',
    summary: 'Execute SQL',
    description:
      "In the workfile's execution schema, with your account. Several statements are executed in order, in one " +
      'transaction: all of them take effect, or none; what can not be in a transaction (`VACUUM`) must stand alone. The ' +
      "answer is the last statement's result, SQL_ROW_LIMIT rows at most; with `download` all of them, as a CSV stream. " +
      'Cancelled by `DELETE`, when you close the connection, and after SQL_TIMEOUT_SECONDS. 422 `query.INVALID` has the ' +
      "data source's own words; 403 with `type` when it refuses the account something.",
  })
  @ApiResponse({
    status: 200,
    description: 'The result, or with `download` a CSV file',
    content: {
      'application/json': {
        schema: {
          type: 'object',
          required: ['response'],
          properties: { response: { $ref: getSchemaPath(SqlResultDto) } },
        },
      },
      'text/csv': { schema: { type: 'string', format: 'binary' } },
    },
  })
  @ApiErrors(400, 401, 403, 404, 413, 422, 429)
  async execute(
    @Param('id', RecordIdPipe) id: number,
    @Body() body: unknown,
    @CurrentUser() viewer: Viewer,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const gone = clientGone(reply);
    const attributes = new Attributes(SqlExecutionBody, body, null);
    const prepared = await this.executions.prepare(id, viewer, attributes);
    if (prepared.fileName === null) {
      const response = await this.executions.show(prepared, gone);
      await reply.type('application/json; charset=utf-8').send(JSON.stringify({ response }));
      return;
    }
    const rows = await this.executions.download(prepared, gone);
    await reply
      .type('text/csv; charset=utf-8')
      .header('Content-Disposition', attachment(`${prepared.fileName}.csv`))
      .header('Cache-Control', 'no-cache')
      .setCookie(doneCookie(prepared.task.checkId), 'true', { path: '/' })
      .send(rows);
  }

  @Delete(':check_id')
  @Rule('logged in')
  @HttpCode(200)
  @Bare()
  @ApiParam({ name: 'check_id', example: '4f1c' })
  @ApiOperation({
    operationId: 'cancelSql',
    summary: 'Cancel SQL',
    description:
      'Only your own; from any server. 200 `{}` when no session of it is left in the data source, and also when it was ' +
      'over before. 202 while that is not confirmed: it goes on being ended, and asking again is harmless.',
  })
  @ApiNothing(200, 'It is over')
  @ApiEnvelope(202, SqlCancellingDto)
  @ApiErrors(401, 404)
  async cancel(
    @Param('id', RecordIdPipe) id: number,
    @Param('check_id') checkId: string,
    @CurrentUser() viewer: Viewer,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    return cancelAnswer(await this.executions.cancel(id, checkId, viewer), reply);
  }
}

/** Web clients wait for it to know that their download has begun. */
function doneCookie(checkId: string): string {
  const name = encodeURIComponent(checkId).replace(
    /['()*!~]/g,
    (char) => `%${char.charCodeAt(0).toString(16)}`,
  );
  return `fileDownload_${name}`;
}
