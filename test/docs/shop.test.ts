import { prestaShopAccessSchema, wooCommerceAccessSchema } from '../../domain/credentials.ts';
import { settingsSchema } from '../../integrations/shop/settings.ts';
import { describeGuidePage, fieldsWithin } from './guide-page.ts';

describeGuidePage({
  file: 'docs/shop.md', afterSettings: '## What is it for?',
  fields: [
    ...fieldsWithin('settings', settingsSchema.shape), ...fieldsWithin('woocommerce', wooCommerceAccessSchema.shape), ...fieldsWithin('prestashop', prestaShopAccessSchema.shape),
  ],
});
