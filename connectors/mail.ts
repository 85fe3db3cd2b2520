import { createTransport } from 'nodemailer';
import { oneLine } from '../domain/text.ts';

export interface Mail {
  readonly to: string;
  readonly subject: string;
  /** Plain text. */
  readonly text: string;
  /** The same in every attempt: by it a mail that arrives twice is known to be one. */
  readonly id: string;
}

export type MailResult =
  | { readonly sent: true }
  | {
    readonly sent: false;
    /** Why, for a person; without the password of the server. */
    readonly reason: string;
    /** The server refuses this very mail: to try it again is of no use. */
    readonly final: boolean;
  };

/** Hands one mail to the mail server. It never throws: what came of it is the result. */
export type Mailer = (mail: Mail) => Promise<MailResult>;

export interface SmtpServer {
  /** `smtp://` or `smtps://`, with user and password where the server wants them. */
  readonly url: string;
  /** From whom, such as `Bookbridge <bookbridge@example.com>`. */
  readonly from: string;
}

/** So long a mail server may take to be reached and to say who it is, and then for each answer. */
const CONNECT_MS = 10_000;
const ANSWER_MS = 20_000;
/** From here on a code of SMTP says no for good (RFC 5321, 4.2.1). */
const FINAL_CODE = 500;
/** Wrong user or password: nodemailer says so, with whatever code the server has for it; a person has to correct SMTP_URL. */
const LOGIN_REFUSED = 'EAUTH';

/** Sends mail through a server by SMTP, one connection for each: there are few. */
export function createMailer({ url, from }: SmtpServer): Mailer {
  const domain = /@([^\s@>]+)>?\s*$/.exec(from)?.[1] ?? 'bookbridge.invalid';
  const transport = createTransport({ url, connectionTimeout: CONNECT_MS, greetingTimeout: CONNECT_MS, socketTimeout: ANSWER_MS });
  return async ({ to, subject, text, id }) => {
    try {
      await transport.sendMail({
        from, to, subject, text, messageId: `<${id.replaceAll(/[^A-Za-z0-9.-]/g, '-')}@${domain}>`,
        // So that nobody's "I am on holiday" comes back (RFC 3834, 5).
        headers: { 'Auto-Submitted': 'auto-generated' },
        disableFileAccess: true, disableUrlAccess: true,
      });
      return { sent: true };
    } catch (error) {
      return { sent: false, ...refusal(error) };
    }
  };
}

function refusal(error: unknown): { reason: string; final: boolean } {
  if (!(error instanceof Error)) return { reason: String(error), final: false };
  const { code, responseCode } = error as Error & { code?: unknown; responseCode?: unknown };
  const final = code === LOGIN_REFUSED || (typeof responseCode === 'number' && responseCode >= FINAL_CODE);
  return { reason: oneLine(error.message), final };
}
