/** Schemas of the engine's answers (engine-api.md 2.1, 2.2). */
export const PROCESS_STATE = {
  type: 'object' as const,
  required: ['meta', 'message', 'results'],
  properties: {
    meta: {
      type: 'object' as const,
      required: ['workflowId', 'processId', 'user', 'state'],
      properties: {
        workflowId: { type: 'string' as const, example: '1000005' },
        processId: { type: 'string' as const, format: 'uuid' },
        user: { type: 'string' as const, example: '1000006' },
        state: {
          type: 'string' as const,
          enum: ['STARTED', 'NODE_STARTED', 'IN_PROGRESS', 'NODE_FINISHED'],
        },
      },
    },
    nodeInfo: {
      type: 'object' as const,
      required: ['nodeId', 'nodeName'],
      properties: {
        nodeId: { type: 'string' as const },
        nodeName: { type: 'string' as const, example: 'Look-alikes' },
      },
    },
    message: { type: 'string' as const, example: 'workflow started' },
    results: { type: 'string' as const, example: '' },
  },
};

/** What became of a stop (engine-api.md 2.3). */
export const STOP_ANSWER = {
  type: 'object' as const,
  required: ['status'],
  properties: {
    status: {
      type: 'string' as const,
      enum: [
        'Flow stopped.\n',
        'Flow could not be stopped.\n',
        'Invalid processId or Workflow already stopped.\n',
      ],
    },
    message: { type: 'string' as const, description: 'What to do when it could not.' },
  },
};
