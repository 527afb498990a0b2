import { Tag } from '../tags/tag.entity.js';
import { Tagging } from '../tags/tagging.entity.js';
import { Image } from '../users/image.entity.js';
import { User } from '../users/user.entity.js';
import { UserRole } from '../users/user-role.entity.js';
import { Session } from '../auth/session.entity.js';
import { AssociatedDataset } from '../data-sources/associated-dataset.entity.js';
import { CatalogueSight } from '../data-sources/catalogue/catalogue-sight.entity.js';
import { DataSource } from '../data-sources/data-source.entity.js';
import { DataSourceAccount } from '../data-sources/data-source-account.entity.js';
import { Database } from '../data-sources/database.entity.js';
import { Dataset } from '../data-sources/dataset.entity.js';
import { Schema } from '../data-sources/schema.entity.js';
import { SqlExecution } from '../data-sources/sql-executions/sql-execution.entity.js';
import { Membership } from '../workspaces/membership.entity.js';
import { Workspace } from '../workspaces/workspace.entity.js';
import { WorkspaceStage } from '../workspaces/workspace-stage.entity.js';
import { Milestone } from '../milestones/milestone.entity.js';
import { Comment } from '../notes/comment.entity.js';
import { Event } from '../notes/event.entity.js';
import { Run } from '../runs/run.entity.js';
import { RunSession } from '../runs/run-session.entity.js';
import { RunEvent } from '../runs/run-event.entity.js';
import { RunExport } from '../runs/run-export.entity.js';
import { RunExportPart } from '../runs/run-export-part.entity.js';
import { RunStep } from '../runs/run-step.entity.js';
import { StopRequest } from '../runs/stop-request.entity.js';
import { Workfile } from '../workfiles/workfile.entity.js';
import { WorkfileCount } from '../workfiles/workfile-count.entity.js';
import { WorkfileDraft } from '../workfiles/workfile-draft.entity.js';
import { WorkfileExecutionLocation } from '../workfiles/workfile-execution-location.entity.js';
import { WorkfileFlow } from '../workfiles/workfile-flow.entity.js';
import { WorkfileOpen } from '../workfiles/workfile-open.entity.js';
import { WorkfileVersion } from '../workfiles/workfile-version.entity.js';
import { WorkfileVersionPart } from '../workfiles/workfile-version-part.entity.js';
import { Worklet } from '../workfiles/worklet.entity.js';
import { WorkletParameter } from '../workfiles/worklet-parameter.entity.js';

/** Every entity, by name. A glob would make TypeORM import() the files, which breaks under Jest. */
export const entities = [
  Tag,
  Tagging,
  Image,
  User,
  UserRole,
  Session,
  AssociatedDataset,
  CatalogueSight,
  DataSource,
  DataSourceAccount,
  Database,
  Dataset,
  Schema,
  SqlExecution,
  Membership,
  Workspace,
  WorkspaceStage,
  Milestone,
  Comment,
  Event,
  Run,
  RunSession,
  RunStep,
  RunEvent,
  RunExport,
  RunExportPart,
  StopRequest,
  Workfile,
  WorkfileCount,
  WorkfileDraft,
  WorkfileExecutionLocation,
  WorkfileFlow,
  WorkfileOpen,
  WorkfileVersion,
  WorkfileVersionPart,
  Worklet,
  WorkletParameter,
];
