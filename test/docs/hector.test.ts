import { hectorAccessSchema } from '../../domain/credentials.ts';
import { settingsSchema } from '../../integrations/hector/settings.ts';
import { describeGuidePage, fieldsWithin } from './guide-page.ts';

describeGuidePage({
  file: 'docs/hector.md', afterSettings: '## 1. How it works',
  fields: [...fieldsWithin('settings', settingsSchema.shape), ...fieldsWithin('hector', hectorAccessSchema.shape)],
});
