import { defineSearchAttributeKey } from '@temporalio/common';

/** By these an operator finds workflows in Temporal's UI. They are stored in clear text, so they carry ids and no names. */
export const searchAttributes = {
  integration: defineSearchAttributeKey('BookbridgeIntegration', 'KEYWORD'),
  organization: defineSearchAttributeKey('BookbridgeOrganization', 'KEYWORD'),
  module: defineSearchAttributeKey('BookbridgeModule', 'KEYWORD'),
  record: defineSearchAttributeKey('BookbridgeRecord', 'KEYWORD'),
  state: defineSearchAttributeKey('BookbridgeState', 'KEYWORD'),
};

/** The values of `BookbridgeState`. */
export type WorkflowState = 'running' | 'paused' | 'completed' | 'skipped' | 'failed' | 'cancelled';
