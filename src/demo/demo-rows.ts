/**
 * The documented world (contract/entities.md 12), row for row: what the documented stop answer was printed from. Ids
 * and dates are the document's own. Keys are column names.
 */
export const ADMIN = 1_000_001;
export const OWNER = 1_000_006;
export const MEMBER = 1_000_007;
export const OUTSIDER = 1_000_008;

export const PUBLIC_WORKSPACE = 1_000_008;
const PRIVATE_WORKSPACE = 1_000_009;
const ARCHIVED_WORKSPACE = 1_000_010;

export const DATA_SOURCE = 1_000_002;
export const DATABASE = 1_000_001;
const SANDBOX = 1_000_006;
const DEMO_TABLES = 1_000_007;

export const ALPINE_FLOW = 1_000_004;
export const GOLF_FLOW = 1_000_005;
export const PRIVATE_FLOW = 1_000_030;
export const ARCHIVED_FLOW = 1_000_031;
const TOUCHPOINT = 1_000_006;

const BEGINNING = '2019-04-03T22:09:00Z';

function user(id: number, username: string, others: object) {
  return {
    id,
    username,
    first_name: 'searchquery',
    last_name: 'User_1',
    email: `${username}@example.com`,
    title: null as string | null,
    dept: null as string | null,
    notes: null as string | null,
    user_type: 'analytics_developer',
    site_admin: false,
    created_at: BEGINNING,
    ...others,
  };
}

export const USERS = [
  user(ADMIN, 'chorusadmin', { first_name: 'Chorus', last_name: 'Admin', site_admin: true }),
  user(OWNER, 'owner', {
    email: 'chorususer282295@alpinenow.com',
    title: 'Chief Data Scientist',
    dept: 'Corporation Corp., Inc.',
    notes: 'One of our top performers',
  }),
  user(MEMBER, 'member', {
    first_name: 'Mia',
    last_name: 'Member',
    title: 'Data Analyst',
    user_type: 'data_analyst',
  }),
  user(OUTSIDER, 'outsider', {
    first_name: 'Otto',
    last_name: 'Outsider',
    user_type: 'collaborator',
  }),
];

export const USER_ROLES = [
  { user_id: ADMIN, role: 'admin' },
  { user_id: OWNER, role: 'data_admin' },
];

/** As `2019-04-03T22:09:26Z` of the documented address `User.png?1554329366`. */
export const OWNER_IMAGE = {
  user_id: OWNER,
  file_name: 'User.png',
  content_type: 'image/png',
  uploaded_at: new Date(1_554_329_366_000),
};

/** Of the first, the document says what it is called; the others are what they are everywhere. */
export const STAGES = [
  {
    id: 1_000_000,
    name: 'Define',
    position: 0,
    is_default: true,
    description_long: 'Define the essential components of the project.',
    description_short:
      'Define the two essential components of a machine learning project. What business problem are we solving? ' +
      'How should the solution change the way our business operates? Locate or acquire all necessary data.',
  },
  ...['Transform', 'Model', 'Deploy', 'Act'].map((name, i) => ({
    id: i + 2,
    name,
    position: i + 1,
    is_default: false,
    description_long: `${name} the essential components of the project.`,
    description_short: `${name} the essential components of the project.`,
  })),
];

export const DATA_SOURCES = [
  {
    id: DATA_SOURCE,
    kind: 'gpdb_data_source',
    name: 'Owners',
    owner_id: OWNER,
    // As the last test recorded them; nothing asks the data source again unless somebody does.
    auto_refresh: false,
    version: '9.1.2 - FactoryVersion',
    state: 'online',
    last_checked_at: BEGINNING,
    last_online_at: BEGINNING,
    created_at: BEGINNING,
  },
];
export const DATABASES = [{ id: DATABASE, data_source_id: DATA_SOURCE, name: 'default' }];
export const SCHEMAS = [
  { id: SANDBOX, database_id: DATABASE, name: 'default', refreshed_at: '2019-04-03T22:09:24Z' },
  { id: DEMO_TABLES, database_id: DATABASE, name: 'demo', refreshed_at: '2019-04-03T22:09:24Z' },
];

function workspace(id: number, name: string, others: object) {
  return {
    id,
    name,
    summary: null as string | null,
    public: false,
    owner_id: OWNER,
    archived_at: null as string | null,
    archiver_id: null as number | null,
    sandbox_id: null as number | null,
    has_added_workfile: true,
    has_added_sandbox: false,
    workspace_stage_id: 1_000_000,
    created_at: BEGINNING,
    ...others,
  };
}

export const WORKSPACES = [
  workspace(PUBLIC_WORKSPACE, 'Public', {
    summary: 'searchquery',
    public: true,
    sandbox_id: SANDBOX,
    has_added_sandbox: true,
  }),
  workspace(PRIVATE_WORKSPACE, 'Quarterly Review', { summary: 'For members only' }),
  workspace(ARCHIVED_WORKSPACE, 'Last Year', {
    public: true,
    archived_at: '2019-04-04T08:00:00Z',
    archiver_id: OWNER,
  }),
];

export const MEMBERSHIPS = WORKSPACES.flatMap(({ id }) => [
  { workspace_id: id, user_id: OWNER, role: 'Data Scientist' },
  { workspace_id: id, user_id: MEMBER, role: 'Project Member' },
]);

export const MILESTONES = [
  { name: 'Data collected', target_date: '2019-04-12' },
  { name: 'Model reviewed', target_date: '2019-04-20' },
  { name: 'Model in use', target_date: '2019-04-28' },
].map((milestone) => ({ workspace_id: PUBLIC_WORKSPACE, state: 'planned', ...milestone }));

function dataset(id: number, kind: string, name: string, others: object = {}) {
  return {
    id,
    kind,
    name,
    schema_id: SANDBOX as number | null,
    workspace_id: null as number | null,
    query: null as string | null,
    file_mask: null as string | null,
    ...others,
  };
}

/** Eleven count for the public workspace: three it uses, two of its own, six in its sandbox (one is in both). */
export const DATASETS = [
  dataset(1_000_011, 'table', 'credit', { schema_id: DEMO_TABLES }),
  dataset(1_000_012, 'table', 'demographics', { schema_id: DEMO_TABLES }),
  dataset(1_000_013, 'table', 'golfnew', { schema_id: DEMO_TABLES }),
  dataset(1_000_014, 'table', 'credit_sample'),
  dataset(1_000_015, 'table', 'golf_played'),
  dataset(1_000_016, 'view', 'age_groups'),
  dataset(1_000_017, 'view', 'late_payers'),
  dataset(1_000_018, 'chorus_view', 'rainy_days', {
    workspace_id: PUBLIC_WORKSPACE,
    query: `SELECT * FROM demo.golfnew WHERE outlook = 'rain'`,
  }),
  dataset(1_000_019, 'chorus_view', 'seniors', {
    workspace_id: PRIVATE_WORKSPACE,
    query: 'SELECT * FROM demo.demographics WHERE age >= 65',
  }),
  dataset(1_000_020, 'hdfs', 'clickstream', {
    schema_id: null,
    workspace_id: PUBLIC_WORKSPACE,
    file_mask: '/data/clicks/*.csv',
  }),
];

export const ASSOCIATED_DATASETS = [1_000_011, 1_000_012, 1_000_013].map((dataset_id) => ({
  workspace_id: PUBLIC_WORKSPACE,
  dataset_id,
}));

function workfile(id: number, kind: string, file_name: string, others: object = {}) {
  return {
    id,
    kind,
    workspace_id: PUBLIC_WORKSPACE,
    owner_id: OWNER,
    file_name,
    file_type: 'work_flow',
    link_url: null as string | null,
    chosen_dataset_ids: [] as number[],
    user_modified_at: '2019-04-03T22:09:35Z',
    ...others,
  };
}

/** Seventeen in the public workspace, with the files below. */
export const WORKFILES = [
  // Its datasets were deleted since: it lists none.
  workfile(ALPINE_FLOW, 'workflow', 'alpine_flow', { chosen_dataset_ids: [1_000_001, 1_000_002] }),
  workfile(GOLF_FLOW, 'workflow', 'golf_days'),
  workfile(TOUCHPOINT, 'worklet', 'golf_touchpoint', { file_type: 'worklet' }),
  workfile(1_000_007, 'link', 'dashboard', {
    file_type: 'tableau_workbook',
    link_url: 'https://tableau.example.com/views/credit',
  }),
  workfile(PRIVATE_FLOW, 'workflow', 'review_flow', { workspace_id: PRIVATE_WORKSPACE }),
  workfile(ARCHIVED_FLOW, 'workflow', 'old_flow', { workspace_id: ARCHIVED_WORKSPACE }),
];

export const WORKLETS = [{ workfile_id: TOUCHPOINT, workflow_id: GOLF_FLOW }];
export const WORKLET_PARAMETERS = [
  {
    workfile_id: TOUCHPOINT,
    variable_name: '@sky',
    label: 'Sky',
    data_type: 'string',
    required: true,
    use_default: true,
  },
];

const TEXTS: readonly (readonly [string, string, string, string])[] = [
  [
    'readme.txt',
    'text',
    'text/plain',
    'What this workspace is about: who can carry more credit.\n',
  ],
  [
    'late_payers.sql',
    'sql',
    'text/plain',
    'SELECT * FROM demo.credit WHERE times90dayslate > 0;\n',
  ],
  ['heavy_users.sql', 'sql', 'text/plain', 'SELECT * FROM demo.credit WHERE credit_lines > 7;\n'],
  [
    'income_by_age.sql',
    'sql',
    'text/plain',
    'SELECT age, count(*) FROM demo.demographics GROUP BY 1;\n',
  ],
  ['golf.sql', 'sql', 'text/plain', "SELECT * FROM demo.golfnew WHERE play = 'yes';\n"],
  ['score.py', 'code', 'text/x-python', 'def score(row):\n    return row["debt_ratio"] > 0.8\n'],
  ['features.r', 'code', 'text/plain', 'credit$heavy <- credit$credit_lines > 7\n'],
  ['export.py', 'code', 'text/x-python', 'import csv\n'],
  ['plots.js', 'code', 'text/javascript', 'export const bands = ["high", "raised"];\n'],
  ['model_card.txt', 'text', 'text/plain', 'Model: risk band, by rule.\n'],
  ['meeting_notes.txt', 'text', 'text/plain', 'Agreed on the cut at seven credit lines.\n'],
  ['glossary.txt', 'text', 'text/plain', 'srsdlqncy: serious delinquency in two years.\n'],
  ['settings.xml', 'xml', 'application/xml', '<settings cut="7"/>\n'],
];

/** The files among the workfiles, each with its first version. */
export const FILES = TEXTS.map(([file_name, file_type, content_type, contents], i) => ({
  workfile: workfile(1_000_010 + i, 'file', file_name, { file_type }),
  version: {
    id: 1_000_010 + i,
    workfile_id: 1_000_010 + i,
    version_num: 1,
    owner_id: OWNER,
    modifier_id: OWNER,
    commit_message: 'First version',
    file_name,
    content_type,
    contents: Buffer.from(contents),
    size_bytes: Buffer.byteLength(contents),
  },
}));

const HOUR_MS = 3_600_000;
const NOTES = [
  'Incomes are monthly and before tax.',
  'Forty in a thousand did not tell their income.',
  'Heavy users: more than seven credit lines.',
  'Late payments do not follow the debt ratio.',
  'The sandbox has a sample of every sixtieth client.',
  'Please keep the cut where it is until the review.',
  'Names are made up.',
  'Golf days are here to try things out.',
];
const INSIGHT = 'People who live like our heavy users carry twice the debt.';

/** Nine notes of the last days, one of them an insight. @param today the day of loading */
export function notesOf(today: Date) {
  const note = (body: string, i: number, others: object) => {
    const at = new Date(today.getTime() - (i + 1) * 12 * HOUR_MS);
    return {
      action: 'NoteOnWorkspace',
      actor_id: i % 2 === 0 ? OWNER : MEMBER,
      workspace_id: PUBLIC_WORKSPACE,
      target1_type: 'workspace',
      target1_id: PUBLIC_WORKSPACE,
      additional_data: JSON.stringify({ body }),
      insight: false,
      promoted_by_id: null as number | null,
      promotion_time: null as Date | null,
      created_at: at,
      updated_at: at,
      ...others,
    };
  };
  const insight = { insight: true, promoted_by_id: OWNER, promotion_time: today };
  return [...NOTES.map((body, i) => note(body, i, {})), note(INSIGHT, NOTES.length, insight)];
}
