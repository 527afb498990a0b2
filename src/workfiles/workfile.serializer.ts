import { Injectable } from '@nestjs/common';
import type { Viewer } from '../access/viewer.js';
import { wireDeleted, wireTime } from '../common/wire/time.js';
import { DataSourceSerializer } from '../data-sources/data-source.serializer.js';
import type { DatabaseDto, SuccinctDataSourceDto } from '../data-sources/dto/data-source.dto.js';
import type { SuccinctHdfsDataSourceDto } from '../data-sources/dto/hdfs-data-source.dto.js';
import { TalkSerializer } from '../notes/talk.serializer.js';
import { TagSerializer } from '../tags/tag.serializer.js';
import { UserSerializer } from '../users/user.serializer.js';
import type { WorkspaceDto } from '../workspaces/dto/workspace.dto.js';
import { WorkspaceSerializer } from '../workspaces/workspace.serializer.js';
import type { WorkfileDto, WorkfileStatus } from './dto/workfile.dto.js';
import { FileSerializer } from './file.serializer.js';
import type { VersionInfo } from './version-info.js';
import type { Workfile, WorkfileKind } from './workfile.entity.js';
import type { ExecutionLocation, WorkfileParts, WorkfileView } from './workfile-view.js';
import type { DetailedWorkfile } from './workfile-views.service.js';
import type { ListedWorkfile } from './workspace-workfiles.service.js';

const SUBTYPE: Readonly<Record<WorkfileKind, string | null>> = {
  file: null,
  link: null,
  workflow: 'alpine',
  worklet: 'worklet',
  published_worklet: 'published_worklet',
};

/** Key order is contract (chorus-api.md 5.9): clients and golden files compare bytes. */
@Injectable()
export class WorkfileSerializer {
  constructor(
    private readonly workspaces: WorkspaceSerializer,
    private readonly users: UserSerializer,
    private readonly tags: TagSerializer,
    private readonly talk: TalkSerializer,
    private readonly dataSources: DataSourceSerializer,
    private readonly files: FileSerializer,
  ) {}

  /** As run and stop answer: without `version_info`. */
  full(view: WorkfileView, viewer: Viewer): WorkfileDto {
    return this.present(view, viewer, null, {});
  }

  /** As show, create and versions answer. */
  shown({ view, version, extras }: DetailedWorkfile, viewer: Viewer): WorkfileDto {
    return this.present(view, viewer, version, this.files.shown(extras, version));
  }

  /** As update answers. */
  updated({ view, extras }: DetailedWorkfile, viewer: Viewer): WorkfileDto {
    return this.present(view, viewer, null, this.files.updated(extras));
  }

  /** As copy answers. */
  copied({ view, extras }: DetailedWorkfile, viewer: Viewer): WorkfileDto {
    return this.present(view, viewer, null, this.files.copied(extras));
  }

  /** As activities nest it: without owner and `complete_json`, in an abbreviated workspace (chorus-api.md 1.6). */
  activity(view: WorkfileView, viewer: Viewer): object {
    const { owner: _owner, complete_json: _complete, ...workfile } = this.full(view, viewer);
    const { workspace } = workfile;
    const keys = Object.keys(workspace);
    const kept = new Set(keys.slice(0, keys.indexOf('workspace_stage_id') + 1));
    const abbreviated = Object.entries(workspace).filter(([key]) => kept.has(key));
    return { ...workfile, workspace: Object.fromEntries(abbreviated) };
  }

  /** As a list shows it: the workspace is succinct, and its places are left out. */
  listItem({ version, schema, ...parts }: ListedWorkfile, workspace: object): object {
    const common = this.common(parts, workspace as WorkspaceDto, []);
    if (parts.workfile.kind === 'link') return { ...common, ...this.link(parts.workfile, version) };
    if (parts.workfile.kind === 'file')
      return { ...common, ...this.files.listItem(schema, version) };
    const flow = { ...common, version_info: version.workflow(), complete_json: true };
    return { ...flow, ...this.touchpoint(parts) };
  }

  private present(
    view: WorkfileView,
    viewer: Viewer,
    version: VersionInfo | null,
    file: object,
  ): WorkfileDto {
    const workspace = this.workspaces.full(view.workspace, viewer);
    const worklets = view.worklets.map((worklet) => ({
      ...this.common(worklet, workspace, []),
      ...this.flow(worklet, null),
      ...this.touchpoint(worklet),
    }));
    const common = this.common(view, workspace, worklets);
    if (view.workfile.kind === 'file') return { ...common, ...file };
    if (view.workfile.kind === 'link') return { ...common, ...this.link(view.workfile, version) };
    return { ...common, ...this.flow(view, version), ...this.touchpoint(view) };
  }

  private common(
    parts: WorkfileParts,
    workspace: WorkspaceDto,
    worklets: readonly object[],
  ): WorkfileDto {
    const { workfile, talk } = parts;
    const recent = this.talk.recent(talk);
    return {
      id: workfile.id,
      workspace,
      file_name: workfile.fileName,
      file_type: workfile.fileType,
      latest_version_id: workfile.latestVersionId,
      is_deleted: wireDeleted(workfile.deletedAt),
      recent_comments: recent,
      comment_count: recent.length === 0 ? 0 : talk.count,
      tags: this.tags.list(parts.tags),
      entity_type: 'workfile',
      entity_subtype: SUBTYPE[workfile.kind],
      user_modified_at: wireTime(workfile.userModifiedAt),
      status: statusOf(parts),
      description: workfile.description,
      link_url: workfile.linkUrl,
      owner: this.users.succinct(parts.owner),
      associated_worklets: worklets,
    };
  }

  private flow(parts: WorkfileParts, version: VersionInfo | null) {
    return {
      ...(version && { version_info: version.workflow() }),
      execution_locations: parts.locations.map((location) => this.location(location)),
      dataset_ids: parts.datasetIds,
      complete_json: true as const,
    };
  }

  private location({
    database,
    dataSource,
  }: ExecutionLocation): DatabaseDto | SuccinctDataSourceDto | SuccinctHdfsDataSourceDto {
    return database === null
      ? this.dataSources.location(dataSource)
      : this.dataSources.database({ database, dataSource });
  }

  private touchpoint({ worklet, workfile }: WorkfileParts): object {
    if (worklet === null) return {};
    const { worklet: touchpoint, parameters } = worklet;
    return {
      workflow_id: touchpoint.workflowId,
      run_persona: touchpoint.runPersona,
      output_table: touchpoint.outputTable,
      state: touchpoint.state,
      description: workfile.description,
      parameters: parameters.map((asked) => ({
        id: asked.id,
        workfile_id: asked.workfileId,
        variable_name: asked.variableName,
        label: asked.label,
        description: asked.description,
        data_type: asked.dataType,
        required: asked.required,
        use_default: asked.useDefault,
        options: asked.options,
        validations: asked.validations,
      })),
      // Nothing here runs them, so nobody has a run of one.
      running: false,
    };
  }

  private link(workfile: Workfile, version: VersionInfo | null) {
    if (workfile.fileType !== 'tableau_workbook') return { complete_json: true as const };
    return {
      workbook_url: workfile.linkUrl,
      workbook_name: workfile.fileName,
      ...(version && { version_info: version.workbook() }),
      complete_json: true as const,
    };
  }
}

/** Derived from the active run, never stored (architecture.md D4). */
function statusOf({ runStatus }: WorkfileParts): WorkfileStatus {
  if (runStatus === null) return 'idle';
  return runStatus === 'stopping' ? 'stopping' : 'running';
}
