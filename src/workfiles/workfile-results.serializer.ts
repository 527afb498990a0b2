import { Injectable } from '@nestjs/common';
import type { Viewer } from '../access/viewer.js';
import { wireTime } from '../common/wire/time.js';
import { UserSerializer } from '../users/user.serializer.js';
import type { ReportedResult } from './workfile-results.service.js';
import { WorkfileSerializer } from './workfile.serializer.js';

/** Key order is contract (chorus-api.md 5.16). */
@Injectable()
export class WorkfileResultSerializer {
  constructor(
    private readonly users: UserSerializer,
    private readonly workfiles: WorkfileSerializer,
  ) {}

  event({ event, actor, view, resultId }: ReportedResult, viewer: Viewer): object {
    const { workfile } = view;
    return {
      id: event.id,
      actor: this.users.succinct(actor),
      action: event.action,
      timestamp: wireTime(event.createdAt),
      workfile: this.workfiles.activity(view, viewer),
      output_table: null,
      attachments: [
        {
          entity_type: workfile.kind === 'workflow' ? 'work_flow_result' : 'worklet_result',
          id: resultId,
          workfile_id: workfile.id,
          output_vars: [],
        },
      ],
      comments: [],
      is_insight: false,
      promoted_by: null,
      promotion_time: null,
      is_published: false,
      complete_json: true,
    };
  }
}
