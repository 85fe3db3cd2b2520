/** Text as one line: each run of blanks and breaks is one blank, and there is none at the ends. */
export function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
