/**
 * What a person does with the page of Zoho that asks for authorisation: opens it and presses Accept.
 *
 * @param authorizeUrl the address Bookbridge shows
 * @throws Error where the page has nothing to accept
 */
export async function pressAccept(authorizeUrl: string): Promise<void> {
  const page = await (await fetch(authorizeUrl)).text();
  const href = /id="accept" href="([^"]+)"/.exec(page)?.[1];
  if (href === undefined) throw new Error(`The page at ${authorizeUrl} has no Accept: ${page.slice(0, 300)}`);
  const answer = await fetch(new URL(href.replaceAll('&amp;', '&'), authorizeUrl));
  await answer.text();
}
