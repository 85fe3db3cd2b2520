import type { Meta } from './schemas.ts';

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00A0' };

/** WordPress keeps titles with entities in them, such as `A &amp; B`: each is read as the character it stands for. */
export function decoded(html: string): string {
  return html.replaceAll(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,5}));/gi, (entity, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return named[name.toLowerCase()] ?? entity;
    const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
    return code > 0 && code <= 0x10_ffff ? String.fromCodePoint(code) : entity;
  });
}

/** What a person sees below the name of a line, such as a size or a colour. Names that begin with an underscore are not for persons. */
export function describeMeta(meta: Meta): string {
  return meta.flatMap(({ key, value, display_key: shownKey = key, display_value: shownValue = value }) => {
    if (typeof key !== 'string' || key.startsWith('_') || typeof shownKey !== 'string') return [];
    if (typeof shownValue !== 'string' && typeof shownValue !== 'number') return [];
    // Older versions wrap what is shown into a paragraph.
    const plain = decoded(String(shownValue).replaceAll(/^\s*<p>|<\/p>\s*$/g, '')).trim();
    return plain === '' ? [] : [`${decoded(shownKey)}: ${plain}`];
  }).join('\n');
}
