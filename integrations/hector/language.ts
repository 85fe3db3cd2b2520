/** The languages Books knows for a contact (API page "Contacts", language_code). */
const booksLanguages: ReadonlySet<string> = new Set(['de', 'en', 'en_gb', 'es', 'fr', 'it', 'ja', 'nl', 'pt', 'pt_br', 'sv', 'zh']);

/**
 * The language of a customer as Books names it: `pt-BR` is `pt_br`, `fr-CA` is `fr`.
 *
 * @param tag BCP 47 or a language alone, in any case; null where Hector knows none
 * @returns null where Books does not have the language: then Books decides
 */
export function booksLanguage(tag: string | null): string | null {
  const code = (tag ?? '').trim().toLowerCase().replaceAll('-', '_');
  const candidates = [code, code.split('_')[0] ?? ''];
  return candidates.find((candidate) => booksLanguages.has(candidate)) ?? null;
}
