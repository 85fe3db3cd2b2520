import { header, type Call, type Reply } from '../kit/call.ts';
import type { ServiceFaultKind } from '../kit/faults.ts';
import { createMinuteLimit, type MinuteLimit } from '../kit/minute-limit.ts';
import type { Service } from '../kit/service.ts';
import { startSimulator, type Simulator } from '../kit/simulator.ts';
import { shopControl } from './control.ts';
import type { ShopData, ShopSettings } from './types.ts';
import { createRoutes, errorReply, shownOrder, type Shown } from './woocommerce-routes.ts';
import { createWooWebhooks } from './woocommerce-webhooks.ts';
import { createShopWorld, type ShopWorld } from './world.ts';

export interface WooCommerceOptions {
  readonly data: ShopData;
  /** Laid over those of the data. */
  readonly settings?: Partial<ShopSettings>;
  /** 0 (the default) takes a free port. */
  readonly port?: number;
  readonly limits?: MinuteLimit;
  /** As before version 3.7: tax lines without percentage, refunds with the lines of products only. */
  readonly isOld?: boolean;
  /** The server in front of PHP keeps the header `Authorization` to itself: keys are only seen in the query. */
  readonly dropsAuthorization?: boolean;
  /** How long PHP works on each call, milliseconds. */
  readonly workMs?: number;
  /** What passes before a webhook is delivered, milliseconds. */
  readonly webhookDelayMs?: number;
}

export interface WooCommerceSimulator extends Simulator {
  readonly world: ShopWorld;
  /** From now on WooCommerce cannot load this order. */
  hide(orderId: string): void;
  /** Lays fields over an order as it is shown, against all rules: for tests of what must not happen. */
  spoil(orderId: string, fields: Readonly<Record<string, unknown>>): void;
}

/** The keys that may do everything, and those that may only read. */
export const wooCommerceKeys = { consumerKey: 'ck_simulated', consumerSecret: 'cs_simulated' } as const;
export const wooCommerceReadKeys = { consumerKey: 'ck_simulated_read', consumerSecret: 'cs_simulated_read' } as const;

/**
 * Starts a shop that answers as WooCommerce does, on 127.0.0.1, in plain HTTP as if it were HTTPS.
 *
 * Its control routes are those of the kit and of every shop ({@link shopControl}).
 */
export async function startWooCommerceSimulator(options: WooCommerceOptions): Promise<WooCommerceSimulator> {
  const spoiled = new Map<string, Readonly<Record<string, unknown>>>();
  const spoil: WooCommerceSimulator['spoil'] = (orderId, fields) => void spoiled.set(orderId, { ...spoiled.get(orderId), ...fields });
  const hidden = new Set<string>();
  let started: Shown | undefined;
  const simulator = await startSimulator((url) => {
    const webhooks = createWooWebhooks(url, options.webhookDelayMs ?? 0);
    const world = createShopWorld({ ...options.data, settings: { ...options.data.settings, ...options.settings } }, {
      emit: ({ kind, order }) => {
        if (started) webhooks.emit(`order.${kind}`, order.id, JSON.stringify(kind === 'deleted' ? { id: Number(order.id) } : shownOrder(order, started, world.settings.digits)));
      },
    });
    started = { world, webhooks, url, isOld: options.isOld ?? false, hidden, spoiled };
    return createService(options, started, spoil);
  }, { port: options.port ?? 0 });
  const shop = started;
  if (!shop) throw new Error('the shop did not start');
  return {
    ...simulator,
    world: shop.world,
    hide: (orderId) => void hidden.add(orderId),
    spoil,
    close: () => {
      shop.webhooks.close();
      return simulator.close();
    },
  };
}

function createService(options: WooCommerceOptions, shop: Shown, spoil: WooCommerceSimulator['spoil']): Service {
  const limit = createMinuteLimit(options.limits, tooMany);
  return {
    routes: createRoutes(shop),
    unknownRoute: (call) => (call.path.startsWith('/wp-json/')
      ? errorReply({ status: 404, code: 'rest_no_route', message: 'No route was found matching the URL and request method.', params: undefined })
      : { status: 404, text: '<!DOCTYPE html><html><head><title>Page not found</title></head><body><h1>Oops! That page can’t be found.</h1></body></html>' }),
    faultReply,
    admit: (call) => limit.admit() ?? authorize(call, options),
    state: () => ({ orders: shop.world.orders(), webhooks: shop.webhooks.list(), deliveries: shop.webhooks.deliveries() }),
    limits: limit.limits,
    control: shopControl(shop.world, spoil),
    ...(options.workMs !== undefined && { workMs: () => options.workMs ?? 0 }),
  };
}

/** Keys in the query go before those in the header (class-wc-rest-authentication.php). */
function authorize(call: Call, { dropsAuthorization = false }: WooCommerceOptions): Reply | null {
  const [key, secret] = call.query.has('consumer_key') ? [call.query.get('consumer_key'), call.query.get('consumer_secret')] : dropsAuthorization ? [] : basic(header(call, 'authorization'));
  const known = [wooCommerceKeys, wooCommerceReadKeys].find(({ consumerKey }) => consumerKey === key);
  if (!known) return unauthorized();
  if (known.consumerSecret !== secret) return errorReply({ status: 401, code: 'woocommerce_rest_authentication_error', message: 'Consumer secret is invalid.', params: undefined });
  if (known === wooCommerceReadKeys && call.method !== 'GET') {
    return errorReply({ status: 401, code: 'woocommerce_rest_authentication_error', message: 'The API key provided does not have write permissions.', params: undefined });
  }
  return null;
}

function basic(authorization: string | undefined): string[] {
  const [, encoded = ''] = /^Basic (.+)$/i.exec(authorization ?? '') ?? [];
  return Buffer.from(encoded, 'base64').toString().split(/:(.*)/s);
}

/** A key that WordPress does not know is nobody, and nobody may not look. */
function unauthorized(): Reply {
  return errorReply({ status: 401, code: 'woocommerce_rest_cannot_view', message: 'Sorry, you cannot list resources.', params: undefined });
}

function tooMany(waitMs: number): Reply {
  const reply = errorReply({ status: 429, code: 'too_many_requests', message: 'Too many requests.', params: undefined });
  return { ...reply, headers: { 'retry-after': String(Math.max(1, Math.ceil(waitMs / 1000))) } };
}

function faultReply(kind: ServiceFaultKind): Reply {
  if (kind === 'error-before') {
    return errorReply({ status: 500, code: 'internal_server_error', message: '<p>There has been a critical error on this website.</p>', params: undefined });
  }
  return kind === 'unauthorized' ? unauthorized() : tooMany(1000);
}
