/**
 * What was asked for and not granted. A scope is `service.group.OPERATION`; `ALL` contains every operation of its group, and
 * `fullaccess.all` every group of its service (https://www.zoho.com/books/api/v3/oauth/, "Scopes").
 *
 * @param asked for instance `ZohoBooks.contacts.ALL`
 * @param granted as Zoho Accounts writes them: separated by blanks or commas
 */
export function missingScopes(asked: readonly string[], granted: string): string[] {
  const given = new Set(granted.toLowerCase().split(/[\s,]+/));
  return asked.filter((scope) => {
    const [service = '', group = ''] = scope.toLowerCase().split('.');
    return ![scope.toLowerCase(), `${service}.${group}.all`, `${service}.fullaccess.all`].some((fitting) => given.has(fitting));
  });
}
