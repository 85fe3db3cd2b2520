/**
 * What a person does with the page of Zoho that asks for authorisation: opens it and presses Accept or Reject.
 *
 * @param authorizeUrl the address Bookbridge shows
 * @param press which link of the page
 * @throws Error where the page has no such link
 */
export async function answerPage(authorizeUrl: string, press: 'accept' | 'reject'): Promise<void> {
  const page = await (await fetch(authorizeUrl)).text();
  const href = new RegExp(`id="${press}" href="([^"]+)"`).exec(page)?.[1];
  if (href === undefined) throw new Error(`The page at ${authorizeUrl} has no ${press}: ${page.slice(0, 300)}`);
  const answer = await fetch(new URL(href.replaceAll('&amp;', '&'), authorizeUrl));
  await answer.text();
}

export function pressAccept(authorizeUrl: string): Promise<void> {
  return answerPage(authorizeUrl, 'accept');
}
