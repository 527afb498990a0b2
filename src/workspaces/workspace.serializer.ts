import { Injectable } from '@nestjs/common';
import type { Viewer } from '../access/viewer.js';
import { safeHtml, safeJson } from '../common/wire/html.js';
import { wireDeleted, wireTime } from '../common/wire/time.js';
import { DataSourceSerializer } from '../data-sources/data-source.serializer.js';
import type { Occurrence } from '../notes/occurrence.js';
import { TalkSerializer } from '../notes/talk.serializer.js';
import { TagSerializer } from '../tags/tag.serializer.js';
import type { ImageDto } from '../users/dto/image.dto.js';
import { imageUrl } from '../users/image-url.js';
import { UserSerializer } from '../users/user.serializer.js';
import type { SuccinctWorkspaceDto, WorkspaceDto, WorkspaceStageDto } from './dto/workspace.dto.js';
import { permissionsOf, type WorkspaceStanding } from './workspace-access.js';
import type { WorkspaceStage } from './workspace-stage.entity.js';
import type { WorkspaceTalk } from './workspace-talk.js';
import type { WorkspaceView } from './workspace-view.js';

/** Key order is contract (chorus-api.md 5.4, 5.5): clients and golden files compare bytes. */
@Injectable()
export class WorkspaceSerializer {
  constructor(
    private readonly users: UserSerializer,
    private readonly tags: TagSerializer,
    private readonly dataSources: DataSourceSerializer,
    private readonly talk: TalkSerializer,
  ) {}

  full(view: WorkspaceView, viewer: Viewer): WorkspaceDto {
    const { workspace, facts, statusChange } = view;
    return {
      id: workspace.id,
      name: workspace.name,
      is_deleted: wireDeleted(workspace.deletedAt),
      entity_type: 'workspace',
      archived: workspace.archivedAt !== null,
      public: workspace.public,
      archived_at: wireTime(workspace.archivedAt),
      summary: safeHtml(workspace.summary),
      permission: permissionsOf(viewer, standingOf(view)),
      datasets_count: facts.datasets,
      members_count: facts.members,
      workfiles_count: facts.workfiles,
      insights_count: facts.insights,
      recent_insights_count: facts.recentInsights,
      recent_comments_count: facts.recentNotes,
      has_recent_comments: facts.recentNotes > 0,
      has_milestones: facts.milestones > 0,
      workspace_stage: view.stage && this.stage(view.stage),
      workspace_stage_id: workspace.workspaceStageId,
      archiver: view.archiver && this.users.full(view.archiver),
      image: this.image(view),
      tags: this.tags.list(facts.tags),
      has_added_member: workspace.hasAddedMember,
      has_added_workfile: workspace.hasAddedWorkfile,
      has_added_sandbox: workspace.hasAddedSandbox,
      has_changed_settings: workspace.hasChangedSettings,
      sandbox_info: view.sandbox && this.dataSources.sandbox(view.sandbox),
      show_sandbox_datasets: workspace.showSandboxDatasets,
      owner: this.users.full(view.owner),
      is_member: facts.isMember,
      is_project: workspace.isProject,
      project_status: workspace.projectStatus,
      project_status_reason: workspace.projectStatusReason,
      milestone_count: facts.milestones,
      milestone_completed_count: facts.milestonesAchieved,
      project_target_date: facts.targetDate && `${facts.targetDate}T00:00:00Z`,
      ...(statusChange && {
        latest_status_change_activity: this.occurrence(view, statusChange),
      }),
      ...(view.talk && this.talkOf(view, view.talk)),
      complete_json: true,
    };
  }

  /** As lists nest it, and `succinct=true` prints it. */
  succinct(view: WorkspaceView, viewer: Viewer): SuccinctWorkspaceDto {
    const {
      archiver: _archiver,
      image: _image,
      tags: _tags,
      has_added_member: _member,
      has_added_workfile: _workfile,
      has_added_sandbox: _sandbox,
      has_changed_settings: _settings,
      sandbox_info: _info,
      show_sandbox_datasets: _datasets,
      complete_json: _complete,
      ...succinct
    } = this.full(view, viewer);
    return { ...succinct, owner: this.users.succinct(view.owner) };
  }

  private stage(stage: WorkspaceStage): WorkspaceStageDto {
    return {
      default: stage.isDefault,
      id: stage.id,
      name: stage.name,
      position: stage.position,
      description_long: stage.descriptionLong,
      description_short: stage.descriptionShort,
      complete_json: true,
    };
  }

  image({ workspace, image }: Pick<WorkspaceView, 'workspace' | 'image'>): ImageDto {
    return {
      original: image ? imageUrl('workspaces', workspace.id, 'original', image) : '',
      icon: image ? imageUrl('workspaces', workspace.id, 'icon', image) : '',
      entity_type: 'image',
      complete_json: true,
    };
  }

  /** What `show_latest_comments=true` adds (chorus-api.md 5.5). */
  private talkOf(view: WorkspaceView, { recentComments, latest, insight }: WorkspaceTalk): object {
    const { recentInsights, recentNotes } = view.facts;
    return {
      number_of_insights: recentInsights,
      number_of_comments: recentNotes + recentComments - recentInsights,
      latest_comment_list: latest.map((one) =>
        'comment' in one ? this.talk.comment(one) : this.occurrence(view, one),
      ),
      latest_insight: insight && this.occurrence(view, insight),
    };
  }

  /** The event form of chorus-api.md 5.16, its workspace cut short. */
  private occurrence({ workspace }: WorkspaceView, occurrence: Occurrence): object {
    const { event, actor, promotedBy, comments } = occurrence;
    const isNote = event.action.startsWith('NoteOn');
    return {
      id: event.id,
      actor: this.users.succinct(actor),
      action: isNote ? 'NOTE' : event.action,
      timestamp: wireTime(event.createdAt),
      workspace: { id: workspace.id, name: workspace.name },
      ...(safeJson(event.additionalData) as object),
      ...(isNote && { action_type: event.action }),
      attachments: [],
      comments: comments.map((comment) => this.talk.comment(comment)),
      is_insight: event.insight,
      promoted_by: promotedBy && this.users.full(promotedBy),
      promotion_time: wireTime(event.promotionTime),
      is_published: event.published,
      complete_json: true,
    };
  }
}

export function standingOf({ workspace, facts }: WorkspaceView): WorkspaceStanding {
  return {
    ownerId: workspace.ownerId,
    isMember: facts.isMember,
    public: workspace.public,
    archived: workspace.archivedAt !== null,
  };
}
